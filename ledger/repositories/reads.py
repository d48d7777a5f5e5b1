"""Who has read whose data: written once, read by those it concerns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from attestation.instants import Instant
from ledger.models import AccessReadRow
from ledger.repositories.bulk import table_of

_NAMES: Final = (
    "usc",
    "inventory_id",
    "reader",
    "reader_code",
    "role",
    "proof",
    "relation",
    "action",
    "asked",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One read of a party's data by another."""

    usc: str
    """Credit code of the party whose data was read."""
    inventory_id: bytes | None = None
    reader: str
    """Address with 0x, or `grant <name>`."""
    reader_code: str | None = None
    role: str
    proof: str
    relation: str
    """Why it was allowed."""
    action: str
    asked: str
    """Method and path."""
    at: Instant
    sealed_by: tuple[bytes, ...] = ()
    """Cases until whose close only the oversight sees this."""
    id: int = 0
    """Ascending; drawn by the database."""


class ReadRepository:
    """Reads and writes `access_read`; nothing is changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, *reads: Read) -> None:
        """Note reads, in one statement."""
        rows = [
            {
                "at_ms": read.at,
                "sealed_by": [each.hex() for each in read.sealed_by],
                **{name: getattr(read, name) for name in _NAMES},
            }
            for read in reads
        ]
        if rows:
            self._connection.execute(insert(AccessReadRow), rows)

    def listed(
        self,
        *,
        usc: str | None = None,
        reader_code: str | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[Read]:
        """
        Load reads, newest first.

        Args:
            usc: Only of the data of this party.
            reader_code: Only by this party.
            before: Only with smaller ids.
            limit: How many at most.
        """
        table = table_of(AccessReadRow)
        statement = select(table).order_by(table.c.id.desc()).limit(limit)
        if usc is not None:
            statement = statement.where(table.c.usc == usc)
        if reader_code is not None:
            statement = statement.where(table.c.reader_code == reader_code)
        if before is not None:
            statement = statement.where(table.c.id < before)
        return [_read(row) for row in self._connection.execute(statement)]


def _read(row: Any) -> Read:
    return Read(
        id=row.id,
        at=Instant(row.at_ms),
        sealed_by=tuple(bytes.fromhex(each) for each in row.sealed_by),
        **{name: getattr(row, name) for name in _NAMES},
    )
