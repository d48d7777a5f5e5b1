"""Instrument units become evidence units exactly, or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.errors import EncodingError
from devices.meters.conversion import conversion


@pytest.mark.parametrize(
    ("source", "unit", "decimals", "amount", "expected"),
    [
        ("kWh", "Wh", 0, "3.17", 3170),
        ("MWh", "Wh", 0, "0.00025", 250),
        ("GJ", "Wh", 0, "0.36", 100_000),
        ("kvarh", "varh", 0, "0.1", 100),
        ("t", "g", 0, "26.812345", 26_812_345),
        ("10^4m3", "L", 0, "1.5", 15_000_000),
        ("m3{NTP}", "L{NTP}", 0, "19191.973", 19_191_973),
        ("mg/m3", "mg/m3", 3, "-0.052", -52),
        ("Cel", "Cel", 2, "147.12", 14_712),
        ("kPa", "Pa", 0, "-0.123", -123),
    ],
)
def test_amount_is_exact_in_the_fine_unit(
    source: str, unit: str, decimals: int, amount: str, expected: int
) -> None:
    """Each digit of the instrument is there, none is made up."""
    assert conversion(source, unit, decimals).to_integer(Decimal(amount)) == expected


def test_digit_below_the_fine_unit_is_refused() -> None:
    """A digit that the evidence unit cannot hold is refused, never rounded away."""
    with pytest.raises(EncodingError, match="more digits than are declared"):
        conversion("kWh", "Wh").to_integer(Decimal("3.1701"))


def test_amount_beyond_64_bits_is_refused() -> None:
    """What a record cannot hold is refused where it is read."""
    with pytest.raises(EncodingError, match="64 bits"):
        conversion("GWh", "Wh").to_integer(Decimal(10**12))


@pytest.mark.parametrize(
    ("source", "unit"),
    [("kWh", "varh"), ("m3", "L{NTP}"), ("m3{20Cel}", "m3{NTP}"), ("mg/m3", "mg/m3{NTP}")],
)
def test_another_quantity_is_refused(source: str, unit: str) -> None:
    """Volumes as they flow and at reference conditions are not one quantity."""
    with pytest.raises(EncodingError, match="measures"):
        conversion(source, unit)


@pytest.mark.parametrize(
    ("source", "hint"), [("KWH", "kWh"), ("mw", "MW"), ("kVarh", "kvarh"), ("Wh ", "unknown")]
)
def test_misspelt_unit_is_refused_with_a_hint(source: str, hint: str) -> None:
    """Case is never folded: the message offers the right spelling instead."""
    with pytest.raises(EncodingError, match=hint):
        conversion(source, "Wh")


def test_decimals_that_the_unit_does_not_allow_are_refused() -> None:
    """Amounts that are added up are whole numbers of a fine unit."""
    with pytest.raises(EncodingError, match="decimal places"):
        conversion("kWh", "Wh", 1)


@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_evidence_value_gives_the_amount_back(value: int) -> None:
    """Nothing is lost on the way, so the way back leads to the same value."""
    there = conversion("MWh", "Wh")

    assert there.to_integer(there.to_amount(value)) == value
