"""
Commands about a verification's sample: nonces fixed beforehand, the plan frozen, the draw shown.

Nobody chooses the sample: see `docs/formats/sampling.md`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.case_office import Paper, Reason, Subject
from api.cli.device_office import (
    DEFAULT_DAYS,
    Approver,
    Days,
    Initiator,
    OfficeConfig,
    RequestOut,
    write_request,
)
from api.cli.device_submit import open_sender
from api.cli.files import read_file, write_file
from api.cli.output import AsJson, console, show
from api.clock import SystemClock
from api.errors import BadRequest
from api.office.act_drafting import begin_acts
from api.office.desk import ChainDesk, open_chain_desk, open_desk
from api.office.drafting import choose_people
from api.office.draws import DrawPlace, find_draw, next_step, sample_of
from api.office.inventory_requests import Pair
from api.office.request import SigningRequest
from api.office.sampling_requests import SamplingDrafting, keep_nonce, make_nonce, read_nonce
from api.office.settings import OfficeSettings, load_office_settings
from api.office.subjects import parse_subject, subject_of
from attestation.body_fields import read_body
from attestation.canonical import refuse_depth
from attestation.sampling_plans import SamplingPlan, Stratum, parse_plan
from chain.bindings.inventory_registry import inventory_id_of
from chain.bindings.sampling_draw import Draw

app = typer.Typer(
    help="The sample of a verification, which nobody can choose.", no_args_is_help=True
)

_MAX_PLAN = 32 << 20
NonceFile = Annotated[
    Path, typer.Option("--nonce-file", help="New file for the secret nonce; keep it.")
]
OwnNonce = Annotated[
    Path | None,
    typer.Option("--nonce-file", exists=True, dir_okay=False, help="One's own nonce, to reveal."),
]
Version = Annotated[int, typer.Option("--version", min=1, help="Version of the inventory.")]
Number = Annotated[int, typer.Option("--draw", min=1, help="Number of the draw.")]


@app.command("commit")
def commit(
    subject: Subject,
    config: OfficeConfig,
    out: RequestOut,
    nonce_file: NonceFile,
    version: Version = 1,
    days: Days = DEFAULT_DAYS,
    initiator: Initiator = None,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draw a nonce, and draft the act that fixes it; for the enterprise and the authority."""
    paper = Paper(subject, config, out, days, initiator, approver, as_json)
    settings = load_office_settings(config)

    def make(drafting: SamplingDrafting) -> SigningRequest:
        nonce = make_nonce()
        request = drafting.fix_nonce(settings.code, version, nonce)
        keep_nonce(nonce_file, nonce)
        return request

    write_request(_drafted(paper, settings, make), out, as_json)


@app.command("freeze")
def freeze(
    subject: Subject,
    strata: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="JSON list of strata.")
    ],
    config: OfficeConfig,
    out: RequestOut,
    nonce_file: NonceFile,
    plan: Annotated[Path, typer.Option("--plan", help="File for the plan's document; keep it.")],
    reason: Reason = "",
    days: Days = DEFAULT_DAYS,
    initiator: Initiator = None,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Make the plan's document, and draft the act that freezes it; for the verifier."""
    paper = Paper(subject, config, out, days, initiator, approver, as_json)
    settings = load_office_settings(config)
    parts = _read_strata(strata)

    def make(drafting: SamplingDrafting) -> SigningRequest:
        nonce = make_nonce()
        request, document = drafting.freeze(settings.code, parts, nonce, reason=reason)
        keep_nonce(nonce_file, nonce)
        write_file(plan, document.encoded)
        return request

    write_request(_drafted(paper, settings, make), out, as_json)


@app.command("next")
def go_on(
    subject: Subject,
    config: OfficeConfig,
    nonce_file: OwnNonce = None,
    version: Version = 1,
    number: Number = 1,
    as_json: AsJson = False,
) -> None:
    """Do what comes next: store the block hash, reveal one's nonce, or settle."""
    nonce = None if nonce_file is None else read_nonce(nonce_file)
    with open_chain_desk(load_office_settings(config)) as desk:
        step = next_step(desk, _place(desk, subject, version, number), nonce)
        if step.call is not None:
            open_sender(desk).execute(step.call)
    document = {"step": step.words, "sent": step.call is not None}
    done = "sent" if step.call is not None else "nothing to send"
    show(document, as_json, lambda: console.print(f"{step.words}: {done}", markup=False))


@app.command("show")
def show_draw(
    subject: Subject,
    config: OfficeConfig,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", exists=True, dir_okay=False, help="The plan's document."),
    ] = None,
    version: Version = 1,
    number: Number = 1,
    as_json: AsJson = False,
) -> None:
    """Show a draw; once settled, with the plan's document also the entries to look at."""
    document = None if plan is None else parse_plan(read_file(plan, most=_MAX_PLAN))
    with open_chain_desk(load_office_settings(config)) as desk:
        place = _place(desk, subject, version, number)
        draw = find_draw(desk, place)
        words = next_step(desk, place).words
    shown = _document(draw, place, words, document)
    show(shown, as_json, lambda: _print(shown))


def _drafted(paper: Paper, settings: OfficeSettings, make: Any) -> SigningRequest:
    scope = parse_subject(paper.subject)
    named = {"initiator": paper.initiator, "approver": paper.approver}
    people = choose_people(settings, named)
    with open_desk(settings, usc=scope.usc) as desk:
        drafting = begin_acts(desk, now=SystemClock().now(), days=paper.days)
        pair = Pair(people.initiator, people.approver)
        request: SigningRequest = make(SamplingDrafting(drafting, scope, pair))
    return request


def _place(desk: ChainDesk, subject: str, version: int, number: int) -> DrawPlace:
    inventory_id = inventory_id_of(subject_of(desk, parse_subject(subject)))
    return DrawPlace(inventory_id, version, number)


def _read_strata(path: Path) -> tuple[Stratum, ...]:
    try:
        encoded = read_file(path, most=_MAX_PLAN)
        refuse_depth(encoded)
        content = json.loads(encoded)
    except ValueError as error:
        raise BadRequest(f"{path} is no JSON: {error}") from error
    if not isinstance(content, list):
        raise BadRequest(f"{path} is no list of strata")
    return tuple(read_body(Stratum, each) for each in content)


def _document(
    draw: Draw, place: DrawPlace, words: str, plan: SamplingPlan | None
) -> dict[str, Any]:
    roles = ("verifier", "enterprise", "authority")
    document: dict[str, Any] = {
        "inventory": f"0x{place.inventory_id.hex()}",
        "version": place.version,
        "draw": place.number,
        "plan_hash": draw.plan_hash.hex(),
        "population_size": draw.population_size,
        "draw_block": draw.draw_block,
        "next": words,
        "settled": draw.is_settled,
        "strict": draw.is_strict,
        "seed": None if draw.seed is None else draw.seed.hex(),
        "nonces": {
            role: _standing(commitment, nonce)
            for role, commitment, nonce in zip(roles, draw.commitments, draw.nonces, strict=True)
        },
    }
    if plan is not None and draw.is_settled:
        sample = sample_of(place, draw, plan)
        document["sample"] = {name: list(entries) for name, entries in sample.items()}
    return document


def _standing(commitment: bytes | None, nonce: bytes | None) -> str:
    if nonce is not None:
        return "revealed"
    return "never fixed" if commitment is None else "not revealed"


def _print(document: dict[str, Any]) -> None:
    size = "strict" if document["strict"] else "usual"
    console.print(f"draw {document['draw']} of version {document['version']}", markup=False)
    console.print(f"plan {document['plan_hash']}", markup=False)
    for role, standing in document["nonces"].items():
        console.print(f"nonce of the {role}: {standing}", markup=False)
    console.print(f"next: {document['next']}", markup=False)
    if document["settled"]:
        console.print(f"seed {document['seed']}, {size} size", markup=False)
    for name, entries in document.get("sample", {}).items():
        console.print(f"{name}: {', '.join(map(str, entries)) or 'none'}", markup=False)
