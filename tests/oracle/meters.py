"""
Meters: conservative correction, continuous monitoring; and sums by factor or warming potential.

Source: domain reference 5 (meter rules), 4 (CCER meters), 1.3 (CEMS), 1.4 (GWP100).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from attestation.enums import RoundingProfile
from tests.oracle.numbers import HUNDRED, ZERO, fraction, times, total
from tests.oracle.sheet import Sheet

Plain = Mapping[str, Any]
_GRAMS_IN_TONNE = Decimal(10**6)
_KILOGRAMS_IN_TONNE = Decimal(1000)


def measurement_correction(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """Up for emission data, down for production data: by c − r, by r, or not."""
    sheet = Sheet()
    sign = 1 if inputs["side"] == "EMISSION" else -1
    corrected = []
    for at, part in enumerate(inputs["parts"]):
        required, found = Decimal(part["required_pct"]), Decimal(part["calibrated_pct"])
        size = max(found - required, ZERO) if part["isCalibrated"] else required
        corrected.append(
            _corrected(sheet, ("correction", "correctedPart"), at, part["measured"], sign * size)
        )
    sheet.result("corrected", total(corrected), 3)
    return sheet


def measurement_correction_ccer(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """Export × (1 − e), import × (1 + e); e the whole error found, or the limit of the class."""
    sheet = Sheet()
    sums = {}
    for side, sign in (("export", -1), ("import", 1)):
        parts = []
        for at, part in enumerate(inputs[f"{side}s"]):
            limit, found = Decimal(part["limit_pct"]), Decimal(part["error_pct"])
            whole = found if found > limit else ZERO
            size = whole if part["isCalibrated"] else limit
            names = (f"{side}Correction", f"corrected{side.capitalize()}")
            parts.append(_corrected(sheet, names, at, part["energy_MWh"], sign * size))
        sums[side] = total(parts)
    sheet.result("netPower", sums["export"] - sums["import"], 3)
    return sheet


def _corrected(
    sheet: Sheet, names: tuple[str, str], item: int, measured: str, percent: Decimal
) -> Decimal:
    sheet.step(names[0], percent, item=item)
    return sheet.step(names[1], fraction(Decimal(measured), HUNDRED + percent, HUNDRED), item=item)


def cems_carbon_dioxide(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """E = Σ c·Q per hour, with validity flags and named substitution; tonnes of summed grams."""
    sheet = Sheet()
    grams: dict[str, list[Decimal]] = {
        state: [
            times(Decimal(hour["concentration_g_per_m3"]), Decimal(hour["flow_m3_per_h"]))
            for hour in inputs["readings"]
            if hour["state"] == state
        ]
        for state in ("MEASURED", "HIGHEST", "STATED", "STOPPED")
    }
    counts = {state: Decimal(len(found)) for state, found in grams.items()}
    for state, count in counts.items():
        sheet.step(f"{state.lower()}Hours", count)
    highest = max(grams["MEASURED"], default=ZERO)
    sheet.step("highestHour", _tonnes(highest))
    emitted = {
        "measured": total(grams["MEASURED"]),
        "highest": times(highest, counts["HIGHEST"]),
        "stated": total(grams["STATED"]),
    }
    for name, mass in emitted.items():
        sheet.step(f"{name}Emissions", _tonnes(mass))
    sheet.result("emissions", _tonnes(total(emitted.values())), 3)
    running = counts["MEASURED"] + counts["HIGHEST"] + counts["STATED"]
    if running != ZERO:
        sheet.result("availability", fraction(counts["MEASURED"], HUNDRED, running), 2)
    return sheet


def _tonnes(grams: Decimal) -> Decimal:
    return fraction(grams, Decimal(1), _GRAMS_IN_TONNE)


def gwp_total(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """Σ mass × GWP100."""
    sheet = Sheet()
    pairs = [(each["emitted_t"], each["gwp_1"]) for each in inputs["lines"]]
    sheet.result("emissions", _summed(sheet, pairs), 2)
    return sheet


def activity_factors(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """Σ activity × factor."""
    sheet = Sheet()
    for at, each in enumerate(inputs["lines"]):
        sheet.step("activity", Decimal(each["activity"]), item=at)
    pairs = [(each["activity"], each["factor_kgCO2e"]) for each in inputs["lines"]]
    emissions = _summed(sheet, pairs)
    sheet.result("emissions", emissions, 3)
    sheet.result("emissionsTonnes", fraction(emissions, Decimal(1), _KILOGRAMS_IN_TONNE), 2)
    return sheet


def _summed(sheet: Sheet, pairs: Iterable[tuple[str, str]]) -> Decimal:
    return total(
        sheet.step("lineEmissions", times(Decimal(amount), Decimal(factor)), item=at)
        for at, (amount, factor) in enumerate(pairs)
    )
