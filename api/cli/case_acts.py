"""
Commands that draft the acts on an inventory: each writes a request that two persons sign.

State and numbers come from the party's own node; nobody signs what they did not see.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from api.cli.case_office import (
    Document,
    Kept,
    Paper,
    Reason,
    Subject,
    VersionNumber,
    document_hash,
    draft_case,
    submission_at_hand,
    submission_of_request,
)
from api.cli.device_office import (
    DEFAULT_DAYS,
    Approver,
    Days,
    Initiator,
    OfficeConfig,
    RequestOut,
)
from api.cli.device_submit import submit as hand_in
from api.cli.files import Input
from api.cli.mirrored import MirrorDir
from api.cli.output import AsJson, show
from api.cli.sign import print_request, read_request
from api.clock import SystemClock
from api.office.comparing import compare_with_chain
from api.office.desk import open_chain_desk
from api.office.inventory_requests import InventoryDrafting, Pair
from api.office.request import SigningRequest
from api.office.settings import load_office_settings
from api.office.signing import check_request
from api.office.standing import check_standing
from api.office.words import document_of
from attestation.enums import InventoryStep, Sector, VerificationOpinion
from chain.addresses import parse_address


class SectorName(StrEnum):
    """Sectors by the names that commands take."""

    POWER = "power"
    STEEL = "steel"
    CEMENT = "cement"
    ALUMINIUM = "aluminium"
    PETROCHEMICALS = "petrochemicals"
    CHEMICALS = "chemicals"
    BUILDING_MATERIALS = "building-materials"
    NON_FERROUS_METALS = "non-ferrous-metals"
    PAPER = "paper"
    AVIATION = "aviation"
    OTHER = "other"


class OpinionName(StrEnum):
    """Opinions by the names that commands take."""

    UNMODIFIED = "unmodified"
    MODIFIED = "modified"
    ADVERSE = "adverse"
    DISCLAIMED = "disclaimed"


def draft(
    subject: Subject,
    config: OfficeConfig,
    out: RequestOut,
    sector: Annotated[SectorName, typer.Option(help="Sector of the unit.")],
    document: Document = None,
    days: Days = DEFAULT_DAYS,
    initiator: Initiator = None,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the act by which an enterprise begins an inventory."""
    named = document_hash(document)

    def make(drafting: InventoryDrafting) -> SigningRequest:
        return drafting.begin(Sector[sector.name], document_hash=named)

    draft_case(Paper(subject, config, out, days, initiator, approver, as_json), make)


def submit(
    subject: Subject,
    config: OfficeConfig,
    out: RequestOut,
    mirror: MirrorDir = None,
    ledger: Kept = None,
    number: VersionNumber = None,
    laboratory: Annotated[
        list[str] | None, typer.Option(help="Code of a laboratory whose tests it uses.")
    ] = None,
    reason: Reason = "",
    days: Days = DEFAULT_DAYS,
    initiator: Initiator = None,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the act by which an enterprise submits a final version."""
    carried = submission_at_hand(subject, number=number, mirror=mirror, ledger=ledger)

    def make(drafting: InventoryDrafting) -> SigningRequest:
        return drafting.submit(carried, laboratories=laboratory or (), reason=reason)

    draft_case(Paper(subject, config, out, days, initiator, approver, as_json), make)


def assign(
    subject: Subject,
    config: OfficeConfig,
    out: RequestOut,
    verifier: Annotated[str, typer.Option(help="Code of the verifier.")],
    lead: Annotated[str, typer.Option(help="Address of the head of its team.")],
    reviewer: Annotated[str, typer.Option(help="Address of its technical reviewer.")],
    city: Annotated[str, typer.Option(help="Code of the city authority that reviews.")] = "",
    reason: Reason = "",
    days: Days = DEFAULT_DAYS,
    initiator: Initiator = None,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the act by which the province fixes who verifies, reviews and confirms."""
    team = Pair(parse_address(lead), parse_address(reviewer))
    regulator = load_office_settings(config).code

    def make(drafting: InventoryDrafting) -> SigningRequest:
        return drafting.assign(regulator, verifier, team, city_regulator=city, reason=reason)

    draft_case(Paper(subject, config, out, days, initiator, approver, as_json), make)


def conclude(
    subject: Subject,
    config: OfficeConfig,
    out: RequestOut,
    opinion: Annotated[OpinionName, typer.Option(help="The verifier's opinion.")],
    report: Annotated[
        Path,
        typer.Option(exists=True, dir_okay=False, help="Body of the report whose hash is signed."),
    ],
    mirror: MirrorDir = None,
    ledger: Kept = None,
    number: VersionNumber = None,
    days: Days = DEFAULT_DAYS,
    initiator: Initiator = None,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the verifier's statement on the version at hand; recheck it before."""
    carried = submission_at_hand(subject, number=number, mirror=mirror, ledger=ledger)
    report_hash = document_hash(report)

    def make(drafting: InventoryDrafting) -> SigningRequest:
        return drafting.conclude(carried, VerificationOpinion[opinion.name], report_hash)

    draft_case(Paper(subject, config, out, days, initiator, approver, as_json), make)


def confirm(
    subject: Subject,
    config: OfficeConfig,
    out: RequestOut,
    mirror: MirrorDir = None,
    ledger: Kept = None,
    number: VersionNumber = None,
    days: Days = DEFAULT_DAYS,
    initiator: Initiator = None,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the act by which the province confirms a stated result; recheck it before."""
    carried = submission_at_hand(subject, number=number, mirror=mirror, ledger=ledger)
    regulator = load_office_settings(config).code

    def make(drafting: InventoryDrafting) -> SigningRequest:
        return drafting.confirm(regulator, carried)

    draft_case(Paper(subject, config, out, days, initiator, approver, as_json), make)


def _step_command(kind: InventoryStep, what: str) -> Callable[..., None]:
    def step(
        subject: Subject,
        config: OfficeConfig,
        out: RequestOut,
        reason: Reason,
        document: Document = None,
        days: Days = DEFAULT_DAYS,
        initiator: Initiator = None,
        approver: Approver = None,
        as_json: AsJson = False,
    ) -> None:
        actor = load_office_settings(config).code
        named = document_hash(document)

        def make(drafting: InventoryDrafting) -> SigningRequest:
            return drafting.step(kind, actor, reason, document_hash=named)

        draft_case(Paper(subject, config, out, days, initiator, approver, as_json), make)

    step.__doc__ = f"Draft the act by which {what}."
    return step


_STEPS: Final = {
    "findings": (InventoryStep.FINDINGS, "the verifier raises findings; --document lists them"),
    "respond": (InventoryStep.RESPONSE, "the enterprise answers findings without another version"),
    "review": (InventoryStep.REVIEW, "the city authority says that it reviewed the stated result"),
    "withdraw": (InventoryStep.WITHDRAWAL, "the enterprise takes back what it submitted"),
    "reject": (InventoryStep.REJECTION, "the province refuses what was submitted"),
    "object": (InventoryStep.OBJECTION, "a party asks for a review of a confirmed result"),
    "uphold": (InventoryStep.OBJECTION_UPHELD, "an objection is found right"),
    "dismiss": (InventoryStep.OBJECTION_DISMISSED, "an objection is found wrong"),
    "reopen": (InventoryStep.REOPENING, "the province asks for a restatement"),
}
"""Steps that are taken for a reason, by the names of their commands."""


def check(
    file: Input,
    config: OfficeConfig,
    mirror: MirrorDir = None,
    ledger: Kept = None,
    number: VersionNumber = None,
    as_json: AsJson = False,
) -> None:
    """Compare a request with the chain as it is now, and with the version at hand; sign after."""
    request = read_request(file)
    settings = load_office_settings(config)
    with open_chain_desk(settings) as desk:
        check_request(request, desk.root, now=SystemClock().now())
        check_standing(desk, request)
        carried = None
        if mirror is not None or ledger is not None:
            carried = submission_of_request(request, number=number, mirror=mirror, ledger=ledger)
        compare_with_chain(desk, request, carried)
    document = {**document_of(request), "compared_with_version": carried is not None}
    show(document, as_json, lambda: print_request(request, every=False))


def register(app: typer.Typer) -> None:
    """Add the commands that draft acts to a group."""
    for command in (draft, submit, assign, conclude, confirm, check):
        app.command()(command)
    for name, (kind, what) in _STEPS.items():
        app.command(name)(_step_command(kind, what))
    app.command("hand-in")(hand_in)
