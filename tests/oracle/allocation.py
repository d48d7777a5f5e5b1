"""
Allocation (配额分配): power units, other sectors, pre-allocation, exemptions, caps and cuts.

Source: domain reference 2.1, 2.3 and 2.4; parameters of the plans stand in the inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from attestation.enums import RoundingProfile
from tests.oracle.load_curves import Curve, tiered
from tests.oracle.numbers import HUNDRED, ONE, ZERO, floored, fraction, over, times, total
from tests.oracle.sheet import Sheet

Plain = Mapping[str, Any]
Oracle = Callable[[Plain, RoundingProfile], Sheet]
_CORRECTED = ("COAL_ABOVE_300_MW", "COAL_UP_TO_300_MW")
_GAS = "GAS"


def load_correction(curve: Curve) -> Oracle:
    """Give the oracle of one plan's curve."""

    def oracle(inputs: Plain, _profile: RoundingProfile) -> Sheet:
        sheet = Sheet()
        sheet.result("loadCorrection", curve(sheet, Decimal(inputs["load_pct"])), 6)
        return sheet

    return oracle


def power_by_generation(curve: Curve) -> Oracle:
    """2023 on: A = floor(Qe·Be·Ff) + floor(Qh·Bh), Qe the power generated."""

    def oracle(inputs: Plain, _profile: RoundingProfile) -> Sheet:
        sheet = Sheet()
        benchmarks = _benchmarks(sheet, inputs["units"])
        factor = _load(sheet, curve, inputs, applies=True)
        power = Decimal(inputs["generated_MWh"]) * benchmarks[0] * factor
        heat = Decimal(inputs["heat_GJ"]) * benchmarks[1]
        parts = [
            sheet.floor_result("generationAllocation", power),
            sheet.floor_result("heatAllocation", heat),
        ]
        sheet.floor_result("allocation", total(parts))
        return sheet

    return oracle


def power_by_supply(*, corrects_heating: bool) -> Oracle:
    """2019–2022: A = Qe·Be·Fl·Fr·Ff + Qh·Bh, Qe the power supplied; two decimals."""

    def oracle(inputs: Plain, _profile: RoundingProfile) -> Sheet:
        sheet = Sheet()
        units = inputs["units"]
        benchmarks = _benchmarks(sheet, units)
        is_gas = units[0]["unitClass"] == _GAS
        is_air_cooled = not is_gas and all(unit["isAirCooled"] for unit in units)
        cooling = sheet.step("coolingFactor", Decimal("1.05") if is_air_cooled else ONE)
        weight = Decimal("0.6" if is_gas else "0.22")
        heat_factor = ONE - times(weight, Decimal(inputs["heatRatio_1"]))
        sheet.step("heatFactor", heat_factor)
        load = _load(sheet, tiered, inputs, applies=corrects_heating or not inputs["isHeating"])
        supplied = Decimal(inputs["supplied_MWh"])
        power = times(supplied, benchmarks[0], cooling, heat_factor, load)
        heat = times(Decimal(inputs["heat_GJ"]), benchmarks[1])
        sheet.result("generationAllocation", power, 2)
        sheet.result("heatAllocation", heat, 2)
        sheet.result("allocation", power + heat, 2)
        return sheet

    return oracle


def _benchmarks(sheet: Sheet, units: list[Plain]) -> list[Decimal]:
    """Give the least favourable of merged units, for power and for heat."""
    return [
        sheet.step(name, min(Decimal(unit[field]) for unit in units))
        for name, field in (
            ("powerBenchmark", "powerBenchmark_tCO2_per_MWh"),
            ("heatBenchmark", "heatBenchmark_tCO2_per_GJ"),
        )
    ]


def _load(sheet: Sheet, curve: Curve, inputs: Plain, *, applies: bool) -> Decimal:
    """Correct conventional coal only, and merged units only if all are."""
    if applies and all(unit["unitClass"] in _CORRECTED for unit in inputs["units"]):
        return curve(sheet, Decimal(inputs["load_pct"]))
    return sheet.step("loadCorrection", ONE)


def sector_2024(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """A = E."""
    sheet = Sheet()
    sheet.floor_result("allocation", Decimal(inputs["verified_tCO2e"]))
    return sheet


def sector_deviation(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """A = E×(1+α), X = (B−I)/B, α = 0.15X if |X| < 20 %, else ±0.03; special cases A = E."""
    sheet = Sheet()
    verified = Decimal(inputs["verified_tCO2e"])
    is_special = (
        inputs["process"] != "ORDINARY"
        or Decimal(inputs["carbideSlag_pct"]) > 30
        or Decimal(inputs["firmVerified_tCO2e"]) < 26_000
    )
    if is_special:
        sheet.floor_result("allocation", verified)
        return sheet
    balance = Decimal(inputs["balance_tCO2e_per_t"])
    away = balance - Decimal(inputs["intensity_tCO2e_per_t"])
    sheet.step("deviation", over(away, balance))
    is_within = abs(away) < Decimal("0.2") * balance
    bound = Decimal("0.03").copy_sign(away)
    fifteen = Decimal("0.15")
    sheet.step("adjustment", fraction(fifteen, away, balance) if is_within else bound)
    exact = verified * (balance + fifteen * away) / balance if is_within else verified * (1 + bound)
    sheet.floor_result("allocation", exact)
    return sheet


def pre_allocation_2023(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """70 % of the unit's emission of the year before, rounded down."""
    sheet = Sheet()
    sheet.floor_result("preAllocation", Decimal(inputs["verified_tCO2"]) * Decimal("0.70"))
    return sheet


def pre_allocation_2025(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """At most 50 %, what the province says, rounded down."""
    sheet = Sheet()
    share = Decimal(inputs["share_pct"]) / HUNDRED
    sheet.floor_result("preAllocation", Decimal(inputs["verified_tCO2"]) * share)
    return sheet


def gas_exemption(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """A gas unit's approved amount is the higher of allocation and emission; coal gets none."""
    sheet = Sheet()
    initial = Decimal(inputs["initial_t"])
    missing = floored(Decimal(inputs["verified_tCO2"]) - initial)
    top_up = max(ZERO, missing) if inputs["unitClass"] == _GAS else ZERO
    sheet.result("topUp", top_up, 0)
    sheet.result("approved", initial + top_up, 0)
    return sheet


def gap_cap(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """If ΣA < 0.8E, top up to 0.8E, rounded down; gap rate (E − A)/E with two decimals."""
    sheet = Sheet()
    initial = sheet.step("initial", total(Decimal(e["approved_t"]) for e in inputs["units"]))
    verified = sheet.step("verified", total(Decimal(e["verified_tCO2"]) for e in inputs["units"]))
    top_up = max(ZERO, floored(Decimal("0.8") * verified - initial))
    sheet.result("gapRate", fraction(verified - initial, HUNDRED, verified), 2)
    sheet.result("topUp", top_up, 0)
    sheet.result("approved", initial + top_up, 0)
    return sheet


def adjustment(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """Cut at the pre stage, the remainder at the final; refund what exceeds the approved amount."""
    sheet = Sheet()
    pre, approved, cut = (Decimal(inputs[f"{name}_t"]) for name in ("pre", "approved", "cut"))
    at_pre = min(pre, cut)
    issued = pre - at_pre
    refund = max(ZERO, at_pre - approved)
    at_final = min(cut - at_pre, max(ZERO, approved - at_pre))
    due = approved - (at_pre - refund) - at_final - issued
    remaining = cut - at_pre + refund - at_final
    figures = {
        "cutAtPre": at_pre,
        "preIssued": issued,
        "refund": refund,
        "cutAtFinal": at_final,
        "finalIssued": max(ZERO, due),
        "toReturn": max(ZERO, -due),
        "remaining": remaining,
    }
    for name, value in figures.items():
        sheet.result(name, value, 0)
    return sheet


def differentiated(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """A firm at risk: forced surrender first, the rest released."""
    sheet = Sheet()
    issued, obligation = Decimal(inputs["issued_t"]), Decimal(inputs["obligation_t"])
    forced = min(issued, obligation)
    sheet.result("forcedSurrender", forced, 0)
    sheet.result("released", issued - forced, 0)
    sheet.result("shortfall", obligation - forced, 0)
    return sheet
