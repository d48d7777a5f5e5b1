"""The command that adds enterprises up by park, industry or region, as far as a grant reaches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from api.bootstrap import open_database
from api.cli.at_hand import find_grant
from api.cli.files import read_file
from api.cli.outcomes import leave
from api.cli.output import AsJson, console, show, table
from api.cli.places import Config
from api.energy.files import MOST_BYTES
from api.energy.rollups import read_members, rollup_document, visible_in
from api.errors import BadRequest
from api.settings import load_settings
from attestation.enums import Outcome
from ledger.analytics.emission_months import EMISSION_UNIT
from ledger.analytics.rollups import Grouping, roll_up

_OF_TABLE = (Grouping.PARK, Grouping.INDUSTRY)


def rollup(
    year: Annotated[int, typer.Argument(min=1970, max=8999, help="Calendar year (UTC+8).")],
    grant: Annotated[
        str, typer.Option("--grant", help="Name of the grant whose enterprises are added up.")
    ],
    by: Annotated[Grouping, typer.Option("--by", help="What they are put together by.")],
    within: Annotated[
        str, typer.Option("--within", help="Only regions whose code begins so, such as 3502.")
    ] = "",
    members: Annotated[
        Path | None,
        typer.Option(
            "--members",
            exists=True,
            dir_okay=False,
            help="CSV of usc,name,region,industry,park; else regions by the structure records.",
        ),
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Add the year's emissions up by park or region (园区、区域汇总); exit 3 if one is missing."""
    if members is None and by in _OF_TABLE:
        raise BadRequest(f"nobody says the {by.value} of an enterprise: give --members")
    named = (
        None if members is None else read_members(read_file(members, most=MOST_BYTES), members.name)
    )
    settings = load_settings(config)
    codes = find_grant(settings, grant).enterprises
    with open_database(settings) as database, database.reading() as uow:
        visible = visible_in(uow, codes, year, named)
    groups = roll_up(visible.members, visible.figures, by, EMISSION_UNIT, within=within)

    def text() -> None:
        rows = table(by.value, EMISSION_UNIT, "members", "without a figure")
        for each in groups:
            missing = Text(", ".join(each.missing), style="yellow")
            rows.add_row(Text(each.key), each.amount.text, str(each.members), missing)
        console.print(rows)
        if visible.unplaced:
            words = f"in no group, for nobody says where: {', '.join(visible.unplaced)}"
            console.print(Text(words, style="yellow"))

    show(rollup_document(groups, visible, by, year), as_json, text)
    is_whole = all(each.is_whole for each in groups) and not visible.unplaced
    leave(Outcome.HELD if is_whole else Outcome.COULD_NOT_CHECK)
