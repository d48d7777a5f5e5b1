"""
Anomalies of a stream (异常检测): what is far from what its hour and kind of day usually bring.

The usual is a profile: for each time of day of working days, and of days of rest, the median of
what was counted then, and the median distance from it. A value is far when it is many times that
distance away, and by a part of the usual too. Medians are not moved by what is looked for: up to
half of the values may be wrong before the profile follows them. Where an hour has too few values
nothing is said of it; "could not judge" is no "in order". A value that does not change for long is
named as well, for an instrument that hangs looks normal.

The detector watches itself: where it flags much more at one end of the stretch than at the other,
the plant has changed in between, and one profile does not fit both.

Source: DESIGN section 10; Iglewicz and Hoaglin (1993) for the modified z-score and its constant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

from ledger.analytics.calendar import local_time
from ledger.analytics.measures import Measure
from ledger.analytics.slices import Slice
from ledger.decimals import ratio, rounded
from ledger.inventory.periods import DAY_S, REPORTING_ZONE_OFFSET_S

_SATURDAY: Final = 5
_NORMAL: Final = Fraction(14826, 10000)
"""Median distances of a normal distribution times this are its standard deviation."""


class AnomalyKind(StrEnum):
    """What is wrong with it."""

    HIGH = "high"
    LOW = "low"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """When a value is far; the defaults flag what people would, not what chance brings."""

    score: Fraction = Fraction(6)
    """Standard deviations from the usual."""
    share: Fraction = Fraction(1, 4)
    """And more than so much of the usual; of the stream's where that hour's usual is nothing."""
    least_values: int = 8
    """Values that an hour of a kind of day must have to have a profile."""
    stuck_for: int = 12
    """Equal values other than nothing, one after the other."""
    drift: Fraction = Fraction(1, 20)
    """Share by which the first and the last quarter may differ in what is flagged."""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A value that is far from the usual, or the first of many that do not change."""

    kind: AnomalyKind
    start_s: int
    end_s: int
    value: Fraction
    """In the unit shown, of the interval."""
    usual: Fraction
    """Median of its time of day."""
    score: Fraction
    """Standard deviations from it; for a stuck value the number of equal values."""
    entries: tuple[int, ...]
    values: int
    """How many values the usual comes from."""

    def explanation(self, unit: str) -> str:
        """Say in words why it is here."""
        value, usual = _text(self.value), _text(self.usual)
        if self.kind is AnomalyKind.STUCK:
            return f"{value} {unit} {_text(self.score)} times in a row; usual is {usual} {unit}"
        return (
            f"{value} {unit} where {usual} {unit} is usual at this time ({self.values} values), "
            f"{_text(self.score)} standard deviations away"
        )

    def explanation_zh(self, unit: str) -> str:
        """Say the same in Chinese."""
        value, usual = _text(self.value), _text(self.usual)
        if self.kind is AnomalyKind.STUCK:
            return f"连续{_text(self.score)}个读数均为{value} {unit},通常为{usual} {unit}"
        return (
            f"读数{value} {unit},该时段通常为{usual} {unit}(依据{self.values}个读数),"
            f"偏离{_text(self.score)}个标准差"
        )


@dataclass(frozen=True, slots=True)
class AnomalyReport:
    """What was found in a stream, and how much of it could be judged."""

    anomalies: tuple[Anomaly, ...]
    """By start."""
    judged: int
    not_judged: int
    """Values of hours without a profile."""
    early_share: Fraction
    """Of the values of the first quarter of what was judged, the part that is far."""
    late_share: Fraction
    """The same of the last quarter."""
    has_drifted: bool
    """Whether the two differ so much that one profile does not fit both."""


Hour = tuple[bool, int, int]
"""Whether it is a day of rest, the second of the day, and the length."""


@dataclass(frozen=True, slots=True)
class _Profile:
    """The usual of one hour."""

    median: Fraction
    deviation: Fraction
    count: int


def find_anomalies(
    slices: Sequence[Slice],
    measure: Measure,
    *,
    sensitivity: Sensitivity | None = None,
    offset_s: int = REPORTING_ZONE_OFFSET_S,
    rests: Callable[[date], bool] | None = None,
) -> AnomalyReport:
    """
    Look for what is far from the usual.

    Args:
        slices: Of one series, as `ledger.analytics.slices.slices_of` gives them; the profile is
            made of them.
        measure: What the series is shown in.
        sensitivity: When a value is far.
        offset_s: Of the zone whose days these are.
        rests: Says which days are days of rest; Saturdays and Sundays where it is not given.
    """
    limits = sensitivity or Sensitivity()
    ordered = sorted(slices, key=lambda each: (each.start_s, each.end_s))
    is_rest = rests or _is_weekend
    hours = [_hour(each, offset_s, is_rest) for each in ordered]
    profiles = _profiles(ordered, hours, limits.least_values)
    floor = _floor(profiles.values(), limits.share)
    found: list[Anomaly] = []
    far: list[bool] = []
    for each, hour in zip(ordered, hours, strict=True):
        profile = profiles.get(hour)
        if profile is None:
            continue
        anomaly = _judge(each, profile, measure, limits, floor)
        far.append(anomaly is not None)
        if anomaly is not None:
            found.append(anomaly)
    found += _stuck(ordered, hours, profiles, measure, limits)
    early, late = _quarters(far)
    return AnomalyReport(
        anomalies=tuple(sorted(found, key=lambda each: (each.start_s, each.kind))),
        judged=len(far),
        not_judged=len(ordered) - len(far),
        early_share=early,
        late_share=late,
        has_drifted=abs(late - early) > limits.drift,
    )


def _profiles(slices: Sequence[Slice], hours: Sequence[Hour], least: int) -> dict[Hour, _Profile]:
    values: dict[Hour, list[Fraction]] = {}
    for each, hour in zip(slices, hours, strict=True):
        values.setdefault(hour, []).append(each.value)
    found = {}
    for hour, row in values.items():
        if len(row) >= least:
            median = _median(row)
            deviation = _median([abs(value - median) for value in row]) * _NORMAL
            found[hour] = _Profile(median, deviation, len(row))
    return found


def _floor(profiles: Iterable[_Profile], share: Fraction) -> Fraction:
    """Give what a value must be away where its hour's usual is nothing."""
    medians = [abs(profile.median) for profile in profiles]
    return _median(medians) * share if medians else Fraction(0)


def _judge(
    each: Slice, profile: _Profile, measure: Measure, limits: Sensitivity, floor: Fraction
) -> Anomaly | None:
    distance = abs(each.value - profile.median)
    least = abs(profile.median) * limits.share or floor
    if distance <= least or distance < profile.deviation * limits.score:
        return None
    # Where every value is alike any other is infinitely far: the floor is the scale then.
    scale = profile.deviation or least
    kind = AnomalyKind.HIGH if each.value > profile.median else AnomalyKind.LOW
    return Anomaly(
        kind=kind,
        start_s=each.start_s,
        end_s=each.end_s,
        value=measure.shown(each.value),
        usual=measure.shown(profile.median),
        score=ratio(distance, scale) if scale else Fraction(0),
        entries=each.entries,
        values=profile.count,
    )


def _stuck(
    slices: Sequence[Slice],
    hours: Sequence[Hour],
    profiles: dict[Hour, _Profile],
    measure: Measure,
    limits: Sensitivity,
) -> list[Anomaly]:
    """Find rows of equal values; rows of nothing are a plant that stands still."""
    found = []
    first = 0
    for at in range(1, len(slices) + 1):
        if at < len(slices) and slices[at].value == slices[first].value:
            continue
        profile = profiles.get(hours[first])
        # Where the usual does not vary, equal values are the usual.
        varies = profile is not None and profile.deviation
        if profile and varies and at - first >= limits.stuck_for and slices[first].value:
            row = slices[first:at]
            found.append(
                Anomaly(
                    kind=AnomalyKind.STUCK,
                    start_s=row[0].start_s,
                    end_s=row[-1].end_s,
                    value=measure.shown(row[0].value),
                    usual=measure.shown(profile.median),
                    score=Fraction(len(row)),
                    entries=tuple(sorted({index for each in row for index in each.entries})),
                    values=profile.count,
                )
            )
        first = at
    return found


def _quarters(far: Sequence[bool]) -> tuple[Fraction, Fraction]:
    """Give the share that is far in the first and in the last quarter."""
    quarter = len(far) // 4
    if not quarter:
        return Fraction(0), Fraction(0)
    return Fraction(sum(far[:quarter]), quarter), Fraction(sum(far[-quarter:]), quarter)


def _hour(each: Slice, offset_s: int, is_rest: Callable[[date], bool]) -> Hour:
    day = local_time(each.start_s, offset_s).date()
    return is_rest(day), (each.start_s + offset_s) % DAY_S, each.covered_s


def _is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def _median(values: Iterable[Fraction]) -> Fraction:
    row = sorted(values)
    middle = len(row) // 2
    return row[middle] if len(row) % 2 else (row[middle - 1] + row[middle]) * Fraction(1, 2)


def _text(number: Fraction) -> str:
    return f"{rounded(number, 2):f}".removesuffix(".00")
