"""Commands that draft what is said about a finding: the answer, how it ended, opened again."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from api.cli.case_office import Kept
from api.cli.case_places import CaFile, CaseArgument, InFile, Url, case_id
from api.cli.device_office import (
    DEFAULT_DAYS,
    Approver,
    Days,
    OfficeConfig,
    RequestOut,
    parse_hash,
    write_request,
)
from api.cli.finding_drafts import (
    DUE_DAYS,
    CasePlace,
    DueDays,
    Number,
    Signer,
    Words,
    draft_for_verifier,
    finding_of,
    leaf_of,
)
from api.cli.mirrored import MirrorDir
from api.cli.output import AsJson
from api.cli.showing import MachineKey, Showing
from api.clock import SystemClock
from api.errors import BadRequest
from api.office.case_requests import draft_response
from api.office.desk import open_desk
from api.office.drafting import begin_drafting
from api.office.settings import load_office_settings
from attestation.case_bodies import Estimate, FindingClosing, FindingReopening, FindingResponse
from attestation.enums import FindingConclusion
from attestation.instants import MILLISECONDS_PER_SECOND
from ledger.inventory.periods import DAY_S


class ConclusionName(StrEnum):
    """Conclusions by the names that commands take."""

    CORRECTED = "corrected"
    CORRECTED_SHORT = "corrected-short"
    NOT_CORRECTED = "not-corrected"
    WITHDRAWN = "withdrawn"


def respond(
    case: CaseArgument,
    config: OfficeConfig,
    out: RequestOut,
    number: Number,
    text: Words,
    correction: Annotated[
        list[str] | None,
        typer.Option("--correction", help="Leaf hash of a record that puts it right."),
    ] = None,
    version: Annotated[
        int | None, typer.Option("--version", min=1, help="Version that puts it right.")
    ] = None,
    ledger: Kept = None,
    mirror: MirrorDir = None,
    url: Url = None,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    days: Days = DEFAULT_DAYS,
    initiator: Annotated[
        str | None, typer.Option("--initiator", help="Address; else the one in the settings.")
    ] = None,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the enterprise's answer to a finding; its approver signs it."""
    shown, findings = CasePlace(
        ledger, mirror, url, Showing(session_file, machine_key), ca_file
    ).look(case_id(case))
    now = SystemClock().now()
    body = FindingResponse(
        inventory=bytes.fromhex(shown["case"][2:]),
        number=number,
        finding=leaf_of(findings, number),
        text=text,
        corrections=tuple(parse_hash(each, "leaf hash") for each in correction or ()),
        version=version,
        at_s=now // MILLISECONDS_PER_SECOND,
    )
    with open_desk(load_office_settings(config), usc=shown["enterprise"]["code"]) as desk:
        people = {"initiator": initiator, "approver": approver}
        request = draft_response(begin_drafting(desk, now=now, days=days, people=people), body)
    write_request(request, out, as_json)


def close(
    case: CaseArgument,
    config: OfficeConfig,
    out: RequestOut,
    number: Number,
    conclusion: Annotated[ConclusionName, typer.Option("--conclusion", help="How it ended.")],
    text: Words,
    formula: Annotated[
        str | None, typer.Option("--formula", help="Of a conservative estimate (保守估计).")
    ] = None,
    amount: Annotated[
        int | None, typer.Option("--amount", help="Emissions by the estimate, gCO2e.")
    ] = None,
    difference: Annotated[
        int | None, typer.Option("--difference", help="By how much that is more, gCO2e.")
    ] = None,
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
    """Draft how a finding ended; a person of the verifier that raised it signs."""
    shown, findings = CasePlace(
        ledger, mirror, url, Showing(session_file, machine_key), ca_file
    ).look(case_id(case))
    body = FindingClosing(
        inventory=bytes.fromhex(shown["case"][2:]),
        number=number,
        finding=leaf_of(findings, number),
        conclusion=FindingConclusion[conclusion.name],
        text=text,
        estimate=_estimate(formula, amount, difference),
        at_s=SystemClock().now() // MILLISECONDS_PER_SECOND,
    )
    draft_for_verifier(config, out, shown, body, signer, days, as_json)


def reopen(
    case: CaseArgument,
    config: OfficeConfig,
    out: RequestOut,
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
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
    """Draft that a finding is opened again; a person of the verifier that closed it signs."""
    shown, findings = CasePlace(
        ledger, mirror, url, Showing(session_file, machine_key), ca_file
    ).look(case_id(case))
    closings = [
        step["leaf_hash"]
        for step in finding_of(findings, number)["steps"]
        if step["type"] == FindingClosing.record_type
    ]
    if not closings:
        raise BadRequest(f"finding {number} was not closed")
    now_s = SystemClock().now() // MILLISECONDS_PER_SECOND
    body = FindingReopening(
        inventory=bytes.fromhex(shown["case"][2:]),
        number=number,
        finding=leaf_of(findings, number),
        closing=parse_hash(closings[-1], "leaf hash"),
        reason=reason,
        at_s=now_s,
        due_s=now_s + due_days * DAY_S,
    )
    draft_for_verifier(config, out, shown, body, signer, days, as_json)


def register(app: typer.Typer) -> None:
    """Add these commands to a group."""
    for command in (respond, close, reopen):
        app.command()(command)


def _estimate(formula: str | None, amount: int | None, difference: int | None) -> Estimate | None:
    if formula is None and amount is None and difference is None:
        return None
    if formula is None or amount is None or difference is None:
        raise BadRequest("an estimate has --formula, --amount and --difference")
    return Estimate(formula=formula, amount_gco2e=amount, difference_gco2e=difference)
