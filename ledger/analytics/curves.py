"""
Load curves (负荷曲线): how much, how steadily and how high at most, by day, week, month or year.

An interval's load is its amount by its length; the highest and the lowest are stated with the
interval they stood in, the mean is over the seconds that readings cover. What lies across a bound
is in neither piece and is counted apart. What is missing has no load: it is stated as seconds
without a reading, never as zero. A series of what is no amount (a power, a temperature) has values
instead: their mean is over time where they have intervals, else over the values.

Source: DESIGN section 10; `ledger.analytics.slices` for what is taken.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from ledger.analytics.calendar import HOUR_S
from ledger.analytics.measures import Measure, hourly
from ledger.analytics.slices import LeftOut, Slice, slices_of
from ledger.decimals import ratio
from ledger.inventory.pieces import RemarkKind
from ledger.log.counting import find_series
from ledger.log.marks import Mark
from ledger.log.ranges import EMPTY, Range, Ranges
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Peak:
    """A highest or lowest load, and the interval it stood in."""

    load: Fraction
    start_s: int
    end_s: int
    entries: tuple[int, ...]
    """Indexes of the entries it comes from, ascending."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a series did in `[from_s, to_s)`."""

    from_s: int
    to_s: int
    total: Fraction | None
    """In the measure's amount unit; None for what is no amount, and without any reading."""
    mean: Fraction | None
    """Over the seconds covered; of instantaneous values over their number."""
    highest: Peak | None
    lowest: Peak | None
    count: int
    """Readings, or steps of a register, with a value."""
    covered: Ranges
    """Seconds that a value covers."""
    left_out: dict[RemarkKind, int]
    """What is in no sum, by the reason; what lies across a bound is counted on both sides."""
    marked: dict[Mark, int]

    @property
    def covered_s(self) -> int:
        """How many seconds a value covers."""
        return self.covered.count

    @property
    def missing_s(self) -> int:
        """Seconds that no reading with a value covers."""
        return self.to_s - self.from_s - self.covered_s

    @property
    def load_factor(self) -> Fraction | None:
        """Mean by highest load (负荷率); None where there is no load."""
        if self.mean is None or self.highest is None or self.highest.load <= 0:
            return None
        return ratio(self.mean, self.highest.load)

    @property
    def spread(self) -> Fraction | None:
        """Highest less lowest, by highest (峰谷差率); None where there is no load."""
        if self.highest is None or self.lowest is None or self.highest.load <= 0:
            return None
        return ratio(self.highest.load - self.lowest.load, self.highest.load)


@dataclass(frozen=True, slots=True)
class Curve:
    """The loads of one series, piece by piece."""

    series: str
    measure: Measure
    loads: tuple[Load, ...]


@dataclass(slots=True)
class _Alike:
    """
    Slices of one piece of the same length: their values compare as their loads do.

    So only what they come to is converted, once, which makes a year of quarter hours quick.
    """

    total: Fraction
    count: int
    highest: Slice
    lowest: Slice

    def add(self, each: Slice) -> None:
        """Add one more; of equal values the earliest is named, in whatever order they come."""
        self.total += each.value
        self.count += 1
        if (each.value, -each.start_s) > (self.highest.value, -self.highest.start_s):
            self.highest = each
        if (each.value, each.start_s) < (self.lowest.value, self.lowest.start_s):
            self.lowest = each


@dataclass(slots=True)
class _Bucket:
    """A load in the making."""

    from_s: int
    to_s: int
    alike: dict[int, _Alike] = field(default_factory=dict)
    """By the seconds covered."""
    covered: list[Range] = field(default_factory=list)
    left_out: dict[RemarkKind, int] = field(default_factory=dict)
    marked: dict[Mark, int] = field(default_factory=dict)

    def add(self, each: Slice) -> None:
        """Add a slice that reaches into the bucket."""
        if each.start_s < self.from_s or each.end_s > self.to_s:
            self.leave_out(RemarkKind.ACROSS)
            return
        if not each.is_momentary:
            self.covered.append((each.start_s, each.end_s))
        found = self.alike.get(each.covered_s)
        if found is None:
            self.alike[each.covered_s] = _Alike(each.value, 1, each, each)
        else:
            found.add(each)
        for mark in each.marks:
            self.marked[mark] = self.marked.get(mark, 0) + 1

    def leave_out(self, reason: RemarkKind) -> None:
        """Count something that is in no sum."""
        self.left_out[reason] = self.left_out.get(reason, 0) + 1

    def close(self, measure_: Measure) -> Load:
        """Give what it came to."""
        covered_s = sum(covered * each.count for covered, each in self.alike.items())
        count = sum(each.count for each in self.alike.values())
        over_time, at_once = Fraction(0), Fraction(0)
        peaks = []
        for covered, each in self.alike.items():
            load = _load(measure_, each.total, covered)
            over_time += load * covered
            at_once += load if not covered else 0
            peaks += [_peak(measure_, each.highest), _peak(measure_, each.lowest)]
        mean: Fraction | None = None
        if count:
            mean = ratio(over_time, covered_s) if covered_s else ratio(at_once, count)
        return Load(
            from_s=self.from_s,
            to_s=self.to_s,
            total=ratio(over_time, HOUR_S) if measure_.is_amount and covered_s else None,
            mean=mean,
            highest=max(peaks, key=lambda peak: (peak.load, -peak.start_s), default=None),
            lowest=min(peaks, key=lambda peak: (peak.load, peak.start_s), default=None),
            count=count,
            covered=EMPTY.union(self.covered),
            left_out=self.left_out,
            marked=self.marked,
        )


def load_curve(
    uow: UnitOfWork, log: Log, name: str, bounds_s: Sequence[int], *, size: int | None = None
) -> Curve:
    """
    Give the loads of a series between each bound and the next.

    Args:
        uow: A reading unit of work.
        log: The log.
        name: Series id.
        bounds_s: Ascending seconds, at least two, such as `ledger.analytics.calendar.bounds`
            gives.
        size: Only what rests on the first so many entries is shown; everything where it is None.

    Raises:
        NotRegistered: If the log has no such series.
        NoCurve: If the series is of a register of what is no amount.
        ValueError: If the bounds do not ascend.
    """
    if len(bounds_s) < 2 or any(later <= earlier for earlier, later in pairwise(bounds_s)):
        raise ValueError("bounds do not ascend")
    measure_ = Measure.of(find_series(uow, log, name).unit)
    slices, left = slices_of(uow, log, name, bounds_s[0], bounds_s[-1], size=size)
    return Curve(name, measure_, tuple(loads_of(slices, left, measure_, bounds_s)))


def loads_of(
    slices: Iterable[Slice], left: Iterable[LeftOut], measure_: Measure, bounds_s: Sequence[int]
) -> list[Load]:
    """Put what a series says, in any order, between ascending bounds."""
    buckets = [_Bucket(low, high) for low, high in pairwise(bounds_s)]

    def reached(start_s: int, end_s: int) -> Iterator[_Bucket]:
        at = max(bisect_right(bounds_s, start_s) - 1, 0)
        while at < len(buckets) and buckets[at].from_s < end_s:
            yield buckets[at]
            at += 1

    for each in slices:
        for bucket in reached(each.start_s, each.end_s):
            bucket.add(each)
    for out in left:
        for bucket in reached(out.start_s, out.end_s):
            bucket.leave_out(out.reason)
    return [bucket.close(measure_) for bucket in buckets]


def _load(measure_: Measure, value: Fraction, covered_s: int) -> Fraction:
    shown = measure_.shown(value)
    return hourly(shown, covered_s) if measure_.is_amount and covered_s else shown


def _peak(measure_: Measure, each: Slice) -> Peak:
    load = _load(measure_, each.value, each.covered_s)
    return Peak(load, each.start_s, each.end_s, each.entries)
