"""What the survey has derived of a log: progress, marks, and how far it has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from ledger.log.marks import Mark
from ledger.models import (
    EntryRow,
    EpochProgressRow,
    MessageKeyRow,
    MessageMarkRow,
    SeriesProgressRow,
    SurveyCursorRow,
)
from ledger.repositories.bulk import copy_rows, is_one_of, table_of, upsert
from ledger.repositories.logs import LogNumber


@dataclass(frozen=True, slots=True)
class EpochProgress:
    """What is integrated of one epoch of one key."""

    kid: bytes
    epoch: int
    next_sequence: int = 0
    """Up to here every number is there or a gap."""
    newest_sequence: int | None = None
    """Highest sequence number that is there."""
    newest_message_id: bytes | None = None
    newest_index: int | None = None
    first_previous: bytes | None = None
    """`previous` of message 0."""
    last_message_id: bytes | None = None
    """What the next epoch, or the record that closes this one, names as its last message."""
    disputed_from: int | None = None
    """Lowest sequence number with two statements."""


@dataclass(frozen=True, slots=True)
class SeriesProgress:
    """What is integrated of one series."""

    series_index: int
    frontier_s: int
    """Up to here every second is covered or a gap."""
    occupied_until_s: int = 0
    """Latest end of any span."""
    longest_span_s: int = 0
    last_end_s: int | None = None
    last_value: int | None = None
    last_scale: int | None = None


_EPOCH: Final = (
    "kid",
    "epoch",
    "next_sequence",
    "newest_sequence",
    "newest_message_id",
    "newest_index",
    "first_previous",
    "last_message_id",
    "disputed_from",
)
_SERIES: Final = (
    "series_index",
    "frontier_s",
    "occupied_until_s",
    "longest_span_s",
    "last_end_s",
    "last_value",
    "last_scale",
)
_MAX_PARAMETERS: Final = 10_000
_DERIVED: Final = (
    EpochProgressRow,
    SeriesProgressRow,
    MessageMarkRow,
    SurveyCursorRow,
)


class SurveyRepository:
    """Reads and writes what the survey derives."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock_cursor(self, log: LogNumber) -> int:
        """
        Give the index that is surveyed next, and keep others from the survey of this log.

        Whoever changes marks takes it first, so that nothing is judged by what is about to change.
        """
        statement = select(SurveyCursorRow.next_index).where(SurveyCursorRow.log_number == log)
        found = self._connection.execute(statement.with_for_update()).scalar_one_or_none()
        if found is None:
            self._connection.execute(insert(SurveyCursorRow).values(log_number=log, next_index=0))
        return found or 0

    def cursor(self, log: LogNumber) -> int:
        """Give the index that is surveyed next."""
        statement = select(SurveyCursorRow.next_index).where(SurveyCursorRow.log_number == log)
        return self._connection.execute(statement).scalar_one_or_none() or 0

    def move_cursor(self, log: LogNumber, next_index: int) -> None:
        """Note how far the survey has come."""
        self._connection.execute(
            update(SurveyCursorRow)
            .where(SurveyCursorRow.log_number == log)
            .values(next_index=next_index)
        )

    def epochs(
        self, log: LogNumber, names: Iterable[tuple[bytes, int]] | None = None
    ) -> dict[tuple[bytes, int], EpochProgress]:
        """Load some epochs by (kid, epoch), perhaps others of their keys with them; or all."""
        table = table_of(EpochProgressRow)
        statement = select(*(table.c[name] for name in _EPOCH)).where(table.c.log_number == log)
        if names is not None:
            wanted = set(names)
            kids = list({kid for kid, _ in wanted})
            epochs = list({epoch for _, epoch in wanted})
            statement = statement.where(
                is_one_of(self._connection, table.c.kid, kids),
                is_one_of(self._connection, table.c.epoch, epochs),
            )
        statement = statement.order_by(table.c.kid, table.c.epoch)
        rows = self._connection.execute(statement)
        return {(row[0], row[1]): EpochProgress(*row) for row in rows}

    def put_epochs(self, log: LogNumber, epochs: Iterable[EpochProgress]) -> None:
        """Store epochs, new or changed."""
        upsert(
            self._connection,
            EpochProgressRow,
            ("log_number", *_EPOCH),
            ((log, *(getattr(epoch, name) for name in _EPOCH)) for epoch in epochs),
            changes=_EPOCH[2:],
        )

    def series(
        self, log: LogNumber, indexes: Sequence[int] | None = None
    ) -> dict[int, SeriesProgress]:
        """Load the progress of some series by series index, or of all."""
        table = table_of(SeriesProgressRow)
        statement = select(*(table.c[name] for name in _SERIES)).where(table.c.log_number == log)
        if indexes is not None:
            statement = statement.where(is_one_of(self._connection, table.c.series_index, indexes))
        rows = self._connection.execute(statement.order_by(table.c.series_index))
        return {row[0]: SeriesProgress(*row) for row in rows}

    def put_series(self, log: LogNumber, series: Iterable[SeriesProgress]) -> None:
        """Store the progress of series, new or changed."""
        upsert(
            self._connection,
            SeriesProgressRow,
            ("log_number", *_SERIES),
            ((log, *(getattr(each, name) for name in _SERIES)) for each in series),
            changes=_SERIES[1:],
        )

    def add_marks(self, log: LogNumber, mark: Mark, indexes: Iterable[int]) -> None:
        """Mark entries; marking one again has no effect."""
        for chunk in _chunks(list(dict.fromkeys(indexes))):
            marked = {index for index, marks in self.marks(log, chunk).items() if mark in marks}
            copy_rows(
                self._connection,
                table_of(MessageMarkRow),
                ("log_number", "index", "mark"),
                ((log, index, int(mark)) for index in chunk if index not in marked),
            )

    def remove_marks(self, log: LogNumber, mark: Mark, indexes: Sequence[int]) -> None:
        """Take a mark off entries."""
        for chunk in _chunks(indexes):
            self._connection.execute(
                delete(MessageMarkRow).where(
                    MessageMarkRow.log_number == log,
                    MessageMarkRow.mark == mark,
                    is_one_of(self._connection, MessageMarkRow.index, chunk),
                )
            )

    def marks(self, log: LogNumber, indexes: Sequence[int]) -> dict[int, frozenset[Mark]]:
        """Load the marks of some entries; entries without any are left out."""
        found: dict[int, frozenset[Mark]] = {}
        for chunk in _chunks(indexes):
            statement = select(MessageMarkRow.index, MessageMarkRow.mark).where(
                MessageMarkRow.log_number == log,
                is_one_of(self._connection, MessageMarkRow.index, chunk),
            )
            for index, mark in self._connection.execute(statement):
                found[index] = found.get(index, frozenset()) | {Mark(mark)}
        return found

    def messages_of(
        self,
        log: LogNumber,
        kid: bytes,
        *,
        from_index: int = 0,
        epoch: int | None = None,
        from_sequence: int = 0,
    ) -> list[tuple[int, int, int]]:
        """Give (index, epoch, sequence) of a key's integrated messages, by index."""
        statement = (
            select(EntryRow.index, MessageKeyRow.epoch, MessageKeyRow.sequence)
            .join(
                EntryRow,
                (EntryRow.log_number == MessageKeyRow.log_number)
                & (EntryRow.admission_id == MessageKeyRow.admission_id),
            )
            .where(
                MessageKeyRow.log_number == log,
                MessageKeyRow.kid == kid,
                MessageKeyRow.sequence >= from_sequence,
                EntryRow.index >= from_index,
            )
            .order_by(EntryRow.index)
        )
        if epoch is not None:
            statement = statement.where(MessageKeyRow.epoch == epoch)
        return [
            (index, of_epoch, sequence)
            for index, of_epoch, sequence in self._connection.execute(statement)
        ]

    def clear(self, log: LogNumber) -> None:
        """Forget everything derived of a log, to derive it again."""
        for model in _DERIVED:
            table = table_of(model)
            self._connection.execute(delete(table).where(table.c.log_number == log))


def _chunks(indexes: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut a list so that each piece fits the parameters of one statement."""
    for at in range(0, len(indexes), _MAX_PARAMETERS):
        yield indexes[at : at + _MAX_PARAMETERS]
