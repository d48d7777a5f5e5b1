"""Commands about a gateway's TLS certificate: asked for at the plant, issued at the office."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from api.cli.device_gateway import GatewayConfig
from api.cli.device_office import OfficeConfig, authority_settings
from api.cli.files import Output, read_file, write_file
from api.cli.output import AsJson, console, show
from api.cli.secrets import ask
from api.clock import SystemClock
from api.errors import BadRequest
from api.gateway.settings import BrokerSettings, load_gateway_settings
from api.office.authority import certify_gateway, open_authority, signing_request_pem
from api.secret_files import read_secret
from attestation.ids import parse_origin
from attestation.keys import Algorithm, SoftwareKey
from devices.key_files import generate_key_file, load_key_file
from devices.signing_requests import make_signing_request

_MAX_BYTES: Final = 1 << 16


def tls_request(config: GatewayConfig, out: Output, as_json: AsJson = False) -> None:
    """Make the gateway's TLS key where it is missing, and ask for a certificate of it."""
    settings = load_gateway_settings(config)
    if settings.broker is None:
        raise BadRequest(
            f"{config.name} has no [broker]: there is nothing to show a certificate to"
        )
    key = _key_of(settings.broker)
    usc = parse_origin(settings.log.origin).usc
    request = make_signing_request(key, usc=usc, name=settings.gateway.name)
    write_file(out, signing_request_pem(request))
    document = {"file": str(out), "key": str(settings.broker.key_file), "usc": usc}

    def text() -> None:
        console.print(f"written {out}", markup=False)
        console.print(f"next: the office runs `carbonseal device tls-certificate {out}`")

    show(document, as_json, text)


def _key_of(broker: BrokerSettings) -> SoftwareKey:
    path = broker.key_password_file
    password = None if path is None else read_secret(path).encode()
    if broker.key_file.exists():
        return load_key_file(broker.key_file, password=password)
    # P-256, because brokers and their libraries all know it.
    return generate_key_file(broker.key_file, password=password, algorithm=Algorithm.ESP256)


def tls_certificate(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="What the gateway asked for, PEM.")
    ],
    config: OfficeConfig,
    out: Output,
    as_json: AsJson = False,
) -> None:
    """Certify a gateway's TLS key with the device authority; enrols no key that signs."""
    settings = authority_settings(config)
    if settings.authority is None:
        raise BadRequest("this office certifies no devices")
    request = read_file(file, most=_MAX_BYTES)
    name, chain = certify_gateway(
        open_authority(settings.authority, ask),
        request,
        usc=settings.code,
        now=SystemClock().now(),
    )
    write_file(out, chain)
    document = {"file": str(out), "gateway": name}
    show(document, as_json, lambda: console.print(f"written {out} for {name}", markup=False))
