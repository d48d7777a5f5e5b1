"""
Certificates we issue: platform root, device authority of one enterprise, and its leaves.

The platform root certifies one sub-CA for each enterprise, bound by a critical name constraint to
subjects that begin with `O=<unified social credit code>`, path length 0. The sub-CA certifies
gateways (TLS clients) and devices (signers of messages). Servers are certified by the root.

Source: RFC 5280, section 4; FORMATS section 7; `docs/formats/certificates.md`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from attestation.errors import EncodingError
from attestation.ids import parse_gateway_id, parse_usc
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.keys import Algorithm, PublicKey, SoftwareKey

DEVICE_PURPOSE: Final = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""id-kp-documentSigning (RFC 9336): so that no device key opens a TLS connection."""
GATEWAY_PURPOSE: Final = ExtendedKeyUsageOID.CLIENT_AUTH
SERVER_PURPOSE: Final = ExtendedKeyUsageOID.SERVER_AUTH

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ROOT_PATH_LENGTH: Final = 1
_AUTHORITY_NAME: Final = "device authority"


@dataclass(frozen=True, slots=True)
class Validity:
    """When a certificate is valid, in whole seconds; both ends included."""

    not_before: Instant
    not_after: Instant

    def __post_init__(self) -> None:
        whole = self.not_before % MILLISECONDS_PER_SECOND == 0
        if not whole or self.not_after % MILLISECONDS_PER_SECOND or self.is_empty:
            raise EncodingError(
                "a validity is of whole seconds and ends after it begins",
                code="encoding.certificate",
            )

    @property
    def is_empty(self) -> bool:
        """Whether it ends before it begins."""
        return not 0 <= self.not_before < self.not_after


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs certificates: a CA's certificate and its private key."""

    certificate: bytes
    """DER."""
    key: SoftwareKey


def issue_root(key: SoftwareKey, *, name: str, validity: Validity) -> bytes:
    """
    Make the platform's root certificate, signed by itself; DER.

    Args:
        key: The root's key.
        name: Common name, for people.
        validity: When it is valid.
    """
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _authority(_builder(subject, key.public_key, validity), _ROOT_PATH_LENGTH)
    return _sign(builder, subject, key.public_key, key)


def issue_authority(
    public_key: PublicKey, *, usc: str, validity: Validity, issuer: Issuer
) -> bytes:
    """
    Certify the device authority (设备认证机构) of one enterprise; DER.

    Args:
        public_key: The sub-CA's key.
        usc: Unified social credit code of the enterprise; all it certifies begins with it.
        validity: When it is valid.
        issuer: The platform root.

    Raises:
        EncodingError: If the code does not hold.
    """
    subject = subject_name(usc, _AUTHORITY_NAME)
    builder = _authority(_builder(subject, public_key, validity), 0).add_extension(
        x509.NameConstraints(permitted_subtrees=[own_subtree(usc)], excluded_subtrees=None),
        critical=True,
    )
    return _sign_by(builder, issuer)


def issue_gateway(
    public_key: PublicKey, *, usc: str, gateway: str, validity: Validity, issuer: Issuer
) -> bytes:
    """
    Certify a gateway's TLS key; DER.

    Args:
        public_key: The gateway's TLS key.
        usc: Of the enterprise.
        gateway: 1 to 40 characters of `[a-z0-9-]`.
        validity: When it is valid.
        issuer: The enterprise's sub-CA.

    Raises:
        EncodingError: If code or gateway id do not hold.
    """
    uri = gateway_uri(usc, parse_gateway_id(gateway))
    builder = _builder(subject_name(usc, gateway), public_key, validity)
    return _sign_by(_leaf(builder, GATEWAY_PURPOSE, [_uri(uri)]), issuer)


def issue_device(
    public_key: PublicKey, *, usc: str, device: str, validity: Validity, issuer: Issuer
) -> bytes:
    """
    Certify a key that signs messages; DER.

    Args:
        public_key: The device's key, or the gateway's where it signs for a device.
        usc: Of the enterprise.
        device: 1 to 40 characters of `[a-z0-9-]`.
        validity: When it is valid.
        issuer: The enterprise's sub-CA.

    Raises:
        EncodingError: If code or device name do not hold.
    """
    uri = device_uri(usc, parse_gateway_id(device))
    builder = _builder(subject_name(usc, device), public_key, validity)
    return _sign_by(_leaf(builder, DEVICE_PURPOSE, [_uri(uri)]), issuer)


def issue_server(
    public_key: PublicKey, *, hosts: Sequence[str], validity: Validity, issuer: Issuer
) -> bytes:
    """
    Certify the TLS key of a broker or a web server; DER.

    Args:
        public_key: The server's key.
        hosts: DNS names and IP addresses; the first is the common name too. Not empty.
        validity: When it is valid.
        issuer: The platform root.
    """
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    names = [_host(host) for host in hosts]
    return _sign_by(_leaf(_builder(subject, public_key, validity), SERVER_PURPOSE, names), issuer)


def subject_name(usc: str, name: str) -> x509.Name:
    """
    Give a subject: O first, then CN, so that it reads `CN=<name>,O=<usc>` as RFC 4514 prints it.

    Raises:
        EncodingError: If the code does not hold.
    """
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, parse_usc(usc)),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def own_subtree(usc: str) -> x509.DirectoryName:
    """Give the subtree of subjects that belong to one enterprise."""
    return x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, usc)]))


def gateway_uri(usc: str, gateway: str) -> str:
    """Give the URI that names a gateway in its certificate."""
    return f"urn:carbonseal:{usc}:gateway:{gateway}"


def device_uri(usc: str, device: str) -> str:
    """Give the URI that names a device in its certificate."""
    return f"urn:carbonseal:{usc}:device:{device}"


def certificates_to_pem(*certificates: bytes) -> bytes:
    """Give certificates as PEM, in the order given (a leaf first, then its sub-CA)."""
    return b"".join(
        x509.load_der_x509_certificate(each).public_bytes(serialization.Encoding.PEM)
        for each in certificates
    )


def certificates_from_pem(pem: bytes) -> tuple[bytes, ...]:
    """
    Read the DER of all certificates of a PEM text.

    Raises:
        EncodingError: If there is none, or one is malformed.
    """
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise EncodingError("not certificates in PEM", code="encoding.certificate") from error
    return tuple(each.public_bytes(serialization.Encoding.DER) for each in found)


def _builder(
    subject: x509.Name, public_key: PublicKey, validity: Validity
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(_library_key(public_key))
        .serial_number(x509.random_serial_number())
        .not_valid_before(_moment(validity.not_before))
        .not_valid_after(_moment(validity.not_after))
        .add_extension(_key_identifier(public_key), critical=False)
    )


def _authority(builder: x509.CertificateBuilder, path_length: int) -> x509.CertificateBuilder:
    return builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=path_length), critical=True
    ).add_extension(key_usage(signs_certificates=True), critical=True)


def _leaf(
    builder: x509.CertificateBuilder,
    purpose: ObjectIdentifier,
    names: Sequence[x509.GeneralName],
) -> x509.CertificateBuilder:
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )


def key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """Give the one key usage of authorities, or that of leaves."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _sign_by(builder: x509.CertificateBuilder, issuer: Issuer) -> bytes:
    subject = x509.load_der_x509_certificate(issuer.certificate).subject
    return _sign(builder, subject, issuer.key.public_key, issuer.key)


def _sign(
    builder: x509.CertificateBuilder, issuer: x509.Name, issuer_key: PublicKey, key: SoftwareKey
) -> bytes:
    identifier = x509.AuthorityKeyIdentifier(_key_identifier(issuer_key).digest, None, None)
    builder = builder.issuer_name(issuer).add_extension(identifier, critical=False)
    private_key = key.private_key
    digest = None if isinstance(private_key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(private_key, digest).public_bytes(serialization.Encoding.DER)


def _library_key(key: PublicKey) -> ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey:
    if key.algorithm is Algorithm.ED25519:
        return ed25519.Ed25519PublicKey.from_public_bytes(key.raw)
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + key.raw)


def _key_identifier(key: PublicKey) -> x509.SubjectKeyIdentifier:
    # RFC 7093, section 2, method 1 with SHA-256: the kid, cut to 160 bits.
    return x509.SubjectKeyIdentifier(key.kid[:20])


def _uri(text: str) -> x509.GeneralName:
    return x509.UniformResourceIdentifier(text)


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _moment(instant: Instant) -> datetime:
    return _EPOCH + timedelta(milliseconds=instant)
