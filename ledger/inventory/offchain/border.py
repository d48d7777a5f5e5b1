"""
Certificates of the EU's carbon border adjustment (CBAM 碳边境调节机制) for imported goods.

Per tonne of goods: n = SEE − factor × CSCF × BM, never below nothing. The free allocation that is
deducted is that of the *benchmark*, not a part of the emission: a plant that emits more than the
benchmark gains nothing by it. By default values SEE = D × (1 + mark-up); with verified actual
values SEE is what was verified, and there is no mark-up.

Source: (EU) 2025/2083, 2025/2620 and 2025/2621 as a public briefing of October 2026 states them.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from ledger.inventory.offchain.inputs import Choice, Fields, Given, Name, Number
from ledger.inventory.offchain.worksheet import Worksheet

_SHARE: Final = Number("1", most=Decimal(1))

INPUTS: Final = Fields(
    {
        "goods": Name(),
        "route": Choice(("default value", "verified value")),
        "embedded_tCO2e_per_t": Number("tCO2e/t"),
        "mark_up_1": _SHARE,
        "factor_1": _SHARE,
        "cross_sectoral_factor_1": _SHARE,
        "benchmark_tCO2e_per_t": Number("tCO2e/t"),
        "imported_t": Number("t"),
        "price_EUR_per_t": Number("EUR/t"),
    }
)
"""Inputs; mark-up and factor of a year stand in the table of `ledger.inventory.offchain.tables`."""


def certificates(given: Given, sheet: Worksheet) -> None:
    """Work out certificates and their cost, per tonne of goods and for the whole import."""
    embedded = Fraction(given.number("embedded_tCO2e_per_t"))
    is_default = given.text("route") == "default value"
    mark_up = Fraction(given.number("mark_up_1")) if is_default else Fraction(0)
    specific = sheet.step("embedded", embedded * (1 + mark_up), "tCO2e/t")
    free = sheet.step(
        "free_allocation",
        Fraction(given.number("factor_1"))
        * Fraction(given.number("cross_sectoral_factor_1"))
        * Fraction(given.number("benchmark_tCO2e_per_t")),
        "tCO2e/t",
    )
    due = max(Fraction(specific) - Fraction(free), Fraction(0))
    per_tonne = Fraction(sheet.step("certificates_per_t", due, "tCO2e/t"))
    price, imported = given.number("price_EUR_per_t"), given.number("imported_t")
    sheet.result("certificates_per_t", per_tonne, "tCO2e/t", 3)
    sheet.result("cost_per_t", per_tonne * Fraction(price), "EUR/t", 2)
    whole = per_tonne * Fraction(imported)
    sheet.result("certificates", whole, "tCO2e", 3)
    sheet.result("cost", whole * Fraction(price), "EUR", 2)
