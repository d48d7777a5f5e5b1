"""Keys: one encoding, strict signatures, and signing that admission accepts."""

from __future__ import annotations

import hashlib
import pickle

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from attestation.errors import EncodingError, SignatureError
from attestation.keys import (
    P256_ORDER,
    Algorithm,
    PublicKey,
    SoftwareKey,
    check_prime_order,
    normalise_low_s,
    prove_possession,
    verify_possession,
)
from tests.support.attested import ED25519_KEY, ORIGIN, OTHER_KEY, OTHER_ORIGIN, P256_KEY

BOTH = pytest.mark.parametrize("key", [ED25519_KEY, P256_KEY], ids=["Ed25519", "P-256"])


@BOTH
def test_signature_of_ours_holds(key: SoftwareKey) -> None:
    """What a key signs, its public half accepts."""
    key.public_key.verify(key.sign(b"a"), b"a")


@BOTH
def test_signing_is_deterministic(key: SoftwareKey) -> None:
    """The same message gives the same signature, so that vectors can be made again."""
    assert key.sign(b"a") == key.sign(b"a")


@BOTH
def test_kid_is_the_hash_of_the_encoding(key: SoftwareKey) -> None:
    """The key id is SHA-256 of the SubjectPublicKeyInfo."""
    assert key.public_key.kid == hashlib.sha256(key.public_key.spki_der).digest()


@BOTH
def test_key_travels_between_processes(key: SoftwareKey) -> None:
    """A public key can be pickled and still verifies."""
    again = pickle.loads(pickle.dumps(key.public_key))  # noqa: S301 - our own bytes

    assert again == key.public_key
    again.verify(key.sign(b"a"), b"a")


@BOTH
@pytest.mark.parametrize("password", [None, b"secret"])
def test_private_key_is_read_back_from_pem(key: SoftwareKey, password: bytes | None) -> None:
    """PEM, encrypted or not, gives the same key again."""
    again = SoftwareKey.from_pem(key.to_pem(password), password)

    assert again.public_key == key.public_key
    assert again.private_key is not key.private_key


def test_pem_with_another_password_is_refused() -> None:
    """A wrong or missing password is our error, not the library's."""
    pem = ED25519_KEY.to_pem(b"secret")

    for password in (b"Secret", None):
        with pytest.raises(EncodingError, match="private key"):
            SoftwareKey.from_pem(pem, password)


UNKNOWN_KIND = (
    b"-----BEGIN PRIVATE KEY-----MC4CAQAwBQYD2KV/BCIAAAAAAAAAAABBBBBBBBBBBEEEEEEEEEEEEEIQ"
    b"QQQQQQQQQQ-----END PRIVATE KEY-----"
)


@pytest.mark.parametrize(
    "pem",
    [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n", UNKNOWN_KIND],
    ids=["empty", "cut", "unknown kind"],
)
def test_malformed_pem_is_refused(pem: bytes) -> None:
    """Anything that is no PEM is our error."""
    with pytest.raises(EncodingError, match="private key"):
        SoftwareKey.from_pem(pem)


def test_rsa_key_is_refused() -> None:
    """A key of another kind is named as such."""
    pem = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    with pytest.raises(EncodingError, match="neither P-256 nor Ed25519"):
        SoftwareKey.from_pem(pem)


def test_key_on_another_curve_is_refused() -> None:
    """P-384 has another encoding, which is not ours."""
    with pytest.raises(EncodingError, match="not the SubjectPublicKeyInfo"):
        SoftwareKey(ec.generate_private_key(ec.SECP384R1()))


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_generated_keys_differ(algorithm: Algorithm) -> None:
    """Two keys of one algorithm are two keys, of that algorithm."""
    one, other = SoftwareKey.generate(algorithm), SoftwareKey.generate(algorithm)

    assert one.public_key.algorithm is algorithm
    assert one.public_key != other.public_key


def test_seed_has_32_bytes() -> None:
    """A seed of another length is refused."""
    with pytest.raises(EncodingError, match="seed of 31 bytes"):
        SoftwareKey.from_seed(bytes(31))


def test_raw_key_is_the_encoding_without_its_frame() -> None:
    """32 bytes for Ed25519, 64 for P-256; the former reads back."""
    assert PublicKey.from_ed25519_bytes(ED25519_KEY.public_key.raw) == ED25519_KEY.public_key
    assert len(P256_KEY.public_key.raw) == 64


def test_possession_holds_for_one_log_and_key() -> None:
    """A proof of possession is for the log and the key it was made for."""
    proof = prove_possession(ED25519_KEY, ORIGIN)
    verify_possession(ED25519_KEY.public_key, ORIGIN, proof)

    with pytest.raises(SignatureError, match="does not match"):
        verify_possession(ED25519_KEY.public_key, OTHER_ORIGIN, proof)
    with pytest.raises(SignatureError, match="does not match"):
        verify_possession(OTHER_KEY.public_key, ORIGIN, proof)


def test_low_s_is_kept_and_high_s_is_turned() -> None:
    """Normalising gives the lower of the two values of s, whichever came in."""
    signature = P256_KEY.sign(b"a")
    s = int.from_bytes(signature[32:], "big")
    turned = signature[:32] + (P256_ORDER - s).to_bytes(32, "big")

    assert normalise_low_s(signature) == normalise_low_s(turned) == signature


@BOTH
def test_genuine_key_has_prime_order(key: SoftwareKey) -> None:
    """Enrolment accepts every key that was generated properly."""
    check_prime_order(key.public_key)
