"""
Disclosures: what an enterprise shows to whoever has a link, until it is over or taken back.

A link is known by the SHA-256 of its token. Opening it is counted in the same transaction that
gives its content.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, tuple_, update

from attestation.instants import Instant
from ledger.models import DisclosureOpeningRow, DisclosureRow
from ledger.repositories.bulk import table_of

_SHOWN: Final = (
    *("id", "usc", "scope", "subject", "label", "created_by"),
    *("created_at_ms", "expires_at_ms", "most_openings", "revoked_at_ms"),
)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One link; what it opens is read apart."""

    id: str
    usc: str
    scope: str
    """`line` or `message`."""
    subject: str
    """What is shown, in words."""
    label: str
    """For whom."""
    created_by: str
    created_at: Instant
    expires_at: Instant
    most_openings: int
    revoked_at: Instant | None = None
    openings: int = 0
    last_opened_at: Instant | None = None

    def is_open(self, now: Instant) -> bool:
        """Say whether the link still shows anything."""
        in_time = self.revoked_at is None and now < self.expires_at
        return in_time and self.openings < self.most_openings


class DisclosureRepository:
    """Reads and writes `disclosure` and `disclosure_opening`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, disclosure: Disclosure, token_sha256: bytes, content: bytes) -> None:
        """Add a disclosure."""
        self._connection.execute(
            insert(DisclosureRow).values(
                id=disclosure.id,
                token_sha256=token_sha256,
                usc=disclosure.usc,
                scope=disclosure.scope,
                subject=disclosure.subject,
                label=disclosure.label,
                content=content,
                created_by=disclosure.created_by,
                created_at_ms=disclosure.created_at,
                expires_at_ms=disclosure.expires_at,
                most_openings=disclosure.most_openings,
                revoked_at_ms=disclosure.revoked_at,
            )
        )

    def by_token(self, token_sha256: bytes) -> Disclosure | None:
        """Give the disclosure of a link, whether it is over or not."""
        return self._one(table_of(DisclosureRow).c.token_sha256 == token_sha256)

    def to_open(self, token_sha256: bytes) -> Disclosure | None:
        """
        Give the disclosure of a link for the one transaction that may open it now.

        Others wait until that ends: of two at one moment the second sees the first one's opening.
        """
        table = table_of(DisclosureRow)
        self._connection.execute(
            select(table.c.id).where(table.c.token_sha256 == token_sha256).with_for_update()
        )
        return self.by_token(token_sha256)

    def get(self, disclosure_id: str) -> Disclosure | None:
        """Give a disclosure by its name."""
        return self._one(table_of(DisclosureRow).c.id == disclosure_id)

    def content(self, disclosure_id: str) -> bytes:
        """
        Give what a disclosure shows.

        Raises:
            KeyError: If there is none.
        """
        table = table_of(DisclosureRow)
        found = self._connection.execute(
            select(table.c.content).where(table.c.id == disclosure_id)
        ).scalar_one_or_none()
        if found is None:
            raise KeyError(disclosure_id)
        return bytes(found)

    def listed(
        self, usc: str, *, after: tuple[int, str] | None = None, limit: int = 100
    ) -> list[Disclosure]:
        """Give an enterprise's disclosures, oldest first, after a place (time, name)."""
        table = table_of(DisclosureRow)
        query = select(*(table.c[name] for name in _SHOWN)).where(table.c.usc == usc)
        if after is not None:
            query = query.where(tuple_(table.c.created_at_ms, table.c.id) > after)
        ordered = query.order_by(table.c.created_at_ms, table.c.id).limit(limit)
        rows = self._connection.execute(ordered).all()
        return [_disclosure(row, self._openings(row.id)) for row in rows]

    def open(self, disclosure_id: str, at: Instant) -> None:
        """Count an opening."""
        self._connection.execute(
            insert(DisclosureOpeningRow).values(disclosure=disclosure_id, opened_at_ms=at)
        )

    def revoke(self, disclosure_id: str, at: Instant) -> bool:
        """Take a disclosure back; False where that was done before."""
        table = table_of(DisclosureRow)
        done = self._connection.execute(
            update(table)
            .where(table.c.id == disclosure_id, table.c.revoked_at_ms.is_(None))
            .values(revoked_at_ms=at)
        )
        return done.rowcount == 1

    def _one(self, condition: ColumnElement[bool]) -> Disclosure | None:
        table = table_of(DisclosureRow)
        row = self._connection.execute(
            select(*(table.c[name] for name in _SHOWN)).where(condition)
        ).one_or_none()
        return None if row is None else _disclosure(row, self._openings(row.id))

    def _openings(self, disclosure_id: str) -> tuple[int, int | None]:
        table = table_of(DisclosureOpeningRow)
        count, last = self._connection.execute(
            select(func.count(), func.max(table.c.opened_at_ms)).where(
                table.c.disclosure == disclosure_id
            )
        ).one()
        return count, last


def _disclosure(row: Row[Any], openings: tuple[int, int | None]) -> Disclosure:
    count, last = openings
    return Disclosure(
        id=row.id,
        usc=row.usc,
        scope=row.scope,
        subject=row.subject,
        label=row.label,
        created_by=row.created_by,
        created_at=Instant(row.created_at_ms),
        expires_at=Instant(row.expires_at_ms),
        most_openings=row.most_openings,
        revoked_at=None if row.revoked_at_ms is None else Instant(row.revoked_at_ms),
        openings=count,
        last_opened_at=None if last is None else Instant(last),
    )
