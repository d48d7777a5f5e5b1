"""Accuracy classes: the error that a class allows, where it is a percentage."""

from __future__ import annotations

import pytest

from ledger.inventory.calibrations import accuracy_ppm_of


@pytest.mark.parametrize(
    ("accuracy_class", "ppm"),
    [
        ("0.5", 5000),
        ("0.5S", 5000),
        ("0.2 S", 2000),
        ("1", 10_000),
        ("2.0级", 20_000),
        (" 1.5 ", 15_000),
        ("0.0001", 1),
    ],
)
def test_percentage_becomes_millionths(accuracy_class: str, ppm: int) -> None:
    """A class of 0.5 allows half a percent."""
    assert accuracy_ppm_of(accuracy_class) == ppm


@pytest.mark.parametrize("accuracy_class", ["III", "C", "", "0,5", "0.5 to 1", "-1", "1e2", "100"])
def test_other_classes_say_no_error(accuracy_class: str) -> None:
    """Nothing is guessed of a class that is a name."""
    assert accuracy_ppm_of(accuracy_class) is None
