"""
Commands about disclosures: show one line of an inventory, or one message, and nothing else.

`line` and `message` write the bundle as a file, or make a link that the server of this place
opens. A link is counted, ends by itself, and is taken back at will.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from api.bootstrap import open_database, platform_roots
from api.cli.at_hand import find_log
from api.cli.case_places import CaseArgument, case_id
from api.cli.case_proofs import case_at_hand
from api.cli.files import write_file
from api.cli.output import AsJson, console, show, table
from api.cli.places import Config, Usc
from api.clock import SystemClock
from api.errors import BadRequest
from api.settings import Settings, load_settings
from attestation.bundle import format_bundle
from attestation.case_bundle import format_case_bundle
from attestation.instants import MILLISECONDS_PER_DAY, Instant, format_instant
from attestation.witness_policy import NO_QUORUM, WitnessPolicy
from ledger.database import Database
from ledger.log.bundling import Bundler
from ledger.reports.disclosing import (
    LINE,
    MAX_DAYS,
    MAX_OPENINGS,
    MESSAGE,
    Disclosing,
    disclose,
    revoke,
)
from ledger.repositories.disclosures import Disclosure

app = typer.Typer(help="Disclosures of one line or message.", no_args_is_help=True)

_OPERATOR = "operator"
_PAGE = 1000

Out = Annotated[
    Path | None, typer.Option("--out", help="File to write; without it a link is made.")
]
Label = Annotated[str, typer.Option("--for", help="For whom a link is, in own words.")]
Days = Annotated[int, typer.Option(min=1, max=MAX_DAYS, help="Days after which a link is over.")]
Openings = Annotated[
    int, typer.Option(min=1, max=MAX_OPENINGS, help="Openings after which a link is over.")
]


@app.command("line")
def line(
    case: CaseArgument,
    line_id: Annotated[str, typer.Argument(metavar="LINE", help="Id of the line.")],
    out: Out = None,
    number: Annotated[
        int | None, typer.Option("--version", min=1, help="Version submitted, else the newest.")
    ] = None,
    with_entries: Annotated[
        bool, typer.Option("--with-entries", help="Show the digests that it stands on, too.")
    ] = False,
    label: Label = "",
    days: Days = 30,
    most_openings: Openings = 100,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show one line of a submitted version, with what proves it."""
    _require_for_somebody(out, label)
    settings = load_settings(config)
    with case_at_hand(settings, bytes.fromhex(case_id(case)[2:])) as found:
        inventory = found.case.inventory
        chosen = number or inventory.version
        with found.database.reading() as uow:
            bundle = found.prover.of_line(
                uow, found.case, chosen, line_id, with_entries=with_entries
            )
        content = format_case_bundle(bundle)
        subject = f"line {line_id} of version {chosen} of {inventory.unit_code}"
        wish = _Wish(inventory.usc, LINE, subject, label, days, most_openings)
        _hand_over(found.database, wish, content, out, as_json=as_json)


@app.command("message")
def message(
    usc: Usc,
    index: Annotated[int, typer.Argument(min=0, help="Entry of the message.")],
    out: Out = None,
    label: Label = "",
    days: Days = 30,
    most_openings: Openings = 100,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show one message of a log, with what proves it."""
    _require_for_somebody(out, label)
    settings = load_settings(config)
    with open_database(settings) as database:
        with database.reading() as uow:
            log = find_log(uow, settings, usc)
        content = format_bundle(_bundler(settings, database).entry(log, index))
        subject = f"message at entry {index} of {log.origin}"
        wish = _Wish(log.usc, MESSAGE, subject, label, days, most_openings)
        _hand_over(database, wish, content, out, as_json=as_json)


@app.command("list")
def list_links(usc: Usc, config: Config = None, as_json: AsJson = False) -> None:
    """List the links of an enterprise: what they show, to whom, and how often they were opened."""
    now = SystemClock().now()
    found: list[Disclosure] = []
    with open_database(load_settings(config)) as database, database.reading() as uow:
        while page := uow.disclosures.listed(usc, after=_after(found), limit=_PAGE):
            found += page

    def text() -> None:
        rows = table("id", "shows", "for", "until", "opened", "open")
        for each in found:
            cells = (each.subject, each.label, format_instant(each.expires_at))
            is_open = "yes" if each.is_open(now) else "no"
            rows.add_row(each.id, *map(Text, cells), str(each.openings), is_open)
        console.print(rows)

    show([_document(each, now) for each in found], as_json, text)


@app.command("revoke")
def take_back(
    usc: Usc,
    name: Annotated[str, typer.Argument(metavar="ID", help="Id of the link, as `list` shows it.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Take a link back: it shows nothing from now on."""
    now = SystemClock().now()
    with open_database(load_settings(config)) as database, database.unit_of_work() as uow:
        found = revoke(uow, name, usc=usc, by=_OPERATOR, role=_OPERATOR, now=now)
        uow.commit()
    show(_document(found, now), as_json, lambda: console.print(f"{found.id}  shows nothing more"))


def _after(found: Sequence[Disclosure]) -> tuple[int, str] | None:
    return (int(found[-1].created_at), found[-1].id) if found else None


@dataclass(frozen=True, slots=True)
class _Wish:
    """A disclosure as the command asks for it."""

    usc: str
    scope: str
    subject: str
    label: str
    days: int
    openings: int


def _require_for_somebody(out: Path | None, label: str) -> None:
    if out is None and not label.strip():
        raise BadRequest("a link is for somebody: name them with --for, or write a file with --out")


def _hand_over(
    database: Database, wish: _Wish, content: bytes, out: Path | None, *, as_json: bool
) -> None:
    if out is not None:
        write_file(out, content)
        made: dict[str, Any] = {"file": str(out), "shows": wish.subject}
        show(
            made,
            as_json,
            lambda: console.print(f"{out}  {wish.subject}", markup=False, highlight=False),
        )
        return
    now = SystemClock().now()
    with database.unit_of_work() as uow:
        disclosure, token = disclose(
            uow,
            Disclosing(
                usc=wish.usc,
                scope=wish.scope,
                subject=wish.subject,
                label=wish.label,
                content=content,
                by=_OPERATOR,
                role=_OPERATOR,
                now=now,
                expires_at=Instant(now + wish.days * MILLISECONDS_PER_DAY),
                most_openings=wish.openings,
            ),
        )
        uow.commit()
    linked = _document(disclosure, now) | {"path": f"/d/{token}"}

    def text() -> None:
        console.print(f"/d/{token}", markup=False, highlight=False, soft_wrap=True)
        console.print("the link is shown this once", style="dim")

    show(linked, as_json, text)


def _document(found: Disclosure, now: Instant) -> dict[str, Any]:
    return {
        "id": found.id,
        "enterprise": found.usc,
        "scope": found.scope,
        "shows": found.subject,
        "for": found.label,
        "expires_at": format_instant(found.expires_at),
        "openings": found.openings,
        "most_openings": found.most_openings,
        "is_open": found.is_open(now),
    }


def _bundler(settings: Settings, database: Database) -> Bundler:
    policy = WitnessPolicy(logs=(), witnesses={}, groups={}, quorum=NO_QUORUM)
    root = next(iter(platform_roots(settings.log).values()))
    return Bundler(database.reading, policy, platform_root=root)
