"""
Commands about verification reports (核查报告): draw the body to be signed, finish it with proof.

Whoever signs draws the report from what is at hand and compares: the same case and the same words
give the same bytes. What `verify` says of the finished file needs none of this.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from api.cli.case_acts import OpinionName
from api.cli.case_places import CaseArgument, case_id
from api.cli.case_proofs import case_at_hand
from api.cli.files import Output, read_file, write_file
from api.cli.output import AsJson, console, show
from api.cli.places import Config
from api.clock import SystemClock
from api.reports.keeping import keep_body
from api.reports.making import ReportWish, finished_report, inventory_of_body, report_body
from api.settings import Settings, load_settings
from attestation.enums import AssuranceLevel, VerificationOpinion
from attestation.errors import EncodingError, VerificationError
from attestation.report_file import MAX_LENGTH, open_report
from ledger.cases.statement import Assurance
from ledger.inventory.periods import day_of_instant

app = typer.Typer(help="Verification reports.", no_args_is_help=True)


class Level(StrEnum):
    """Levels of assurance."""

    REASONABLE = "reasonable"
    LIMITED = "limited"


class Language(StrEnum):
    """Languages of the pages."""

    BOTH = "both"
    CHINESE = "zh"
    ENGLISH = "en"


@app.command("draw")
def draw(
    case: CaseArgument,
    opinion: Annotated[OpinionName, typer.Option(help="The verifier's opinion.")],
    body_name: Annotated[
        str, typer.Option("--body", help="The verifier's abbreviation, for the report's number.")
    ],
    out: Output,
    assurance: Annotated[Level, typer.Option(help="Level of assurance.")] = Level.REASONABLE,
    materiality: Annotated[
        str | None, typer.Option(help="The materiality that the parties agreed on, in words.")
    ] = None,
    day: Annotated[
        str | None, typer.Option(help="Day on the report, YYYY-MM-DD; else today in UTC+8.")
    ] = None,
    verify_url: Annotated[
        str | None, typer.Option(help="Page of verification; else that of this place.")
    ] = None,
    language: Annotated[Language, typer.Option("--language", help="Of the pages.")] = Language.BOTH,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Draw the report on a case's newest version: the body, whose SHA-256 the verifier signs."""
    settings = load_settings(config)
    wish = ReportWish(
        body_name=body_name,
        drawn_on=day or str(day_of_instant(SystemClock().now())),
        opinion=VerificationOpinion[opinion.name],
        verify_url=verify_url or f"{_public_url(settings)}/verify",
        assurance=Assurance(AssuranceLevel[assurance.name], materiality),
        languages=("zh", "en") if language is Language.BOTH else (language.value,),
    )
    with case_at_hand(settings, bytes.fromhex(case_id(case)[2:])) as found:
        body = report_body(found.case, found.prover, wish)
    write_file(out, body)
    digest = sha256(body).hexdigest()

    def text() -> None:
        console.print(f"report hash  {digest}")
        console.print(f"next: carbonseal case conclude … --report {out}", style="dim")

    show({"report_hash": digest, "length": len(body), "file": str(out)}, as_json, text)


@app.command("finish")
def finish(
    body_file: Annotated[
        Path,
        typer.Argument(
            metavar="BODY",
            exists=True,
            dir_okay=False,
            help="What was signed, alone or in a report finished before.",
        ),
    ],
    out: Output,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Keep a report whose statement is on chain, and add acts, signatures and the chain's proof."""
    settings = load_settings(config)
    body = _signed_part(read_file(body_file, most=MAX_LENGTH))
    with case_at_hand(settings, inventory_of_body(body)) as found:
        with found.database.unit_of_work() as uow:
            keep_body(
                uow, found.case, body, by="operator", role="operator", now=SystemClock().now()
            )
            uow.commit()
        with found.database.reading() as uow:
            report = finished_report(uow, found.case, found.prover, body)
    write_file(out, report)

    def text() -> None:
        console.print(f"{out}  {len(report)} bytes, of which {len(body)} were signed")
        console.print(f"next: carbonseal verify {out} --trust FILE", style="dim")

    show({"file": str(out), "length": len(report), "body_length": len(body)}, as_json, text)


def _signed_part(content: bytes) -> bytes:
    """Give the body; of a report that was finished before, the one it begins with."""
    try:
        return open_report(content).body
    except (EncodingError, VerificationError):
        return content


def _public_url(settings: Settings) -> str:
    return settings.auth.public_url or f"https://{settings.log.host}"
