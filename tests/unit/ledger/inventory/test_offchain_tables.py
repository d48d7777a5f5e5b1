"""Dated tables of rules off chain: a year that is not there is an error, and each row once."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from attestation.enums import RoundingProfile
from ledger.inventory.offchain.catalogue import OffchainRules
from ledger.inventory.offchain.errors import RuleRefused
from ledger.inventory.offchain.intensity import Colour
from ledger.inventory.offchain.tables import border_year, border_years, parse_ratings

TABLE: dict[str, Any] = {
    "name": "harbour park",
    "source": "made up",
    "from_year": 2024,
    "to_year": 2026,
    "bounds": [
        {
            "industry": "3110",
            "measure": "output",
            "unit": "t",
            "green_up_to": "1.7",
            "red_above": "2.1",
        }
    ],
}


def test_border_table_names_nine_years_and_falls() -> None:
    """2026 to 2034; the factor ends at nothing."""
    years = border_years()
    factors = [Decimal(years[year]["factor_1"]) for year in range(2026, 2035)]
    assert list(years) == list(range(2026, 2035))
    assert factors == sorted(factors, reverse=True)
    assert factors[-1] == 0


@pytest.mark.parametrize("year", [2025, 2035])
def test_border_table_guesses_no_year(year: int) -> None:
    """Neither before its first nor after its last."""
    with pytest.raises(RuleRefused) as refused:
        border_year(year)
    assert refused.value.stable_code == "rule.no_year"


def test_rating_table_feeds_the_rule() -> None:
    """200 t of 100 t of steel: between green and red."""
    measure = parse_ratings(TABLE).measure(2025, "3110", "output", "100")
    inputs = {"emission_tCO2": "200", "measures": [measure]}
    run = OffchainRules().run("intensity.rating", 1, inputs, RoundingProfile.EXACT)
    assert Colour(int(run.results[1].value)) is Colour.YELLOW


@pytest.mark.parametrize(
    ("year", "industry", "message"),
    [(2023, "3110", "not 2023"), (2027, "3110", "not 2027"), (2025, "3120", "no bounds")],
)
def test_rating_of_what_the_table_does_not_name(year: int, industry: str, message: str) -> None:
    """Another year, another industry."""
    with pytest.raises(RuleRefused, match=message):
        parse_ratings(TABLE).measure(year, industry, "output", "100")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t["bounds"].append(t["bounds"][0]), r"bounds\[1\]: 3110, output stands twice"),
        (lambda t: t["bounds"][0].update(red_above="1.69"), "below where green ends"),
        (lambda t: t["bounds"][0].update(measure="profit"), r"bounds\[0\].measure"),
        (lambda t: t.update(to_year=2023), "to_year: 2023 is before 2024"),
        (lambda t: t.pop("source"), "source: missing"),
    ],
)
def test_nearly_a_rating_table_is_refused(
    change: Callable[[dict[str, Any]], object], message: str
) -> None:
    """One thing is wrong with each."""
    table = deepcopy(TABLE)
    change(table)
    with pytest.raises(RuleRefused, match=message):
        parse_ratings(table)
