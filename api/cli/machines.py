"""Commands by which an approver lets machines of their party send requests, and ends that."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from api.auth.logins import Purpose
from api.auth.machines import KEY_URN
from api.cli.files import read_file, read_password
from api.cli.login import CaFile, InFile, Url, confirm, logged_in, message_for
from api.cli.output import AsJson, console, show, table
from api.cli.secrets import SecretFile, password_from
from api.client.operations import Operations
from api.client.transport import open_transport
from api.clock import SystemClock
from api.session_file import address_of
from attestation.instants import MILLISECONDS_PER_DAY, Instant
from attestation.keys import SoftwareKey
from chain.keys import load_keystore
from chain.personal_messages import sign_personal

app = typer.Typer(help="Keys by which machines of a party come in.", no_args_is_help=True)

_MOST_PEM: Final = 16_384


@app.command()
def add(
    key: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="The machine's private key, PEM."),
    ],
    name: Annotated[str, typer.Option(help="What people call the machine.")],
    keystore: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="The approver's keystore.")
    ],
    url: Url,
    days: Annotated[int, typer.Option(min=1, max=731, help="How long it lasts.")] = 365,
    party: Annotated[
        str | None,
        typer.Option(help="Code of the party, where the approver speaks for several."),
    ] = None,
    password_file: SecretFile = None,
    key_password_file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Password of the machine's key."),
    ] = None,
    ca_file: CaFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Sign without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Register a machine's key: shows the text, and signs it with both keys."""
    secret = None if key_password_file is None else read_password(key_password_file)
    machine = SoftwareKey.from_pem(read_file(key, most=_MOST_PEM), secret)
    here = address_of(url)
    with open_transport(here, ca_file=ca_file) as transport:
        server = Operations(transport)
        asked: Any = server.draw_nonce({"purpose": "machine-key"})
        password = password_from(password_file, f"password of {keystore.name}")
        signer = load_keystore(keystore, password)
        text = message_for(
            asked,
            here,
            signer.address,
            Purpose.MACHINE_KEY,
            party=party,
            resources=(KEY_URN + machine.public_key.kid.hex(),),
            expires_at=Instant(SystemClock().now() + days * MILLISECONDS_PER_DAY),
        ).text()
        confirm(text, yes, quiet=as_json)
        found: Any = server.register_machine_key(
            {
                "message": text,
                "signature": f"0x{sign_personal(text.encode(), signer).hex()}",
                "spki": base64.b64encode(machine.public_key.spki_der).decode(),
                "possession": base64.b64encode(machine.sign(text.encode())).decode(),
                "name": name,
            }
        )
    show(
        dict(found),
        as_json,
        lambda: console.print(f"registered: {found['id']}, until {found['expires_at']}"),
    )


@app.command("list")
def list_machines(
    url: Url,
    session_file: InFile = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """List the machines' keys of the party that is logged in."""
    here, token = logged_in(url, session_file)
    with open_transport(here, token=token, ca_file=ca_file) as transport:
        found: Any = Operations(transport).list_machine_keys()

    def text() -> None:
        rows = table("key", "name", "registered by", "until", "ended")
        for each in found["keys"]:
            ended = each["revoked_at"] or ""
            by, until = each["registered_by"], each["expires_at"]
            rows.add_row(each["id"], each["name"], by, until, ended)
        console.print(rows)

    show(dict(found), as_json, text)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="Id of the key: SHA-256, hex.")],
    url: Url,
    session_file: InFile = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """End a machine's key of the party that is logged in, at once."""
    here, token = logged_in(url, session_file)
    with open_transport(here, token=token, ca_file=ca_file) as transport:
        Operations(transport).revoke_machine_key(key)
    show({"revoked": key}, as_json, lambda: console.print(f"ended: {key}"))
