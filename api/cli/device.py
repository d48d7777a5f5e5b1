"""Commands about devices, put together; those about keys and requests stand here."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from api.bootstrap import open_database
from api.cli import (
    device_acts,
    device_chains,
    device_gateway,
    device_series,
    device_structure,
    device_submit,
    device_tls,
)
from api.cli.at_hand import find_log
from api.cli.files import Input, Output, PasswordFile, read_file, read_password, write_file
from api.cli.output import AsJson, console, show, table
from api.cli.places import Config, Usc
from api.cli.secrets import ask
from api.cli.sign import show_request
from api.errors import BadRequest
from api.gateway.key_requests import KeyRequest, request_of_key
from api.gateway.settings import load_gateway_settings
from api.gateway.signers import Signers
from api.settings import load_settings
from attestation.enums import SignerKind
from attestation.ids import parse_origin
from attestation.instants import format_instant
from attestation.keys import Algorithm
from devices.enrolment import request_enrolment, verify_request
from devices.key_files import generate_key_file, load_key_file
from ledger.repositories.devices import DeviceKey

app = typer.Typer(help="Devices, their keys, and the gateway they speak by.", no_args_is_help=True)
app.command("run")(device_gateway.run)
app.command("status")(device_gateway.status)
app.command("send-again")(device_gateway.send_again)
app.command("dead-letters")(device_gateway.list_dead_letters)
app.command("begin")(device_chains.begin)
app.command("hand-over")(device_chains.hand_over_to)
app.command("end")(device_chains.end)
app.command("new-epoch")(device_chains.new_epoch)
app.command("recover")(device_chains.recover)
app.command("tls-request")(device_tls.tls_request)
app.command("tls-certificate")(device_tls.tls_certificate)
app.command("authority")(device_acts.authority)
app.command("enrol")(device_acts.enrol)
app.command("rotate")(device_acts.rotate)
app.command("decommission")(device_acts.decommission)
app.command("revoke")(device_acts.revoke)
app.command("epoch")(device_acts.epoch)
app.command("calibrate")(device_series.calibrate)
app.command("multiplier")(device_series.multiplier)
app.command("exchange")(device_series.exchange)
app.command("gap")(device_series.gap)
app.command("correct")(device_series.correct)
app.command("sheet")(device_series.sheet)
app.command("structure")(device_structure.structure)
app.command("control-plan")(device_structure.control_plan)
app.command("show")(show_request)
app.command("submit")(device_submit.submit)

_MAX_REQUEST_BYTES: Final = 1 << 20
OriginOption = Annotated[str, typer.Option("--origin", help="The log: <host>/log/<usc>[-<n>].")]


GatewayFile = Annotated[
    Path | None, typer.Option("--config", dir_okay=False, help="The gateway's settings file.")
]
KeyInSettings = Annotated[
    str | None, typer.Option("--key-name", help="Name of the key in the gateway's settings.")
]


class KeyKind(StrEnum):
    """Algorithms a device may sign with."""

    ED25519 = "ed25519"
    P256 = "p256"


_ALGORITHMS: Final = {KeyKind.ED25519: Algorithm.ED25519, KeyKind.P256: Algorithm.ESP256}


@app.command("list")
def list_devices(usc: Usc, config: Config = None, as_json: AsJson = False) -> None:
    """List the device keys of a log, as its records register them."""
    settings = load_settings(config)
    with open_database(settings) as database, database.reading() as uow:
        log = find_log(uow, settings, usc)
        series = uow.devices.key_series(log.number)
        keys = [_key_row(each, series.get(each.kid, [])) for each in uow.devices.keys(log.number)]

    def text() -> None:
        rows = table("key id", "enrolled at", "closed at", "signs", "until", "series")
        for each in keys:
            closed = "open" if each["closed_at"] is None else str(each["closed_at"])
            until, signer = each["certificate_until"], each["signer"]
            rows.add_row(
                *(each["kid"], str(each["enrolled_at"]), closed, signer, until),
                Text(", ".join(each["series"])),
            )
        console.print(rows)

    show(keys, as_json, text)


def _key_row(key: DeviceKey, series: list[str]) -> dict[str, Any]:
    return {
        "kid": key.kid.hex(),
        "enrolled_at": key.index,
        "closed_at": key.closed_index,
        "signer": key.signer.name.lower(),
        "certificate_until": format_instant(key.not_after),
        "gateway": key.gateway,
        "series": series,
    }


@app.command()
def key(
    file: Annotated[
        Path | None, typer.Argument(help="Key file to make; must not exist. Or --config.")
    ] = None,
    kind: Annotated[KeyKind, typer.Option("--algorithm")] = KeyKind.ED25519,
    password_file: PasswordFile = None,
    config: GatewayFile = None,
    key_name: KeyInSettings = None,
    as_json: AsJson = False,
) -> None:
    """Make a device's key on the device itself, in a file or a token, and print its key id."""
    if config is not None and key_name is not None and file is None and password_file is None:
        with Signers(load_gateway_settings(config), ask) as signers:
            kid = signers.make(key_name, _ALGORITHMS[kind]).public_key.kid.hex()
        document = {"key": key_name, "kid": kid}
    elif file is not None and config is None and key_name is None:
        password = read_password(password_file) if password_file else None
        made = generate_key_file(file, password=password, algorithm=_ALGORITHMS[kind])
        kid = made.public_key.kid.hex()
        document = {"file": str(file), "kid": kid}
    else:
        raise BadRequest("name either a file, or a key of a gateway by --config and --key-name")
    show(document, as_json, lambda: console.print(f"kid {kid}"))


@app.command()
def request(
    out: Output,
    key_file: Annotated[
        Path | None, typer.Option("--key", help="The device's key file. Or --config.")
    ] = None,
    origin: Annotated[
        str | None, typer.Option("--origin", help="The log: <host>/log/<usc>[-<n>].")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Device name, [a-z0-9-]; else the key's name.")
    ] = None,
    series: Annotated[
        list[str] | None, typer.Option("--series", help="Series it measures; else its meters'.")
    ] = None,
    gateway: Annotated[str | None, typer.Option(help="Gateway its messages come by.")] = None,
    for_gateway: Annotated[
        bool, typer.Option("--gateway-signs", help="A gateway signs for meters that cannot.")
    ] = False,
    epoch: Annotated[int, typer.Option(min=0, help="First epoch; above 0 after a rotation.")] = 0,
    password_file: PasswordFile = None,
    config: GatewayFile = None,
    key_name: KeyInSettings = None,
    replaces: Annotated[
        str | None,
        typer.Option(help="Key of the gateway's settings that this one shall take over from."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a request for enrolment with proof of possession, to be carried to the enterprise."""
    if config is not None and key_name is not None and key_file is None and origin is None:
        asked = KeyRequest(key_name, name or key_name, tuple(series or ()), replaces)
        with Signers(load_gateway_settings(config), ask) as signers:
            kid, content = request_of_key(load_gateway_settings(config), signers, asked)
    elif key_file is not None and origin is not None and name is not None and series:
        password = read_password(password_file) if password_file else None
        signer = load_key_file(key_file, password=password)
        kid = signer.public_key.kid
        content = request_enrolment(
            signer,
            origin=parse_origin(origin),
            device=name,
            series=series,
            kind=SignerKind.GATEWAY if for_gateway else SignerKind.DEVICE,
            epoch=epoch,
            gateway=gateway,
        )
    else:
        raise BadRequest(
            "name either --config and --key-name, or --key, --origin, --name and --series"
        )
    write_file(out, content)
    document = {"file": str(out), "kid": kid.hex()}
    show(document, as_json, lambda: console.print(f"written {out}; kid {kid.hex()}", markup=False))


@app.command("check-request")
def check_request(file: Input, origin: OriginOption, as_json: AsJson = False) -> None:
    """Check a device's request, as the enterprise does before it certifies the key."""
    encoded = read_file(file, most=_MAX_REQUEST_BYTES)
    checked = verify_request(encoded, origin=parse_origin(origin))
    document: dict[str, Any] = {
        "origin": str(checked.origin),
        "device": checked.device,
        "kid": checked.key.kid.hex(),
        "signer": checked.signer.name.lower(),
        "epoch": checked.epoch,
        "series": list(checked.series),
        "gateway": checked.gateway,
    }

    def text() -> None:
        for label, value in document.items():
            console.print(f"{label:<8} {value}", markup=False)
        console.print("held: signature and proof of possession")

    show(document, as_json, text)
