"""
Checks of energy: what came out against the heat that went in, and against what the stack says.

The bounds are the verification guide's, from experience: outside of them there is something to
explain, inside of them nothing is proved.

Source: CETS-VG-01.01-V02-2026, table 15; DOMAIN section 5.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ledger.inventory.amounts import Amount, quotient
from ledger.inventory.checks.results import CheckResult, Look
from ledger.inventory.periods import Period

MOST_CONDENSING: Final = Amount(Decimal("0.46"), "1")
"""Of a unit that supplies no heat: 3.6 W / fuel heat lies below."""
MOST_WITH_HEAT: Final = Amount(Decimal(1), "1")
"""Of a unit that supplies heat: (3.6 W + Q) / fuel heat lies below."""
CEMS_TOLERANCE: Final = Amount(Decimal("0.10"), "1")
"""How far what the stack says may lie from the calculation; ours, no guide gives one."""
_GJ_PER_MWH: Final = Amount(Decimal("3.6"), "GJ/MWh")
_PLACES: Final = 4
_NONE: Final = Amount(Decimal(0), "1")


def efficiency(
    period: Period,
    *,
    generated: Amount | None,
    heat_supplied: Amount | None,
    fuel_heat: Amount | None,
    supplies_heat: bool,
) -> CheckResult:
    """
    Check that a unit gives less than its fuel can.

    Args:
        period: Of the figures.
        generated: In MWh.
        heat_supplied: In GJ; looked at only where the unit supplies heat.
        fuel_heat: Consumption times net calorific value, in GJ.
        supplies_heat: Whether the unit supplies heat.
    """
    bound = MOST_WITH_HEAT if supplies_heat else MOST_CONDENSING
    inputs = {"electricity generated": generated, "fuel heat": fuel_heat}
    if supplies_heat:
        inputs["heat supplied"] = heat_supplied
    look = Look("energy.efficiency", period, inputs, {"below": bound})
    lacking = look.lacking()
    if lacking is not None or generated is None or fuel_heat is None:
        return lacking or look.unchecked("not there", "缺少数据")
    if fuel_heat.is_zero:
        return look.unchecked("no fuel was burnt", "本期未消耗燃料")
    useful = generated * _GJ_PER_MWH
    if supplies_heat and heat_supplied is not None:
        useful += heat_supplied
    found = quotient(useful, fuel_heat, _PLACES)
    return look.judged(
        found.value < bound.value,
        f"useful heat is {found} of the fuel's heat; it must lie below {bound}",
        f"有效能量占燃料热量的 {found}，应低于 {bound}",
    )


def heat_below_boiler(
    period: Period, *, heat_supplied: Amount | None, boiler_heat: Amount | None
) -> CheckResult:
    """Check that no more heat was supplied than the boiler made, both in GJ."""
    inputs = {"heat supplied": heat_supplied, "boiler heat": boiler_heat}
    look = Look("energy.boiler-heat", period, inputs, {})
    lacking = look.lacking()
    if lacking is not None or heat_supplied is None or boiler_heat is None:
        return lacking or look.unchecked("not there", "缺少数据")
    holds = (boiler_heat - heat_supplied).value > 0
    return look.judged(
        holds,
        f"{heat_supplied} supplied of {boiler_heat} made",
        f"供热量 {heat_supplied}，锅炉产热量 {boiler_heat}",
    )


def electricity_balance(
    period: Period,
    *,
    generated: Amount | None,
    bought: Amount | None,
    supplied: Amount | None,
    used: Amount | None,
    tolerance: Amount = Amount(Decimal("0.02"), "1"),  # noqa: B008 - immutable
) -> CheckResult:
    """
    Check that what was generated and bought is what was supplied and used, all in MWh.

    Args:
        period: Of the figures.
        generated: By the unit.
        bought: From the grid.
        supplied: To the grid.
        used: By the plant itself (厂用电量).
        tolerance: Greatest difference, as a part of what came in; ours, no guide gives one.
    """
    inputs = {
        "generated": generated,
        "bought": bought,
        "supplied to the grid": supplied,
        "used by the plant": used,
    }
    look = Look("energy.electricity-balance", period, inputs, {"difference at most": tolerance})
    lacking = look.lacking()
    if lacking is not None or not (generated and bought and supplied and used):
        return lacking or look.unchecked("not there", "缺少数据")
    came_in = generated + bought
    if came_in.is_zero:
        return look.unchecked("no electricity at all", "本期无电量")
    off = quotient(_absolute(came_in - supplied - used), came_in, _PLACES)
    return look.judged(
        off.value <= tolerance.value,
        f"{off} of what came in is not accounted for",
        f"收支差额占总来电量的 {off}",
    )


def stack_against_calculation(
    period: Period, *, calculated: Amount | None, measured: Amount | None
) -> CheckResult:
    """Check the carbon dioxide that the stack measured against what was calculated, both in t."""
    inputs = {"calculated": calculated, "measured at the stack": measured}
    look = Look("energy.stack", period, inputs, {"difference at most": CEMS_TOLERANCE})
    lacking = look.lacking()
    if lacking is not None or calculated is None or measured is None:
        return lacking or look.unchecked("not there", "缺少数据")
    if calculated.is_zero:
        return look.unchecked("nothing was calculated", "无核算排放量")
    difference = Amount(measured.value - calculated.value, calculated.unit)
    off = quotient(_absolute(difference), calculated, _PLACES)
    return look.judged(
        off.value <= CEMS_TOLERANCE.value,
        f"the stack says {measured}, the calculation {calculated}: {off} apart",
        f"在线监测 {measured}，核算 {calculated}，相差 {off}",
    )


def _absolute(amount: Amount) -> Amount:
    return -amount if amount.value < 0 else amount
