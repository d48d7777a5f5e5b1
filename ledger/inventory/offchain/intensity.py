"""
Emission intensity (碳排放强度) and its rating in three colours (红黄绿).

Emission per output, per land area, per value added. Green is up to the lower bound, red is above
the upper one, yellow lies between; the bounds are a jurisdiction's and stand in a dated table
(`ledger.inventory.offchain.tables`), never in the code. What is compared is the intensity as it is
stated, with four decimals, so that nobody is rated by digits that nobody sees.

Source: DESIGN section 10; regional carbon-efficiency ratings (碳效评价) work this way.
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Final

from ledger.decimals import ratio
from ledger.inventory.offchain.errors import RuleRefused
from ledger.inventory.offchain.inputs import Choice, Fields, Given, Many, Name, Number
from ledger.inventory.offchain.worksheet import Worksheet

MEASURES: Final = ("output", "land area", "value added")

INPUTS: Final = Fields(
    {
        "emission_tCO2": Number("tCO2"),
        "measures": Many(
            Fields(
                {
                    "measure": Choice(MEASURES),
                    "unit": Name(),
                    "quantity": Number("", is_above_least=True),
                    "green_up_to": Number(""),
                    "red_above": Number(""),
                }
            )
        ),
    }
)
"""Inputs; bounds are in tCO2 per the unit named."""

INTENSITY_PLACES: Final = 4


class Colour(Enum):
    """A rating; the number is what the rule's figure says."""

    GREEN = 1
    YELLOW = 2
    RED = 3


def rating(given: Given, sheet: Worksheet) -> None:
    """
    Work out each intensity and its colour.

    Raises:
        RuleRefused: If a measure's bounds lie the wrong way round.
    """
    emission = given.number("emission_tCO2")
    for at, each in enumerate(given.each("measures")):
        green, red = each.number("green_up_to"), each.number("red_above")
        if red < green:
            raise RuleRefused(
                f"measures[{at}]: red begins at {red}, below where green ends, {green}",
                code="rule.refused",
            )
        exact = ratio(emission, each.number("quantity"))
        stated = sheet.result(
            "intensity", exact, f"tCO2/{each.text('unit')}", INTENSITY_PLACES, item=at
        )
        sheet.result("rating", Fraction(_colour(stated, green, red).value), "1", 0, item=at)


def _colour(stated: Decimal, green: Decimal, red: Decimal) -> Colour:
    if stated <= green:
        return Colour.GREEN
    return Colour.YELLOW if stated <= red else Colour.RED
