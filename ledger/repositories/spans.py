"""Spans of series, the conflicts between them, and the corrections that resolve conflicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, delete, insert, select

from attestation.enums import Provenance, Quality
from ledger.log.spans import Span
from ledger.models import ConflictRow, CorrectionRow, SpanRow
from ledger.repositories.bulk import copy_rows, table_of, upsert
from ledger.repositories.logs import LogNumber

_PAGE: Final = 2000


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two messages that speak of the same seconds `[start_s, end_s)` of one series."""

    series_index: int
    start_s: int
    end_s: int
    first_index: int
    """Index of the earlier entry."""
    second_index: int


@dataclass(frozen=True, slots=True)
class StoredCorrection:
    """Over the seconds `[start_s, end_s)` of a series, this counts and nothing else."""

    index: int
    """Index of the record."""
    series_index: int
    start_s: int
    end_s: int
    counted_index: int | None = None
    """Index of the entry whose reading counts; absent with a replacement."""
    counted_reading: int | None = None
    """Number of that reading in its message."""
    value: int | None = None
    """The replacement, times 10**scale in `unit`."""
    unit: str | None = None
    scale: int | None = None
    quality: Quality | None = None


_SPAN: Final = (
    "series_index",
    "end_s",
    "start_s",
    "index",
    "first_reading",
    "count",
    "step_s",
    "interval_s",
    "quality",
    "provenance",
    "register",
    "scale",
    "total",
)
_CONFLICT: Final = ("series_index", "start_s", "end_s", "first_index", "second_index")
_CORRECTION: Final = (
    "index",
    "series_index",
    "start_s",
    "end_s",
    "counted_index",
    "counted_reading",
    "value",
    "unit",
    "scale",
    "quality",
)


class SpanRepository:
    """Reads and writes `span`, `conflict` and `correction`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, log: LogNumber, spans: Iterable[Span]) -> None:
        """Store spans."""
        copy_rows(
            self._connection,
            table_of(SpanRow),
            ("log_number", *_SPAN),
            ((log, *(getattr(span, name) for name in _SPAN)) for span in spans),
        )

    def between(
        self, log: LogNumber, series_index: int, start_s: int, end_s: int, *, longest_s: int
    ) -> Iterator[Span]:
        """
        Give the spans of a series that reach into `[start_s, end_s)`, by end, page by page.

        Args:
            log: The log.
            series_index: The series.
            start_s: First second.
            end_s: Second after the last.
            longest_s: Length of the longest span of the series; bounds the search.
        """
        table = table_of(SpanRow)
        after = (start_s, -1, -1)
        while True:
            statement = (
                select(*(table.c[name] for name in _SPAN))
                .where(
                    table.c.log_number == log,
                    table.c.series_index == series_index,
                    table.c.end_s >= after[0],
                    table.c.end_s > start_s,
                    table.c.end_s < end_s + longest_s,
                    table.c.start_s < end_s,
                )
                .where(
                    (table.c.end_s > after[0])
                    | (table.c.index > after[1])
                    | ((table.c.index == after[1]) & (table.c.first_reading > after[2]))
                )
                .order_by(table.c.end_s, table.c.index, table.c.first_reading)
                .limit(_PAGE)
            )
            spans = [_span(row) for row in self._connection.execute(statement)]
            yield from spans
            if len(spans) < _PAGE:
                return
            after = (spans[-1].end_s, spans[-1].index, spans[-1].first_reading)

    def add_conflicts(self, log: LogNumber, conflicts: Iterable[Conflict]) -> None:
        """Store conflicts; one that is there already stays as it is."""
        upsert(
            self._connection,
            ConflictRow,
            ("log_number", *_CONFLICT),
            ((log, *(getattr(each, name) for name in _CONFLICT)) for each in conflicts),
            changes=["end_s"],
        )

    def conflicts(
        self,
        log: LogNumber,
        *,
        series_index: int | None = None,
        start_s: int | None = None,
        end_s: int | None = None,
    ) -> list[Conflict]:
        """Load the conflicts of a log, of one series, inside some seconds, by series and start."""
        table = table_of(ConflictRow)
        statement = select(*(table.c[name] for name in _CONFLICT)).where(table.c.log_number == log)
        statement = _within(statement, table.c, series_index, start_s, end_s)
        statement = statement.order_by(
            table.c.series_index, table.c.start_s, table.c.first_index, table.c.second_index
        )
        return [Conflict(*row) for row in self._connection.execute(statement)]

    def add_correction(self, log: LogNumber, correction: StoredCorrection) -> None:
        """Store a correction."""
        values = {name: getattr(correction, name) for name in _CORRECTION}
        self._connection.execute(insert(CorrectionRow).values(log_number=log, **values))

    def corrections(
        self,
        log: LogNumber,
        *,
        series_index: int | None = None,
        start_s: int | None = None,
        end_s: int | None = None,
    ) -> list[StoredCorrection]:
        """Load the corrections of a log, of one series, inside some seconds, in index order."""
        table = table_of(CorrectionRow)
        statement = select(*(table.c[name] for name in _CORRECTION)).where(
            table.c.log_number == log
        )
        statement = _within(statement, table.c, series_index, start_s, end_s)
        return [
            _correction(row) for row in self._connection.execute(statement.order_by(table.c.index))
        ]

    def clear(self, log: LogNumber) -> None:
        """Forget the spans, conflicts and corrections of a log, to derive them again."""
        for model in (SpanRow, ConflictRow, CorrectionRow):
            table = table_of(model)
            self._connection.execute(delete(table).where(table.c.log_number == log))


def _within(
    statement: Select[Any],
    columns: Any,
    series_index: int | None,
    start_s: int | None,
    end_s: int | None,
) -> Select[Any]:
    if series_index is not None:
        statement = statement.where(columns.series_index == series_index)
    if start_s is not None:
        statement = statement.where(columns.end_s > start_s)
    if end_s is not None:
        statement = statement.where(columns.start_s < end_s)
    return statement


def _correction(row: Any) -> StoredCorrection:
    values = dict(zip(_CORRECTION, row, strict=True))
    if values["quality"] is not None:
        values["quality"] = Quality(values["quality"])
    return StoredCorrection(**values)


def _span(row: Any) -> Span:
    values = dict(zip(_SPAN, row, strict=True))
    values["quality"] = Quality(values["quality"])
    values["provenance"] = Provenance(values["provenance"])
    return Span(**values)
