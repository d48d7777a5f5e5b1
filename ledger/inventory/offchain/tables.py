"""
Dated tables that rules off chain take numbers from: border adjustment by year, bounds of ratings.

A year that a table does not name is an error, never the nearest one. Bounds of ratings are made by
provinces and parks, and differ: none is shipped, and a table says whose it is, from when, and
where it stands.

Source: DOMAIN section 1.5 for the border adjustment; DESIGN section 10 for ratings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from attestation.canonical import Json
from ledger.inventory.offchain.errors import RuleRefused
from ledger.inventory.offchain.inputs import Choice, Fields, Given, Many, Name, Number, Whole
from ledger.inventory.offchain.intensity import MEASURES

_BORDER: Final = Fields(
    {
        "edition": Name(),
        "source": Name(most=500),
        "years": Many(
            Fields(
                {
                    "year": Whole(2026, 2100),
                    "factor_1": Number("1"),
                    "mark_up_1": Number("1"),
                    "cross_sectoral_factor_1": Number("1"),
                }
            )
        ),
    }
)
_RATINGS: Final = Fields(
    {
        "name": Name(),
        "source": Name(most=500),
        "from_year": Whole(2000, 9999),
        "to_year": Whole(2000, 9999),
        "bounds": Many(
            Fields(
                {
                    "industry": Name(),
                    "measure": Choice(MEASURES),
                    "unit": Name(),
                    "green_up_to": Number(""),
                    "red_above": Number(""),
                }
            )
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of one industry's rating by one measure, in tCO2 per unit."""

    unit: str
    green_up_to: str
    red_above: str


@dataclass(frozen=True, slots=True)
class RatingTable:
    """One jurisdiction's bounds, valid for some report years."""

    name: str
    source: str
    from_year: int
    to_year: int
    bounds: Mapping[tuple[str, str], Bounds]
    """By industry and measure."""

    def measure(self, year: int, industry: str, measure: str, quantity: str) -> dict[str, Json]:
        """
        Give one measure of the inputs of `intensity.rating`.

        Raises:
            RuleRefused: If the table is not of that year, or has no such bounds.
        """
        if not self.from_year <= year <= self.to_year:
            raise RuleRefused(
                f"{self.name} stands for {self.from_year} to {self.to_year}, not {year}",
                code="rule.no_year",
            )
        found = self.bounds.get((industry, measure))
        if found is None:
            raise RuleRefused(f"{self.name} has no bounds of {measure} for {industry}")
        return {
            "measure": measure,
            "unit": found.unit,
            "quantity": quantity,
            "green_up_to": found.green_up_to,
            "red_above": found.red_above,
        }


def parse_ratings(content: Json) -> RatingTable:
    """
    Read a table of bounds.

    Args:
        content: Plain data, from outside.

    Raises:
        RuleRefused: If it is none, naming the place; if an industry stands twice, or red begins
            below where green ends.
    """
    given = Given(_RATINGS.read(content))
    bounds: dict[tuple[str, str], Bounds] = {}
    for at, row in enumerate(given.each("bounds")):
        key = row.text("industry"), row.text("measure")
        if key in bounds:
            raise RuleRefused(f"bounds[{at}]: {key[0]}, {key[1]} stands twice")
        green, red = row.number("green_up_to"), row.number("red_above")
        if red < green:
            raise RuleRefused(f"bounds[{at}]: red begins at {red}, below where green ends, {green}")
        bounds[key] = Bounds(row.text("unit"), f"{green:f}", f"{red:f}")
    first, last = given.whole("from_year"), given.whole("to_year")
    if last < first:
        raise RuleRefused(f"to_year: {last} is before {first}", code="rule.out_of_range")
    return RatingTable(
        given.text("name"), given.text("source"), first, last, MappingProxyType(bounds)
    )


@cache
def border_years() -> Mapping[int, Mapping[str, str]]:
    """
    Give factor, mark-up and cross-sectoral factor of the border adjustment by year.

    Raises:
        RuleRefused: If the shipped table is malformed.
    """
    text = resources.files(__package__).joinpath("data", "cbam-years.json").read_text("utf-8")
    given = Given(_BORDER.read(json.loads(text)))
    names = ("factor_1", "mark_up_1", "cross_sectoral_factor_1")
    return MappingProxyType(
        {
            row.whole("year"): MappingProxyType({name: f"{row.number(name):f}" for name in names})
            for row in given.each("years")
        }
    )


def border_year(year: int) -> dict[str, Json]:
    """
    Give what `cbam.certificates` takes of a year.

    Raises:
        RuleRefused: If the table does not name the year.
    """
    found = border_years().get(year)
    if found is None:
        raise RuleRefused(f"no table of the border adjustment for {year}", code="rule.no_year")
    return dict(found)
