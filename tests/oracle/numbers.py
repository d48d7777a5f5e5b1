"""Decimals as the rules have them: exact sums, products and quotients rounded to 18 decimals."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

DIGITS = 160
"""More than the product of any numbers here has, so that only what is meant is rounded."""
PLACES = 18
ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
CONTEXT = Context(prec=DIGITS, rounding=ROUND_HALF_UP)


def half_up(number: Decimal, decimals: int) -> Decimal:
    """Round half away from zero (四舍五入)."""
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, CONTEXT)


def floored(number: Decimal, decimals: int = 0) -> Decimal:
    """Give the greatest number with so many decimals that is not above (向下取整)."""
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_FLOOR, CONTEXT)


def times(first: Decimal, *others: Decimal) -> Decimal:
    """Multiply from left to right; each product has 18 decimals."""
    product = first
    for other in others:
        product = half_up(CONTEXT.multiply(product, other), PLACES)
    return product


def over(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Divide; the quotient has 18 decimals."""
    return fraction(dividend, ONE, divisor)


def fraction(first: Decimal, second: Decimal, divisor: Decimal) -> Decimal:
    """
    Give first × second / divisor, rounded once to 18 decimals.

    The quotient is cut after 160 digits before it is rounded, which cannot make a half of what is
    none: a quotient of such numbers that is not a half differs from one by more than what is cut.
    """
    return half_up(CONTEXT.divide(CONTEXT.multiply(first, second), divisor), PLACES)


def total(numbers: Iterable[Decimal]) -> Decimal:
    """Add without rounding."""
    added = ZERO
    for number in numbers:
        added = CONTEXT.add(added, number)
    return added


def carbon_dioxide(carbon: Decimal) -> Decimal:
    """Give the CO2 of carbon: times 44/12."""
    return fraction(carbon, Decimal(44), Decimal(12))
