"""
Savings of a measure against its baseline (节能量): what would have been used, less what was used.

The baseline is a straight line through the time before the measure: so much by itself, and so much
for each driver (output, degree days, hours). After the measure it says what the old plant would
have used for the new output. The saving is the difference, with an interval: a saving within its
own uncertainty is none. A baseline that explains too little of what it was made of says so.

Source: GB/T 28750 (节能量测量和验证技术通则); IPMVP, option C; least squares in exact fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ledger.analytics.errors import TooLittleData
from ledger.analytics.quantiles import student_t
from ledger.decimals import ratio, root

LEAST_EXPLAINED: Final = Fraction(3, 4)
"""Of the variance, by a baseline that is good enough (R² of the protocol)."""

Row = list[Fraction]


@dataclass(frozen=True, slots=True)
class Observation:
    """Energy of one stretch of time, such as a day, and what drove it."""

    energy: Fraction
    drivers: tuple[Fraction, ...] = ()


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the plant used before the measure."""

    fixed: Fraction
    """Used in each stretch of time whatever it does."""
    per_driver: tuple[Fraction, ...]
    observations: int
    variance: Fraction
    """Of one observation around the line."""
    explained: Fraction
    """Share of the variance that the line explains (R²); 1 where nothing varied."""
    inverse: tuple[tuple[Fraction, ...], ...]
    """Of the products of the drivers, for intervals."""

    @property
    def degrees(self) -> int:
        """Degrees of freedom left."""
        return self.observations - 1 - len(self.per_driver)

    @property
    def is_good(self) -> bool:
        """Whether it explains enough to rest savings on."""
        return self.explained >= LEAST_EXPLAINED

    def expected(self, drivers: Sequence[Fraction]) -> Fraction:
        """Give what would have been used with these drivers."""
        pairs = zip(self.per_driver, drivers, strict=True)
        return self.fixed + sum((each * driver for each, driver in pairs), Fraction(0))


@dataclass(frozen=True, slots=True)
class Saving:
    """What a measure saved in some stretches of time."""

    baseline: Fraction
    """What would have been used."""
    actual: Fraction
    reach: Fraction
    """Half the width of the interval."""
    confidence: int
    is_outside: bool
    """Whether a driver left the range that the baseline was made in; then it is a guess."""

    @property
    def amount(self) -> Fraction:
        """Baseline less actual; negative where more was used."""
        return self.baseline - self.actual

    @property
    def is_significant(self) -> bool:
        """Whether it is more than its own uncertainty."""
        return abs(self.amount) > self.reach


def fit_baseline(before: Sequence[Observation]) -> Baseline:
    """
    Draw the line through the time before a measure.

    Raises:
        TooLittleData: If there are too few observations, or drivers that do not vary by themselves.
        ValueError: If the observations have different numbers of drivers.
    """
    width = len(before[0].drivers) if before else 0
    if any(len(each.drivers) != width for each in before):
        raise ValueError("every observation has the same drivers")
    if len(before) < width + 3:
        raise TooLittleData(f"{len(before)} observations, {width + 3} are needed")
    rows = [[Fraction(1), *each.drivers] for each in before]
    inverse = _inverse(_products(rows))
    moments = [
        sum((row[at] * each.energy for row, each in zip(rows, before, strict=True)), Fraction(0))
        for at in range(width + 1)
    ]
    fixed, *slopes = [_dot(row, moments) for row in inverse]
    rest = sum(
        ((each.energy - fixed - _dot(slopes, each.drivers)) ** 2 for each in before), Fraction(0)
    )
    mean = ratio(sum((each.energy for each in before), Fraction(0)), len(before))
    whole = sum(((each.energy - mean) ** 2 for each in before), Fraction(0))
    return Baseline(
        fixed=fixed,
        per_driver=tuple(slopes),
        observations=len(before),
        variance=ratio(rest, len(before) - 1 - width),
        explained=1 - ratio(rest, whole) if whole else Fraction(1),
        inverse=tuple(tuple(row) for row in inverse),
    )


def saving(
    baseline: Baseline,
    after: Sequence[Observation],
    before: Sequence[Observation] = (),
    *,
    confidence: int = 95,
) -> Saving:
    """
    Give what was saved.

    Args:
        baseline: From `fit_baseline`.
        after: The time since the measure.
        before: What the baseline was made of; with it, drivers beyond their range are noticed.
        confidence: 80 or 95.

    Raises:
        TooLittleData: If nothing is known of the time since.
    """
    if not after:
        raise TooLittleData("nothing is known of the time since the measure")
    rows = [[Fraction(1), *each.drivers] for each in after]
    sums = [sum((row[at] for row in rows), Fraction(0)) for at in range(len(rows[0]))]
    of_line = _dot([_dot(row, sums) for row in baseline.inverse], sums)
    error: Decimal = root(baseline.variance * (len(after) + of_line))
    return Saving(
        baseline=sum((baseline.expected(each.drivers) for each in after), Fraction(0)),
        actual=sum((each.energy for each in after), Fraction(0)),
        reach=Fraction(student_t(confidence, baseline.degrees)) * Fraction(error),
        confidence=confidence,
        is_outside=_is_outside(before, after),
    )


def _is_outside(before: Sequence[Observation], after: Sequence[Observation]) -> bool:
    for at in range(len(before[0].drivers) if before else 0):
        known = [each.drivers[at] for each in before]
        if any(not min(known) <= each.drivers[at] <= max(known) for each in after):
            return True
    return False


def _products(rows: Sequence[Row]) -> list[Row]:
    width = range(len(rows[0]))
    return [[sum((row[i] * row[j] for row in rows), Fraction(0)) for j in width] for i in width]


def _inverse(matrix: Sequence[Row]) -> list[Row]:
    """
    Invert by Gauss and Jordan; fractions need no pivot but one that is not nothing.

    Raises:
        TooLittleData: If there is no inverse.
    """
    size = len(matrix)
    work = [
        [*row, *(Fraction(int(at == other)) for other in range(size))]
        for at, row in enumerate(matrix)
    ]
    for at in range(size):
        pivot = next((row for row in range(at, size) if work[row][at]), None)
        if pivot is None:
            raise TooLittleData("the drivers do not vary by themselves")
        work[at], work[pivot] = work[pivot], work[at]
        scale = work[at][at] ** -1
        work[at] = [value * scale for value in work[at]]
        for row in range(size):
            if row != at and work[row][at]:
                factor = work[row][at]
                work[row] = [
                    value - factor * above for value, above in zip(work[row], work[at], strict=True)
                ]
    return [row[size:] for row in work]


def _dot(one: Sequence[Fraction], other: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(one, other, strict=True)), Fraction(0))
