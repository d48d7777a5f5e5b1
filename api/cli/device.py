"""Commands about device keys, requests for enrolment and sheets of instruments."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from api.bootstrap import open_database
from api.cli.at_hand import find_log
from api.cli.files import Input, Output, PasswordFile, read_file, read_password, write_file
from api.cli.outcomes import leave
from api.cli.output import AsJson, console, show, table
from api.cli.places import Config, Usc
from api.settings import load_settings
from attestation.enums import Outcome, SignerKind
from attestation.ids import parse_origin
from attestation.instants import format_instant
from attestation.keys import Algorithm
from devices.bulk import plan_sheet
from devices.enrolment import request_enrolment, verify_request
from devices.key_files import generate_key_file, load_key_file
from ledger.repositories.devices import DeviceKey

app = typer.Typer(help="Devices and their keys.", no_args_is_help=True)

_MAX_REQUEST_BYTES: Final = 1 << 20
OriginOption = Annotated[str, typer.Option("--origin", help="The log: <host>/log/<usc>.")]


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
    file: Annotated[Path, typer.Argument(help="Key file to make; must not exist.")],
    kind: Annotated[KeyKind, typer.Option("--algorithm")] = KeyKind.ED25519,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a device's key on the device itself, and print its key id."""
    password = read_password(password_file) if password_file else None
    made = generate_key_file(file, password=password, algorithm=_ALGORITHMS[kind])
    kid = made.public_key.kid.hex()
    show({"file": str(file), "kid": kid}, as_json, lambda: console.print(f"kid {kid}"))


@app.command()
def request(
    key_file: Annotated[Path, typer.Option("--key", help="The device's key file.")],
    origin: OriginOption,
    name: Annotated[str, typer.Option("--name", help="Device name, [a-z0-9-].")],
    series: Annotated[list[str], typer.Option("--series", help="Series it measures.")],
    out: Output,
    gateway: Annotated[str | None, typer.Option(help="Gateway its messages come by.")] = None,
    for_gateway: Annotated[
        bool, typer.Option("--gateway-signs", help="A gateway signs for meters that cannot.")
    ] = False,
    epoch: Annotated[int, typer.Option(min=0, help="First epoch; above 0 after a rotation.")] = 0,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Write a request for enrolment with proof of possession, to be carried to the enterprise."""
    password = read_password(password_file) if password_file else None
    signer = load_key_file(key_file, password=password)
    content = request_enrolment(
        signer,
        origin=parse_origin(origin),
        device=name,
        series=series,
        kind=SignerKind.GATEWAY if for_gateway else SignerKind.DEVICE,
        epoch=epoch,
        gateway=gateway,
    )
    write_file(out, content)
    kid = signer.public_key.kid.hex()
    document = {"file": str(out), "kid": kid}
    show(document, as_json, lambda: console.print(f"written {out}; kid {kid}", markup=False))


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


@app.command()
def sheet(file: Input, as_json: AsJson = False) -> None:
    """Read a sheet of instruments and say what it would enrol, row by row; changes nothing."""
    plan = plan_sheet(file)
    kinds: dict[str, int] = {}
    for body in plan.bodies:
        kinds[type(body).__name__] = kinds.get(type(body).__name__, 0) + 1
    document = {
        "rows": plan.rows,
        "records": kinds,
        "errors": [
            {"row": each.row, "column": each.column, "message": each.message}
            for each in plan.errors
        ],
    }

    def text() -> None:
        console.print(f"{plan.rows} rows")
        for kind, count in kinds.items():
            console.print(f"  {count} {kind}")
        rows = table("row", "column", "what is wrong")
        for each in plan.errors:
            rows.add_row(str(each.row), each.column or "", Text(each.message))
        if plan.errors:
            console.print(rows)
            console.print("next: correct these rows; nothing of the sheet is taken until all hold")

    show(document, as_json, text)
    leave(Outcome.FAILED if plan.errors else Outcome.HELD)
