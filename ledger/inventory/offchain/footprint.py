"""
Product carbon footprint (产品碳足迹): the emission of a process shared among what it makes.

What a by-product replaces elsewhere may be deducted first (system expansion); the rest is shared
by mass, by energy content or by economic value, in the order of preference that the standard
gives; which one was taken is part of the inputs. The stated shares add up to the stated whole: the
last hundredths go to those whose share was cut most.

Source: ISO 14067:2018, 6.4.6; ISO 14044:2006, 4.3.4.2.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from ledger.decimals import ratio, rounded
from ledger.inventory.offchain.errors import RuleRefused
from ledger.inventory.offchain.inputs import Choice, Fields, Given, Many, Name, Number
from ledger.inventory.offchain.worksheet import Worksheet

INPUTS: Final = Fields(
    {
        "emission_tCO2e": Number("tCO2e"),
        "replaced": Many(
            Fields(
                {
                    "name": Name(),
                    "quantity": Number(""),
                    "factor_tCO2e_per_unit": Number("tCO2e/unit"),
                }
            ),
            least=0,
        ),
        "basis": Choice(("mass", "energy", "economic value")),
        "products": Many(
            Fields(
                {
                    "name": Name(),
                    "unit": Name(),
                    "quantity": Number("", is_above_least=True),
                    "weight_per_unit": Number(""),
                }
            )
        ),
    }
)
"""Inputs; the weight of a unit is its mass, its energy content or its price, by the basis."""

_PLACES: Final = 2
_FOOTPRINT_PLACES: Final = 6


def allocation(given: Given, sheet: Worksheet) -> None:
    """
    Share the emission of a process among its products.

    Raises:
        RuleRefused: If more is replaced than was emitted, or no product has any weight.
    """
    rest = _rest(given, sheet)
    products = given.each("products")
    weights = [
        Fraction(each.number("quantity")) * Fraction(each.number("weight_per_unit"))
        for each in products
    ]
    whole = sum(weights, Fraction(0))
    if not whole:
        raise RuleRefused("products: none has any weight", code="rule.division_by_zero")
    exact = [rest * weight * whole**-1 for weight in weights]
    stated = _adding_up(exact, rounded(rest, _PLACES))
    for at, (product, share, emission) in enumerate(zip(products, exact, stated, strict=True)):
        sheet.step("share", ratio(weights[at], whole) * 100, "%", item=at)
        sheet.result("emission", emission, "tCO2e", _PLACES, item=at)
        per_unit = ratio(share, product.number("quantity"))
        unit = f"tCO2e/{product.text('unit')}"
        sheet.result("footprint", per_unit, unit, _FOOTPRINT_PLACES, item=at)
    sheet.result("allocated", rest, "tCO2e", _PLACES)


def _rest(given: Given, sheet: Worksheet) -> Fraction:
    emission = Fraction(given.number("emission_tCO2e"))
    for at, each in enumerate(given.each("replaced")):
        avoided = Fraction(each.number("quantity")) * Fraction(each.number("factor_tCO2e_per_unit"))
        emission -= Fraction(sheet.step("replaced", avoided, "tCO2e", item=at, reported=_PLACES))
    if emission < 0:
        raise RuleRefused("replaced: more than was emitted", code="rule.refused")
    return Fraction(sheet.step("to_allocate", emission, "tCO2e", reported=_PLACES))


def _adding_up(exact: list[Fraction], whole: Decimal) -> list[Decimal]:
    """Round shares so that they add up to the whole: largest remainder, first come first served."""
    unit = Fraction(1, 10**_PLACES)
    cut = [share * 10**_PLACES // 1 for share in exact]
    missing = int(Fraction(whole) * 10**_PLACES) - sum(cut)
    order = sorted(range(len(exact)), key=lambda at: cut[at] - exact[at] * 10**_PLACES)
    for at in order[:missing]:
        cut[at] += 1
    return [rounded(number * unit, _PLACES) for number in cut]
