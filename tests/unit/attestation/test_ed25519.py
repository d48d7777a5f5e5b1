"""The Ed25519 rule's arithmetic, against arithmetic of its own."""

from __future__ import annotations

import pytest

from attestation import ed25519
from tests.vectors import edwards

TORSION = edwards.torsion_point()


def encoded_torsion() -> list[bytes]:
    return [edwards.encode(edwards.times(multiple, TORSION)) for multiple in range(8)]


def test_small_order_encodings_are_the_eight_points() -> None:
    """The constants are the multiples of a point of order 8, and no others."""
    assert set(encoded_torsion()) == ed25519.SMALL_ORDER_ENCODINGS


@pytest.mark.parametrize("scalar", [1, 2, 3, 7, 2**64 + 1, ed25519.GROUP_ORDER - 1])
def test_multiplication_agrees_with_the_affine_law(scalar: int) -> None:
    """Extended coordinates give the point that the affine law gives."""
    base = edwards.base_point()
    point = ed25519.decode_point(edwards.encode(base))
    assert point is not None
    found = ed25519.multiply_point(scalar, point)

    x, y = edwards.times(scalar, base)
    assert (found.x - x * found.z) % ed25519.FIELD_PRIME == 0
    assert (found.y - y * found.z) % ed25519.FIELD_PRIME == 0


def test_decoding_keeps_the_sign() -> None:
    """Both points of one y are told apart by the sign of x."""
    raw = edwards.encode(edwards.base_point())
    mirrored = raw[:31] + bytes([raw[31] ^ 0x80])
    one, other = ed25519.decode_point(raw), ed25519.decode_point(mirrored)
    assert one is not None
    assert other is not None

    assert one.x + other.x == ed25519.FIELD_PRIME


@pytest.mark.parametrize("y", [ed25519.FIELD_PRIME, ed25519.FIELD_PRIME + 18, 2**255 - 1])
def test_y_not_below_p_is_not_canonical(y: int) -> None:
    """Each of the nineteen encodings above p is refused."""
    encoded = y.to_bytes(32, "little")

    assert not ed25519.is_canonical(encoded)
    assert ed25519.decode_point(encoded) is None


def test_y_just_below_p_is_canonical() -> None:
    """p - 1 and p - 2 are proper values of y."""
    for y in (ed25519.FIELD_PRIME - 1, ed25519.FIELD_PRIME - 2):
        assert ed25519.is_canonical(y.to_bytes(32, "little"))


@pytest.mark.parametrize("y", [1, ed25519.FIELD_PRIME - 1])
def test_sign_of_zero_is_not_canonical(y: int) -> None:
    """x = 0 has no sign."""
    assert not ed25519.is_canonical((y | 1 << 255).to_bytes(32, "little"))


def test_base_point_has_prime_order() -> None:
    """The generator lies in the group of prime order."""
    point = ed25519.decode_point(edwards.encode(edwards.base_point()))
    assert point is not None

    assert ed25519.has_prime_order(point)


@pytest.mark.parametrize("multiple", range(1, 8))
def test_point_with_a_torsion_part_has_not(multiple: int) -> None:
    """The generator plus a point of small order does not, though its encoding is canonical."""
    mixed = edwards.add(edwards.base_point(), edwards.times(multiple, TORSION))
    point = ed25519.decode_point(edwards.encode(mixed))
    assert point is not None

    assert not ed25519.has_prime_order(point)


def test_neutral_element_has_not() -> None:
    """The neutral element has order 1."""
    assert not ed25519.has_prime_order(ed25519.IDENTITY)
