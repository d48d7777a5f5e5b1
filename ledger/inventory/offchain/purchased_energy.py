"""
Purchased electricity and heat (外购电力与热力): scope 2 by location and by market.

By location every unit of energy has the mean factor of its grid. By market what contracts prove
(green certificates 绿证, supplier's contracts, direct lines) has their factor, and only the rest
has the residual factor, which leaves out what was traded. Both are reported, neither replaces the
other; nothing may be claimed beyond what was used.

Source: GHG Protocol Scope 2 Guidance, sections 4 and 6; ISO 14064-1:2018, annex E; 公告2025年第47号
for the grid means with and without traded non-fossil electricity.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from ledger.decimals import plain, rounded
from ledger.inventory.offchain.errors import RuleRefused
from ledger.inventory.offchain.inputs import Choice, Fields, Given, Many, Name, Number
from ledger.inventory.offchain.worksheet import Worksheet

EMISSION_PLACES: Final = 2

_HEAT: Final = Many(
    Fields(
        {
            "place": Name(),
            "used_GJ": Number("GJ"),
            "factor_tCO2_per_GJ": Number("tCO2/GJ"),
        }
    ),
    least=0,
)

LOCATION: Final = Fields(
    {
        "electricity": Many(
            Fields(
                {
                    "place": Name(),
                    "used_MWh": Number("MWh"),
                    "factor_tCO2_per_MWh": Number("tCO2/MWh"),
                }
            )
        ),
        "heat": _HEAT,
    }
)
"""Inputs by location: each place with its grid's mean factor."""

MARKET: Final = Fields(
    {
        "used_MWh": Number("MWh"),
        "instruments": Many(
            Fields(
                {
                    "kind": Choice(("certificate", "contract", "direct line")),
                    "name": Name(),
                    "covered_MWh": Number("MWh", is_above_least=True),
                    "factor_tCO2_per_MWh": Number("tCO2/MWh"),
                }
            ),
            least=0,
        ),
        "residual_tCO2_per_MWh": Number("tCO2/MWh"),
        "heat": _HEAT,
    }
)
"""Inputs by market: use, the instruments that prove an origin, and the factor of the rest."""


def by_location(given: Given, sheet: Worksheet) -> None:
    """Work out scope 2 by location."""
    electricity = [
        _emission(sheet, "electricity", at, each, "used_MWh", "factor_tCO2_per_MWh")
        for at, each in enumerate(given.each("electricity"))
    ]
    heat = _heat(given, sheet)
    _total(sheet, electricity, heat)


def by_market(given: Given, sheet: Worksheet) -> None:
    """
    Work out scope 2 by market.

    Raises:
        RuleRefused: If instruments cover more than was used.
    """
    used, instruments = given.number("used_MWh"), given.each("instruments")
    covered = sum((Fraction(each.number("covered_MWh")) for each in instruments), Fraction(0))
    if covered > used:
        raise RuleRefused(
            f"instruments: {plain(rounded(covered))} MWh covered, {used} MWh used",
            code="rule.refused",
        )
    proved = [
        _emission(sheet, "instrument", at, each, "covered_MWh", "factor_tCO2_per_MWh")
        for at, each in enumerate(instruments)
    ]
    rest = sheet.step("rest", Fraction(used) - covered, "MWh", reported=3)
    factor = given.number("residual_tCO2_per_MWh")
    residual = sheet.step(
        "rest_emission", Fraction(rest) * Fraction(factor), "tCO2", reported=EMISSION_PLACES
    )
    _total(sheet, [*proved, residual], _heat(given, sheet))
    if used:
        sheet.result("covered_share", covered * 100 * Fraction(used) ** -1, "%", 2)


def _heat(given: Given, sheet: Worksheet) -> list[Decimal]:
    return [
        _emission(sheet, "heat", at, each, "used_GJ", "factor_tCO2_per_GJ")
        for at, each in enumerate(given.each("heat"))
    ]


def _emission(
    sheet: Worksheet, name: str, item: int, line: Given, used: str, factor: str
) -> Decimal:
    number = Fraction(line.number(used)) * Fraction(line.number(factor))
    return sheet.step(f"{name}_emission", number, "tCO2", item=item, reported=EMISSION_PLACES)


def _total(sheet: Worksheet, electricity: list[Decimal], heat: list[Decimal]) -> None:
    sums = [sum(map(Fraction, each), Fraction(0)) for each in (electricity, heat)]
    sheet.result("electricity_emission", sums[0], "tCO2", EMISSION_PLACES)
    sheet.result("heat_emission", sums[1], "tCO2", EMISSION_PLACES)
    sheet.result("emission", sum(sums, Fraction(0)), "tCO2", EMISSION_PLACES)
