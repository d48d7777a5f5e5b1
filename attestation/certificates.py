"""
Whether a certificate speaks for a key, a party and a time: our own checks, one by one.

Everything is asked explicitly: issuer, signature, validity, basic constraints, key usage,
purpose, name constraint, subject, the key itself. A critical extension that is not among these is
refused. Revocation is not asked here: keys are judged by the log's index.

Source: RFC 5280, sections 4.2 and 6.1; FORMATS sections 3 and 7; `docs/formats/certificates.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtensionOID, NameOID, ObjectIdentifier, SignatureAlgorithmOID

from attestation.certificate_issuing import (
    DEVICE_PURPOSE,
    GATEWAY_PURPOSE,
    device_uri,
    gateway_uri,
    key_usage,
    own_subtree,
)
from attestation.errors import CertificateError, EncodingError, SignatureError
from attestation.ids import parse_gateway_id, parse_usc
from attestation.instants import Instant, from_seconds
from attestation.keys import PublicKey

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SIGNATURE_ALGORITHMS: Final = frozenset(
    (SignatureAlgorithmOID.ECDSA_WITH_SHA256, SignatureAlgorithmOID.ED25519)
)
_CRITICAL_OF_AUTHORITIES: Final = frozenset(
    (ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.NAME_CONSTRAINTS)
)
_CRITICAL_OF_LEAVES: Final = frozenset(
    (
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    )
)
_ExtensionType = TypeVar("_ExtensionType", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True)
class Authority:
    """A verified device authority."""

    usc: str
    """Of the one enterprise it certifies for."""
    key: PublicKey
    not_before: Instant
    not_after: Instant
    """Last valid millisecond."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified gateway or device."""

    usc: str
    name: str
    """Gateway id or device name: the common name."""
    key: PublicKey
    not_before: Instant
    not_after: Instant
    """Last valid millisecond."""


def verify_authority(certificate: bytes, root: bytes, *, at: Instant) -> Authority:
    """
    Check that the platform root made this certificate a device authority, valid at a time.

    Args:
        certificate: DER of the sub-CA's certificate, from outside.
        root: DER of the root's certificate, trusted.
        at: The time that counts.

    Raises:
        CertificateError: If one of the conditions does not hold.

    Source: RFC 5280, section 6.1; FORMATS section 7.
    """
    parent, child = _load(root), _load(certificate)
    _check_issuing(parent, path_length=1, at=at)
    _check_issued(child, parent, at)
    _check_issuing(child, path_length=0, at=at)
    usc, _ = _organisation_and_name(child)
    constraints = _extension(child, x509.NameConstraints, critical=True)
    _require(
        constraints == x509.NameConstraints([own_subtree(usc)], None),
        "the name constraint is not exactly the enterprise's own subtree",
        code="verification.certificate_names",
    )
    return Authority(usc, _key_of(child), *_validity_of(child))


def verify_device_certificate(
    leaf: bytes, issuer: bytes, root: bytes, *, at: Instant, usc: str, kid: bytes
) -> Identity:
    """
    Check that a certificate lets a key sign messages for an enterprise at a time.

    Args:
        leaf: DER, from outside.
        issuer: DER of the sub-CA's certificate, from outside.
        root: DER of the platform root's certificate, trusted.
        at: The time that counts, such as signed-at.
        usc: The enterprise whose log it is.
        kid: Key id the messages name, 32 bytes.

    Raises:
        CertificateError: If one of the conditions does not hold.

    Source: RFC 5280, section 6.1; FORMATS sections 3 and 7.
    """
    identity = _verify_leaf(leaf, issuer, root, at, DEVICE_PURPOSE)
    _require(
        identity.usc == usc, f"for {identity.usc}, not for {usc}", code="verification.certificate"
    )
    _require(identity.key.kid == kid, "certifies another key", code="verification.certificate_key")
    _check_uri(leaf, device_uri(identity.usc, identity.name))
    return identity


def verify_gateway_certificate(leaf: bytes, issuer: bytes, root: bytes, *, at: Instant) -> Identity:
    """
    Check that a certificate lets a gateway connect at a time, and say whose it is.

    Args:
        leaf: DER, from outside.
        issuer: DER of the sub-CA's certificate, from outside.
        root: DER of the platform root's certificate, trusted.
        at: The time that counts.

    Raises:
        CertificateError: If one of the conditions does not hold.

    Source: RFC 5280, section 6.1; FORMATS section 7.
    """
    identity = _verify_leaf(leaf, issuer, root, at, GATEWAY_PURPOSE)
    _check_uri(leaf, gateway_uri(identity.usc, identity.name))
    return identity


def _verify_leaf(
    leaf: bytes, issuer: bytes, root: bytes, at: Instant, purpose: ObjectIdentifier
) -> Identity:
    authority = verify_authority(issuer, root, at=at)
    child = _load(leaf)
    _check_issued(child, _load(issuer), at)
    _check_critical(child, _CRITICAL_OF_LEAVES)
    _require(
        _extension(child, x509.BasicConstraints, critical=True)
        == x509.BasicConstraints(ca=False, path_length=None),
        "a leaf is no authority",
        code="verification.certificate_usage",
    )
    _require(
        _extension(child, x509.KeyUsage, critical=True) == key_usage(signs_certificates=False),
        "a leaf's key usage is digital signature and nothing else",
        code="verification.certificate_usage",
    )
    _require(
        _extension(child, x509.ExtendedKeyUsage, critical=None) == x509.ExtendedKeyUsage([purpose]),
        "certified for another purpose",
        code="verification.certificate_purpose",
    )
    usc, name = _organisation_and_name(child)
    _require(
        usc == authority.usc,
        f"a subject of {usc} under the authority of {authority.usc}",
        code="verification.certificate_names",
    )
    return Identity(usc, _checked(parse_gateway_id, name), _key_of(child), *_validity_of(child))


def _load(certificate: bytes) -> x509.Certificate:
    """Read one DER certificate of version 3, with all the parts that are looked at later."""
    try:
        loaded = x509.load_der_x509_certificate(certificate)
        is_exact = loaded.public_bytes(serialization.Encoding.DER) == certificate
        is_version_3 = loaded.version is x509.Version.v3
        # The library reads these when they are asked for, and only then finds them malformed.
        _ = loaded.extensions, loaded.subject, loaded.issuer, loaded.public_key()
    except (
        ValueError,
        UnsupportedAlgorithm,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ) as error:
        raise CertificateError("not a readable certificate", code="encoding.certificate") from error
    _require(is_exact and is_version_3, "not a version 3 certificate", code="encoding.certificate")
    return loaded


def _check_issued(child: x509.Certificate, parent: x509.Certificate, at: Instant) -> None:
    """Check issuer name, signature algorithm, signature and validity."""
    _require(
        child.signature_algorithm_oid in _SIGNATURE_ALGORITHMS,
        "signed with another algorithm than ECDSA with SHA-256 or Ed25519",
        code="verification.certificate_signature",
    )
    try:
        child.verify_directly_issued_by(parent)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise CertificateError(
            "not issued by the certificate above it", code="verification.certificate_signature"
        ) from error
    _check_validity(child, at)


def _check_issuing(authority: x509.Certificate, *, path_length: int, at: Instant) -> None:
    """Check that a certificate may issue others, `path_length` authorities below it."""
    _check_validity(authority, at)
    _check_critical(authority, _CRITICAL_OF_AUTHORITIES)
    _require(
        _extension(authority, x509.BasicConstraints, critical=True)
        == x509.BasicConstraints(ca=True, path_length=path_length),
        f"no authority of path length {path_length}",
        code="verification.certificate_usage",
    )
    _require(
        _extension(authority, x509.KeyUsage, critical=True) == key_usage(signs_certificates=True),
        "an authority's key usage is signing certificates and revocations",
        code="verification.certificate_usage",
    )


def _check_validity(certificate: x509.Certificate, at: Instant) -> None:
    not_before, not_after = _validity_of(certificate)
    if not not_before <= at <= not_after:
        raise CertificateError(
            f"instant {at} is outside the validity {not_before} to {not_after}",
            code="verification.certificate_validity",
        )


def _check_critical(certificate: x509.Certificate, known: frozenset[ObjectIdentifier]) -> None:
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in known:
            raise CertificateError(
                f"unknown critical extension {extension.oid.dotted_string}",
                code="verification.certificate_critical",
            )


def _check_uri(leaf: bytes, uri: str) -> None:
    names = _extension(_load(leaf), x509.SubjectAlternativeName, critical=None)
    _require(
        names == x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)]),
        f"the alternative name is not exactly {uri}",
        code="verification.certificate_names",
    )


def _extension(
    certificate: x509.Certificate, kind: type[_ExtensionType], *, critical: bool | None
) -> _ExtensionType:
    """Give an extension that must be there; `critical` None takes it either way."""
    try:
        extension = certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound as error:
        raise CertificateError(
            f"no {kind.__name__} extension", code="verification.certificate_usage"
        ) from error
    _require(
        critical is None or extension.critical is critical,
        f"{kind.__name__} is not critical",
        code="verification.certificate_critical",
    )
    return extension.value


def _organisation_and_name(certificate: x509.Certificate) -> tuple[str, str]:
    """Give O and CN of a subject of exactly these two, in this order."""
    attributes = [attribute for rdn in certificate.subject.rdns for attribute in rdn]
    _require(
        [attribute.oid for attribute in attributes]
        == [NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME]
        and len(certificate.subject.rdns) == len(attributes),
        "a subject is O and CN, in this order",
        code="verification.certificate_names",
    )
    organisation, name = (str(attribute.value) for attribute in attributes)
    return _checked(parse_usc, organisation), name


def _checked(parse: Callable[[str], str], text: str) -> str:
    try:
        return parse(text)
    except EncodingError as error:
        raise CertificateError(error.message, code="verification.certificate_names") from error


def _key_of(certificate: x509.Certificate) -> PublicKey:
    try:
        return PublicKey.from_spki(
            certificate.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
    except (EncodingError, SignatureError, ValueError) as error:
        raise CertificateError(
            "neither a P-256 nor an acceptable Ed25519 key", code="verification.certificate_key"
        ) from error


def _validity_of(certificate: x509.Certificate) -> tuple[Instant, Instant]:
    first = (certificate.not_valid_before_utc - _EPOCH) // timedelta(seconds=1)
    last = (certificate.not_valid_after_utc - _EPOCH) // timedelta(seconds=1)
    return from_seconds(first), Instant(from_seconds(last + 1) - 1)


def _require(condition: bool, message: str, *, code: str) -> None:
    if not condition:
        raise CertificateError(message, code=code)
