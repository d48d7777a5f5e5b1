"""Commands about keys and about what others trust."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.files import Output, read_password, write_file
from api.cli.output import AsJson, console, show
from api.cli.places import Config
from api.cli.secrets import SecretFile, password_from
from api.settings import load_settings
from api.trust import build_trust_root
from attestation.trust_root import format_trust_root
from chain.addresses import format_address, parse_address
from chain.keys import create_keystore

app = typer.Typer(help="Keys, and what others trust.", no_args_is_help=True)


@app.command()
def operator(
    file: Annotated[Path, typer.Argument(help="Keystore to make; must not exist.")],
    password_file: Annotated[
        Path,
        typer.Option("--password-file", exists=True, dir_okay=False, help="Its password."),
    ],
    as_json: AsJson = False,
) -> None:
    """Make the operator's chain key in a new keystore, and print its address."""
    password = read_password(password_file).decode()
    address = format_address(create_keystore(file, password))
    show({"address": address, "keystore": str(file)}, as_json, lambda: console.print(address))


@app.command()
def person(
    file: Annotated[Path, typer.Argument(help="Keystore to make; must not exist.")],
    password_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a person's own key in a new keystore, and print the address to be registered."""
    password = password_from(password_file, f"new password of {file.name}")
    address = format_address(create_keystore(file, password))
    show({"address": address, "keystore": str(file)}, as_json, lambda: console.print(address))


@app.command("trust-root")
def trust_root(
    out: Output,
    validator: Annotated[
        list[str] | None,
        typer.Option("--validator", help="Address that may seal blocks (Clique, QBFT)."),
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write the trust root of this operator's logs; prints the name to be compared in print."""
    validators = tuple(parse_address(each) for each in validator or ())
    root = build_trust_root(load_settings(config), validators)
    write_file(out, format_trust_root(root))
    document = {
        "file": str(out),
        "sha256": root.name,
        "logs": [log.origin for log in root.logs],
        "chain": None if root.chain is None else root.chain.chain_id,
    }

    def text() -> None:
        console.print(f"written {out}: {len(root.logs)} logs", markup=False)
        console.print(f"SHA-256 {root.name}")

    show(document, as_json, text)
