"""
A request for enrolment from a gateway's settings: log, series and kind are what the file says.

Source: FORMATS sections 1 and 7; `docs/gateway.md`, "Enrolment".
"""

from __future__ import annotations

from dataclasses import dataclass

from api.errors import ConfigurationError
from api.gateway.meters import read_meters, series_of
from api.gateway.settings import GatewaySettings
from api.gateway.signers import Signers
from attestation.enums import SignerKind
from attestation.ids import Kid, parse_origin
from devices.enrolment import request_enrolment
from devices.errors import SignerStateMissing, StoreUnavailable
from devices.position import read_position
from devices.store import StoreView


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """Which key shall be enrolled, and as what."""

    key: str
    """Its name in the settings."""
    device: str
    """Device name in the certificate."""
    series: tuple[str, ...]
    """Series it measures; those of its meters where there are none."""
    replaces: str | None
    """Name of the key whose chain it shall continue."""


def request_of_key(
    settings: GatewaySettings, signers: Signers, asked: KeyRequest
) -> tuple[Kid, bytes]:
    """
    Make the request of a key of the settings: its id, and the canonical JSON.

    A key that replaces another asks for that one's series and the epoch after its present one.

    Raises:
        ConfigurationError: If no key has the name, or nothing says what it measures.
        EnrolmentError: If a key cannot be opened.
        EncodingError: If the device's name or a series has another form.
    """
    signer = signers.open(asked.key)
    meters = read_meters(settings.meter)
    series = asked.series or tuple(dict.fromkeys(series_of(meters, asked.replaces or asked.key)))
    if not series:
        raise ConfigurationError(f"no meter is signed for by {asked.key}; name its series")
    found = settings.key_named(asked.key)
    is_device = found is not None and found.signer == "device"
    epoch = 0
    if asked.replaces is not None:
        epoch = _next_epoch(settings, signers.open(asked.replaces).public_key.kid)
    content = request_enrolment(
        signer,
        origin=parse_origin(settings.log.origin),
        device=asked.device,
        series=series,
        kind=SignerKind.DEVICE if is_device else SignerKind.GATEWAY,
        epoch=epoch,
        gateway=settings.gateway.name,
    )
    return signer.public_key.kid, content


def _next_epoch(settings: GatewaySettings, old: Kid) -> int:
    """Give the epoch that follows the present one of a key, as a hand-over will."""
    try:
        with StoreView(settings.gateway.store) as store:
            position = read_position(store, old)
    except (StoreUnavailable, SignerStateMissing) as error:
        raise ConfigurationError(
            "the key to be replaced has no chain on this gateway; leave --replaces out"
        ) from error
    return position.epoch if position.next_sequence == 0 else position.epoch + 1
