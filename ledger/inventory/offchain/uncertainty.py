"""
Propagation of uncertainty (不确定度合成) through sums and products.

Uncertainties are half-widths of a 95 % interval in percent of the value, of quantities that are
independent of each other. Of a sum: U = sqrt(sum((x * u)^2)) / |sum(x)|. Of a product:
U = sqrt(sum(u^2)).

Source: IPCC 2006 guidelines, volume 1, chapter 3, equations 3.1 and 3.2; ISO 14064-1:2018, annex C.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from ledger.decimals import ratio, root
from ledger.inventory.offchain.errors import RuleRefused
from ledger.inventory.offchain.inputs import Fields, Given, Many, Name, Number
from ledger.inventory.offchain.worksheet import Worksheet

SUM: Final = Fields(
    {
        "items": Many(
            Fields(
                {
                    "name": Name(),
                    "value_tCO2e": Number("tCO2e", least=None),
                    "uncertainty_pct": Number("%"),
                }
            )
        )
    }
)
"""Inputs of a sum; removals are negative."""

PRODUCT: Final = Fields({"factors": Many(Fields({"name": Name(), "uncertainty_pct": Number("%")}))})
"""Inputs of a product or quotient."""

_PERCENT_PLACES: Final = 2


def of_sum(given: Given, sheet: Worksheet) -> None:
    """
    Work out the uncertainty of a sum.

    Raises:
        RuleRefused: If the values add up to nothing, in percent of which nothing can be said.
    """
    total, squares = Fraction(0), Fraction(0)
    for at, each in enumerate(given.each("items")):
        value = Fraction(each.number("value_tCO2e"))
        spread = value * Fraction(each.number("uncertainty_pct")) * Fraction(1, 100)
        squares += Fraction(sheet.step("spread", spread, "tCO2e", item=at)) ** 2
        total += value
    if not total:
        raise RuleRefused("items: they add up to nothing", code="rule.division_by_zero")
    absolute = sheet.step("spread_of_sum", root(squares), "tCO2e")
    sheet.result("sum", total, "tCO2e", 2)
    sheet.result("spread_of_sum", absolute, "tCO2e", 2)
    sheet.result("uncertainty", ratio(absolute, abs(total)) * 100, "%", _PERCENT_PLACES)


def of_product(given: Given, sheet: Worksheet) -> None:
    """Work out the uncertainty of a product."""
    squares = Fraction(0)
    for at, each in enumerate(given.each("factors")):
        squares += Fraction(
            sheet.step("square", Fraction(each.number("uncertainty_pct")) ** 2, "1", item=at)
        )
    sheet.result("uncertainty", root(squares), "%", _PERCENT_PLACES)
