"""
Commands about findings (不符合项): list them, and draft what verifier and enterprise say of them.

Each drafts a request of one record; its signer signs it with `carbonseal sign`, and anybody hands
it in with `carbonseal case hand-in`. Numbers and hashes of findings are looked up where cases are
read, so that nobody copies them by hand.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Final

import typer
from rich.text import Text

from api.cli import case_finding_steps
from api.cli.case_office import Kept
from api.cli.case_places import (
    AboutDocument,
    AboutEntry,
    AboutLine,
    AboutSeries,
    CaFile,
    CaseArgument,
    InFile,
    Url,
    anchor_of,
    case_id,
    open_cases,
)
from api.cli.device_office import DEFAULT_DAYS, Days, OfficeConfig, RequestOut
from api.cli.files import Input, read_file
from api.cli.finding_drafts import (
    DUE_DAYS,
    CasePlace,
    DueDays,
    Signer,
    draft_for_verifier,
    newest_version,
)
from api.cli.mirrored import MirrorDir
from api.cli.output import AsJson, console, show, table
from api.cli.places import Config
from api.cli.showing import MachineKey, Showing
from api.clock import SystemClock
from api.errors import BadRequest
from api.office.settings import load_office_settings
from attestation.body_fields import read_body
from attestation.case_bodies import Finding, SiteVisit
from attestation.enums import FindingKind, FindingSeverity, label
from attestation.instants import MILLISECONDS_PER_SECOND
from ledger.cases.templates import FindingTemplate, finding_template, finding_templates
from ledger.inventory.periods import DAY_S

app = typer.Typer(help="Findings of a case, and visits to the site.", no_args_is_help=True)
case_finding_steps.register(app)

_MAX_VISIT_BYTES: Final = 64 << 10


class KindName(StrEnum):
    """Kinds of findings by the names that commands take."""

    NON_CONFORMITY = "non-conformity"
    MISSTATEMENT = "misstatement"
    CLARIFICATION = "clarification"
    RECOMMENDATION = "recommendation"


class SeverityName(StrEnum):
    """Severities by the names that commands take."""

    MINOR = "minor"
    MAJOR = "major"


@app.command("list")
def list_findings(
    case: CaseArgument,
    url: Url = None,
    mirror: MirrorDir = None,
    config: Config = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """List the findings of a case with what was said, and what they add up to."""
    with open_cases(config, mirror, url, Showing(session_file, machine_key), ca_file) as cases:
        found = cases.look(case_id(case), "findings")

    def text() -> None:
        for each in found["findings"]:
            heading = f"{each['number']} {each['state']}  {each['kind']}, {each['severity']}"
            console.print(Text(f"{heading}: {each['title']}", style="bold"))
            console.print(Text(f"  {each['about']}; due {each['due_at']}"))
            console.print(Text(f"  {each['text']}"))
            for step in each["steps"]:
                word = step["conclusion"] or step["type"]
                console.print(Text(f"  {step['at']} {word}: {step['text']}"))
        rows = table("uncorrected", "effect not stated")
        unknown = ", ".join(map(str, found["effects_unknown"])) or "none"
        rows.add_row(f"{found['uncorrected_gco2e']} gCO2e", unknown)
        console.print(rows)

    show(found, as_json, text)


@app.command("templates")
def list_templates(as_json: AsJson = False) -> None:
    """List the wordings for findings that occur again and again."""
    found = [
        {
            "code": each.code,
            "kind": label(each.kind),
            "severity": label(each.severity),
            "title": each.title,
            "text": each.text,
        }
        for each in finding_templates()
    ]

    def text() -> None:
        for each in found:
            heading = f"{each['code']}  {each['kind']}, {each['severity']}: {each['title']}"
            console.print(Text(heading, style="bold"))
            console.print(Text(f"  {each['text']}"))

    show(found, as_json, text)


@app.command("raise")
def raise_finding(
    case: CaseArgument,
    config: OfficeConfig,
    out: RequestOut,
    kind: Annotated[KindName | None, typer.Option("--kind", help="What it is.")] = None,
    severity: Annotated[
        SeverityName | None, typer.Option("--severity", help="How much it weighs.")
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", help="What it is about, in a few words.")
    ] = None,
    text: Annotated[str | None, typer.Option("--text", help="What was found.")] = None,
    template: Annotated[
        str | None, typer.Option("--template", help="Code of a wording for what is not said.")
    ] = None,
    line: AboutLine = None,
    document: AboutDocument = None,
    entry: AboutEntry = None,
    series: AboutSeries = None,
    effect: Annotated[
        int | None, typer.Option("--effect", help="Effect in gCO2e; positive: stated too low.")
    ] = None,
    due_days: DueDays = DUE_DAYS,
    ledger: Kept = None,
    mirror: MirrorDir = None,
    url: Url = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    signer: Signer = None,
    days: Days = DEFAULT_DAYS,
    as_json: AsJson = False,
) -> None:
    """Draft a finding; a person of the verifier that is assigned signs it."""
    said = _said(kind, severity, title, text, template)
    shown, findings = CasePlace(
        ledger, mirror, url, Showing(session_file, machine_key), ca_file
    ).look(case_id(case))
    now_s = SystemClock().now() // MILLISECONDS_PER_SECOND
    numbers = [each["number"] for each in findings["findings"]]
    body = Finding(
        inventory=bytes.fromhex(shown["case"][2:]),
        version=newest_version(shown),
        number=max(numbers, default=0) + 1,
        verifier=load_office_settings(config).code,
        kind=said.kind,
        severity=said.severity,
        anchor=anchor_of(line, document, entry, series),
        title=said.title,
        text=said.text,
        effect_gco2e=effect,
        raised_s=now_s,
        due_s=now_s + due_days * DAY_S,
    )
    draft_for_verifier(config, out, shown, body, signer, days, as_json)


@app.command("visit")
def visit(
    case: CaseArgument,
    file: Input,
    config: OfficeConfig,
    out: RequestOut,
    ledger: Kept = None,
    mirror: MirrorDir = None,
    url: Url = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    signer: Signer = None,
    days: Days = DEFAULT_DAYS,
    as_json: AsJson = False,
) -> None:
    """Draft the record of a visit to the site, from a JSON file with its fields."""
    shown, _ = CasePlace(ledger, mirror, url, Showing(session_file, machine_key), ca_file).look(
        case_id(case)
    )
    try:
        said = json.loads(read_file(file, most=_MAX_VISIT_BYTES))
    except ValueError as error:
        raise BadRequest(f"{file.name} is not JSON: {error}") from error
    if not isinstance(said, dict):
        raise BadRequest(f"{file.name} is not a JSON object")
    given = {
        "inventory": shown["case"][2:],
        "version": newest_version(shown),
        "verifier": load_office_settings(config).code,
    }
    draft_for_verifier(
        config, out, shown, read_body(SiteVisit, {**said, **given}), signer, days, as_json
    )


def _said(
    kind: KindName | None,
    severity: SeverityName | None,
    title: str | None,
    text: str | None,
    template: str | None,
) -> FindingTemplate:
    """Put together what is said of a finding: by the options, else by the template."""
    if template is None:
        if kind is None or severity is None or title is None or text is None:
            raise BadRequest("say --kind, --severity, --title and --text, or a --template")
        return FindingTemplate(
            "", FindingKind[kind.name], FindingSeverity[severity.name], title, text
        )
    of = finding_template(template)
    return FindingTemplate(
        of.code,
        of.kind if kind is None else FindingKind[kind.name],
        of.severity if severity is None else FindingSeverity[severity.name],
        title or of.title,
        text or of.text,
    )
