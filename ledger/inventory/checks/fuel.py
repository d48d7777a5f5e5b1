"""
Checks of fuel: its carbon against its heat, and what was burnt against what was there to burn.

Source: CETS-VG-01.01-V02-2026, 3.4 (plausibility bounds, from experience); DOMAIN sections 5 and 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Final

from ledger.inventory.amounts import Amount, quotient, total
from ledger.inventory.checks.results import CheckResult, Look
from ledger.inventory.periods import Period
from ledger.inventory.sheets.importing import FuelMonth
from ledger.inventory.sources import Source

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
NO_FUEL: Final = Amount(Decimal(0), "t")
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
    other_out: Amount = NO_FUEL,
    adjustment: Amount = NO_FUEL,
    sources: tuple[Source, ...] = (),
) -> CheckResult:
    """
    Check what was burnt against purchases and stock (入炉 against 入厂 and 盘存), all in t.

    Args:
        period: Of the figures.
        burnt: By the belt scale.
        received: Bought and taken in.
        opening: Stock at the begin.
        closing: Stock at the end.
        other_out: Sold or given on.
        adjustment: What stocktaking found (盘盈亏), negative where it was less.
        sources: Documents with the figures other than what was burnt.
    """
    inputs = {
        "burnt": burnt,
        "received": received,
        "stock at the begin": opening,
        "stock at the end": closing,
    }
    moved = {"other out": other_out, "stocktaking": adjustment}
    inputs |= {name: each for name, each in moved.items() if not each.is_zero}
    look = Look("fuel.stock", period, inputs, {"difference at most": STOCK_TOLERANCE}, sources)
    lacking = look.lacking()
    if lacking is not None or not (burnt and received and opening and closing):
        return lacking or look.unchecked("not there", "缺少数据")
    if burnt.is_zero:
        return look.unchecked("nothing was burnt", "本期未消耗燃料")
    difference = opening + received + adjustment - other_out - closing - burnt
    size = -difference if difference.value < 0 else difference
    off = quotient(size, burnt, _PLACES)
    return look.judged(
        off.value <= STOCK_TOLERANCE.value,
        f"stock and purchases leave {difference} against what was burnt: {off} of it",
        f"库存与购入差额 {difference}，占消耗量 {off}",
    )


def without_ledger(period: Period, english: str, chinese: str) -> CheckResult:
    """Say why what was burnt could not be checked against purchases and stock."""
    look = Look("fuel.stock", period, {}, {"difference at most": STOCK_TOLERANCE})
    return look.unchecked(english, chinese)


def burnt_against_ledger(
    period: Period, burnt: Amount | None, months: Sequence[FuelMonth]
) -> CheckResult:
    """
    Check what was burnt against the fuel ledgers of all months of a period.

    Args:
        period: Of what was burnt.
        burnt: By the belt scale, in t.
        months: Of the period, in order, none missing.
    """

    def sum_of(amounts: Iterable[Amount]) -> Amount:
        return total(tuple(amounts), "t")

    return burnt_against_stock(
        period,
        burnt=burnt,
        received=sum_of(each.received for each in months),
        opening=months[0].opening,
        closing=months[-1].closing,
        other_out=sum_of(each.other_out for each in months),
        adjustment=sum_of(each.adjustment for each in months),
        sources=tuple(each.source for each in months),
    )


def stock_carried(period: Period, months: Sequence[FuelMonth]) -> CheckResult:
    """Check that each month's stock opens with what the month before closed with."""
    inputs: dict[str, Amount | None] = {}
    for each in months:
        inputs[f"{each.month.label} opening"] = each.opening
        inputs[f"{each.month.label} closing"] = each.closing
    sources = tuple(each.source for each in months)
    look = Look("fuel.stock-carried", period, inputs, {}, sources)
    broken = [
        (before, after)
        for before, after in pairwise(months)
        if before.closing.value != after.opening.value
    ]
    if not broken:
        return look.judged(True, "stock goes on from month to month", "各月库存首尾相接")
    english = "; ".join(
        f"{before.month.label} closes with {before.closing}, "
        f"{after.month.label} opens with {after.opening}"
        for before, after in broken
    )
    chinese = "；".join(
        f"{before.month.label} 期末 {before.closing}，{after.month.label} 期初 {after.opening}"
        for before, after in broken
    )
    return look.judged(False, english, chinese)


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
