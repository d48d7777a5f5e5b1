"""
The enterprise's device authority: it certifies devices and gateways, and nothing else.

A certificate alone enrols nothing: that takes the signatures of two persons. It does open a
gateway's connection to the broker, which the broker's access list may refuse.

Source: FORMATS section 7; `docs/formats/certificates.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from api.errors import BadRequest, ConfigurationError
from api.office.settings import AuthoritySettings
from api.secret_files import Ask, secret_of
from attestation.certificate_issuing import (
    Issuer,
    Validity,
    certificates_from_pem,
    certificates_to_pem,
    issue_gateway,
)
from attestation.instants import (
    MILLISECONDS_PER_DAY,
    MILLISECONDS_PER_HOUR,
    MILLISECONDS_PER_SECOND,
    Instant,
)
from devices.key_files import load_key_file
from devices.signing_requests import read_signing_request


@dataclass(frozen=True, slots=True)
class DeviceAuthority:
    """The enterprise's device authority, with its key, and the root it leads to."""

    issuer: Issuer
    root: bytes
    """DER of the platform root."""
    device_days: int
    """How long a certificate it issues is valid."""

    def validity(self, now: Instant) -> Validity:
        """Give a leaf's validity: from an hour ago, because clocks differ, within its own."""
        issuer = x509.load_der_x509_certificate(self.issuer.certificate)
        first_s = int(issuer.not_valid_before_utc.timestamp())
        last_s = int(issuer.not_valid_after_utc.timestamp())
        begin = max((now - MILLISECONDS_PER_HOUR) // MILLISECONDS_PER_SECOND, first_s)
        end = (now + self.device_days * MILLISECONDS_PER_DAY) // MILLISECONDS_PER_SECOND
        return Validity(
            Instant(begin * MILLISECONDS_PER_SECOND),
            Instant(min(end, last_s) * MILLISECONDS_PER_SECOND),
        )


def open_authority(settings: AuthoritySettings, ask: Ask) -> DeviceAuthority:
    """
    Open the enterprise's device authority.

    Raises:
        ConfigurationError: If a file cannot be read, or the key's password is not to be had.
        EnrolmentError: If others may read the key.
        EncodingError: If a file is not what it should be.
    """
    certificate, root = _first(settings.certificate_file), _first(settings.root_file)
    password = None
    if settings.password_file is not None or _is_encrypted(settings.key_file):
        what = "password of the device authority's key"
        password = secret_of(settings.password_file, what, ask).encode()
    key = load_key_file(settings.key_file, password=password)
    return DeviceAuthority(Issuer(certificate, key), root, settings.device_days)


def _first(path: Path) -> bytes:
    try:
        return certificates_from_pem(path.read_bytes())[0]
    except (OSError, IndexError) as error:
        raise ConfigurationError(f"no certificate to read in {path}") from error


def _is_encrypted(path: Path) -> bool:
    try:
        return b"ENCRYPTED" in path.read_bytes()
    except OSError:
        return False  # opening it says what is wrong


def certify_gateway(
    authority: DeviceAuthority, request: bytes, *, usc: str, now: Instant
) -> tuple[str, bytes]:
    """
    Certify a gateway's TLS key.

    Args:
        authority: Of the enterprise.
        request: Certificate signing request in PEM, from outside.
        usc: The enterprise.
        now: Present time.

    Returns:
        The gateway's name, and its certificate followed by the authority's, in PEM.

    Raises:
        BadRequest: If it is no PEM of a request.
        EnrolmentError: If it is not signed by its key, or for another enterprise.
    """
    try:
        der = x509.load_pem_x509_csr(request).public_bytes(serialization.Encoding.DER)
    except ValueError as error:
        raise BadRequest("not a certificate signing request in PEM") from error
    name, key = read_signing_request(der, usc=usc)
    leaf = issue_gateway(
        key, usc=usc, gateway=name, validity=authority.validity(now), issuer=authority.issuer
    )
    return name, certificates_to_pem(leaf, authority.issuer.certificate)


def signing_request_pem(der: bytes) -> bytes:
    """Give a signing request as PEM."""
    return x509.load_der_x509_csr(der).public_bytes(serialization.Encoding.PEM)
