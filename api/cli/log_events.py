"""`carbonseal log events`: what happened in a log, once or for as long as it is watched."""

from __future__ import annotations

import json
import threading
from typing import Annotated, Any, Final

import typer

from api.bootstrap import open_database
from api.cli.at_hand import find_log
from api.cli.output import AsJson, console, show
from api.cli.places import Config, Usc
from api.cli.signals import stop_on_signals
from api.events import KindWord, documents, kind_of
from api.settings import load_settings
from attestation.canonical import MAX_INTEGER
from attestation.enums import EventKind
from ledger.database import Database
from ledger.repositories.logs import Log

_PAGE: Final = 1000
_ROUND_S: Final = 1


def events(
    usc: Usc,
    after: Annotated[
        int, typer.Option(min=0, max=MAX_INTEGER, help="Begin after the event of this id.")
    ] = 0,
    kind: Annotated[KindWord | None, typer.Option(help="Only events of this kind.")] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what happens, until interrupted.")
    ] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show what happened in a log: checkpoints, anchors, records, evidence, inventories."""
    settings = load_settings(config)
    with open_database(settings) as database:
        with database.reading() as uow:
            log = find_log(uow, settings, usc)
        wanted = kind_of(kind)
        if follow:
            _follow(database, log, after, wanted, as_json)
            return
        found: list[dict[str, Any]] = []
        while page := _after(database, log, after, wanted):
            found += page
            after = page[-1]["id"]

    def text() -> None:
        for each in found:
            _line(each)
        if not found:
            console.print("nothing has happened since")

    show(found, as_json, text)


def _follow(
    database: Database, log: Log, after: int, kind: EventKind | None, as_json: bool
) -> None:
    """Print events as they come; as JSON one line each."""
    stopping = threading.Event()
    stop_on_signals(stopping)
    while not stopping.is_set():
        page = _after(database, log, after, kind)
        for each in page:
            if as_json:
                print(json.dumps(each, ensure_ascii=False), flush=True)
            else:
                _line(each)
            after = each["id"]
        if not page:
            stopping.wait(_ROUND_S)


def _after(database: Database, log: Log, last: int, kind: EventKind | None) -> list[dict[str, Any]]:
    with database.reading() as uow:
        found = uow.events.after([log.number], last, limit=_PAGE, kind=kind)
    return [dict(each) for each in documents(found, [log])]


def _line(event: dict[str, Any]) -> None:
    said = "  ".join(f"{name} {_plain(value)}" for name, value in event["body"].items())
    console.print(f"{event['id']:>6}  {event['at']}  {event['kind']:<19}  {said}", markup=False)


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
