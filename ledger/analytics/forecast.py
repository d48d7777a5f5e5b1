"""
Forecast of a year's emissions (年度排放预测) from its months so far and the years before.

The method, in four sentences. Each month's share of a year is taken from the whole years before
(five at most); this year's level is what its known months came to, by what those months had before;
the months that are not known are expected at that level. The spread is that of the months around
their years' levels, with months that follow each other held to be alike as far as they were before
(a plant that stands still in May stands still in June). Where the years before moved more between
known and unknown months than that spread allows, their own movement is the spread. The interval is
that of Student's t, and is wide where little is known, as it should be.

It needs one whole year before and three known months; it is deterministic, and it says what it
rests on. A month without a value is unknown, never zero.

Source: DESIGN section 10; classical decomposition with a multiplicative season, and the variance of
sums of a first-order autoregression.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ledger.analytics.errors import TooLittleData
from ledger.analytics.quantiles import student_t
from ledger.decimals import ratio, root, rounded

MONTHS: Final = 12
LEAST_KNOWN: Final = 3
MOST_YEARS: Final = 5
_LIKENESS_MOST: Final = Fraction(9, 10)
_LIKENESS_PLACES: Final = 4

Months = Mapping[tuple[int, int], Decimal]
"""Emissions by (year, month); what is not there is not known."""


@dataclass(frozen=True, slots=True)
class MonthOutlook:
    """One month of the year."""

    month: int
    amount: Fraction
    is_known: bool


@dataclass(frozen=True, slots=True)
class YearForecast:
    """What a year is expected to come to, and how well that is known."""

    year: int
    confidence: int
    """Percent of such intervals that are to hold the truth."""
    known: Fraction
    """Sum of the known months."""
    expected: Fraction
    low: Fraction
    """Never below what is known already."""
    high: Fraction
    months: tuple[MonthOutlook, ...]
    """Twelve, in order."""
    base_years: tuple[int, ...]
    """Whole years before that the seasons come from."""
    level: Fraction
    """This year's known months, by what they had before."""
    likeness: Fraction
    """How alike months are that follow each other, 0 to 0.9."""
    standard_error: Decimal
    degrees: int

    @property
    def unknown_months(self) -> tuple[int, ...]:
        """Months that are expected, not known."""
        return tuple(each.month for each in self.months if not each.is_known)

    def explanation(self, unit: str = "tCO2") -> str:
        """Say in words what it rests on."""
        years = ", ".join(map(str, self.base_years))
        return (
            f"{MONTHS - len(self.unknown_months)} known months are {_text(self.known)} {unit}, "
            f"{_text(self.level * 100)} % of the same months of {years}; the other "
            f"{len(self.unknown_months)} are expected at that level; months that follow each "
            f"other are alike by {_text(self.likeness)}; {self.confidence} % interval with "
            f"{self.degrees} degrees of freedom"
        )

    def explanation_zh(self, unit: str = "tCO2") -> str:
        """Say the same in Chinese."""
        years = "、".join(map(str, self.base_years))
        return (
            f"已知{MONTHS - len(self.unknown_months)}个月合计{_text(self.known)} {unit},"
            f"为{years}年同月的{_text(self.level * 100)}%;其余{len(self.unknown_months)}个月"
            f"按此水平预计;相邻月份相关系数{_text(self.likeness)};"
            f"{self.confidence}%区间,自由度{self.degrees}"
        )


def forecast_year(months: Months, year: int, *, confidence: int = 80) -> YearForecast:
    """
    Forecast a year.

    Args:
        months: What is known, of any years.
        year: The year.
        confidence: 80 or 95.

    Raises:
        TooLittleData: If less than three months of the year or no whole year before is known, or
            nothing was emitted in the months to go by.
        ValueError: If there is no table for the confidence.
    """
    known = {month: Fraction(months[year, month]) for month in _named(months, year)}
    years = [each for each in range(year - MOST_YEARS, year) if len(_named(months, each)) == MONTHS]
    if len(known) < LEAST_KNOWN or not years:
        raise TooLittleData(
            f"{len(known)} known months of {year} and {len(years)} whole years before; "
            f"{LEAST_KNOWN} and 1 are needed"
        )
    table = [[Fraction(months[each, month]) for month in range(1, 13)] for each in years]
    season = _Season(table, known)
    expected = season.total()
    error = root(season.variance())
    reach = Fraction(student_t(confidence, season.degrees)) * Fraction(error)
    if len(known) == MONTHS:
        reach = Fraction(0)
    so_far = sum(known.values(), Fraction(0))
    return YearForecast(
        year=year,
        confidence=confidence,
        known=so_far,
        expected=expected,
        low=max(expected - reach, so_far),
        high=expected + reach,
        months=season.outlook(),
        base_years=tuple(years),
        level=season.level,
        likeness=season.likeness,
        standard_error=error if reach else Decimal(0),
        degrees=season.degrees,
    )


class _Season:
    """The shares of months, this year's level, and the spread around them."""

    def __init__(self, years: list[list[Fraction]], known: Mapping[int, Fraction]) -> None:
        self._years = years
        self._known = known
        self._base = [
            ratio(sum(column, Fraction(0)), len(years)) for column in zip(*years, strict=True)
        ]
        self._past = [month - 1 for month in sorted(known)]
        self._rest = [at for at in range(MONTHS) if at not in self._past]
        before = self._of_base(self._past)
        so_far = sum(known.values(), Fraction(0))
        if not before or not so_far:
            raise TooLittleData("nothing was emitted in the months to go by")
        self.level = ratio(so_far, before)
        self._errors = self._of_years() + [
            known[at + 1] - self.level * self._base[at] for at in self._past
        ]
        # Twelve shares and a level each are what was fitted.
        self.degrees = MONTHS * (len(years) - 1) - (len(years) - 1) + len(known) - 1
        self.likeness = self._alike()

    def total(self) -> Fraction:
        """Give what the year is expected to come to."""
        return sum((each.amount for each in self.outlook()), Fraction(0))

    def outlook(self) -> tuple[MonthOutlook, ...]:
        """Give each month, known or expected."""
        return tuple(
            MonthOutlook(month, self._known.get(month, self.level * base), month in self._known)
            for month, base in enumerate(self._base, 1)
        )

    def variance(self) -> Fraction:
        """Give the variance of the expected total."""
        rest = self._of_base(self._rest)
        weight = ratio(rest, self._of_base(self._past))
        spread = ratio(sum((error**2 for error in self._errors), Fraction(0)), self.degrees)
        of_months = spread * (self._together(self._rest) + weight**2 * self._together(self._past))
        count = len(self._rest) + weight**2 * len(self._past)
        of_shares = ratio(spread * count * self.level**2, len(self._years))
        return max(of_months + of_shares, self._movement() * (self.level * rest) ** 2)

    def _movement(self) -> Fraction:
        """Give how much the years before moved between these months and those, squared."""
        number = len(self._years)
        rest = self._of_base(self._rest)
        if number < 2 or not rest:
            return Fraction(0)
        moves = [
            ratio(sum(year[at] for at in self._rest), rest)
            - ratio(sum(year[at] for at in self._past), self._of_base(self._past))
            for year in self._years
        ]
        squares = sum((move**2 for move in moves), Fraction(0))
        return ratio(squares, number - 1) * Fraction(number + 1, number)

    def _of_base(self, places: Sequence[int]) -> Fraction:
        return sum((self._base[at] for at in places), Fraction(0))

    def _of_years(self) -> list[Fraction]:
        """Give how far each month before lay from its year's level."""
        whole = sum(self._base, Fraction(0))
        return [
            year[at] - ratio(sum(year, Fraction(0)), whole) * self._base[at]
            for year in self._years
            for at in range(MONTHS)
        ]

    def _alike(self) -> Fraction:
        squares = sum((error**2 for error in self._errors), Fraction(0))
        if not squares:
            return Fraction(0)
        products = sum(
            (one * other for one, other in zip(self._errors, self._errors[1:], strict=False)),
            Fraction(0),
        )
        likeness = Fraction(rounded(ratio(products, squares), _LIKENESS_PLACES))
        return min(max(likeness, Fraction(0)), _LIKENESS_MOST)

    def _together(self, places: Sequence[int]) -> Fraction:
        """Give the variance of a sum of months in units of one month's."""
        return sum(
            (self.likeness ** abs(one - other) for one in places for other in places), Fraction(0)
        )


def _named(months: Months, year: int) -> list[int]:
    return [month for month in range(1, MONTHS + 1) if (year, month) in months]


def _text(number: Fraction) -> str:
    return f"{rounded(number, 2):f}"
