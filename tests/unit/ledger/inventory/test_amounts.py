"""Amounts: exact, never of two units, rounded only where and how it is said."""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.inventory.amounts import Amount, quotient, total
from ledger.inventory.errors import AmountError

decimals = st.decimals(
    min_value=-(10**12), max_value=10**12, places=6, allow_nan=False, allow_infinity=False
)


def amount(text: str, unit: str = "t") -> Amount:
    return Amount.parse(text, unit)


@pytest.mark.parametrize(
    "text", ["", "1e3", "+1", " 1", "1 ", "01", "1.", ".5", "NaN", "Infinity", "1_0", "１", "--1"]
)
def test_only_plain_decimals_are_read(text: str) -> None:
    """An exponent, a sign of plus, a space or another script's digit is no amount."""
    with pytest.raises(AmountError):
        amount(text)


def test_long_text_is_refused_before_it_is_slow() -> None:
    """More digits than any firm has are no amount."""
    with pytest.raises(AmountError):
        amount("9" * 1000)


@pytest.mark.parametrize("text", ["0", "-0.5", "12.50", "0.000001", "123456789012345678.9"])
def test_text_is_kept_as_it_was(text: str) -> None:
    """Decimals that were given are given back, zeros included."""
    assert amount(text).text == text


def test_float_is_no_amount() -> None:
    """Neither a number that is not finite."""
    with pytest.raises(AmountError):
        Amount(Decimal("Infinity"), "t")


def test_units_do_not_mix() -> None:
    """Tonnes and gigajoules do not add up, and neither do tonnes of two kinds."""
    for other in ("GJ", "tCO2"):
        with pytest.raises(AmountError):
            amount("1") + amount("1", other)
        with pytest.raises(AmountError):
            amount("1") - amount("1", other)


def test_product_has_the_unit_that_is_left() -> None:
    """Tonnes times heat a tonne is heat; what does not cancel has no unit of ours."""
    assert amount("3") * amount("2.5", "GJ/t") == amount("7.5", "GJ")
    assert amount("2.5", "GJ/t") * amount("3") == amount("7.5", "GJ")
    with pytest.raises(AmountError):
        amount("3") * amount("2.5", "GJ/m3")


@pytest.mark.parametrize(
    ("total_", "scale", "unit", "into", "expected"),
    [
        (729_316_670, 0, "Wh", "MWh", "729.31667"),
        (1_500_000, 0, "g", "t", "1.5"),
        (12_345, 3, "GJ/t", "GJ/t", "12.345"),
        (10_000_000, 0, "L{NTP}", "e4Nm3", "1"),
        (36, 0, "MJ", "GJ", "0.036"),
        (-5, 0, "kg", "t", "-0.005"),
    ],
)
def test_integers_of_the_log_become_amounts(
    total_: int, scale: int, unit: str, into: str, expected: str
) -> None:
    """Exactly, by the closed list of units."""
    assert Amount.from_log(total_, scale, unit, into=into).text == expected


def test_what_has_no_end_is_not_rounded_silently() -> None:
    """A joule is no whole number of megawatt-hours: that is a division, with its rounding."""
    with pytest.raises(AmountError):
        Amount.from_log(1, 0, "J", into="MWh")


def test_volume_at_another_temperature_is_another_thing() -> None:
    """A litre at 20 degrees is no litre at 0."""
    with pytest.raises(AmountError):
        Amount.from_log(1, 0, "L{20Cel}", into="e4Nm3")


@pytest.mark.parametrize(
    ("text", "rounding", "expected"),
    [
        ("2.675", ROUND_HALF_UP, "2.68"),
        ("2.665", ROUND_HALF_EVEN, "2.66"),
        ("-2.675", ROUND_HALF_UP, "-2.68"),
        ("-2.671", ROUND_FLOOR, "-2.68"),
        ("2.6749999999999999999999", ROUND_HALF_UP, "2.67"),
    ],
)
def test_rounding_is_the_one_named(text: str, rounding: str, expected: str) -> None:
    """Half goes up (四舍五入) unless told otherwise."""
    assert amount(text).rounded(2, rounding).text == expected


def test_nothing_is_divided_by_nothing() -> None:
    """A quotient by zero is an error, never infinity."""
    with pytest.raises(AmountError):
        quotient(amount("1"), amount("0.00"), 2)


def test_sum_of_nothing_is_zero_of_the_unit() -> None:
    """And a sum is of one unit."""
    assert total((), "t") == amount("0")
    with pytest.raises(AmountError):
        total((amount("1"), amount("1", "kg")), "t")


@given(decimals, decimals.filter(bool), st.integers(0, 12))
def test_quotient_is_the_nearest(one: Decimal, other: Decimal, places: int) -> None:
    """Rounded once: no further from the exact quotient than half of the last place."""
    found = quotient(Amount(one, "t"), Amount(other, "t"), places)

    assert abs(Fraction(found.value) - Fraction(one) / Fraction(other)) <= Fraction(
        1, 2 * 10**places
    )
    exponent = found.value.as_tuple().exponent
    assert isinstance(exponent, int)
    assert exponent >= -places


@given(st.lists(decimals, max_size=20))
def test_sums_are_exact(values: list[Decimal]) -> None:
    """In whatever order."""
    amounts = tuple(Amount(value, "t") for value in values)

    assert Fraction(total(amounts, "t").value) == sum(map(Fraction, values))
    assert total(amounts, "t") == total(amounts[::-1], "t")
