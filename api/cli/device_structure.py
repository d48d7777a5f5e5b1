"""Commands of the enterprise's office about its structure and its control plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.device_office import (
    DEFAULT_DAYS,
    Approver,
    Days,
    Initiator,
    Make,
    OfficeConfig,
    RequestOut,
    Supersedes,
    draft,
    parse_hash,
)
from api.cli.files import read_file
from api.cli.output import AsJson
from api.office import series_requests
from api.office.drafting import Drafting
from api.office.request import SigningRequest
from api.office.structure_files import MAX_BYTES, read_plan, read_structure
from attestation.plan_bodies import ControlPlan
from attestation.structure_bodies import Structure


def structure(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="TOML: `from`, [[site]], [[unit]], [[stream]], [[instrument]].",
        ),
    ],
    config: OfficeConfig,
    out: RequestOut,
    supersedes: Supersedes = None,
    days: Days = DEFAULT_DAYS,
    initiator: Initiator = None,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft the record of what the enterprise consists of: sites, units, streams, instruments."""
    body = read_structure(read_file(file, most=MAX_BYTES))
    make = _stating(body, "structure of the enterprise", supersedes)
    draft(config, out, make, days=days, initiator=initiator, approver=approver, as_json=as_json)


def control_plan(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="TOML: `plan`, `edition`, `from`, `reason`, `explanation`, [[parameter]].",
        ),
    ],
    config: OfficeConfig,
    out: RequestOut,
    supersedes: Supersedes = None,
    days: Days = DEFAULT_DAYS,
    initiator: Initiator = None,
    approver: Approver = None,
    as_json: AsJson = False,
) -> None:
    """Draft an edition of the data quality control plan (数据质量控制方案)."""
    body = read_plan(read_file(file, most=MAX_BYTES))
    make = _stating(body, f"control plan {body.plan}, edition {body.edition}", supersedes)
    draft(config, out, make, days=days, initiator=initiator, approver=approver, as_json=as_json)


def _stating(body: Structure | ControlPlan, subject: str, supersedes: list[str] | None) -> Make:
    superseded = [parse_hash(each, "leaf hash") for each in supersedes or ()]

    def make(drafting: Drafting) -> SigningRequest:
        return series_requests.state(drafting, body, subject, supersedes=superseded)

    return make
