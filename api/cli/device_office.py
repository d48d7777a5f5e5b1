"""What the office's commands have in common: settings, persons, deadline, the request's file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from api.cli.files import write_file
from api.cli.output import console, show
from api.cli.sign import print_request
from api.clock import SystemClock
from api.errors import BadRequest
from api.office.desk import open_desk
from api.office.drafting import Drafting, begin_drafting
from api.office.request import SigningRequest, format_request
from api.office.settings import OfficeSettings, load_office_settings
from api.office.words import document_of
from attestation.ids import HASH_LENGTH, Kid

OfficeConfig = Annotated[
    Path, typer.Option("--config", dir_okay=False, help="The office's settings file.")
]
RequestOut = Annotated[Path, typer.Option("--out", help="Signing request to write.")]
Days = Annotated[
    int, typer.Option("--days", min=1, max=90, help="How long it may be signed and handed in.")
]
Initiator = Annotated[
    str | None, typer.Option("--initiator", help="Address; else the one in the settings.")
]
Approver = Annotated[
    str | None, typer.Option("--approver", help="Address; else the one in the settings.")
]
Supersedes = Annotated[
    list[str] | None,
    typer.Option("--supersedes", help="Leaf hash of an entry it takes the place of."),
]
DEFAULT_DAYS: Final = 7
ORDERLY_AFTER: Final = 10_000
After = Annotated[
    int,
    typer.Option("--after", min=0, help="Entries the log may grow by until the act counts."),
]

Make = Callable[[Drafting], SigningRequest]


def draft(
    config: Path,
    out: Path,
    make: Make,
    *,
    days: int,
    initiator: str | None,
    approver: str | None,
    as_json: bool,
) -> None:
    """Draft a request, write it to its file, and show it."""
    settings = load_office_settings(config)
    now = SystemClock().now()
    with open_desk(settings) as desk:
        people = {"initiator": initiator, "approver": approver}
        request = make(begin_drafting(desk, now=now, days=days, people=people))
    write_request(request, out, as_json)


def write_request(request: SigningRequest, out: Path, as_json: bool) -> None:
    """Write a request to its file, and show it with what comes next."""
    write_file(out, format_request(request))

    def text() -> None:
        print_request(request, every=False)
        roles = " and ".join(request.signers)
        console.print(f"written {out}; to be signed by {roles}", markup=False)
        console.print(
            f"next: each runs `carbonseal sign {out} --keystore … --trust …`", markup=False
        )

    show({"file": str(out), **document_of(request)}, as_json, text)


def authority_settings(config: Path) -> OfficeSettings:
    """
    Load the settings of an office that certifies devices.

    Raises:
        ConfigurationError: If they are not complete.
        BadRequest: If they name no device authority.
    """
    settings = load_office_settings(config)
    if settings.authority is None:
        raise BadRequest(f"{config.name} has no [authority]: this office certifies no devices")
    return settings


def parse_kid(text: str) -> Kid:
    """
    Read a key id.

    Raises:
        BadRequest: If it is not 64 hexadecimal digits.
    """
    return Kid(parse_hash(text, "key id"))


def parse_hash(text: str, what: str) -> bytes:
    """
    Read 32 bytes in hexadecimal.

    Raises:
        BadRequest: If it is something else.
    """
    try:
        content = bytes.fromhex(text)
    except ValueError as error:
        raise BadRequest(f"the {what} is not hexadecimal: {text!r}") from error
    if len(content) != HASH_LENGTH:
        raise BadRequest(f"the {what} has {len(content)} bytes, {HASH_LENGTH} expected")
    return content
