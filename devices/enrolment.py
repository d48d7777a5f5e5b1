"""
Enrolment of a device key, from the device's request to the records the enterprise signs.

The device makes its key and a request with proof of possession. The enterprise checks it, has its
authority certify the key, and signs the records (initiator and approver, on chain where there is
one). The operator only relays: nothing here needs or sees another party's key.

Source: FORMATS sections 1, 3, 4 and 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.certificates import verify_authority, verify_device_certificate
from attestation.encodings import format_base64, parse_base64
from attestation.enums import CloseReason, SignerKind
from attestation.errors import EncodingError
from attestation.ids import Kid, Origin, parse_gateway_id, parse_origin, parse_series_id
from attestation.instants import Instant
from attestation.key_bodies import (
    CertificateAuthority,
    EpochClosing,
    KeyClosing,
    KeyEnrolment,
)
from attestation.keys import (
    SIGNATURE_LENGTH,
    PublicKey,
    Signer,
    check_prime_order,
    prove_possession,
    verify_possession,
)
from devices.errors import EnrolmentError
from devices.rotation import ClosedEpoch
from devices.signing_requests import make_signing_request, read_signing_request

REQUEST_VERSION: Final = 1
_NAMES: Final = frozenset(
    ("version", "origin", "request", "possession", "signer", "epoch", "series", "gateway")
)


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """A device's request, with signature and proof of possession checked."""

    origin: Origin
    device: str
    """Device name in the certificate."""
    key: PublicKey
    possession: bytes
    """64 bytes."""
    signer: SignerKind
    epoch: int
    """First epoch the key will sign: 0, or the one after the key before it."""
    series: tuple[str, ...]
    gateway: str | None

    @property
    def instruments(self) -> tuple[str, ...]:
        """The instruments of the series, each once, sorted."""
        return tuple(sorted({parse_series_id(series).instrument for series in self.series}))


def request_enrolment(
    signer: Signer,
    *,
    origin: Origin,
    device: str,
    series: Sequence[str],
    kind: SignerKind = SignerKind.DEVICE,
    epoch: int = 0,
    gateway: str | None = None,
) -> bytes:
    """
    Make a request on the device: canonical JSON, to be carried to the enterprise.

    Args:
        signer: The device's key.
        origin: The log it will sign for.
        device: Its name, 1 to 40 characters of `[a-z0-9-]`.
        series: What it measures; not empty.
        kind: The device itself, or a gateway for devices that cannot sign.
        epoch: 0 for a new device, else the epoch `hand_over` gives.
        gateway: The gateway its messages come by, where that is fixed.

    Raises:
        EncodingError: If a name or a series has another form.
    """
    content: dict[str, Json] = {
        "version": REQUEST_VERSION,
        "origin": str(origin),
        "request": format_base64(make_signing_request(signer, usc=origin.usc, name=device)),
        "possession": format_base64(prove_possession(signer, str(origin))),
        "signer": kind.name.lower(),
        "epoch": epoch,
        "series": [str(parse_series_id(each)) for each in series],
        "gateway": None if gateway is None else parse_gateway_id(gateway),
    }
    return canonical_json(content)


def verify_request(encoded: bytes, *, origin: Origin) -> EnrolmentRequest:
    """
    Check a device's request, as the enterprise does before it certifies the key.

    Args:
        encoded: From outside.
        origin: The enterprise's own log.

    Raises:
        EncodingError: If the request has another form.
        EnrolmentError: If it is for another log, or not signed by its key.
        SignatureError: If the key is not acceptable, or possession is not proved.
    """
    content = require_object(parse_canonical(encoded), "enrolment request")
    if content.keys() != _NAMES:
        raise EncodingError("enrolment request with other names", code="encoding.enrolment")
    match content:
        case {
            "version": 1,
            "origin": str(named),
            "request": str(request),
            "possession": str(possession),
            "signer": ("device" | "gateway") as signer,
            "epoch": int(epoch),
            "series": [_, *_] as series,
            "gateway": (str() | None) as gateway,
        } if epoch >= 0 and not isinstance(epoch, bool):
            pass
        case _:
            raise EncodingError("enrolment request is malformed", code="encoding.enrolment")
    if parse_origin(named) != origin:
        raise EnrolmentError(f"the request is for {named}, not for {origin}")
    device, key = read_signing_request(parse_base64(request), usc=origin.usc)
    check_prime_order(key)
    proof = parse_base64(possession, length=SIGNATURE_LENGTH)
    verify_possession(key, str(origin), proof)
    return EnrolmentRequest(
        origin=origin,
        device=device,
        key=key,
        possession=proof,
        signer=SignerKind.DEVICE if signer == "device" else SignerKind.GATEWAY,
        epoch=epoch,
        series=tuple(str(parse_series_id(str(each))) for each in series),
        gateway=None if gateway is None else parse_gateway_id(gateway),
    )


def authority_body(certificate: bytes, root: bytes, *, at: Instant) -> CertificateAuthority:
    """
    Make the `ca` record's body: the enterprise's device authority begins to count.

    Args:
        certificate: DER of the sub-CA.
        root: DER of the platform root, trusted.
        at: The time that counts.

    Raises:
        CertificateError: If the root did not make it an authority.
    """
    verify_authority(certificate, root, at=at)
    public_key = x509.load_der_x509_certificate(root).public_key()
    spki = public_key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return CertificateAuthority(certificate=certificate, root=PublicKey.from_spki(spki).kid)


def key_body(
    request: EnrolmentRequest,
    *,
    leaf: bytes,
    authority: bytes,
    root: bytes,
    at: Instant,
    act: bytes | None = None,
) -> KeyEnrolment:
    """
    Make the `key` record's body from a checked request and the certificate issued for it.

    Args:
        request: As `verify_request` gave it.
        leaf: DER of the device's certificate.
        authority: DER of the sub-CA that issued it.
        root: DER of the platform root, trusted.
        at: The time that counts.
        act: EIP-712 digest of the act in DeviceRegistry, 32 bytes; None where there is no chain,
            and to find the `enrolment_hash` that the act names.

    Raises:
        CertificateError: If the certificate is not for this key and enterprise.
        EnrolmentError: If it is for another device.
    """
    identity = verify_device_certificate(
        leaf, authority, root, at=at, usc=request.origin.usc, kid=request.key.kid
    )
    if identity.name != request.device:
        raise EnrolmentError(f"certificate of {identity.name!r}, not of {request.device!r}")
    return KeyEnrolment(
        kid=request.key.kid,
        spki=request.key.spki_der,
        certificates=(leaf, authority),
        possession=request.possession,
        signer=request.signer,
        epoch=request.epoch,
        instruments=request.instruments,
        series=request.series,
        gateway=request.gateway,
        act=act,
    )


def epoch_body(closed: ClosedEpoch, *, next_kid: Kid | None = None) -> EpochClosing:
    """
    Make the rotation record's body, which names the last message of the chain that ended.

    Args:
        closed: What `devices.rotation` gave.
        next_kid: Key of the next epoch, where it is another.
    """
    return EpochClosing(
        kid=closed.kid,
        closed_epoch=closed.epoch,
        last_sequence=closed.last_sequence,
        last_message=closed.last_message_id,
        reason=closed.reason,
        next_kid=next_kid,
    )


def orderly_closing_body(
    closed: ClosedEpoch, reason: CloseReason, *, closed_index: int, act: bytes | None = None
) -> KeyClosing:
    """
    Make the `key-close` record's body for a key that was rotated away or decommissioned.

    Messages up to the last one named still count, however late they come.

    Raises:
        EnrolmentError: If the reason is not one of these two.
    """
    if reason not in {CloseReason.ROTATED, CloseReason.DECOMMISSIONED}:
        raise EnrolmentError("an orderly closing is a rotation or a decommissioning")
    return KeyClosing(
        kid=closed.kid,
        reason=reason,
        closed_index=closed_index,
        last_epoch=closed.epoch,
        last_sequence=closed.last_sequence,
        act=act,
    )


def revocation_body(
    kid: Kid, *, closed_index: int, compromised_since_s: int | None = None, act: bytes | None = None
) -> KeyClosing:
    """
    Make the `key-close` record's body for a key that must not be trusted any more.

    Args:
        kid: The key.
        closed_index: Index from which on nothing signed with it counts.
        compromised_since_s: From when on it is suspected; marks readings, removes none.
        act: EIP-712 digest of the act in DeviceRegistry.
    """
    return KeyClosing(
        kid=kid,
        reason=CloseReason.REVOKED,
        closed_index=closed_index,
        compromised_since_s=compromised_since_s,
        act=act,
    )
