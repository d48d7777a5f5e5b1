"""The command by which a person signs a request with a key of their own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from api.cli.files import Input, read_file, write_file
from api.cli.output import AsJson, console, errors, show
from api.cli.secrets import SecretFile, password_from
from api.clock import SystemClock
from api.errors import BadRequest
from api.office.desk import read_trust_root
from api.office.request import MAX_BYTES, SigningRequest, format_request, parse_request
from api.office.signing import check_request, missing_roles, sign_request
from api.office.words import describe, document_of, signatures_in_words
from attestation.instants import format_instant
from chain.addresses import format_address
from chain.keys import load_keystore

_FULLY_SHOWN: Final = 20


def sign(
    file: Input,
    keystore: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="The person's keystore (version 3).")
    ],
    trust: Annotated[
        Path,
        typer.Option(
            exists=True, dir_okay=False, help="Trust root: names chain, contracts and log."
        ),
    ],
    password_file: SecretFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Sign without asking.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Show every part, however many.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a signing request, ask, and add a person's signature to its file."""
    request = read_request(file)
    root, now = read_trust_root(trust), SystemClock().now()
    check_request(request, root, now=now)
    if not (as_json and yes):
        # On standard error, so that what programs read stays one document.
        print_request(request, every=every, to_errors=as_json)
    confirm_signing(yes)
    signer = load_keystore(keystore, password_from(password_file, f"password of {keystore.name}"))
    signed = sign_request(request, signer, root, now=now)
    write_file(file, format_request(signed))
    role, missing = signed.role_of(signer.address), list(missing_roles(signed))
    document = {
        **document_of(signed),
        "signed_by": format_address(signer.address),
        "role": role,
        "missing": missing,
    }

    def text() -> None:
        console.print(f"signed as {role} by {format_address(signer.address)}")
        if missing:
            console.print(f"next: carry the file to the {missing[0]}, who signs it too")
        else:
            console.print(f"next: `carbonseal device submit {file}`", markup=False)

    show(document, as_json, text)


def show_request(
    file: Input,
    every: Annotated[bool, typer.Option("--all", help="Show every part, however many.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a signing request says and who has signed it; judges nothing."""
    request = read_request(file)
    show(document_of(request), as_json, lambda: print_request(request, every=every))


def read_request(file: Path) -> SigningRequest:
    """
    Read a signing request's file.

    Raises:
        BadRequest: If it cannot be read.
        EncodingError: If it is none.
    """
    return parse_request(read_file(file, most=MAX_BYTES))


def print_request(request: SigningRequest, *, every: bool, to_errors: bool = False) -> None:
    """Print a request in words; of a long one only what each part is, unless all is asked for."""
    out = errors if to_errors else console
    out.print(Text(request.title, style="bold"))
    if request.origin is not None:
        out.print(f"log       {request.origin}", markup=False)
    out.print(f"chain     eip155:{request.chain_id}")
    out.print(f"deadline  {format_instant(request.deadline)}")
    brief = len(request.parts) > _FULLY_SHOWN and not every
    for number, part in enumerate(request.parts, start=1):
        heading, fields = describe(part)
        out.print(f"{number:>4}  {heading}", markup=False)
        for name, value in () if brief else fields:
            out.print(f"      {name}: {value}", markup=False)
    if brief:
        out.print("      (--all shows the fields of every part)")
    for role, address, signed in signatures_in_words(request):
        out.print(f"{role:<10}{address}  {'has signed' if signed else 'has not signed'}")


def confirm_signing(yes: bool) -> None:
    """
    Ask a person at a terminal whether to sign.

    Raises:
        BadRequest: If they say no, or there is no terminal to ask at.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadRequest("there is no terminal to ask at; say --yes to sign without being asked")
    if not typer.confirm("Sign this?", err=True):
        raise BadRequest("not signed")
