"""
Commands about evidence: sheets, samples, documents, and the months that are handed in (月度存证).

Files of a month are collected, encrypted, at the ledger; `manifest` writes what a manifest of them
would say, and `hand-in` makes a request of it that the enterprise's approver signs. So the ledger
never speaks for the enterprise.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from api.bootstrap import open_database
from api.cli import evidence_documents, evidence_samples, evidence_sheets
from api.cli.at_hand import find_log
from api.cli.device_office import (
    DEFAULT_DAYS,
    Approver,
    Days,
    OfficeConfig,
    RequestOut,
    draft,
)
from api.cli.evidence_place import KINDS, Month, document_store, find_form, find_kind
from api.cli.files import Input, read_file, write_file
from api.cli.outcomes import leave, styled
from api.cli.output import AsJson, console, show, table
from api.cli.places import Config, Usc
from api.clock import SystemClock
from api.errors import BadRequest
from api.evidence import month_document
from api.office.drafting import Drafting
from api.office.evidence_requests import Wanted, draft_evidence, format_wanted, parse_wanted
from api.office.request import SigningRequest
from api.settings import load_settings
from attestation.enums import EvidenceState, Outcome, label
from attestation.evidence_bodies import Manifest
from chain.addresses import parse_address
from ledger.inventory.documents import MAX_DOCUMENT_BYTES
from ledger.inventory.evidence_calendar import evidence_calendar
from ledger.inventory.monthly import MonthStatus, draft_manifest, month_status, year_status
from ledger.inventory.periods import Period
from ledger.inventory.sheets.checking import check_sheet
from ledger.repositories.documents import DraftFile

app = typer.Typer(help="Evidence: sheets, samples, documents, months.", no_args_is_help=True)
app.command("templates")(evidence_sheets.templates)
app.command("check")(evidence_sheets.check)
app.command("reports")(evidence_sheets.reports)
app.command("samples")(evidence_samples.samples)
app.command("documents")(evidence_documents.documents)
app.command("document")(evidence_documents.document)
app.command("erase")(evidence_documents.erase)

_MAX_REQUEST_BYTES: Final = 4 << 20
_UNKNOWN_TYPE: Final = "application/octet-stream"


@app.command("months")
def months(
    usc: Usc,
    year: Annotated[int, typer.Option("--year", help="Calendar year.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the months of a year: missing, draft, submitted, anchored or questioned; when due."""
    settings = load_settings(config)
    now = SystemClock().now()
    with open_database(settings) as database, database.reading() as uow:
        log = find_log(uow, settings, usc)
        found = year_status(uow, log, year, evidence_calendar(), now=now)
    show([month_document(each) for each in found], as_json, lambda: _print_months(found))
    leave(Outcome.FAILED if any(each.is_overdue for each in found) else Outcome.HELD)


@app.command("month")
def month(usc: Usc, month: Month, config: Config = None, as_json: AsJson = False) -> None:
    """Show one month: files collected, the manifest in the log, questions about it."""
    settings = load_settings(config)
    now, period = SystemClock().now(), Period.parse(month)
    with open_database(settings) as database, database.reading() as uow:
        log = find_log(uow, settings, usc)
        status = month_status(uow, log, period, evidence_calendar(), now=now)
        collected = uow.documents.draft(log.usc, period.label)
    document = {
        **month_document(status),
        "collected": [
            {"name": each.name, "kind": _word(each), "sha256": each.sha256.hex()}
            for each in collected
        ],
        "questions": [
            {"index": each.index, "question": each.body.question} for each in status.questions
        ],
    }
    show(document, as_json, lambda: _print_month(status, collected))


@app.command("add")
def add(
    usc: Usc,
    month: Month,
    file: Input,
    kind: Annotated[str, typer.Option("--kind", help=f"One of {', '.join(KINDS)}.")],
    unit: Annotated[
        str | None, typer.Option("--unit", help="Code of the emission unit it is about.")
    ] = None,
    form: Annotated[
        str | None, typer.Option("--form", help="Check it as a sheet of this form first.")
    ] = None,
    media_type: Annotated[
        str | None, typer.Option("--media-type", help="What it is; else by its name.")
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Keep a file, encrypted, and make it part of a month's draft."""
    settings = load_settings(config)
    period, kind_of, store = Period.parse(month), find_kind(kind), document_store(settings)
    evidence_calendar().due_s(period)
    content = read_file(file, most=MAX_DOCUMENT_BYTES)
    if form is not None:
        check_sheet(content, find_form(form)).require()
    kept_as = media_type or mimetypes.guess_type(file.name)[0] or _UNKNOWN_TYPE
    now = SystemClock().now()
    with open_database(settings) as database, database.unit_of_work() as uow:
        code = find_log(uow, settings, usc).usc
        document = store.store(uow, code, content, media_type=kept_as, now=now)
        draft_file = DraftFile(file.name, kind_of, unit, document.sha256)
        uow.documents.put_draft(code, period.label, draft_file)
        # Commit point: kept, and part of the month's draft.
        uow.commit()
    found = {"name": file.name, "sha256": document.sha256.hex(), "size": document.size}

    def text() -> None:
        console.print(f"{file.name} is part of {period.label}: {found['sha256']}", markup=False)
        console.print(f"next: carbonseal evidence manifest {usc} {period.label}", style="dim")

    show(found, as_json, text)


@app.command("drop")
def drop(
    usc: Usc,
    month: Month,
    name: Annotated[str, typer.Argument(help="Name of the file.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Take a file out of a month's draft; its document stays."""
    settings = load_settings(config)
    period = Period.parse(month)
    with open_database(settings) as database, database.unit_of_work() as uow:
        code = find_log(uow, settings, usc).usc
        dropped = uow.documents.drop_draft(code, period.label, name)
        # Commit point: no longer part of the draft.
        uow.commit()
    if not dropped:
        raise BadRequest(f"{name} is no part of the draft of {period.label}")
    show({"dropped": name}, as_json, lambda: console.print(f"{name} is taken out", markup=False))


@app.command("manifest")
def manifest(
    usc: Usc,
    month: Month,
    out: Annotated[Path, typer.Option("--out", help="File of records to write.")],
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why it takes the place of the one before.")
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write what the manifest of a month's collected files says, for `evidence hand-in`."""
    settings = load_settings(config)
    period = Period.parse(month)
    with open_database(settings) as database, database.reading() as uow:
        log = find_log(uow, settings, usc)
        body = draft_manifest(uow, log, period, reason=reason)
        earlier = uow.stated.newest(log.number, Manifest, period.label)
    superseded = () if earlier is None else (earlier.place.leaf_hash,)
    write_file(out, format_wanted([Wanted(body, superseded)]))
    found = {"file": str(out), "number": body.number, "files": len(body.files)}

    def text() -> None:
        console.print(f"manifest {body.number} of {period.label}: {len(body.files)} files")
        console.print(f"next: `carbonseal evidence hand-in {out} …`", markup=False)

    show(found, as_json, text)


@app.command("hand-in")
def hand_in(
    file: Input,
    config: OfficeConfig,
    out: RequestOut,
    laboratory: Annotated[
        str | None,
        typer.Option("--laboratory", help="Address of the laboratory's key, which then signs."),
    ] = None,
    days: Days = DEFAULT_DAYS,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft one signing request of a file of records: samples, steps, reports, a manifest."""
    wanted = parse_wanted(read_file(file, most=_MAX_REQUEST_BYTES))
    key = None if laboratory is None else parse_address(laboratory)

    def make(drafting: Drafting) -> SigningRequest:
        return draft_evidence(drafting, wanted, laboratory=key)

    draft(config, out, make, days=days, initiator=None, approver=approver, as_json=as_json)


def _print_months(found: tuple[MonthStatus, ...]) -> None:
    rows = table("month", "state", "last day", "manifests", "files not handed in", "in time")
    for each in found:
        rows.add_row(
            Text(each.month.label),
            _state(each),
            Text(evidence_calendar().last_day(each.month).isoformat()),
            str(each.versions),
            str(each.drafted),
            Text(_in_time(each)),
        )
    console.print(rows)


def _print_month(status: MonthStatus, collected: list[DraftFile]) -> None:
    _print_months((status,))
    if status.manifest is not None:
        body = status.manifest.body
        console.print(f"manifest {body.number} in entry {status.manifest.index}")
        for file in body.files:
            console.print(f"  {file.sha256.hex()}  {file.name}", markup=False)
    if collected:
        console.print("collected")
        for each in collected:
            console.print(f"  {each.sha256.hex()}  {each.name}  {_word(each)}", markup=False)
    for question in status.questions:
        console.print(f"question in entry {question.index}: {question.body.question}", markup=False)


def _state(status: MonthStatus) -> Text:
    words = f"{label(status.state)} {label(status.state, 'zh')}"
    if status.is_overdue:
        return styled(Outcome.FAILED, f"{words}, overdue")
    is_done = status.state in (EvidenceState.SUBMITTED, EvidenceState.ANCHORED)
    return styled(Outcome.HELD if is_done else Outcome.COULD_NOT_CHECK, words)


def _in_time(status: MonthStatus) -> str:
    return {True: "yes", False: "no", None: "not known"}[status.was_in_time]


def _word(file: DraftFile) -> str:
    return file.kind.name.lower().replace("_", "-")
