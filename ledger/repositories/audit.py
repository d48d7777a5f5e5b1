"""
Rows as they are, for whoever trusts none of them: missing ones show as missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from ledger.models import EntryRow, MessageKeyRow, MessageRow, TileRow
from ledger.repositories.bulk import is_one_of
from ledger.repositories.logs import LogNumber

_PAGE: Final = 4096
_SPARSE: Final = 4


class AuditedEntry(NamedTuple):
    """An entry's row and the message row it points at, which may not exist."""

    number: int
    """Index in the log; a tuple has a method of that name."""
    admission_id: int
    kind: int | None
    content: bytes | None


class AuditRepository:
    """Reads what other repositories take for granted."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def entries(self, log: LogNumber, start: int, end: int) -> list[AuditedEntry]:
        """Load the rows of entries `[start, end)` in order, with or without their bytes."""
        statement = (
            select(EntryRow.index, EntryRow.admission_id, MessageRow.kind, MessageRow.content)
            .outerjoin(
                MessageRow,
                (MessageRow.log_number == EntryRow.log_number)
                & (MessageRow.admission_id == EntryRow.admission_id),
            )
            .where(EntryRow.log_number == log, EntryRow.index >= start, EntryRow.index < end)
            .order_by(EntryRow.index)
        )
        rows = self._connection.execute(statement).all()
        return list(map(AuditedEntry._make, rows))

    def entries_from(self, log: LogNumber, index: int) -> int:
        """Count the entries from an index on: rows that a tree of that size cannot have."""
        statement = (
            select(func.count())
            .select_from(EntryRow)
            .where(EntryRow.log_number == log, EntryRow.index >= index)
        )
        return self._connection.execute(statement).scalar_one()

    def tile_names(self, log: LogNumber) -> Iterator[tuple[int, int]]:
        """Give (level, number) of every tile in order."""
        level, number = -1, -1
        while True:
            statement = (
                select(TileRow.level, TileRow.number)
                .where(
                    TileRow.log_number == log,
                    (TileRow.level > level)
                    | ((TileRow.level == level) & (TileRow.number > number)),
                )
                .order_by(TileRow.level, TileRow.number)
                .limit(_PAGE)
            )
            rows = self._connection.execute(statement).all()
            if not rows:
                return
            yield from rows
            level, number = rows[-1]

    def message_keys(
        self, log: LogNumber, kid: bytes, epoch: int, sequences: Sequence[int]
    ) -> dict[int, tuple[bytes, int]]:
        """Load (message id, admission id) of some messages of an epoch, by sequence number."""
        low, high = min(sequences), max(sequences)
        # Sequence numbers of a page are mostly neighbours: one walk along the index finds them.
        is_dense = high - low < _SPARSE * len(sequences)
        statement = select(
            MessageKeyRow.sequence, MessageKeyRow.message_id, MessageKeyRow.admission_id
        ).where(
            MessageKeyRow.log_number == log,
            MessageKeyRow.kid == kid,
            MessageKeyRow.epoch == epoch,
            MessageKeyRow.sequence.between(low, high)
            if is_dense
            else is_one_of(self._connection, MessageKeyRow.sequence, sequences),
        )
        return {
            sequence: (message_id, admission)
            for sequence, message_id, admission in self._connection.execute(statement)
        }
