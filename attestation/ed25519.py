"""
The Ed25519 rule: which encodings of points are acceptable, and which keys have prime order.

Libraries disagree about crafted keys and signatures. Ours is one rule: A and R are canonical and
not of small order, S < L, and the equation without cofactor. The equation itself is left to
OpenSSL, which compares `encode([S]B - [k]A)` with the bytes of R; what it does not ask is asked
here. Nothing here touches a secret, so nothing here needs constant time.

Source: RFC 8032, section 5.1; FORMATS section 1; `docs/formats/signed-message.md`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

FIELD_PRIME: Final = 2**255 - 19
GROUP_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""L, the prime order of the base point's group; the curve has 8 L points."""

ENCODED_LENGTH: Final = 32
_CURVE_D: Final = -121665 * pow(121666, -1, FIELD_PRIME) % FIELD_PRIME
_ROOT_OF_MINUS_ONE: Final = pow(2, (FIELD_PRIME - 1) >> 2, FIELD_PRIME)
_SIGN_BIT: Final = 1 << 255

SMALL_ORDER_ENCODINGS: Final = frozenset(
    bytes.fromhex(text)
    for text in (
        "0100000000000000000000000000000000000000000000000000000000000000",  # order 1
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # order 2
        "0000000000000000000000000000000000000000000000000000000000000000",  # order 4
        "0000000000000000000000000000000000000000000000000000000000000080",  # order 4
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",  # order 8
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",  # order 8
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",  # order 8
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",  # order 8
    )
)
"""The canonical encodings of the eight points whose order divides 8."""


class Point(NamedTuple):
    """A point in extended coordinates: x = X * Z**-1, y = Y * Z**-1, T = X * Y * Z**-1."""

    x: int
    y: int
    z: int
    t: int


IDENTITY: Final = Point(0, 1, 1, 0)


def is_canonical(encoded: bytes) -> bool:
    """
    Say whether 32 bytes are the one encoding of whatever point they may stand for.

    Source: RFC 8032, section 5.1.3: y < p, and no sign on x = 0.
    """
    if encoded[31] & 0x7F == 0x7F and encoded[0] >= 0xED and encoded[1:31] == b"\xff" * 30:
        return False  # y >= p
    number = int.from_bytes(encoded, "little")
    return number not in (_SIGN_BIT + 1, _SIGN_BIT + FIELD_PRIME - 1)


def decode_point(encoded: bytes) -> Point | None:
    """
    Give the point that 32 canonical bytes stand for, or None where the curve has none.

    Source: RFC 8032, section 5.1.3.
    """
    if not is_canonical(encoded):
        return None
    number = int.from_bytes(encoded, "little")
    y = number & (_SIGN_BIT - 1)
    y_squared = y * y % FIELD_PRIME
    x_squared = (y_squared - 1) * pow(_CURVE_D * y_squared + 1, -1, FIELD_PRIME) % FIELD_PRIME
    x = pow(x_squared, (FIELD_PRIME + 3) >> 3, FIELD_PRIME)
    if (x * x - x_squared) % FIELD_PRIME:
        x = x * _ROOT_OF_MINUS_ONE % FIELD_PRIME
    if (x * x - x_squared) % FIELD_PRIME:
        return None
    if x & 1 != number >> 255:
        x = FIELD_PRIME - x
    return Point(x, y, 1, x * y % FIELD_PRIME)


def add_points(left: Point, right: Point) -> Point:
    """
    Add two points; the formula is complete, so doubling needs no other.

    Source: RFC 8032, section 5.1.4.
    """
    a = (left.y - left.x) * (right.y - right.x) % FIELD_PRIME
    b = (left.y + left.x) * (right.y + right.x) % FIELD_PRIME
    c = 2 * left.t * right.t * _CURVE_D % FIELD_PRIME
    d = 2 * left.z * right.z % FIELD_PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return Point(e * f % FIELD_PRIME, g * h % FIELD_PRIME, f * g % FIELD_PRIME, e * h % FIELD_PRIME)


def multiply_point(scalar: int, point: Point) -> Point:
    """Multiply a point by a scalar of 0 or more; not in constant time."""
    total = IDENTITY
    while scalar:
        if scalar & 1:
            total = add_points(total, point)
        point = add_points(point, point)
        scalar >>= 1
    return total


def is_identity(point: Point) -> bool:
    """Say whether a point is the neutral element."""
    return point.x % FIELD_PRIME == 0 and (point.y - point.z) % FIELD_PRIME == 0


def has_prime_order(point: Point) -> bool:
    """
    Say whether a point lies in the group of prime order L and is not its neutral element.

    Takes some milliseconds: it is asked once, when a key is enrolled.
    """
    return not is_identity(point) and is_identity(multiply_point(GROUP_ORDER, point))
