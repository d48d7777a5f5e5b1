"""Entries of a log by index, and the way back from an admission to its index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Select, bindparam, select

from ledger.errors import NotIntegrated
from ledger.models import EntryRow, MessageRow
from ledger.repositories.bulk import copy_rows, is_one_of, table_of
from ledger.repositories.logs import LogNumber
from ledger.repositories.messages import EntryKind

_COLUMNS: Final = ("log_number", "index", "admission_id")
_PAGE: Final = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """One integrated entry."""

    index: int
    admission_id: int
    kind: EntryKind
    content: bytes
    """The bytes whose leaf hash stands in the tree."""


class EntryRepository:
    """Reads and writes `entry`, and reads `message` through it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, log: LogNumber, first_index: int, admission_ids: Sequence[int]) -> None:
        """Give admissions the indexes from `first_index` on, in order."""
        copy_rows(
            self._connection,
            table_of(EntryRow),
            _COLUMNS,
            ((log, index, number) for index, number in enumerate(admission_ids, first_index)),
        )

    def get(self, log: LogNumber, index: int) -> Entry:
        """
        Load one entry.

        Raises:
            NotIntegrated: If the log has no entry of this index.
        """
        rows = self._page(log, index, index + 1)
        if not rows:
            raise NotIntegrated(f"log {log} has no entry {index}")
        return rows[0]

    def between(
        self, log: LogNumber, start: int, end: int, *, page: int = _PAGE
    ) -> Iterator[Entry]:
        """Give entries `[start, end)` in order, page by page; stops where the log ends."""
        while start < end:
            rows = self._page(log, start, min(end, start + page))
            if not rows:
                return
            yield from rows
            start = rows[-1].index + 1

    def many(self, log: LogNumber, indexes: Sequence[int]) -> dict[int, Entry]:
        """Load some entries by index; indexes the log does not have are left out."""
        statement = _ENTRIES.where(is_one_of(self._connection, EntryRow.index, indexes))
        return {row[0]: _entry(row) for row in self._connection.execute(statement, {"log": log})}

    def index_of(self, log: LogNumber, admission_id: int) -> int | None:
        """Give the index of an admission, None while it is not integrated."""
        named = {"log": log, "admission_id": admission_id}
        return self._connection.execute(_INDEX_OF, named).scalar_one_or_none()

    def indexes_of(self, log: LogNumber, admission_ids: Sequence[int]) -> dict[int, int]:
        """Give the index of each admission that is integrated."""
        statement = select(EntryRow.admission_id, EntryRow.index).where(
            EntryRow.log_number == log,
            is_one_of(self._connection, EntryRow.admission_id, admission_ids),
        )
        return dict(self._connection.execute(statement).all())

    def _page(self, log: LogNumber, start: int, end: int) -> list[Entry]:
        named = {"log": log, "start": start, "end": end}
        return [_entry(row) for row in self._connection.execute(_BETWEEN, named)]


# Built once: building a statement takes longer than running it.
_ENTRIES: Final[Select[int, int, int, bytes]] = (
    select(EntryRow.index, EntryRow.admission_id, MessageRow.kind, MessageRow.content)
    .join(
        MessageRow,
        (MessageRow.log_number == EntryRow.log_number)
        & (MessageRow.admission_id == EntryRow.admission_id),
    )
    .where(EntryRow.log_number == bindparam("log"))
)
_BETWEEN: Final = _ENTRIES.where(
    EntryRow.index >= bindparam("start"), EntryRow.index < bindparam("end")
).order_by(EntryRow.index)
_INDEX_OF: Final = select(EntryRow.index).where(
    EntryRow.log_number == bindparam("log"), EntryRow.admission_id == bindparam("admission_id")
)


def _entry(row: tuple[int, int, int, bytes]) -> Entry:
    index, admission_id, kind, content = row
    return Entry(index, admission_id, EntryKind(kind), content)
