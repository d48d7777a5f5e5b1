"""
Decimals and fractions: exact until a named place, and rounded there half away from zero.

Everything in between is a `Fraction`, which forgets nothing; a number leaves it as a `Decimal` of
so many decimals and no more. No float takes part.

Source: DESIGN section 5 (amounts); rounding 四舍五入 as the accounting guides ask for.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import isqrt
from typing import Final

PLACES: Final = 18
"""Decimals that a number is kept with where nothing else is said, as in the rules on chain."""


def ratio(dividend: Fraction | Decimal | int, divisor: Fraction | Decimal | int) -> Fraction:
    """
    Give an exact quotient.

    Raises:
        ZeroDivisionError: If the divisor is zero.
    """
    below = Fraction(divisor)
    return Fraction(dividend) * Fraction(below.denominator, below.numerator)


def rounded(number: Fraction | Decimal | int, decimals: int = PLACES) -> Decimal:
    """Round half away from zero (四舍五入); the decimal has exactly so many decimals."""
    exact = Fraction(number)
    scaled = abs(exact) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return _decimal(-whole if exact < 0 else whole, decimals)


def root(number: Fraction | Decimal | int, decimals: int = PLACES) -> Decimal:
    """
    Give the square root, rounded half away from zero.

    Raises:
        ValueError: If the number is negative.
    """
    exact = Fraction(number)
    if exact < 0:
        raise ValueError(f"no square root of {exact}")
    # floor(2 * sqrt(x)) is an integer square root; half of it and a half more is the rounding.
    doubled = isqrt(4 * exact.numerator * 10 ** (2 * decimals) // exact.denominator)
    return _decimal((doubled + 1) // 2, decimals)


def plain(number: Decimal) -> str:
    """Write a decimal without an exponent and without zeros at its end."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) if number else "0"


def _decimal(scaled: int, decimals: int) -> Decimal:
    # Built from digits: arithmetic of Decimal would round to the context's precision.
    digits = tuple(int(digit) for digit in str(abs(scaled)))
    return Decimal((int(scaled < 0), digits, -decimals))
