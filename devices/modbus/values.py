"""
Register words to exact numbers.

Whole numbers are taken as they are. A float is its IEEE 754 bits, which are an exact fraction; the
decimal that the instrument shows is the nearest one with the declared number of decimals. No
binary float is computed with on the way.

Source: IEEE 754-2019; MODBUS Application Protocol 1.1b3, section 4.2 (big-endian words).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Final


@dataclass(frozen=True, slots=True)
class FloatForm:
    """Layout of an IEEE 754 binary format."""

    exponent_bits: int
    fraction_bits: int

    @property
    def bias(self) -> int:
        """What is taken from the exponent field."""
        return (1 << (self.exponent_bits - 1)) - 1

    @property
    def width(self) -> int:
        """Number of bits in all."""
        return 1 + self.exponent_bits + self.fraction_bits


_BINARY32: Final = FloatForm(8, 23)
_BINARY64: Final = FloatForm(11, 52)


class RegisterType(Enum):
    """Types of values that span one or more registers of 16 bits."""

    U16 = "u16"
    I16 = "i16"
    U32 = "u32"
    I32 = "i32"
    U64 = "u64"
    I64 = "i64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"

    @property
    def word_count(self) -> int:
        """Number of registers."""
        return int(self.value.lstrip("uifloat")) // 16

    @property
    def is_signed(self) -> bool:
        """Whether it is a whole number with a sign."""
        return self.value.startswith("i")

    @property
    def float_form(self) -> FloatForm | None:
        """The layout, for a float."""
        return {"float32": _BINARY32, "float64": _BINARY64}.get(self.value)


def join_words(words: Sequence[int], *, low_word_first: bool, low_byte_first: bool) -> int:
    """Give the bits of a value as a whole number without a sign."""
    ordered = reversed(words) if low_word_first else words
    bits = 0
    for word in ordered:
        swapped = (word >> 8) | ((word & 0xFF) << 8) if low_byte_first else word
        bits = bits << 16 | swapped
    return bits


def signed(bits: int, width: int) -> int:
    """Read `width` bits as two's complement."""
    return bits - (1 << width) if bits >> (width - 1) else bits


def exact_float(bits: int, form: FloatForm) -> Fraction | None:
    """
    Give the exact number that the bits of a float stand for.

    Returns:
        None for what is no number: infinities and NaN.
    """
    sign = -1 if bits >> (form.width - 1) else 1
    exponent = bits >> form.fraction_bits & ((1 << form.exponent_bits) - 1)
    fraction = bits & ((1 << form.fraction_bits) - 1)
    if exponent == (1 << form.exponent_bits) - 1:
        return None
    if exponent == 0:  # zero and the subnormal numbers
        return sign * Fraction(fraction, 1 << (form.bias - 1 + form.fraction_bits))
    mantissa = fraction | 1 << form.fraction_bits
    return sign * mantissa * Fraction(2) ** (exponent - form.bias - form.fraction_bits)


def nearest_decimal(number: Fraction, decimals: int) -> Fraction:
    """Give the nearest number with so many decimals; a tie goes to the even digit."""
    return Fraction(round(number * 10**decimals), 10**decimals)


def spacing(form: FloatForm, magnitude: Fraction) -> Fraction:
    """Give the distance between neighbouring floats at a magnitude of at least 1."""
    exponent = int(magnitude).bit_length() - 1
    return Fraction(2) ** (exponent - form.fraction_bits)
