"""
Carbonates and clinker (碳酸盐、水泥熟料), and the factor of a fuel.

Source: domain reference 1.3: cement (CETS-AG-02.01), the older GB/T 32151.8, steel table A.2; 2.3
for the substitution rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attestation.enums import RoundingProfile
from tests.oracle.fuels import FuelSheet
from tests.oracle.numbers import (
    HUNDRED,
    ONE,
    ZERO,
    carbon_dioxide,
    fraction,
    over,
    times,
    total,
)
from tests.oracle.sheet import Sheet

Plain = Mapping[str, Any]


def carbonates_process(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """E = Σ M × purity × EF × decomposed."""
    sheet = Sheet()
    emitted = []
    for at, use in enumerate(inputs["uses"]):
        pure = percent_of(Decimal(use["consumed_t"]), Decimal(use["purity_pct"]))
        sheet.step("carbonate", pure, item=at)
        emissions = times(pure, Decimal(use["factor_tCO2_per_t"]))
        emissions = percent_of(emissions, Decimal(use["decomposed_pct"]))
        emitted.append(sheet.step("useEmissions", emissions, item=at))
    return _emissions(sheet, total(emitted))


def cement_clinker(inputs: Plain, profile: RoundingProfile) -> Sheet:
    """Fuel + Q clinker × EF − Σ Q substitute × deduction; substitution rate of carbide slag."""
    sheet = FuelSheet(profile)
    fuels = sheet.burned(inputs["fuels"]).emissions
    made = total(Decimal(kind["output_t"]) for kind in inputs["clinkers"])
    raw = total(
        sheet.step(
            "clinkerCarbonDioxide",
            times(Decimal(kind["output_t"]), Decimal(kind["factor_tCO2_per_t"])),
            item=at,
        )
        for at, kind in enumerate(inputs["clinkers"])
    )
    saved = [
        sheet.step(
            "substituteDeduction",
            times(Decimal(each["consumed_t"]), Decimal(each["deduction_tCO2_per_t"])),
            item=at,
        )
        for at, each in enumerate(inputs["substitutes"])
    ]
    sheet.step("clinkerOutput", made)
    process = raw - total(saved)
    sheet.result("fuelsEmissions", fuels, 2)
    sheet.result("processEmissions", process, 2)
    _emissions(sheet, fuels + process)
    if made != ZERO:
        sheet.result("clinkerIntensity", over(fuels + process, made), 4)
    if raw != ZERO:
        slag = total(
            each
            for each, substitute in zip(saved, inputs["substitutes"], strict=True)
            if substitute["isCarbideSlag"]
        )
        is_above = slag * HUNDRED > Decimal(inputs["carbideSlagLimit_pct"]) * raw
        sheet.result("carbideSlagRate", fraction(slag, HUNDRED, raw), 2)
        sheet.result("aboveCarbideSlagLimit", ONE if is_above else ZERO, 0)
    return sheet


def cement_clinker_oxides(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """Q[(CaO−CaO₀)·44/56 + (MgO−MgO₀)·44/40], kiln dust with it, and raw-meal carbon."""
    sheet = Sheet()
    formed: dict[str, list[Decimal]] = {"calciumOxide": [], "magnesiumOxide": []}
    carbon = []
    for at, each in enumerate(inputs["analyses"]):
        parts = ("output_t", "kilnDust_t", "bypassDust_t")
        calcined = sheet.step("calcined", total(Decimal(each[part]) for part in parts), item=at)
        for oxide, amounts in formed.items():
            share = Decimal(each[f"{oxide}_pct"]) - Decimal(each[f"{oxide}Other_pct"])
            amounts.append(sheet.step(f"{oxide}Formed", percent_of(calcined, share), item=at))
        meal = percent_of(Decimal(each["rawMeal_t"]), Decimal(each["rawMealCarbon_pct"]))
        carbon.append(sheet.step("rawMealCarbon", meal, item=at))
    oxides = fraction(total(formed["calciumOxide"]), Decimal(44), Decimal(56))
    oxides += fraction(total(formed["magnesiumOxide"]), Decimal(44), Decimal(40))
    sheet.step("oxideEmissions", oxides)
    meals = sheet.step("rawMealEmissions", carbon_dioxide(total(carbon)))
    return _emissions(sheet, oxides + meals)


def fuel_factor(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """EF = NCV × CC × OF × 44/12."""
    sheet = Sheet()
    heat, per_heat = Decimal(inputs["heat_GJ_per_t"]), Decimal(inputs["carbonPerHeat_tC_per_GJ"])
    oxidation = Decimal(inputs["oxidation_1"])
    content = sheet.step("carbonContent", times(heat, per_heat))
    sheet.step("factorPerHeat", carbon_dioxide(times(per_heat, oxidation)))
    sheet.result("factor", carbon_dioxide(times(content, oxidation)), 3)
    return sheet


def percent_of(amount: Decimal, percent: Decimal) -> Decimal:
    """Give so many per cent of an amount."""
    return fraction(amount, percent, HUNDRED)


def _emissions(sheet: Sheet, emissions: Decimal) -> Sheet:
    sheet.result("emissions", emissions, 2)
    sheet.result("emissionsWhole", emissions, 0)
    return sheet
