"""
Edwards curve arithmetic for vectors: affine, slow, and none of it shared with the implementation.

Source: RFC 8032, section 5.1.
"""

from __future__ import annotations

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

AffinePoint = tuple[int, int]

NEUTRAL: AffinePoint = (0, 1)


def inverse(number: int) -> int:
    return pow(number, P - 2, P)


def add(one: AffinePoint, other: AffinePoint) -> AffinePoint:
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * inverse(1 + product)
    y = (y1 * y2 + x1 * x2) * inverse(1 - product)
    return x % P, y % P


def times(scalar: int, point: AffinePoint) -> AffinePoint:
    total = NEUTRAL
    for bit in bin(scalar)[2:]:
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def encode(point: AffinePoint) -> bytes:
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def with_y(y: int, sign: int = 0) -> AffinePoint | None:
    """Give the point with this y and sign of x, if there is one (section 5.1.3)."""
    square = (y * y - 1) * inverse(D * y * y + 1) % P
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square:
        root = root * pow(2, (P - 1) // 4, P) % P
    if root * root % P != square:
        return None
    return (P - root if root % 2 != sign else root) % P, y % P


def base_point() -> AffinePoint:
    point = with_y(4 * inverse(5) % P)
    assert point is not None
    return point


def torsion_point() -> AffinePoint:
    """Give a point of order 8: what is left of some point when its part of order L is gone."""
    y = 2
    while True:
        point = with_y(y)
        candidate = times(L, point) if point else NEUTRAL
        if times(4, candidate) != NEUTRAL:
            return candidate
        y += 1


def secret_scalar(seed: bytes) -> tuple[int, bytes]:
    """Give the scalar of a seed, and the prefix that its nonces are made with (section 5.1.5)."""
    digest = bytearray(hashlib.sha512(seed).digest())
    digest[0] &= 248
    digest[31] = digest[31] & 127 | 64
    return int.from_bytes(digest[:32], "little"), bytes(digest[32:])


def challenge(r: bytes, a: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + a + message).digest(), "little") % L


def signature(r: bytes, s: int) -> bytes:
    return r + s.to_bytes(32, "little")
