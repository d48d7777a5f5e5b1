"""
Load correction of the allocation plans (负荷系数修正系数、调峰修正系数), with 50 digits and more.

Source: domain reference 2.1, Ff by period; 2.4 for its six decimals.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tests.oracle.numbers import CONTEXT, ONE, half_up
from tests.oracle.sheet import Sheet

_DECIMALS = 6
_LAST = Decimal(1).scaleb(-18)
_BASE = Decimal("1.015")
Curve = Callable[[Sheet, Decimal], Decimal]


def tiered(sheet: Sheet, load_pct: Decimal) -> Decimal:
    """2019–2022: four ranges, the last a power of 1.015."""
    if load_pct >= 85:
        return _written(sheet, ONE)
    if load_pct >= 80:
        return _written(sheet, 1 + Decimal("0.0014") * (85 - load_pct))
    if load_pct >= 75:
        return _written(sheet, Decimal("1.007") + Decimal("0.0016") * (80 - load_pct))
    return _power(sheet, load_pct)


def below_65(sheet: Sheet, load_pct: Decimal) -> Decimal:
    """2023–2024: below 65 % a power of 1.015, else 1."""
    return _written(sheet, ONE) if load_pct >= 65 else _power(sheet, load_pct)


def decaying(sheet: Sheet, load_pct: Decimal) -> Decimal:
    """2025–2026, draft: below 50 % two decays, else 1."""
    if load_pct >= 50:
        return _written(sheet, ONE)
    slow = _exp(CONTEXT.divide(-load_pct, Decimal("29.822")))
    fast = _exp(CONTEXT.divide(-load_pct, Decimal("6.871")))
    sheet.near_step("slowDecay", slow, 3 * _LAST)
    sheet.near_step("fastDecay", fast, 3 * _LAST)
    factor = Decimal("7.254") - Decimal("0.633") * (1 - slow) - Decimal("5.643") * (1 - fast)
    sheet.near_step("loadCorrectionExact", factor, 20 * _LAST)
    return _written(sheet, factor)


def _power(sheet: Sheet, load_pct: Decimal) -> Decimal:
    """Give 1.015^(16 − 20F), F as a fraction."""
    exponent = 16 - CONTEXT.divide(load_pct, Decimal(5))
    of_e = CONTEXT.multiply(exponent, CONTEXT.ln(_BASE))
    sheet.near_step("loadExponent", of_e, _LAST)
    factor = _exp(of_e)
    sheet.near_step("loadCorrectionExact", factor, 4 * _LAST)
    return _written(sheet, factor)


def _exp(exponent: Decimal) -> Decimal:
    return CONTEXT.exp(exponent)


def _written(sheet: Sheet, factor: Decimal) -> Decimal:
    return sheet.step("loadCorrection", half_up(factor, _DECIMALS))
