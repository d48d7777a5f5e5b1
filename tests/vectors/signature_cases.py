"""
Cases of the signature rules: Ed25519 after speccheck and CCTV, ECDSA after Wycheproof.

Each is built from numbers, so that exactly one thing is wrong with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.vectors import edwards
from tests.vectors.edwards import L, P

Case = dict[str, Any]

ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
P256_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
MESSAGE = b"a reading"

# RFC 8032, section 7.1: seed, public key, message, signature.
RFC8032 = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
        "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
        "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)


def case(
    name: str, step: str, spki: bytes, message: bytes, signature: bytes, error: str | None = None
) -> Case:
    """Give one case; `step` is where it is decided: key, enrolment or verify."""
    return {
        "name": name,
        "step": step,
        "spki": spki.hex(),
        "message": message.hex(),
        "signature": signature.hex(),
        "result": "invalid" if error else "valid",
        **({"error": error} if error else {}),
    }


def ed25519_cases() -> Iterator[Case]:
    for number, (_, public, message, signature) in enumerate(RFC8032, start=1):
        yield ed25519(
            f"RFC 8032 test {number}", public, bytes.fromhex(message), bytes.fromhex(signature)
        )
    yield from _genuine_and_damaged()
    yield from _torsion_cases()
    yield from _key_cases()


def ed25519(
    name: str,
    public: str | bytes,
    message: bytes,
    signature: bytes,
    error: str | None = None,
    step: str = "verify",
) -> Case:
    raw = bytes.fromhex(public) if isinstance(public, str) else public
    return case(name, step, ED25519_SPKI + raw, message, signature, error)


class _Key:
    """A key whose every number is at hand."""

    def __init__(self, seed: bytes) -> None:
        self.scalar, self.prefix = edwards.secret_scalar(seed)
        self.point = edwards.times(self.scalar, edwards.base_point())
        self.raw = edwards.encode(self.point)

    def nonce(self, message: bytes) -> int:
        return int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % L

    def sign(self, message: bytes, *, r_plus: edwards.AffinePoint = edwards.NEUTRAL) -> bytes:
        """Sign, with a point added to R."""
        nonce = self.nonce(message)
        r = edwards.encode(edwards.add(edwards.times(nonce, edwards.base_point()), r_plus))
        k = edwards.challenge(r, self.raw, message)
        return edwards.signature(r, (nonce + k * self.scalar) % L)


def _genuine_and_damaged() -> Iterator[Case]:
    key, other = _Key(b"\x01" * 32), _Key(b"\x02" * 32)
    good = key.sign(MESSAGE)
    s = int.from_bytes(good[32:], "little")
    plain, length, high = (
        "verification.signature",
        "verification.signature_length",
        "verification.signature_range",
    )
    yield ed25519("genuine", key.raw, MESSAGE, good)
    yield ed25519("message changed", key.raw, MESSAGE + b"s", good, plain)
    yield ed25519("key of another", other.raw, MESSAGE, good, plain)
    yield ed25519("one bit of R", key.raw, MESSAGE, bytes([good[0] ^ 1]) + good[1:], plain)
    yield ed25519(
        "sign of R", key.raw, MESSAGE, good[:31] + bytes([good[31] ^ 128]) + good[32:], plain
    )
    yield ed25519(
        "one bit of S", key.raw, MESSAGE, good[:32] + bytes([good[32] ^ 1]) + good[33:], plain
    )
    yield ed25519("S + L", key.raw, MESSAGE, edwards.signature(good[:32], s + L), high)
    yield ed25519("S = L", key.raw, MESSAGE, edwards.signature(good[:32], L), high)
    yield ed25519("S = 2**256 - 1", key.raw, MESSAGE, good[:32] + b"\xff" * 32, high)
    yield ed25519("R and S swapped", key.raw, MESSAGE, good[32:] + good[:32], high)
    yield ed25519("63 bytes", key.raw, MESSAGE, good[:-1], length)
    yield ed25519("65 bytes", key.raw, MESSAGE, good + b"\x00", length)
    yield ed25519("empty", key.raw, MESSAGE, b"", length)
    yield ed25519("all zero", key.raw, MESSAGE, bytes(64), "verification.signature_small_order")


def _torsion_cases() -> Iterator[Case]:
    key, torsion = _Key(b"\x03" * 32), edwards.torsion_point()
    for multiple in range(8):
        small = edwards.times(multiple, torsion)
        # R = small, S = k a: with a cofactor it holds for every message.
        r = edwards.encode(small)
        s = edwards.challenge(r, key.raw, MESSAGE) * key.scalar % L
        yield ed25519(
            f"R = {multiple} T8",
            key.raw,
            MESSAGE,
            edwards.signature(r, s),
            "verification.signature_small_order",
        )
        if multiple:
            yield ed25519(
                f"R + {multiple} T8: holds only with a cofactor",
                key.raw,
                MESSAGE,
                key.sign(MESSAGE, r_plus=small),
                "verification.signature",
            )
    yield from _mixed_key_cases(key, torsion)
    for y, sign in ((P, 0), (P + 1, 0), (P + 3, 1), (1, 1), (P - 1, 1)):
        r = (y | sign << 255).to_bytes(32, "little")
        s = edwards.challenge(r, key.raw, MESSAGE) * key.scalar % L
        yield ed25519(
            f"R not canonical: y = {_of_p(y)}, sign {sign}",
            key.raw,
            MESSAGE,
            edwards.signature(r, s),
            "verification.signature_not_canonical",
        )


def _mixed_key_cases(key: _Key, torsion: edwards.AffinePoint) -> Iterator[Case]:
    """A = aB + T8: the equation without cofactor holds where 8 divides k, so enrolment refuses."""
    mixed = edwards.encode(edwards.add(key.point, torsion))
    found: dict[bool, tuple[bytes, bytes]] = {}
    for number in range(200):
        message = MESSAGE + bytes([number])
        nonce = key.nonce(message)
        r = edwards.encode(edwards.times(nonce, edwards.base_point()))
        k = edwards.challenge(r, mixed, message)
        signature = edwards.signature(r, (nonce + k * key.scalar) % L)
        found.setdefault(k % 8 == 0, (message, signature))
        if len(found) == 2:
            break
    torsion_code = "verification.key_torsion"
    yield ed25519("A + T8, 8 divides k", mixed, *found[True])
    yield ed25519("A + T8, 8 does not divide k", mixed, *found[False], "verification.signature")
    yield ed25519("A + T8 at enrolment", mixed, *found[True], torsion_code, "enrolment")
    yield ed25519("A at enrolment", key.raw, MESSAGE, key.sign(MESSAGE), None, "enrolment")


def _key_cases() -> Iterator[Case]:
    torsion = edwards.torsion_point()
    for multiple in range(8):
        a = edwards.encode(edwards.times(multiple, torsion))
        # S = r: with A of small order it holds for one message in eight, or for every message.
        r = edwards.encode(edwards.times(5, edwards.base_point()))
        yield ed25519(
            f"A = {multiple} T8",
            a,
            MESSAGE,
            edwards.signature(r, 5),
            "verification.key_small_order",
            "key",
        )
    for y in range(19):
        for sign in (0, 1):
            if edwards.with_y(y, sign) is None:
                continue
            yield ed25519(
                f"A not canonical: y = p + {y}, sign {sign}",
                (P + y | sign << 255).to_bytes(32, "little"),
                MESSAGE,
                bytes(64),
                "verification.key_not_canonical",
                "key",
            )
    for y in (1, P - 1):
        yield ed25519(
            f"A not canonical: y = {_of_p(y)}, sign of x = 0",
            (y | 1 << 255).to_bytes(32, "little"),
            MESSAGE,
            bytes(64),
            "verification.key_not_canonical",
            "key",
        )
    off = next(y for y in range(2, 100) if edwards.with_y(y) is None)
    raw = off.to_bytes(32, "little")
    yield ed25519("A not on the curve", raw, MESSAGE, bytes(64), "encoding.key", "key")
    yield ed25519("A of 31 bytes", raw[:31], MESSAGE, bytes(64), "encoding.key", "key")


def _of_p(y: int) -> str:
    return f"p{y - P:+}" if y > 100 else str(y)


def p256_cases() -> Iterator[Case]:
    private = ec.derive_private_key(12345, ec.SECP256R1())
    spki = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    der = private.sign(MESSAGE, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(der)
    s = min(s, N - s)
    plain, size, high = (
        "verification.signature",
        "verification.signature_range",
        "verification.signature_high_s",
    )
    table: tuple[tuple[str, bytes, bytes, str | None], ...] = (
        ("genuine", MESSAGE, raw(r, s), None),
        ("high s", MESSAGE, raw(r, N - s), high),
        ("message changed", MESSAGE + b"s", raw(r, s), plain),
        ("one bit of r", MESSAGE, raw(r ^ 1, s), plain),
        ("one bit of s", MESSAGE, raw(r, s ^ 1), plain),
        ("r and s swapped", MESSAGE, raw(s, r % (N // 2)), plain),
        ("r = 0", MESSAGE, raw(0, s), size),
        ("s = 0", MESSAGE, raw(r, 0), size),
        ("r = s = 0", MESSAGE, bytes(64), size),
        ("r = n", MESSAGE, raw(N, s), size),
        ("s = n", MESSAGE, raw(r, N), size),
        ("r = 2**256 - 1", MESSAGE, raw(2**256 - 1, s), size),
        ("s = (n - 1) / 2 + 1", MESSAGE, raw(r, N // 2 + 1), high),
        ("s = (n - 1) / 2", MESSAGE, raw(r, N // 2), plain),
        ("r = s = 1", MESSAGE, raw(1, 1), plain),
        ("DER", MESSAGE, der, "verification.signature_length"),
        ("63 bytes", MESSAGE, raw(r, s)[:-1], "verification.signature_length"),
        ("65 bytes", MESSAGE, raw(r, s) + b"\x00", "verification.signature_length"),
    )
    for name, message, signature, error in table:
        yield case(name, "verify", spki, message, signature, error)
    yield from _p256_key_cases(spki, raw(r, s))


def raw(r: int, s: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _p256_key_cases(spki: bytes, signature: bytes) -> Iterator[Case]:
    point = spki[len(P256_SPKI) :]
    compressed = bytes([2 + point[64] % 2]) + point[1:33]
    table = {
        "compressed point": bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
        + compressed,
        "point not on the curve": spki[:-1] + bytes([spki[-1] ^ 1]),
        "hybrid point": P256_SPKI + bytes([6 + point[64] % 2]) + point[1:],
        "point at infinity": P256_SPKI + bytes(65),
        "trailing byte": spki + b"\x00",
        "length in two bytes": b"\x30\x81\x59" + spki[2:],
        "empty": b"",
    }
    for name, damaged in table.items():
        yield case(name, "key", damaged, MESSAGE, signature, "encoding.key")
