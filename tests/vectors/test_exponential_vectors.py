"""The exponential's vectors: what the script writes, and true by another way of reckoning."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from tests.vectors import generate_exponential

DOCUMENT: dict[str, Any] = json.loads(generate_exponential.FILE.read_text(encoding="utf-8"))
UNIT = 10**18
DIGITS = 10**50


def series(exponent: Fraction) -> Fraction:
    """Give e to a small power by its series, far beyond 50 decimals."""
    term = total = Fraction(1)
    for n in range(1, 40):
        term = term * exponent / n
        total += term
    return total


def power(exponent: Fraction) -> Fraction:
    """Give e to a power as a power of the series of its 64th part."""
    return Fraction(series(exponent / 64) ** 64)


CASES = [case for case in DOCUMENT["powers"] if abs(int(case["exponent"])) <= 4 * UNIT][::5]


def test_file_is_what_the_generator_writes() -> None:
    """The committed vectors are those of the script."""
    assert generate_exponential.FILE.read_text(encoding="utf-8") == generate_exponential.document()


@pytest.mark.parametrize("case", CASES, ids=[case["exponent"] for case in CASES])
def test_power_agrees_with_the_series(case: dict[str, str]) -> None:
    """A reference power is the sum of the exponential series, to its fiftieth decimal."""
    exact = power(Fraction(int(case["exponent"]), UNIT)) * DIGITS

    assert abs(exact - int(case["power"])) <= 1


def test_every_kind_of_load_is_there() -> None:
    """Each curve has plain loads, ties and near ties."""
    kinds = {(case["curve"], case["flag"]) for case in DOCUMENT["loads"]}

    assert kinds == {
        (curve, flag) for curve in ("2019", "2023", "2025") for flag in ("", "tie", "nearTie")
    }


@pytest.mark.parametrize("exponent", range(1, 17))
def test_whole_powers_are_products(exponent: int) -> None:
    """Where 16 − F/5 is whole, the factor of 2019 is that power of 1.015, exactly."""
    case = next(
        case
        for case in DOCUMENT["loads"]
        if case["curve"] == "2019" and int(case["load"]) == (80 - 5 * exponent) * UNIT
    )
    exact = Fraction(1015, 1000) ** exponent * DIGITS

    assert abs(exact - int(case["factor"])) <= 1
