"""Commands that go beyond one unit: the whole enterprise in a year, and a unit among its peers."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from api.bootstrap import open_database
from api.cli.at_hand import find_grant, find_log
from api.cli.inventory_words import Number, PeriodText, UnitCode, scope_of
from api.cli.outcomes import leave, styled
from api.cli.output import AsJson, console, show, table
from api.cli.places import Config, Usc
from api.inventories import firm_document, peers_document
from api.settings import load_settings
from attestation.enums import Outcome
from ledger.inventory.assembling import load
from ledger.inventory.firm import firm_of
from ledger.inventory.peers import look_at_peers

GrantName = Annotated[
    str, typer.Option("--grant", help="Name of the grant whose enterprises are looked at.")
]


def firm(
    usc: Usc,
    year: Annotated[int, typer.Argument(min=1970, max=8999, help="Calendar year (UTC+8).")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Add the final versions of an enterprise's units up; exit 3 where one is missing."""
    settings = load_settings(config)
    with open_database(settings) as database, database.reading() as uow:
        found = firm_of(uow, find_log(uow, settings, usc), year)

    def text() -> None:
        rows = table("unit", "version", "total")
        for each in found.versions:
            rows.add_row(Text(each.scope.unit), str(each.number), Text(str(each.total)))
        for unit in found.missing:
            rows.add_row(Text(unit), "", Text("no final version", style="yellow"))
        console.print(rows)
        console.print(f"total  {found.total or 'missing'}", markup=False)

    show(firm_document(found), as_json, text)
    leave(Outcome.COULD_NOT_CHECK if found.missing else Outcome.HELD)


def peers(
    usc: Usc,
    unit: UnitCode,
    period: PeriodText,
    grant: GrantName,
    number: Number = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Hold a unit's emissions per output against those of its peers that a grant lets be seen."""
    settings = load_settings(config)
    with open_database(settings) as database, database.reading() as uow:
        log = find_log(uow, settings, usc)
        visible = find_grant(settings, grant, log.usc).enterprises
        version = load(uow, log, scope_of(usc, unit, period), number)
        found = look_at_peers(uow, log, version, visible)

    def text() -> None:
        rows = table("enterprise", "unit", "version", "emissions per output")
        rows.add_row(Text(log.usc), Text(unit), str(version.number), Text(str(found.own or "–")))
        for each in found.peers:
            rows.add_row(
                Text(each.usc), Text(each.unit), str(each.number), Text(str(each.intensity))
            )
        console.print(rows)
        check = found.check
        console.print(Text.assemble(styled(check.outcome), f"  {check.english} {check.chinese}"))

    show(peers_document(version, found), as_json, text)
    leave(found.check.outcome)
