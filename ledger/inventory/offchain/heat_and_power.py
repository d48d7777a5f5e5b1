"""
Emission of combined heat and power (热电联产) split between electricity and heat.

Three ways: by *energy* (each kilowatt-hour alike), by *efficiency* (what is harder to make carries
more: in proportion to the inverse efficiencies), by *alternative* (as separate plants with the
reference efficiencies would share it, the Finnish method). The two shares are the whole.

Source: public example of oemof-thermal (allocation of emissions of combined heat and power); IEA
statistics manual for the split by energy.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from ledger.inventory.offchain.errors import RuleRefused
from ledger.inventory.offchain.inputs import Choice, Fields, Given, Number
from ledger.inventory.offchain.worksheet import Worksheet

_ONE: Final = Decimal(1)
_EFFICIENCY: Final = Number("1", is_above_least=True, most=_ONE)

INPUTS: Final = Fields(
    {
        "method": Choice(("energy", "efficiency", "alternative")),
        "emission_tCO2": Number("tCO2"),
        "electric_efficiency_1": _EFFICIENCY,
        "thermal_efficiency_1": _EFFICIENCY,
        "electric_reference_1": _EFFICIENCY,
        "thermal_reference_1": _EFFICIENCY,
    }
)
"""Inputs; the references matter to the method *alternative* only, and are stated always."""

_PLACES: Final = 2


def split(given: Given, sheet: Worksheet) -> None:
    """
    Split the emission of one plant.

    Raises:
        RuleRefused: If the plant gives more than it takes.
    """
    electric = Fraction(given.number("electric_efficiency_1"))
    thermal = Fraction(given.number("thermal_efficiency_1"))
    if electric + thermal > 1:
        raise RuleRefused(
            "electric_efficiency_1 and thermal_efficiency_1 together are above 1",
            code="rule.out_of_range",
        )
    match given.text("method"):
        case "energy":
            weights = electric, thermal
        case "efficiency":
            weights = electric**-1, thermal**-1
        case _:
            weights = (
                electric * Fraction(given.number("electric_reference_1")) ** -1,
                thermal * Fraction(given.number("thermal_reference_1")) ** -1,
            )
    emission = Fraction(given.number("emission_tCO2"))
    share = sheet.step("electric_share", weights[0] * (weights[0] + weights[1]) ** -1, "1")
    electricity = sheet.result("electricity_emission", emission * Fraction(share), "tCO2", _PLACES)
    # Heat is the rest of the stated total, so that the two always add up to it.
    total = sheet.result("emission", emission, "tCO2", _PLACES)
    sheet.result("heat_emission", Fraction(total) - Fraction(electricity), "tCO2", _PLACES)
