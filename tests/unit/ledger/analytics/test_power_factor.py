"""Power factors from energies alone: right-angled triangles, and nothing of nothing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from ledger.analytics.power_factor import PowerFactor


def factor(active: int, lagging: int, leading: int = 0, *, comparable: bool = True) -> PowerFactor:
    """Give the factor of an hour."""
    energies = (Fraction(active), Fraction(lagging), Fraction(leading))
    return PowerFactor(0, 3600, *energies, 3600, comparable)


@pytest.mark.parametrize(
    ("active", "lagging", "leading", "expected"),
    [
        (3, 4, 0, ("0.6000", "1.0000", "0.6000")),
        (12, 2, 3, ("0.9864", "0.9701", "0.9231")),
        (5, 0, 12, ("1.0000", "0.3846", "0.3846")),
    ],
)
def test_factors_are_those_of_the_triangle(
    active: int, lagging: int, leading: int, expected: tuple[str, str, str]
) -> None:
    """Lagging alone, leading alone, and their sizes added."""
    found = factor(active, lagging, leading)
    assert (found.lagging, found.leading, found.billed) == tuple(map(Decimal, expected))


def test_energy_given_back_has_a_negative_factor() -> None:
    """A plant that feeds in does not look like one that draws."""
    assert factor(-3, 4).lagging == Decimal("-0.6000")


def test_nothing_used_has_no_factor() -> None:
    """Neither one nor zero."""
    assert factor(0, 0).billed is None


def test_what_cannot_be_compared_has_no_factor() -> None:
    """However good it would look."""
    assert factor(3, 0, comparable=False).lagging is None
