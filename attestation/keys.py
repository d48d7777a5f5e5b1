"""
Keys of devices and of logs: strict verification, and signing behind one small protocol.

A key has one encoding (DER SubjectPublicKeyInfo) and so one key id; a signature has one form
(64 bytes). What a signature must be beyond that is the same in every verifier:
ECDSA with low s, Ed25519 by the rule of `attestation.ed25519`.

Source: RFC 9864 (algorithm numbers), RFC 5480 and RFC 8410 (encodings), FORMATS section 1;
`docs/formats/signed-message.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from attestation import ed25519 as rule
from attestation.errors import EncodingError, SignatureError
from attestation.ids import Kid

SIGNATURE_LENGTH: Final = 64
SEED_LENGTH: Final = 32
P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_P256_HALF_ORDER: Final = P256_ORDER >> 1
_P256_SPKI: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
_P256_SPKI_LENGTH: Final = 91
_ED25519_SPKI: Final = bytes.fromhex("302a300506032b6570032100")
_ED25519_SPKI_LENGTH: Final = 44
_SHA256_ECDSA: Final = ec.ECDSA(hashes.SHA256())
_SHA256_ECDSA_DETERMINISTIC: Final = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
_KEY_CACHE_SIZE: Final = 16_384  # one enterprise's devices, many times over; about 1 KiB each
_POSSESSION_CONTEXT: Final = "carbonseal/possession/v1\n"


class Algorithm(IntEnum):
    """Signature algorithms, by their fully specified COSE numbers (RFC 9864)."""

    ESP256 = -9
    ED25519 = -19


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that was read from its one accepted encoding; made by `from_spki`."""

    algorithm: Algorithm
    spki_der: bytes = field(repr=False)
    """DER SubjectPublicKeyInfo: 91 bytes for P-256 (uncompressed), 44 for Ed25519."""
    kid: Kid
    """SHA-256 of `spki_der`, 32 bytes."""
    _check: Callable[[bytes, bytes], None] = field(repr=False, compare=False)

    @staticmethod
    def from_spki(spki_der: bytes) -> PublicKey:
        """
        Read a P-256 or Ed25519 key; results are cached.

        Args:
            spki_der: From outside.

        Raises:
            EncodingError: If it is another kind of key, another encoding, or no point.
            SignatureError: If an Ed25519 key is not canonical or of small order.

        Source: RFC 5480, section 2.1.1; RFC 8410, section 4.
        """
        return _read_spki(bytes(spki_der))

    @staticmethod
    def from_ed25519_bytes(raw: bytes) -> PublicKey:
        """
        Read the 32 bytes of an Ed25519 key, as a note's verifier key carries them.

        Raises:
            EncodingError: If they are not 32 bytes or no point.
            SignatureError: If the key is not canonical or of small order.
        """
        return PublicKey.from_spki(_ED25519_SPKI + raw)

    @property
    def raw(self) -> bytes:
        """The key without its DER frame: 32 bytes (Ed25519) or 64 bytes x || y (P-256)."""
        if self.algorithm is Algorithm.ED25519:
            return self.spki_der[len(_ED25519_SPKI) :]
        return self.spki_der[len(_P256_SPKI) :]

    def verify(self, signature: bytes, message: bytes) -> None:
        """
        Check a signature.

        Args:
            signature: 64 bytes: r || s with low s, or R || S.
            message: The exact bytes that were signed.

        Raises:
            SignatureError: If the signature does not hold under the strict rule.

        Source: FORMATS section 1.
        """
        if len(signature) != SIGNATURE_LENGTH:
            raise SignatureError(
                f"signature of {len(signature)} bytes, 64 expected",
                code="verification.signature_length",
            )
        try:
            self._check(signature, message)
        except InvalidSignature as error:
            raise SignatureError("signature does not match message and key") from error

    def __reduce__(self) -> tuple[object, ...]:
        # The library's key object does not travel between processes; the encoding does.
        return PublicKey.from_spki, (self.spki_der,)


class Signer(Protocol):
    """Whatever can sign: a key in a file, a token, a hardware module."""

    @property
    def public_key(self) -> PublicKey:
        """The key that checks what `sign` gives."""

    def sign(self, message: bytes) -> bytes:
        """Sign; 64 bytes, r || s with low s or R || S."""


class SoftwareKey:
    """
    A private key held in memory.

    ECDSA nonces are derived from key and message (RFC 6979), so that no random source can leak
    the key and vectors can be made again.
    """

    def __init__(self, private_key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
        """
        Hold a private key.

        Raises:
            EncodingError: If it is on another curve than P-256.
        """
        self._private_key = private_key
        self.public_key = PublicKey.from_spki(
            private_key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )

    @classmethod
    def generate(cls, algorithm: Algorithm = Algorithm.ED25519) -> SoftwareKey:
        """Make a new key from the operating system's randomness."""
        if algorithm is Algorithm.ED25519:
            return cls(ed25519.Ed25519PrivateKey.generate())
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_seed(cls, seed: bytes, algorithm: Algorithm = Algorithm.ED25519) -> SoftwareKey:
        """
        Make the one key that belongs to 32 bytes, for tests and vectors.

        An Ed25519 seed is the private key of RFC 8032; a P-256 scalar is
        1 + SHA-512(seed) mod (n - 1).

        Raises:
            EncodingError: If the seed is not 32 bytes.
        """
        if len(seed) != SEED_LENGTH:
            raise EncodingError(f"seed of {len(seed)} bytes, 32 expected", code="encoding.key")
        if algorithm is Algorithm.ED25519:
            return cls(ed25519.Ed25519PrivateKey.from_private_bytes(seed))
        digest = int.from_bytes(hashlib.sha512(seed).digest(), "big")
        return cls(ec.derive_private_key(1 + digest % (P256_ORDER - 1), ec.SECP256R1()))

    @classmethod
    def from_pem(cls, pem: bytes, password: bytes | None = None) -> SoftwareKey:
        """
        Read a PKCS #8 private key.

        Args:
            pem: PEM text, encrypted or not.
            password: The password of an encrypted key; None for a plain one.

        Raises:
            EncodingError: If the text, the password or the kind of key is wrong.
        """
        try:
            private_key = serialization.load_pem_private_key(pem, password)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise EncodingError(
                "not a readable private key, or not its password", code="encoding.key"
            ) from error
        if not isinstance(private_key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
            raise EncodingError("private key is neither P-256 nor Ed25519", code="encoding.key")
        return cls(private_key)

    def to_pem(self, password: bytes | None) -> bytes:
        """
        Give the key as PKCS #8 PEM.

        Args:
            password: Encrypts it; None leaves it plain, for tests and one-machine use.
        """
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            encryption = serialization.BestAvailableEncryption(password)
        return self._private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        )

    @property
    def private_key(self) -> ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey:
        """The library's key object, for issuing certificates and for TLS."""
        return self._private_key

    def sign(self, message: bytes) -> bytes:
        """Sign; 64 bytes, r || s with low s or R || S."""
        if isinstance(self._private_key, ed25519.Ed25519PrivateKey):
            return self._private_key.sign(message)
        r, s = decode_dss_signature(self._private_key.sign(message, _SHA256_ECDSA_DETERMINISTIC))
        return normalise_low_s(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def normalise_low_s(signature: bytes) -> bytes:
    """
    Give the P-256 signature r || s with the smaller of s and n - s; 64 bytes.

    Signers call it: half of all ECDSA signatures come out of a module with the other s, and
    admission refuses those.
    """
    s = int.from_bytes(signature[32:], "big")
    return signature[:32] + min(s, P256_ORDER - s).to_bytes(32, "big")


def check_prime_order(key: PublicKey) -> None:
    """
    Check, once, at enrolment, that a key lies in the group of prime order.

    A P-256 key always does. An Ed25519 key with a part of small order would make
    signatures whose validity depends on the verifier's equation.

    Raises:
        SignatureError: If the key has a part of small order.

    Source: FORMATS section 1.
    """
    if key.algorithm is Algorithm.ESP256:
        return
    point = rule.decode_point(key.raw)
    if point is None or not rule.has_prime_order(point):
        raise SignatureError(
            "Ed25519 key is outside the group of prime order", code="verification.key_torsion"
        )


def possession_statement(origin: str, kid: Kid) -> bytes:
    """
    Give the bytes a new key signs to show that its holder asks for a place in one log.

    Source: `docs/formats/identities.md`.
    """
    return f"{_POSSESSION_CONTEXT}{origin}\n{kid.hex()}\n".encode()


def prove_possession(signer: Signer, origin: str) -> bytes:
    """Sign the possession statement for one log; 64 bytes."""
    return signer.sign(possession_statement(origin, signer.public_key.kid))


def verify_possession(key: PublicKey, origin: str, signature: bytes) -> None:
    """
    Check a proof of possession.

    Raises:
        SignatureError: If the key did not sign the statement for this log.
    """
    key.verify(signature, possession_statement(origin, key.kid))


@lru_cache(maxsize=_KEY_CACHE_SIZE)
def _read_spki(spki_der: bytes) -> PublicKey:
    kid = Kid(hashlib.sha256(spki_der).digest())
    if len(spki_der) == _ED25519_SPKI_LENGTH and spki_der.startswith(_ED25519_SPKI):
        raw = spki_der[len(_ED25519_SPKI) :]
        _check_ed25519_key(raw)
        return PublicKey(Algorithm.ED25519, spki_der, kid, _ed25519_check(raw))
    if len(spki_der) == _P256_SPKI_LENGTH and spki_der.startswith(_P256_SPKI):
        return PublicKey(Algorithm.ESP256, spki_der, kid, _p256_check(spki_der[26:]))
    raise EncodingError(
        f"{len(spki_der)} bytes are not the SubjectPublicKeyInfo of a P-256 or Ed25519 key",
        code="encoding.key",
    )


def _ed25519_check(raw: bytes) -> Callable[[bytes, bytes], None]:
    verify = ed25519.Ed25519PublicKey.from_public_bytes(raw).verify

    def check(signature: bytes, message: bytes) -> None:
        _check_ed25519_form(signature)
        verify(signature, message)

    return check


def _p256_check(encoded_point: bytes) -> Callable[[bytes, bytes], None]:
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), encoded_point)
    except ValueError as error:
        raise EncodingError("P-256 key is not on the curve", code="encoding.key") from error
    verify = key.verify

    def check(signature: bytes, message: bytes) -> None:
        verify(_der_of_low_s(signature), message, _SHA256_ECDSA)

    return check


def _check_ed25519_key(raw: bytes) -> None:
    if not rule.is_canonical(raw):
        raise SignatureError(
            "Ed25519 key is not canonically encoded", code="verification.key_not_canonical"
        )
    if raw in rule.SMALL_ORDER_ENCODINGS:
        raise SignatureError("Ed25519 key has small order", code="verification.key_small_order")
    if rule.decode_point(raw) is None:
        raise EncodingError("Ed25519 key is not on the curve", code="encoding.key")


def _check_ed25519_form(signature: bytes) -> None:
    r = signature[:32]
    if r in rule.SMALL_ORDER_ENCODINGS:
        raise SignatureError("R has small order", code="verification.signature_small_order")
    if not rule.is_canonical(r):
        raise SignatureError(
            "R is not canonically encoded", code="verification.signature_not_canonical"
        )
    if int.from_bytes(signature[32:], "little") >= rule.GROUP_ORDER:
        raise SignatureError("S is not below L", code="verification.signature_range")


def _der_of_low_s(signature: bytes) -> bytes:
    r = int.from_bytes(signature[:32], "big")
    s = int.from_bytes(signature[32:], "big")
    if not (0 < r < P256_ORDER and 0 < s < P256_ORDER):
        raise SignatureError("r or s is out of range", code="verification.signature_range")
    if s > _P256_HALF_ORDER:
        raise SignatureError("s is above half the order", code="verification.signature_high_s")
    return encode_dss_signature(r, s)
