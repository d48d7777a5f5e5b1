"""
Power units (发电设施): electricity and heat bought, heat supplied, load, ratios, plausibility.

Source: domain reference 1.1 (formula (5), heat, load factor, heat ratio, biomass share, reporting
decimals), 1.2 (default of heat), 5 (plausibility bounds).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attestation.enums import RoundingProfile
from tests.oracle.numbers import HUNDRED, ONE, ZERO, fraction, half_up, over, times, total
from tests.oracle.sheet import Sheet

Plain = Mapping[str, Any]
_THOUSAND = Decimal(1000)
_WATER_AT_20 = Decimal("83.74")
_WATER_HEAT_CAPACITY = Decimal("4.1868")
_GIGAJOULE_OF_MWH = Decimal("3.6")
_CONDENSING_BOUND = Decimal("0.46")


def _printed(profile: RoundingProfile, decimals: int) -> int | None:
    return decimals if profile is RoundingProfile.REPORTED else None


def power_electricity(inputs: Plain, profile: RoundingProfile) -> Sheet:
    """E = AD × EF."""
    return _bought(inputs["purchased_MWh"], inputs["factor_tCO2_per_MWh"], _printed(profile, 3))


def heat_purchased(inputs: Plain, profile: RoundingProfile) -> Sheet:
    """E = AD × EF."""
    return _bought(inputs["purchased_GJ"], inputs["factor_tCO2_per_GJ"], _printed(profile, 2))


def _bought(amounts: list[str], factor: str, decimals: int | None) -> Sheet:
    sheet = Sheet()
    bought = sheet.step("purchased", total(map(Decimal, amounts)), decimals=decimals)
    sheet.result("emissions", times(bought, Decimal(factor)), 2)
    return sheet


def heat_supplied(inputs: Plain, profile: RoundingProfile) -> Sheet:
    """Steam M × (h − 83.74) / 1000; water M × (T − 20) × 4.1868 / 1000, over the exchanger's."""
    sheet = Sheet()
    lines = [
        fraction(
            Decimal(each["mass_t"]),
            Decimal(each["enthalpy_kJ_per_kg"]) - _WATER_AT_20,
            _THOUSAND,
        )
        for each in inputs["steam"]
    ]
    for each in inputs["water"]:
        warmth = times(Decimal(each["temperature_degC"]) - 20, _WATER_HEAT_CAPACITY)
        heat = fraction(Decimal(each["mass_t"]), warmth, _THOUSAND)
        lines.append(fraction(heat, HUNDRED, Decimal(each["exchangerEfficiency_pct"])))
    heats = [
        sheet.step("lineHeat", line, item=at, decimals=_printed(profile, 2))
        for at, line in enumerate(lines)
    ]
    sheet.result("heatSupplied", total(heats), 2)
    return sheet


def power_load_factor(inputs: Plain, profile: RoundingProfile) -> Sheet:
    """F = W / (P × t), t = Σ(P·t) / ΣP; standby units by their hours and power only."""
    sheet = Sheet()
    weighted, generated = ZERO, ZERO
    capacity = total(Decimal(unit["capacity_MW"]) for unit in inputs["units"])
    for at, unit in enumerate(inputs["units"]):
        running = [unit, *unit["standbys"]]
        hours = sheet.step(
            "unitHours",
            total(Decimal(each["running_h"]) for each in running),
            item=at,
            decimals=_printed(profile, 2),
        )
        weighted += times(Decimal(unit["capacity_MW"]), hours)
        generated += total(Decimal(each["generated_MWh"]) for each in running)
    sheet.step("capacity", capacity)
    sheet.step("generated", generated)
    hours = sheet.step("weightedHours", over(weighted, capacity), decimals=_printed(profile, 2))
    sheet.result("runningHours", hours, 2)
    possible = times(capacity, hours) if profile is RoundingProfile.REPORTED else weighted
    sheet.result("loadFactor", fraction(generated, HUNDRED, possible), 2)
    return sheet


def power_heat_ratio(inputs: Plain, profile: RoundingProfile) -> Sheet:
    """α = Q / Q boiler; (1 − α)E / W and αE / Q."""
    sheet = Sheet()
    heat, power = Decimal(inputs["heatSupplied_GJ"]), Decimal(inputs["generated_MWh"])
    boiler, emissions = Decimal(inputs["boilerHeat_GJ"]), Decimal(inputs["emissions_tCO2"])
    ratio = sheet.step("ratio", fraction(heat, HUNDRED, boiler), decimals=_printed(profile, 2))
    is_reported = profile is RoundingProfile.REPORTED
    part = fraction(emissions, *((ratio, HUNDRED) if is_reported else (heat, boiler)))
    for_heat = sheet.step("heatEmissions", part)
    for_power = sheet.step("powerEmissions", emissions - for_heat)
    sheet.result("heatRatio", ratio, 2)
    if power != ZERO:
        sheet.result("powerIntensity", over(for_power, power), 4)
    if heat != ZERO:
        sheet.result("heatIntensity", over(for_heat, heat), 4)
    return sheet


def power_biomass_share(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """Share = 1 − fossil heat / (boiler heat / boiler efficiency)."""
    sheet = Sheet()
    fossil = sheet.step("fossilHeat", _fuel_heat(inputs))
    boiler = sheet.step(
        "boilerHeat",
        total(
            fraction(
                Decimal(each["steam_t"]),
                Decimal(each["enthalpyOut_kJ_per_kg"]) - Decimal(each["enthalpyIn_kJ_per_kg"]),
                _THOUSAND,
            )
            for each in inputs["steam"]
        ),
    )
    fuel = sheet.step(
        "fuelHeat", fraction(boiler, HUNDRED, Decimal(inputs["boilerEfficiency_pct"]))
    )
    balance = sheet.step("balance", HUNDRED - fraction(fossil, HUNDRED, fuel))
    sheet.result("biomassShare", max(balance, ZERO), 2)
    return sheet


def power_efficiency_check(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """(3.6 W + Q) / Σ FC·NCV < 1, for a condensing unit < 0.46."""
    sheet = Sheet()
    fuel = sheet.step("fuelHeat", _fuel_heat(inputs))
    useful = times(Decimal(inputs["generated_MWh"]), _GIGAJOULE_OF_MWH)
    sheet.step("usefulHeat", useful + Decimal(inputs["heatSupplied_GJ"]))
    useful = sheet.steps["usefulHeat", 0]
    bound = sheet.step("bound", ONE if inputs["suppliesHeat"] else _CONDENSING_BOUND)
    sheet.result("efficiency", over(useful, fuel), 4)
    sheet.result("holds", ONE if useful < times(bound, fuel) else ZERO, 0)
    return sheet


def weighted_mean(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """Σ w·x / Σ w, rounded once."""
    sheet = Sheet()
    weight = sheet.step("weight", total(Decimal(each["weight"]) for each in inputs["lines"]))
    products = (Decimal(each["weight"]) * Decimal(each["value"]) for each in inputs["lines"])
    mean = sheet.step("mean", over(total(products), weight))
    sheet.results["mean"] = half_up(mean, inputs["decimals"])
    return sheet


def _fuel_heat(inputs: Plain) -> Decimal:
    return total(
        times(Decimal(each[f"consumed_{unit}"]), Decimal(each[f"heat_GJ_per_{unit}"]))
        for kind, unit in (("weighed", "t"), ("gases", "e4Nm3"))
        for each in inputs[kind]
    )
