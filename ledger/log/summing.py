"""
Exact sums over stretches of time whose bounds the caller gives: days, months, periods.

Amounts are integers in the series' unit. Whole spans are summed without reading a message; a
reading that lies across a bound is counted on neither side and named, because nobody can say how
it divides. Missing is missing: the seconds without a counted reading stand beside each sum.

Source: DESIGN sections 2 (P7, P14) and 8.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from attestation.runs import occupied_span
from ledger.log.counting import CountedReading, Judge, find_series
from ledger.log.marks import Mark
from ledger.log.spans import Span
from ledger.repositories.logs import Log
from ledger.repositories.series import Series
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Sum:
    """What counts of a series in `[from_s, to_s)`."""

    from_s: int
    to_s: int
    total: int
    """Sum of the values times 10**scale, in `unit`."""
    scale: int
    unit: str
    count: int
    """Readings in the sum."""
    covered_s: int
    """Seconds of their intervals."""
    without_value: int
    """Readings that count and say why they have no value; they cover nothing."""
    across: int
    """Readings that count and lie across a bound; they are in no sum."""
    marked: dict[Mark, int]
    """Readings in the sum, by mark; those without any are not in it."""

    @property
    def missing_s(self) -> int:
        """Seconds of the stretch that no reading in the sum covers."""
        return self.to_s - self.from_s - self.covered_s


@dataclass(slots=True)
class _Bucket:
    """A sum in the making; totals are kept by scale until the finest is known."""

    from_s: int
    to_s: int
    totals: dict[int, int] = field(default_factory=dict)
    count: int = 0
    covered_s: int = 0
    without_value: int = 0
    across: int = 0
    marked: dict[Mark, int] = field(default_factory=dict)

    def add_span(self, span: Span, total: int, marks: Iterable[Mark]) -> None:
        """Add every reading of a span."""
        self.totals[span.scale] = self.totals.get(span.scale, 0) + total
        self.count += span.count
        self.covered_s += span.interval_s * span.count
        for mark in marks:
            self.marked[mark] = self.marked.get(mark, 0) + span.count

    def add(self, counted: CountedReading) -> None:
        """Add one reading that reaches into the bucket."""
        reading = counted.reading
        start_s = reading.end_s - (reading.interval_s or 1)
        if start_s < self.from_s or reading.end_s > self.to_s:
            self.across += 1
            return
        if reading.value is None:
            self.without_value += 1
            return
        self.totals[reading.scale] = self.totals.get(reading.scale, 0) + reading.value
        self.count += 1
        self.covered_s += reading.interval_s
        for mark in counted.marks:
            self.marked[mark] = self.marked.get(mark, 0) + 1

    def close(self, unit: str) -> Sum:
        """Bring the totals to one scale."""
        scale = max(self.totals, default=0)
        total = sum(value * 10 ** (scale - of) for of, value in self.totals.items())
        return Sum(
            self.from_s,
            self.to_s,
            total,
            scale,
            unit,
            self.count,
            self.covered_s,
            self.without_value,
            self.across,
            self.marked,
        )


def sums(uow: UnitOfWork, log: Log, name: str, bounds_s: Sequence[int]) -> list[Sum]:
    """
    Sum up what counts of a series between each bound and the next.

    Args:
        uow: A reading unit of work.
        log: The log.
        name: Series id; of amounts in intervals, not of a register.
        bounds_s: Ascending seconds, such as the beginnings of days in the reporting zone.

    Raises:
        NotRegistered: If the log has no such series.
        ValueError: If the series is of a register, or the bounds do not ascend.
    """
    series = find_series(uow, log, name)
    if series.register:
        raise ValueError("standings of a register are not summed; take their differences")
    if any(later <= earlier for earlier, later in pairwise(bounds_s)):
        raise ValueError("bounds do not ascend")
    if len(bounds_s) < 2:
        return []
    judge = Judge(uow, log, series, bounds_s[0], bounds_s[-1])
    row = _Row(bounds_s)
    for replacement in judge.replacements():
        row.add(replacement)
    for page in judge.pages():
        marks = judge.marks(page)
        divided: list[Span] = []
        for span in page:
            bucket = row.holding(span)
            whole = judge.whole(span, marks.get(span.index, frozenset()))
            if bucket is not None and span.total is not None and whole is not None:
                bucket.add_span(span, span.total, whole)
            else:
                divided.append(span)
        for counted in judge.readings(divided):
            row.add(counted)
    return [bucket.close(series.unit) for bucket in row.buckets]


class _Row:
    """Buckets that follow each other."""

    def __init__(self, bounds_s: Sequence[int]) -> None:
        self._bounds_s = bounds_s
        self.buckets = [_Bucket(low, high) for low, high in pairwise(bounds_s)]

    def holding(self, span: Span) -> _Bucket | None:
        """Give the bucket that a span lies in; None where it lies in several or reaches out."""
        at = bisect_right(self._bounds_s, span.start_s) - 1
        if 0 <= at < len(self.buckets) and span.end_s <= self.buckets[at].to_s:
            return self.buckets[at]
        return None

    def add(self, counted: CountedReading) -> None:
        """Add a reading to every bucket that it reaches into."""
        reading = counted.reading
        start_s, end_s = occupied_span(reading.end_s, reading.interval_s)
        first = max(bisect_right(self._bounds_s, start_s) - 1, 0)
        for bucket in self.buckets[first:]:
            if bucket.from_s >= end_s:
                break
            bucket.add(counted)


def standings(
    uow: UnitOfWork, log: Log, name: str, instants_s: Sequence[int]
) -> list[CountedReading | None]:
    """
    Give where a register stood at each of some seconds, None where nobody said or it is disputed.

    Raises:
        NotRegistered: If the log has no such series.
    """
    series = find_series(uow, log, name)
    return [_standing(uow, log, series, at_s) for at_s in instants_s]


def _standing(uow: UnitOfWork, log: Log, series: Series, at_s: int) -> CountedReading | None:
    judge = Judge(uow, log, series, at_s - 1, at_s)
    counted = [*judge.replacements(), *judge.readings(list(judge.spans()))]
    return next((each for each in counted if each.reading.end_s == at_s), None)
