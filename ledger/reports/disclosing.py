"""
Disclosing: one line or one message, shown to whoever has a link, counted and taken back at will.

What a link shows is made when it is made, so that opening it needs nothing but the database, and
shows what the enterprise chose to show even where the case went on. The token is shown once; only
its SHA-256 is kept.

Source: FORMATS section 8 (unit of disclosure); SCREENS section 2.3 (share).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from attestation.instants import Instant
from ledger.reports.errors import DisclosureOver, DisclosureUnknown
from ledger.repositories.actions import Noted
from ledger.repositories.disclosures import Disclosure
from ledger.unit_of_work import UnitOfWork

PREFIX: Final = "csd_"
LINE: Final = "line"
MESSAGE: Final = "message"
MAX_DAYS: Final = 730
MAX_OPENINGS: Final = 10_000
_TOKEN_BYTES: Final = 32
_ID_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosing:
    """A disclosure that is to be made."""

    usc: str
    """Whose data it shows."""
    scope: str
    """`LINE` or `MESSAGE`."""
    subject: str
    """What is shown, in words."""
    label: str
    """For whom, in the enterprise's words."""
    content: bytes
    """The bundle."""
    by: str
    """Who discloses: address or name."""
    role: str
    now: Instant
    expires_at: Instant
    most_openings: int = 100


def disclose(uow: UnitOfWork, wanted: Disclosing) -> tuple[Disclosure, str]:
    """
    Make a disclosure; the caller commits.

    Returns:
        The disclosure, and its token, which is kept nowhere.
    """
    token = PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    made = Disclosure(
        id=secrets.token_hex(_ID_BYTES),
        usc=wanted.usc,
        scope=wanted.scope,
        subject=wanted.subject,
        label=wanted.label,
        created_by=wanted.by,
        created_at=wanted.now,
        expires_at=wanted.expires_at,
        most_openings=wanted.most_openings,
    )
    uow.disclosures.add(made, _digest(token), wanted.content)
    _note(
        uow,
        made,
        "disclosure.make",
        by=wanted.by,
        role=wanted.role,
        now=wanted.now,
        after={"subject": made.subject, "label": made.label, "expires_at": made.expires_at},
    )
    return made, token


def open_link(uow: UnitOfWork, token: str, now: Instant) -> tuple[Disclosure, bytes]:
    """
    Give what a link shows, and count that; the caller commits.

    Raises:
        DisclosureUnknown: If no disclosure has this token.
        DisclosureOver: If it was taken back, has expired, or was opened as often as it may be.
    """
    found = uow.disclosures.to_open(_digest(token))
    if found is None:
        raise DisclosureUnknown("no disclosure has this link")
    if not found.is_open(now):
        raise DisclosureOver("the disclosure was taken back, or is over")
    uow.disclosures.open(found.id, now)
    return found, uow.disclosures.content(found.id)


def revoke(
    uow: UnitOfWork, disclosure_id: str, *, usc: str, by: str, role: str, now: Instant
) -> Disclosure:
    """
    Take a disclosure back; doing it again changes nothing. The caller commits.

    Raises:
        DisclosureUnknown: If the enterprise has made none of this name.
    """
    found = uow.disclosures.get(disclosure_id)
    if found is None or found.usc != usc:
        raise DisclosureUnknown("no such disclosure")
    if uow.disclosures.revoke(disclosure_id, now):
        _note(uow, found, "disclosure.revoke", by=by, role=role, now=now)
    return uow.disclosures.get(disclosure_id) or found


def _note(
    uow: UnitOfWork,
    disclosure: Disclosure,
    what: str,
    *,
    by: str,
    role: str,
    now: Instant,
    after: dict[str, str | int] | None = None,
) -> None:
    uow.actions.note(
        Noted(
            actor=by,
            role=role,
            what=what,
            subject=f"disclosure {disclosure.id}",
            on_behalf_of=disclosure.usc,
            usc=disclosure.usc,
            after=after,
            at=now,
        )
    )


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
