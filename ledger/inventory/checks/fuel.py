"""
Checks of fuel: its carbon against its heat, and what was burnt against what was there to burn.

Source: CETS-VG-01.01-V02-2026, 3.4 (plausibility bounds, from experience); DOMAIN sections 5 and 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ledger.inventory.amounts import Amount, quotient
from ledger.inventory.checks.results import CheckResult, Look
from ledger.inventory.periods import Period

CARBON_PER_HEAT: Final = {
    "lignite 褐煤": (Decimal("0.0262"), Decimal("0.0310")),
    "bituminous coal 烟煤": (Decimal("0.0235"), Decimal("0.0285")),
    "anthracite 无烟煤": (Decimal("0.0250"), Decimal("0.0300")),
}
"""Carbon per heat in tC/GJ: about a tenth around the guide's 0.02797, 0.02618 and 0.02749."""
ANY_COAL: Final = (Decimal("0.0235"), Decimal("0.0310"))
RESIDUAL: Final = Amount(Decimal("0.03"), "1")
"""How far a month's carbon may lie from what its heat value says, as a part of it; ours."""
STOCK_TOLERANCE: Final = Amount(Decimal("0.03"), "1")
"""How far the balance of stock may be off, as a part of what was burnt; ours."""
_PLACES: Final = 5
_FEWEST: Final = 4
"""Months that a line through them says something about."""


def carbon_against_heat(
    period: Period, fuel: str, *, carbon: Amount | None, heat: Amount | None
) -> CheckResult:
    """Check that a month's carbon content (tC/t) fits its net calorific value (GJ/t)."""
    low, high = CARBON_PER_HEAT.get(fuel, ANY_COAL)
    inputs = {"carbon content": carbon, "net calorific value": heat}
    bounds = {"from": Amount(low, "tC/GJ"), "to": Amount(high, "tC/GJ")}
    look = Look("fuel.carbon-per-heat", period, inputs, bounds)
    lacking = look.lacking()
    if lacking is not None or carbon is None or heat is None:
        return lacking or look.unchecked("not there", "缺少数据")
    if heat.is_zero:
        return look.judged(False, "the heat value is zero", "低位发热量为零")
    found = quotient(Amount(carbon.value, "tC"), Amount(heat.value, "GJ"), _PLACES)
    return look.judged(
        low <= found.value <= high,
        f"{fuel} holds {found}; usual are {low} to {high}",
        f"{fuel} 单位热值含碳量 {found}，常见范围 {low}–{high}",
    )


def carbon_regression(
    period: Period, points: Sequence[tuple[Period, Amount, Amount]]
) -> CheckResult:
    """
    Check that no month's carbon leaves the line through carbon and heat of all months.

    Args:
        period: All months.
        points: (month, net calorific value, carbon content) of each month measured.
    """
    inputs: dict[str, Amount | None] = {}
    for month, heat, carbon in points:
        inputs[f"{month.label} heat"] = heat
        inputs[f"{month.label} carbon"] = carbon
    look = Look("fuel.carbon-regression", period, inputs, {"off at most": RESIDUAL})
    if len(points) < _FEWEST:
        return look.unchecked(
            f"{len(points)} months were measured, {_FEWEST} make a line",
            f"仅 {len(points)} 个月有实测值，至少需要 {_FEWEST} 个月",
        )
    heats = [Fraction(heat.value) for _, heat, _ in points]
    carbons = [Fraction(carbon.value) for _, _, carbon in points]
    worst: tuple[Fraction, Period | None] = (Fraction(0), None)
    # Each month against the line through the others: one far off must not draw the line.
    for at, (month, _, _) in enumerate(points):
        others = [each for each in range(len(points)) if each != at]
        expected = _line(
            [heats[each] for each in others], [carbons[each] for each in others], heats[at]
        )
        off = abs(carbons[at] - expected) * (expected**-1 if expected > 0 else Fraction(1))
        if off > worst[0]:
            worst = off, month
    amount, month_of_worst = worst
    found = quotient(
        Amount(Decimal(amount.numerator), "1"), Amount(Decimal(amount.denominator), "1"), _PLACES
    )
    name = "no month" if month_of_worst is None else month_of_worst.label
    return look.judged(
        found.value <= RESIDUAL.value,
        f"furthest off the others' line is {name}, by {found} of what they say",
        f"偏离最大的月份为 {name}，偏离 {found}",
    )


def burnt_against_stock(
    period: Period,
    *,
    burnt: Amount | None,
    received: Amount | None,
    opening: Amount | None,
    closing: Amount | None,
) -> CheckResult:
    """Check what was burnt against purchases and stock (入炉 against 入厂 and 盘存), all in t."""
    inputs = {
        "burnt": burnt,
        "received": received,
        "stock at the begin": opening,
        "stock at the end": closing,
    }
    look = Look("fuel.stock", period, inputs, {"difference at most": STOCK_TOLERANCE})
    lacking = look.lacking()
    if lacking is not None or not (burnt and received and opening and closing):
        return lacking or look.unchecked("not there", "缺少数据")
    if burnt.is_zero:
        return look.unchecked("nothing was burnt", "本期未消耗燃料")
    difference = opening + received - closing - burnt
    size = -difference if difference.value < 0 else difference
    off = quotient(size, burnt, _PLACES)
    return look.judged(
        off.value <= STOCK_TOLERANCE.value,
        f"stock and purchases leave {difference} against what was burnt: {off} of it",
        f"库存与购入差额 {difference}，占消耗量 {off}",
    )


def _line(heats: Sequence[Fraction], carbons: Sequence[Fraction], at: Fraction) -> Fraction:
    """Give what the least-squares line through some months says at a heat value."""
    count = Fraction(1, len(heats))
    mean_heat, mean_carbon = sum(heats) * count, sum(carbons) * count
    spread = sum((heat - mean_heat) ** 2 for heat in heats)
    if not spread:
        return Fraction(mean_carbon)
    together = sum(
        (heat - mean_heat) * (carbon - mean_carbon)
        for heat, carbon in zip(heats, carbons, strict=True)
    )
    return Fraction(mean_carbon + together * spread**-1 * (at - mean_heat))
