"""Decimal texts become exact numbers, or are refused with what is wrong."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.errors import EncodingError
from devices.meters.decimals import parse_decimal


@settings(max_examples=200, deadline=None)
@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12
    )
)
def test_no_digit_is_lost(number: Decimal) -> None:
    """What was written is what is read, to the last digit."""
    assert parse_decimal(f"{number:f}") == number


@pytest.mark.parametrize(
    ("text", "point", "thousands", "expected"),
    [
        ("1.234,5", ",", ".", "1234.5"),
        ("12,345,678", ".", ",", "12345678"),
        ("-0,052", ",", "", "-0.052"),
        ("1 234 567,89", ",", " ", "1234567.89"),
        (".5", ".", "", "0.5"),
        ("5.", ".", "", "5"),
        ("+3", ".", "", "3"),
    ],
)
def test_marks_are_those_declared(text: str, point: str, thousands: str, expected: str) -> None:
    """The decimal mark and the mark of thousands come from the mapping, never from a guess."""
    assert parse_decimal(text, point=point, thousands=thousands) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    ["", "-", "1,234", "1.2.3", "1.2E3", "NaN", "Infinity", "#REF!", "0x10", "1_000", "٣", "3 kWh"],
)
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    """A text that could be read in two ways, or in none, is refused."""
    with pytest.raises(EncodingError, match="not a decimal number"):
        parse_decimal(text)


@pytest.mark.parametrize("text", ["12,34,567", "1234,567", "1,23", ",123"])
def test_thousands_in_the_wrong_place_are_refused(text: str) -> None:
    """A mark that parts other than three digits is more likely a decimal comma."""
    with pytest.raises(EncodingError, match=r"three digits|not a decimal"):
        parse_decimal(text, thousands=",")


def test_point_in_a_file_with_commas_is_refused() -> None:
    """Where the comma is the decimal mark, a point is a mistake and not ignored."""
    with pytest.raises(EncodingError, match="decimal mark"):
        parse_decimal("1.5", point=",")


def test_exponent_is_exact_where_allowed() -> None:
    """Loggers may write 1.2E-3; it is a decimal like any other."""
    assert parse_decimal("1.2E-3", exponent=True) == Decimal("0.0012")
    with pytest.raises(EncodingError, match="not a decimal"):
        parse_decimal("1E999", exponent=True)


def test_endless_number_is_refused() -> None:
    """A text of a million digits is no meter value."""
    with pytest.raises(EncodingError, match="more than 30"):
        parse_decimal("9" * 1_000_000)
