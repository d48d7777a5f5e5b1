"""
What is, or was, missing: sequence numbers of epochs, seconds of series, and what declares them.

Source: `ledger.log.gaps` for what the rows mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, insert, or_, select

from attestation.enums import GapState
from ledger.log.gaps import Declaration, Gap
from ledger.models import GapDeclarationRow, IntervalGapRow, SequenceGapRow
from ledger.repositories.bulk import table_of
from ledger.repositories.logs import LogNumber


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


class GapRepository:
    """Reads and writes `sequence_gap`, `interval_gap` and `gap_declaration`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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

    def clear(self, log: LogNumber) -> None:
        """Forget the gaps and declarations of a log, to derive them again."""
        for model in (SequenceGapRow, IntervalGapRow, GapDeclarationRow):
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


def _gap(row: Sequence[Any]) -> Gap:
    start, end, state, opened_index, changed_index, declared_index = row
    return Gap(start, end, GapState(state), opened_index, changed_index, declared_index)
