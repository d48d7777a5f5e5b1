"""
What a request is made of: acts for the chain, records for the log, and records that follow.

Each part has one JSON form, from which alone it is shown, hashed and signed; so what a person
reads is what a person signs.

Source: FORMATS sections 4 and 10; `docs/gateway.md`, "Signing requests".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, TypeAlias

from attestation.body_fields import read_body, write_body
from attestation.canonical import Json, canonical_json
from attestation.errors import EncodingError
from attestation.key_bodies import KeyClosing
from attestation.records import RecordDraft, parse_draft
from chain.addresses import format_address, parse_address
from chain.signed_acts import SIGNED_ACTS, act_message, parse_act, signed_act_of, signers_of
from chain.typed_data import Act, ActDomain, act_digest

_ACT: Final = "act"
_RECORD: Final = "record"
_FOLLOWING: Final = "following-record"


@dataclass(frozen=True, slots=True)
class ActPart:
    """An act of the enterprise for a contract."""

    address: bytes
    """The contract, 20 bytes."""
    act: Act

    @property
    def contract(self) -> str:
        """Name of the contract."""
        return signed_act_of(self.act).contract

    @property
    def signers(self) -> frozenset[bytes]:
        """Addresses that must sign it."""
        return frozenset(signers_of(self.act).values())

    def digest(self, chain_id: int) -> bytes:
        """Give what is signed, 32 bytes."""
        return act_digest(self.act, ActDomain(chain_id, self.address))

    def content(self) -> dict[str, Json]:
        """Give its JSON form."""
        # The fields' text does not depend on the chain; the digest does.
        fields = act_message(self.act, ActDomain(1, self.address))
        return {
            "kind": _ACT,
            "contract": self.contract,
            "address": format_address(self.address),
            "type": type(self.act).__name__,
            "fields": fields,
        }


@dataclass(frozen=True, slots=True)
class RecordPart:
    """A record for the log."""

    draft: RecordDraft

    @property
    def signers(self) -> frozenset[bytes]:
        """The one address that must sign it."""
        return frozenset({bytes.fromhex(self.draft.signer[2:])})

    def digest(self, _chain_id: int) -> bytes:
        """Give what is signed, 32 bytes; a record speaks in its log, whatever the chain."""
        return self.draft.digest

    def content(self) -> dict[str, Json]:
        """Give its JSON form."""
        return {"kind": _RECORD, "record": self.draft.content()}


@dataclass(frozen=True, slots=True)
class FollowingRecord:
    """
    The closing record of an act that leaves the index to the chain.

    It is drafted with the index that the chain gave, and signed then.
    """

    subject: str
    body: KeyClosing
    """With index 0 and without the act."""

    @property
    def signers(self) -> frozenset[bytes]:
        """Nobody signs it here."""
        return frozenset()

    def content(self) -> dict[str, Json]:
        """Give its JSON form."""
        return {"kind": _FOLLOWING, "subject": self.subject, "body": write_body(self.body)}


Part: TypeAlias = ActPart | RecordPart | FollowingRecord


def parse_part(content: Mapping[str, Json]) -> Part:
    """
    Read a part from its JSON form.

    Args:
        content: From outside.

    Raises:
        EncodingError: If it is none of the kinds in its one form.
    """
    part = _parse(content)
    if canonical_json(part.content()) != canonical_json(content):
        raise refusal("a part is not in its one form")
    return part


def _parse(content: Mapping[str, Json]) -> Part:
    match content:
        case {"kind": "act", "address": str(address), "type": str(name), "fields": fields} if (
            isinstance(fields, Mapping)
        ):
            return ActPart(parse_address(address), parse_act(name, fields))
        case {"kind": "record", "record": record} if isinstance(record, Mapping):
            return RecordPart(parse_draft(record))
        case {"kind": "following-record", "subject": str(subject), "body": body}:
            return FollowingRecord(subject, read_body(KeyClosing, body))
        case _:
            raise refusal("a part is of no known kind")


def body_hash(body: KeyClosing) -> bytes:
    """
    Give what the closing act names of the `key-close` record: SHA-256(JCS(body without `act`)).

    Where the act leaves the index to the chain, the body has index 0 here.
    """
    return sha256(canonical_json(write_body(replace(body, act=None)))).digest()


def refusal(message: str) -> EncodingError:
    """Make the error of a file that is no request."""
    return EncodingError(message, code="encoding.signing_request")


ACT_NAMES: Final = frozenset(SIGNED_ACTS)
