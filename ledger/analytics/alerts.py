"""
Early warning of a year's shortfall (年度缺口预警): a forecast against a limit.

The limit is what the caller holds or must stay below: allowances of the year, a target, a
threshold of coverage. A warning says which of four is the case, by how much, and in which month
the limit is expected to be passed.

Source: DESIGN section 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from ledger.analytics.forecast import YearForecast


class WarningLevel(StrEnum):
    """How a forecast stands to a limit."""

    CLEAR = "clear"
    """Even the high end of the interval stays within it."""
    POSSIBLE = "possible"
    """The interval reaches beyond it."""
    LIKELY = "likely"
    """What is expected lies beyond it."""
    PASSED = "passed"
    """What is known lies beyond it already."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A forecast against a limit."""

    limit: Decimal
    warning: WarningLevel
    expected: Fraction
    """Expected less limit: positive is what will lack, negative what will be left."""
    at_most: Fraction
    """High end less limit."""
    month: int | None
    """Month in which known and expected months together pass the limit; None where they do not."""


def warn(forecast: YearForecast, limit: Decimal) -> Shortfall:
    """
    Compare a forecast with a limit.

    Args:
        forecast: Of the year.
        limit: In the unit of the forecast; not negative.

    Raises:
        ValueError: If it is negative.
    """
    if limit < 0:
        raise ValueError("a limit is not negative")
    return Shortfall(
        limit=limit,
        warning=_warning(forecast, limit),
        expected=forecast.expected - Fraction(limit),
        at_most=forecast.high - Fraction(limit),
        month=_month(forecast, limit),
    )


def _warning(forecast: YearForecast, limit: Decimal) -> WarningLevel:
    for warning, amount in (
        (WarningLevel.PASSED, forecast.known),
        (WarningLevel.LIKELY, forecast.expected),
        (WarningLevel.POSSIBLE, forecast.high),
    ):
        if amount > limit:
            return warning
    return WarningLevel.CLEAR


def _month(forecast: YearForecast, limit: Decimal) -> int | None:
    total = Fraction(0)
    for each in forecast.months:
        total += each.amount
        if total > limit:
            return each.month
    return None
