"""The command that derives again what can be derived: tiles, heads, sums, what the chain says."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.bootstrap import open_database
from api.chain_side import ChainSide
from api.cli.at_hand import find_log
from api.cli.outcomes import leave
from api.cli.output import AsJson, console, progress, show
from api.cli.places import AnyUsc, Config
from api.errors import BadRequest
from api.settings import Settings, load_settings
from attestation.enums import Outcome
from attestation.errors import Error, Retry
from ledger.database import Database
from ledger.log.parties import PartyFollower
from ledger.log.rebuild import rebuild_tree
from ledger.log.surveying import Surveyor
from ledger.repositories.logs import Log


def rebuild(
    usc: AnyUsc = None,
    every: Annotated[bool, typer.Option("--all", help="Every log that is kept here.")] = False,
    survey: Annotated[
        bool, typer.Option("--survey", help="Also what readings add up to; stop workers first.")
    ] = False,
    from_chain: Annotated[
        bool,
        typer.Option(
            "--from-chain", help="Also all that is read from the chain; stop workers first."
        ),
    ] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Derive a log's tiles and head from its entries again; refuses if they make another tree."""
    if (usc is None) != every:
        raise BadRequest("name one log, or --all of them")
    settings = load_settings(config)
    with open_database(settings) as database:
        events = _read_chain(settings, database) if from_chain else None
        with database.reading() as uow:
            logs = uow.logs.all() if usc is None else [find_log(uow, settings, usc)]
        made = [_rebuild(database, log, survey=survey, alone=not every) for log in logs]
    document: dict[str, Any] = made[0] if usc is not None else {"logs": made}
    document |= {"chain_events": events}
    show(document, as_json, lambda: _print(made, events))
    if any("code" in each for each in made):
        leave(Outcome.FAILED)


def _rebuild(database: Database, log: Log, *, survey: bool, alone: bool) -> dict[str, Any]:
    """Rebuild one log; among several, one that refuses does not keep the others from it."""
    try:
        with database.unit_of_work() as uow:
            with progress("hashing entries", uow.heads.get(log.number).size) as done:
                tree = rebuild_tree(uow, log, progress=lambda at, _size: done(at))
            uow.commit()
    except Error as error:
        if alone or error.retry is Retry.LATER:
            raise
        return {"origin": log.origin, "code": error.stable_code, "detail": error.message}
    surveyed = Surveyor(database.unit_of_work).rebuild(log.number) if survey else None
    return {
        "origin": tree.origin,
        "size": tree.size,
        "root": tree.root.hex(),
        "tiles": tree.tiles,
        "surveyed": surveyed,
    }


def _read_chain(settings: Settings, database: Database) -> int:
    chain = ChainSide.open(settings.chain)
    try:
        units, readings = database.unit_of_work, database.reading
        return PartyFollower(units, readings, chain.events).rebuild()
    finally:
        chain.client.close()


def _print(made: list[dict[str, Any]], events: int | None) -> None:
    if events is not None:
        console.print(f"{events} events of the chain read again")
    for each in made:
        if "code" in each:
            console.print(f"{each['origin']}: {each['detail']} ({each['code']})", markup=False)
            continue
        text = f"{each['origin']}: {each['size']} entries, {each['tiles']} tiles"
        console.print(text, markup=False)
        name = each["origin"].rpartition("/")[2]
        console.print(f"next: carbonseal log fsck {name}", markup=False)
    if not made:
        console.print("no log is kept here yet")
