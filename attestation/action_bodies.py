"""
The record of one action: who did what to which thing, said by the operator in its own log.

What was changed from what to what stands beside the log; the record commits to it with a salt, so
that it can be shown later, and can be erased. An actor is an address, a code, or the name of a
grant, never a person.

Source: DESIGN section 9; FORMATS sections 4 and 9; `docs/formats/action-records.md`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, Final

from attestation.body_fields import HASH, Kind, integer, octets, optional, stated, text
from attestation.canonical import Json, canonical_json
from attestation.errors import EncodingError
from attestation.instants import MILLISECONDS_PER_SECOND
from attestation.statements import MAX_KEY_LENGTH, About, Statement

SALT_LENGTH: Final = 16
_MAX_AT_MS: Final = 253_402_300_799_999
_WHAT = re.compile(r"[a-z][a-z0-9-]{0,30}(?:\.[a-z][a-z0-9-]{0,30}){1,2}")


def _parse_what(content: Json) -> str:
    if not isinstance(content, str) or not _WHAT.fullmatch(content):
        raise EncodingError(f"{content!r} names no action", code="encoding.record_body")
    return content


WHAT: Final = Kind(_parse_what, str)
"""Thing and verb, such as `case.comment`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Statement):
    """One thing that somebody did by way of the operator."""

    record_type: ClassVar[str] = "action"

    number: int = stated(integer(1))
    """Ascending at this operator; numbers of what was rolled back are left out."""
    at_ms: int = stated(integer(0, _MAX_AT_MS))
    """Milliseconds since 1970 UTC, by the operator's clock."""
    actor: str = stated(text(200))
    role: str = stated(text(40))
    what: str = stated(WHAT)
    subject: str = stated(text(MAX_KEY_LENGTH))
    """Kind and id of the thing, such as `case 0x…`."""
    on_behalf_of: str | None = optional(text(100))
    """Code of the party it was done for, where that is another than the actor."""
    enterprise: str | None = optional(text(40))
    """Credit code of the enterprise it concerns."""
    change: bytes | None = optional(HASH)
    """Commitment to what was changed: see `commit_change`."""
    signature: bytes | None = optional(octets())
    """By which the actor asked for it, where there is one."""
    chain_reference: str | None = optional(text(200))
    """Hash of the transaction or digest of the act that it led to."""

    @property
    def about(self) -> About:
        """It is about its subject."""
        return About(self.subject, self.at_ms // MILLISECONDS_PER_SECOND)


def change_document(
    before: Mapping[str, Json] | None, after: Mapping[str, Json] | None
) -> dict[str, Json]:
    """Give what an action's commitment is over: the fields that changed, before and after."""
    return {
        "before": None if before is None else dict(before),
        "after": None if after is None else dict(after),
    }


def commit_change(salt: bytes, change: Json) -> bytes:
    """
    Commit to a change: SHA-256(salt ‖ canonical JSON), 32 bytes.

    Args:
        salt: 16 random bytes, kept with the change and with nothing else.
        change: As `change_document` gives it.

    Raises:
        EncodingError: If the salt has another length, or the change has no canonical form.
    """
    if len(salt) != SALT_LENGTH:
        raise EncodingError(f"a salt of {len(salt)} bytes", code="encoding.record_body")
    return sha256(salt + canonical_json(change)).digest()
