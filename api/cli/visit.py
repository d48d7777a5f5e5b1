"""
Commands for a visit to the site: a pack that works offline, and the form that comes back from it.

The pack is made from the ledger at hand or from a mirror. What comes back becomes requests of one
record each, which a person of the verifier signs as any other.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from api.bootstrap import open_database
from api.cli.at_hand import find_log
from api.cli.case_office import Kept
from api.cli.case_places import CaFile, InFile, Url, open_cases
from api.cli.device_office import DEFAULT_DAYS, Days, OfficeConfig
from api.cli.files import Input, Output, read_file, write_file
from api.cli.inventory_words import Number, PeriodText, UnitCode, scope_of
from api.cli.mirrored import MirrorDir, open_mirror
from api.cli.output import AsJson, console, show
from api.cli.places import Config, Usc
from api.cli.showing import MachineKey, Showing
from api.clock import SystemClock
from api.errors import BadRequest
from api.office.case_requests import VerifierBody, draft_verifier_record
from api.office.desk import open_desk
from api.office.request import format_request
from api.office.settings import OfficeSettings, load_office_settings
from api.settings import load_settings
from api.visits.forms import FINDING_TEMPLATE, Person, blank_form, read_form
from api.visits.page import visit_page
from attestation.instants import MILLISECONDS_PER_SECOND
from chain.addresses import parse_address
from ledger.cases.visiting import visit_pack
from ledger.inventory.assembling import load
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

app = typer.Typer(help="Visits to the site (现场核查), offline.", no_args_is_help=True)

_MAX_FORM_BYTES: Final = 1 << 20
_MAX_DRAWN_BYTES: Final = 1 << 20
_OWN_ONLY: Final = 0o600
_MADE_ON: Final = (1980, 1, 1, 0, 0, 0)
"""Date of the files inside: the same pack has the same bytes."""


@app.command("pack")
def pack(
    usc: Usc,
    unit: UnitCode,
    period: PeriodText,
    out: Output,
    number: Number = None,
    drawn: Annotated[
        Path | None,
        typer.Option(
            "--drawn", exists=True, dir_okay=False, help="What was drawn to be looked at, by line."
        ),
    ] = None,
    mirror: MirrorDir = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write a zip with checklist, plan, meters, last readings, samples and a blank form."""
    lines = () if drawn is None else _lines(drawn)
    with _kept(usc, mirror, config) as (uow, log):
        version = load(uow, log, scope_of(usc, unit, period), number)
        found = visit_pack(uow, log, version, drawn=lines)
    blank = blank_form(found)
    files = {
        "index.html": visit_page(found, blank).encode(),
        "pack.json": _text(found),
        "visit.json": _text(blank),
        "finding.json": _text(FINDING_TEMPLATE),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _MADE_ON), content, zipfile.ZIP_DEFLATED)
    write_file(out, packed.getvalue())
    document = {"file": str(out), "case": found["case"], "files": list(files)}

    def text() -> None:
        console.print(f"written {out}: open index.html in it, at the site, without a network")
        console.print(
            "next: carbonseal visit import visit.json --config office.toml --out FOLDER",
            markup=False,
        )

    show(document, as_json, text)


@app.command("import")
def import_form(
    file: Input,
    config: OfficeConfig,
    out: Annotated[Path, typer.Option("--out", help="Folder to write requests into.")],
    files: Annotated[
        Path | None,
        typer.Option("--files", exists=True, file_okay=False, help="Folder of the files named."),
    ] = None,
    ledger: Kept = None,
    mirror: MirrorDir = None,
    url: Url = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    signer: Annotated[
        str | None, typer.Option("--signer", help="Address; else the settings' initiator.")
    ] = None,
    days: Days = DEFAULT_DAYS,
    as_json: AsJson = False,
) -> None:
    """Make signing requests of a form that was filled in at the site, one for each record."""
    form = read_form(read_file(file, most=_MAX_FORM_BYTES), files)
    _require_unused(out)
    settings = load_office_settings(config)
    with open_cases(ledger, mirror, url, Showing(session_file, machine_key), ca_file) as cases:
        shown, known = cases.look(form.case), cases.look(form.case, "findings")
    if shown["version"] is None:
        raise BadRequest("nothing was submitted yet")
    version, verifier = int(shown["version"]), settings.code
    first = max((int(each["number"]) for each in known["findings"]), default=0) + 1
    now_s = SystemClock().now() // MILLISECONDS_PER_SECOND
    bodies: dict[str, VerifierBody] = {
        "visit-request.json": form.visit(version=version, verifier=verifier)
    }
    for at in range(len(form.findings)):
        body = form.finding(
            at, version=version, verifier=verifier, number=first + at, raised_s=now_s
        )
        bodies[f"finding-{first + at}-request.json"] = body
    requests = _requests(bodies, settings, shown["enterprise"]["code"], signer, days)
    # Who was there comes first: without it the ids in the requests stand for nobody.
    _keep_persons(out / "persons.json", form.persons)
    for name, content in requests.items():
        write_file(out / name, content)
    document = {"folder": str(out), "requests": list(bodies), "persons": "persons.json"}

    def text() -> None:
        for name in bodies:
            console.print(f"written {out / name}", markup=False)
        console.print("next: `carbonseal sign` each; seal persons.json with `carbonseal papers`")

    show(document, as_json, text)


def _require_unused(out: Path) -> None:
    """Refuse a folder in which something lies: the salts of an earlier import would be lost."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadRequest(f"{out} is not an empty folder; each import has one of its own")


def _requests(
    bodies: dict[str, VerifierBody],
    settings: OfficeSettings,
    usc: str,
    signer: str | None,
    days: int,
) -> dict[str, bytes]:
    """Draft a request of each record, by the name of its file."""
    address = signer or (None if settings.people is None else settings.people.initiator)
    if address is None:
        raise BadRequest("the office's settings have no [people]: name the --signer")
    made: dict[str, bytes] = {}
    with open_desk(settings, usc=usc) as desk:
        for name, body in bodies.items():
            request = draft_verifier_record(
                desk,
                body,
                parse_address(address),
                verifier=settings.code,
                now=SystemClock().now(),
                days=days,
            )
            made[name] = format_request(request)
    return made


def _keep_persons(path: Path, persons: tuple[Person, ...]) -> None:
    """
    Write who the ids stand for, for its owner only: it goes nowhere.

    Raises:
        BadRequest: If the folder cannot be made, or the file is there or cannot be written.
    """
    rows = [{"person": each.person.hex(), **asdict(each)} for each in persons]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWN_ONLY)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_text(rows))
    except OSError as error:
        raise BadRequest(f"cannot write {path}: {error.strerror}") from error


@contextmanager
def _kept(usc: str, mirror: Path | None, config: Path | None) -> Iterator[tuple[UnitOfWork, Log]]:
    if mirror is not None:
        with open_mirror(mirror) as (database, log, _), database.reading() as uow:
            if log.name != usc:
                raise BadRequest(f"{mirror} is a mirror of {log.name}")
            yield uow, log
        return
    settings = load_settings(config)
    with open_database(settings) as database, database.reading() as uow:
        yield uow, find_log(uow, settings, usc)


def _lines(path: Path) -> tuple[str, ...]:
    try:
        text = read_file(path, most=_MAX_DRAWN_BYTES).decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"{path} is not UTF-8 text") from error
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _text(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
