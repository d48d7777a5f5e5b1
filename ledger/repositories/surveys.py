"""
What the survey has derived of a log: progress, gaps, marks, and how far it has come.

Spans, conflicts and corrections are in `ledger.repositories.spans`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, insert, or_, select, update

from attestation.enums import GapState
from ledger.log.gaps import Declaration, Gap
from ledger.log.marks import Mark
from ledger.models import (
    EntryRow,
    EpochProgressRow,
    GapDeclarationRow,
    IntervalGapRow,
    MessageKeyRow,
    MessageMarkRow,
    SequenceGapRow,
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


@dataclass(frozen=True, slots=True)
class SequenceGap:
    """Messages of an epoch that are, or were, missing."""

    kid: bytes
    epoch: int
    gap: Gap


@dataclass(frozen=True, slots=True)
class IntervalGap:
    """Seconds of a series that are, or were, missing."""

    series_index: int
    gap: Gap


_GAP: Final = ("start", "end", "state", "opened_index", "changed_index", "declared_index")
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
    SequenceGapRow,
    SeriesProgressRow,
    IntervalGapRow,
    GapDeclarationRow,
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

    def sequence_gaps_within(
        self, log: LogNumber, kid: bytes, epoch: int, start: int, end: int
    ) -> list[Gap]:
        """Load the gaps of an epoch that are not closed and touch `[start, end)`."""
        table = table_of(SequenceGapRow)
        return self._gaps(
            table,
            table.c.log_number == log,
            table.c.kid == kid,
            table.c.epoch == epoch,
            table.c.start < end,
            table.c.end > start,
            table.c.state != GapState.CLOSED,
        )

    def save_sequence_gaps(
        self, log: LogNumber, kid: bytes, epoch: int, changes: tuple[list[int], list[Gap]]
    ) -> None:
        """Store what `GapTrack.changes` gives for an epoch."""
        names = {"log_number": log, "kid": kid, "epoch": epoch}
        self._save_gaps(table_of(SequenceGapRow), names, changes)

    def sequence_gaps(
        self, log: LogNumber, states: Sequence[GapState] = (GapState.OPEN,)
    ) -> list[SequenceGap]:
        """Load the sequence gaps of a log that are in one of the states."""
        table = table_of(SequenceGapRow)
        statement = (
            select(table.c.kid, table.c.epoch, *(table.c[name] for name in _GAP))
            .where(table.c.log_number == log, table.c.state.in_(states))
            .order_by(table.c.kid, table.c.epoch, table.c.start)
        )
        return [
            SequenceGap(kid, epoch, _gap(rest))
            for kid, epoch, *rest in self._connection.execute(statement)
        ]

    def interval_gaps_within(
        self, log: LogNumber, series_index: int, start: int, end: int
    ) -> list[Gap]:
        """Load the gaps of a series that are not closed and touch `[start, end)`."""
        table = table_of(IntervalGapRow)
        return self._gaps(
            table,
            table.c.log_number == log,
            table.c.series_index == series_index,
            table.c.start < end,
            table.c.end > start,
            table.c.state != GapState.CLOSED,
        )

    def save_interval_gaps(
        self, log: LogNumber, series_index: int, changes: tuple[list[int], list[Gap]]
    ) -> None:
        """Store what `GapTrack.changes` gives for a series."""
        names = {"log_number": log, "series_index": series_index}
        self._save_gaps(table_of(IntervalGapRow), names, changes)

    def interval_gaps(
        self,
        log: LogNumber,
        states: Sequence[GapState] = (GapState.OPEN,),
        *,
        series_index: int | None = None,
    ) -> list[IntervalGap]:
        """Load the interval gaps of a log, or of one series, that are in one of the states."""
        table = table_of(IntervalGapRow)
        statement = (
            select(table.c.series_index, *(table.c[name] for name in _GAP))
            .where(table.c.log_number == log, table.c.state.in_(states))
            .order_by(table.c.series_index, table.c.start)
        )
        if series_index is not None:
            statement = statement.where(table.c.series_index == series_index)
        return [
            IntervalGap(series, _gap(rest)) for series, *rest in self._connection.execute(statement)
        ]

    def add_declaration(
        self, log: LogNumber, series_index: int, declaration: Declaration, cause: str
    ) -> None:
        """Store a signed declaration of missing seconds."""
        self._connection.execute(
            insert(GapDeclarationRow).values(
                log_number=log,
                index=declaration.index,
                series_index=series_index,
                start_s=declaration.start,
                end_s=declaration.end,
                cause=cause,
            )
        )

    def declarations(self, log: LogNumber, series_index: int, after_s: int) -> list[Declaration]:
        """Load the declarations of a series that reach beyond a second, in index order."""
        statement = (
            select(GapDeclarationRow.start_s, GapDeclarationRow.end_s, GapDeclarationRow.index)
            .where(
                GapDeclarationRow.log_number == log,
                GapDeclarationRow.series_index == series_index,
                GapDeclarationRow.end_s > after_s,
            )
            .order_by(GapDeclarationRow.index)
        )
        return [Declaration(*row) for row in self._connection.execute(statement)]

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

    def _gaps(self, table: Table, *conditions: Any) -> list[Gap]:
        statement = select(*(table.c[name] for name in _GAP)).where(*conditions)
        return [_gap(row) for row in self._connection.execute(statement.order_by(table.c.start))]

    def _save_gaps(
        self, table: Table, names: Mapping[str, object], changes: tuple[list[int], list[Gap]]
    ) -> None:
        gone, changed = changes
        starts = [*gone, *(gap.start for gap in changed)]
        if not starts:
            return
        of_subject = [table.c[name] == value for name, value in names.items()]
        self._connection.execute(
            delete(table).where(*of_subject, or_(*(table.c.start == start for start in starts)))
        )
        rows = [{**names, **{name: getattr(gap, name) for name in _GAP}} for gap in changed]
        if rows:
            self._connection.execute(insert(table), rows)


def _chunks(indexes: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut a list so that each piece fits the parameters of one statement."""
    for at in range(0, len(indexes), _MAX_PARAMETERS):
        yield indexes[at : at + _MAX_PARAMETERS]


def _gap(row: Sequence[Any]) -> Gap:
    start, end, state, opened_index, changed_index, declared_index = row
    return Gap(start, end, GapState(state), opened_index, changed_index, declared_index)
