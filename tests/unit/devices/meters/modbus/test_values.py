"""
Register words become exact numbers.

The oracle for floats is `struct`, which shares nothing with the reading of bits under test.
"""

from __future__ import annotations

import math
import struct
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from devices.modbus.values import (
    RegisterType,
    exact_float,
    join_words,
    nearest_decimal,
    signed,
    spacing,
)

FLOAT32 = RegisterType.FLOAT32.float_form
FLOAT64 = RegisterType.FLOAT64.float_form
assert FLOAT32 is not None
assert FLOAT64 is not None


@pytest.mark.parametrize(
    ("low_word_first", "low_byte_first", "expected"),
    [
        (False, False, 0x12345678),
        (True, False, 0x56781234),
        (False, True, 0x34127856),
        (True, True, 0x78563412),
    ],
)
def test_orders_of_words_and_bytes(
    low_word_first: bool, low_byte_first: bool, expected: int
) -> None:
    """Meters order words and bytes in all four ways."""
    bits = join_words(
        [0x1234, 0x5678], low_word_first=low_word_first, low_byte_first=low_byte_first
    )

    assert bits == expected


@pytest.mark.parametrize(
    ("bits", "width", "expected"),
    [(0x7FFF, 16, 32_767), (0x8000, 16, -32_768), (0xFFFFFFFF, 32, -1), (0, 64, 0)],
)
def test_sign_is_two_s_complement(bits: int, width: int, expected: int) -> None:
    """The highest bit takes away what it stands for."""
    assert signed(bits, width) == expected


@pytest.mark.parametrize("kind", RegisterType)
def test_word_counts(kind: RegisterType) -> None:
    """The number in a type's name is its width."""
    assert kind.word_count in {1, 2, 4}
    assert kind.word_count * 16 == int(kind.value[-2:])


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_float32_is_read_exactly(bits: int) -> None:
    """Every pattern of 32 bits is the number that the processor has for it, or none."""
    assert FLOAT32 is not None
    (number,) = struct.unpack(">f", bits.to_bytes(4, "big"))
    expected = None if math.isnan(number) or math.isinf(number) else Fraction(number)

    assert exact_float(bits, FLOAT32) == expected


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_float64_is_read_exactly(bits: int) -> None:
    """And every pattern of 64 bits."""
    assert FLOAT64 is not None
    (number,) = struct.unpack(">d", bits.to_bytes(8, "big"))
    expected = None if math.isnan(number) or math.isinf(number) else Fraction(number)

    assert exact_float(bits, FLOAT64) == expected


@settings(max_examples=200, deadline=None)
@given(st.integers(-9_999_999, 9_999_999), st.integers(0, 4))
def test_shown_decimal_comes_back(value: int, decimals: int) -> None:
    """What an instrument shows with seven digits or fewer survives its float."""
    assume(abs(value) < 10**6)
    assert FLOAT32 is not None
    shown = Fraction(value, 10**decimals)
    bits = int.from_bytes(struct.pack(">f", float(shown)), "big")
    exact = exact_float(bits, FLOAT32)

    assert exact is not None
    assert nearest_decimal(exact, decimals) == shown


def test_float_of_a_meter_is_the_decimal_it_shows() -> None:
    """0x4145 0x70A4 is 12.34 to two decimals, though no float is exactly 12.34."""
    assert FLOAT32 is not None
    exact = exact_float(0x414570A4, FLOAT32)

    assert exact is not None
    assert exact != Fraction("12.34")
    assert nearest_decimal(exact, 2) == Fraction("12.34")


def test_spacing_of_large_floats_is_coarse() -> None:
    """Above 16 777 216 a float32 counts in twos."""
    assert FLOAT32 is not None
    assert spacing(FLOAT32, Fraction(16_777_215)) == 1
    assert spacing(FLOAT32, Fraction(16_777_216)) == 2
