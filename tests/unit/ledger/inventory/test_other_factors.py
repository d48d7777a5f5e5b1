"""A factor book in which somebody says otherwise: by name, under another id."""

from __future__ import annotations

import pytest

from api.rule_side import seeded_factors
from chain.factors import seed_factors
from ledger.cases.errors import CaseRefused
from ledger.cases.what_if import OtherFactor, OtherFactors
from ledger.inventory.errors import AmountError

YEAR = 2020
ENTRY = next(
    each.entry
    for each in seed_factors()
    if each.entry.quantity == "cooling correction" and each.entry.report_from <= YEAR
)
PLACE = (ENTRY.guide, ENTRY.quantity, ENTRY.subject)


def book(*values: str) -> OtherFactors:
    """Give the seeded book with one factor said otherwise."""
    return OtherFactors(seeded_factors(), [OtherFactor(*PLACE, values)])


def test_replaced_factor_has_another_value_and_id() -> None:
    """It is found by its new id, and the old one still by its own."""
    others = book("1.05")
    before, after = seeded_factors().prescribed(*PLACE, YEAR), others.prescribed(*PLACE, YEAR)
    assert before is not None and after is not None

    assert (before.values, after.values) == (("1",), ("1.05",))
    assert after.factor_id != before.factor_id
    assert others.factor(after.factor_id, YEAR) == after
    assert others.factor(before.factor_id, YEAR) == before
    assert others.used == {PLACE}


def test_other_factors_are_left_alone() -> None:
    """What nobody says otherwise comes from the book, and counts as not used."""
    others = book("1.05")
    place = (ENTRY.guide, "no such quantity", ENTRY.subject)

    assert others.prescribed(*place, YEAR) is None
    assert others.used == set()


def test_factor_keeps_its_number_of_values() -> None:
    """A curve is not replaced by a point, and a value is a decimal."""
    with pytest.raises(CaseRefused, match="has 1 values"):
        book("1", "2").prescribed(*PLACE, YEAR)
    with pytest.raises(AmountError):
        book("1e3").prescribed(*PLACE, YEAR)
