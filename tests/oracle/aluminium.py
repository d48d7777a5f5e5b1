"""
Aluminium (铝冶炼): carbon anodes and perfluorocarbons of anode effects.

Source: domain reference 1.3, aluminium (CETS-AG-04.01).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attestation.enums import RoundingProfile
from tests.oracle.numbers import HUNDRED, carbon_dioxide, fraction, times, total
from tests.oracle.sheet import Sheet

Plain = Mapping[str, Any]
_KILOGRAMS_IN_TONNE = Decimal(1000)


def aluminium_anode(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """E = Σ P × NC × (1 − S − A) × 44/12."""
    sheet = Sheet()
    burned = []
    for at, line in enumerate(inputs["potlines"]):
        anodes = times(Decimal(line["output_t"]), Decimal(line["anodeUse_t_per_t"]))
        sheet.step("anodes", anodes, item=at)
        carbon_pct = HUNDRED - Decimal(line["sulphur_pct"]) - Decimal(line["ash_pct"])
        burned.append(sheet.step("anodeCarbon", fraction(anodes, carbon_pct, HUNDRED), item=at))
    emissions = carbon_dioxide(total(burned))
    sheet.result("emissions", emissions, 2)
    sheet.result("emissionsWhole", emissions, 0)
    return sheet


def aluminium_pfc(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """E = Σ P × (EF CF4 × 6630 + EF C2F6 × 11100) / 1000, by default or by slope."""
    sheet = Sheet()
    potlines = [
        (Decimal(line["output_t"]), Decimal(line["cf4_kg_per_t"]), Decimal(line["c2f6_kg_per_t"]))
        for line in inputs["byDefault"]
    ]
    for at, line in enumerate(inputs["bySlope"], start=len(potlines)):
        cf4 = times(Decimal(line["slope_kg_per_t_per_min"]), Decimal(line["effect_min"]))
        c2f6 = times(Decimal(line["c2f6Share_1"]), cf4)
        sheet.step("cf4Factor", cf4, item=at)
        sheet.step("c2f6Factor", c2f6, item=at)
        potlines.append((Decimal(line["output_t"]), cf4, c2f6))
    emitted = [
        _potline(sheet, at, [times(output, cf4), times(output, c2f6)], inputs)
        for at, (output, cf4, c2f6) in enumerate(potlines)
    ]
    sheet.result("emissions", total(emitted), 2)
    sheet.result("emissionsWhole", total(emitted), 0)
    return sheet


def _potline(sheet: Sheet, item: int, gases_kg: list[Decimal], inputs: Plain) -> Decimal:
    warming = [
        times(sheet.step(gas, mass, item=item), Decimal(inputs[f"{gas}Potential_1"]))
        for gas, mass in zip(("cf4", "c2f6"), gases_kg, strict=True)
    ]
    emissions = fraction(total(warming), Decimal(1), _KILOGRAMS_IN_TONNE)
    return sheet.step("potlineEmissions", emissions, item=item)
