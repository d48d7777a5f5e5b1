"""
Certificate signing requests, by any signer: also by a key that never leaves its token.

Source: RFC 2986 (PKCS #10); FORMATS section 7 for the subject.
"""

from __future__ import annotations

from typing import Any, NoReturn

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from attestation.certificate_issuing import subject_name
from attestation.ids import parse_gateway_id
from attestation.keys import Algorithm, PublicKey, Signer
from devices.errors import EnrolmentError


def make_signing_request(signer: Signer, *, usc: str, name: str) -> bytes:
    """
    Ask for a certificate of `CN=<name>,O=<usc>`; DER.

    Args:
        signer: The key to be certified.
        usc: Unified social credit code of the enterprise.
        name: Gateway id or device name, 1 to 40 characters of `[a-z0-9-]`.

    Raises:
        EncodingError: If code or name do not hold.
    """
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        subject_name(usc, parse_gateway_id(name))
    )
    if signer.public_key.algorithm is Algorithm.ED25519:
        request = builder.sign(_Ed25519Key(signer), None)
    else:
        request = builder.sign(_P256Key(signer), hashes.SHA256())
    return request.public_bytes(serialization.Encoding.DER)


def read_signing_request(request: bytes, *, usc: str) -> tuple[str, PublicKey]:
    """
    Check a request's signature and subject; give the name and the key.

    Args:
        request: DER, from outside.
        usc: The enterprise that is asked.

    Raises:
        EnrolmentError: If it is malformed, not signed by its key, or for another enterprise.
        EncodingError, SignatureError: If the key is not one of ours.
    """
    try:
        loaded = x509.load_der_x509_csr(request)
        is_signed = loaded.is_signature_valid
        public_key = loaded.public_key()
        names = [attribute.value for attribute in loaded.subject]
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise EnrolmentError("not a certificate signing request") from error
    if not is_signed:
        raise EnrolmentError("the signing request is not signed by its key")
    if loaded.subject != subject_name(usc, str(names[-1]) if names else ""):
        raise EnrolmentError(f"the signing request is not for O={usc}")
    spki = public_key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return parse_gateway_id(str(names[-1])), PublicKey.from_spki(spki)


def _library_key(key: PublicKey) -> Any:
    return serialization.load_der_public_key(key.spki_der)


def _stays_inside() -> NoReturn:
    raise NotImplementedError("the key only signs")


class _P256Key(ec.EllipticCurvePrivateKey):
    """A signer in the shape the library's builders take."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        signature = self._signer.sign(bytes(data))
        return encode_dss_signature(
            int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        )

    def public_key(self) -> ec.EllipticCurvePublicKey:
        key: ec.EllipticCurvePublicKey = _library_key(self._signer.public_key)
        return key

    @property
    def curve(self) -> ec.EllipticCurve:
        return ec.SECP256R1()

    @property
    def key_size(self) -> int:
        return self.curve.key_size

    def exchange(self, *_: Any) -> bytes:
        _stays_inside()

    def private_numbers(self) -> ec.EllipticCurvePrivateNumbers:
        _stays_inside()

    def private_bytes(self, *_: Any) -> bytes:
        _stays_inside()

    def __copy__(self) -> _P256Key:
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> _P256Key:
        return self


class _Ed25519Key(ed25519.Ed25519PrivateKey):
    """A signer in the shape the library's builders take."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def sign(self, data: Any) -> bytes:
        return self._signer.sign(bytes(data))

    def public_key(self) -> ed25519.Ed25519PublicKey:
        key: ed25519.Ed25519PublicKey = _library_key(self._signer.public_key)
        return key

    def private_bytes(self, *_: Any) -> bytes:
        _stays_inside()

    def private_bytes_raw(self) -> bytes:
        _stays_inside()

    def __copy__(self) -> _Ed25519Key:
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> _Ed25519Key:
        return self
