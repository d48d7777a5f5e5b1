"""Decimals: exact until a named place, half away from zero there."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.decimals import plain, ratio, root, rounded

WIDE = Context(prec=400, rounding=ROUND_HALF_UP)
FRACTIONS = st.fractions(min_value=-(10**30), max_value=10**30)


@pytest.mark.parametrize(
    ("number", "decimals", "expected"),
    [
        (Decimal("2.5"), 0, "3"),
        (Decimal("-2.5"), 0, "-3"),
        (Decimal("2.4999999999999999999999999999999"), 0, "2"),
        (Fraction(1, 3), 4, "0.3333"),
        (Decimal("5.445"), 2, "5.45"),
        (7, 2, "7.00"),
    ],
)
def test_half_goes_away_from_zero(number: Decimal, decimals: int, expected: str) -> None:
    """A half is rounded up in size, whatever its sign; less than a half is not."""
    assert str(rounded(number, decimals)) == expected


@given(FRACTIONS, st.integers(0, 20))
def test_rounding_is_that_of_the_decimal_standard(number: Fraction, decimals: int) -> None:
    """It agrees with ROUND_HALF_UP of a decimal with more digits than it needs."""
    exact = WIDE.divide(Decimal(number.numerator), Decimal(number.denominator))
    assert rounded(number, decimals) == exact.quantize(
        Decimal(1).scaleb(-decimals), ROUND_HALF_UP, WIDE
    )


@given(st.fractions(min_value=0, max_value=10**20), st.integers(0, 18))
def test_root_is_the_nearest(number: Fraction, decimals: int) -> None:
    """No decimal of that many places is nearer to the root."""
    found = Fraction(root(number, decimals))
    half = Fraction(1, 2 * 10**decimals)
    assert max(found - half, Fraction(0)) ** 2 <= number < (found + half) ** 2


def test_root_of_what_is_negative_is_refused() -> None:
    """There is none."""
    with pytest.raises(ValueError, match="no square root"):
        root(-1)


def test_large_numbers_keep_every_digit() -> None:
    """Numbers longer than the usual precision of decimals are not cut."""
    assert str(rounded(10**60 + 1, 2)) == f"{10**60 + 1}.00"


def test_ratio_is_exact() -> None:
    """A quotient of decimals times its divisor is the dividend."""
    assert ratio(Decimal("0.1"), Decimal("0.3")) * Fraction(3, 10) == Fraction(1, 10)


@pytest.mark.parametrize(
    ("number", "text"), [("0.00", "0"), ("-0.0", "0"), ("10.50", "10.5"), ("1E+3", "1000")]
)
def test_plain_text(number: str, text: str) -> None:
    """No exponent, no zeros at the end."""
    assert plain(Decimal(number)) == text
