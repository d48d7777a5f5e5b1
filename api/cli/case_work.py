"""
Commands by which a person works on a case: ticks, comments, approvals; recomputing, asking what if.

What is said needs a session at the server, so that it is known who says it. What is worked out is
worked out here, on this machine, from the database or the mirror at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from api.bootstrap import open_database
from api.case_work import recomputation_document, what_if_document
from api.cli.case_places import (
    AboutDocument,
    AboutEntry,
    AboutLine,
    AboutSeries,
    CaFile,
    CaseArgument,
    InFile,
    ServerUrl,
    anchor_of,
    case_id,
    open_server,
)
from api.cli.evidence_place import documents_at_hand
from api.cli.mirrored import MirrorDir, open_mirror
from api.cli.outcomes import leave, styled
from api.cli.output import AsJson, console, progress, show, table
from api.cli.places import Config
from api.cli.showing import MachineKey, Showing
from api.clock import SystemClock
from api.errors import BadRequest
from api.rule_side import chain_rules, seeded_factors
from api.settings import load_settings
from attestation.body_fields import write_body
from attestation.enums import Outcome, label
from ledger.cases.case import read_case
from ledger.cases.recomputation import recompute as recompute_case
from ledger.cases.what_if import OtherFactor, OtherValue
from ledger.cases.what_if import what_if as ask_what_if
from ledger.database import Database
from ledger.inventory.amounts import Amount
from ledger.inventory.documents import DocumentStore

_OUTCOMES: Final = {label(each): each for each in Outcome}
_FACTOR_PARTS: Final = 4
_VALUE_PARTS: Final = 3


def tick(
    case: CaseArgument,
    url: ServerUrl,
    line: Annotated[list[str] | None, typer.Option("--line", help="Name of a line.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every line.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Take the ticks back.")] = False,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """Say that lines were seen as they stand; a tick falls when its line changes."""
    if bool(line) == every:
        raise BadRequest("name lines with --line, or say --all")
    name = case_id(case)
    with open_server(url, Showing(session_file, machine_key), ca_file) as server:
        lines = line or [each["line"] for each in server.look(name, "lines")["lines"]]
        found = server.post(name, "ticks", {"lines": lines, "seen": not back})

    def text() -> None:
        console.print(f"{found['seen']} of {len(found['lines'])} lines seen")

    show(found, as_json, text)


def comment(
    case: CaseArgument,
    text: Annotated[str, typer.Argument(help="What is to be said.")],
    url: ServerUrl,
    line: AboutLine = None,
    document: AboutDocument = None,
    entry: AboutEntry = None,
    series: AboutSeries = None,
    to: Annotated[
        int | None, typer.Option("--to", help="Answer in the conversation of this number.")
    ] = None,
    resolve: Annotated[bool, typer.Option("--resolve", help="The answer resolves it.")] = False,
    reopen: Annotated[bool, typer.Option("--reopen", help="The answer opens it again.")] = False,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """Say something about a place of a case, or answer."""
    is_placed = any(each is not None for each in (line, document, entry, series))
    anchor = write_body(anchor_of(line, document, entry, series)) if is_placed else None
    if to is not None and is_placed:
        raise BadRequest("an answer is about what the conversation is about")
    if (to is None and (resolve or reopen)) or (resolve and reopen):
        raise BadRequest("--resolve or --reopen, one of them, goes with --to")
    name = case_id(case)
    with open_server(url, Showing(session_file, machine_key), ca_file) as server:
        if to is None:
            body: dict[str, Any] = {"text": text, "anchor": anchor}
            found = server.post(name, "comments", body)
        else:
            kind = "resolved" if resolve else "reopened" if reopen else "reply"
            found = server.post(name, f"comments/{to}/replies", {"text": text, "kind": kind})
    show(found, as_json, lambda: console.print(f"said, in conversation {found['number']}"))


def approve(
    case: CaseArgument,
    basis: Annotated[str, typer.Argument(help="What is approved, as `readiness` shows it.")],
    url: ServerUrl,
    back: Annotated[bool, typer.Option("--back", help="Take the approval back.")] = False,
    session_file: InFile = None,
    machine_key: MachineKey = None,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """Approve a case as it stands, as lead verifier or technical reviewer."""
    with open_server(url, Showing(session_file, machine_key), ca_file) as server:
        content = {"approved": not back, "basis": basis}
        found = server.post(case_id(case), "approvals", content)

    def text() -> None:
        for each in found["approvals"]:
            word = "approves" if each["stands"] else "does not approve"
            console.print(Text(f"{each['role']} {each['address']} {word}"))

    show(found, as_json, text)


def recompute(
    case: CaseArgument,
    mirror: MirrorDir = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Work the result out on this machine, beside what was reported and what was signed."""
    seen = count(1)
    with (
        _at_hand(config, mirror) as (database, documents),
        progress("recomputing", None) as done,
        chain_rules() as engine,
        database.reading() as uow,
    ):
        found = read_case(uow, bytes.fromhex(case_id(case)[2:]), now=SystemClock().now())
        made = recompute_case(
            uow,
            found,
            engine=engine,
            factors=seeded_factors(),
            documents=documents,
            progress=lambda _what: done(next(seen)),
        )
    document = recomputation_document(found, made)

    def text() -> None:
        rows = table("", "outcome", "reported", "recomputed", "on chain", "difference")
        for each in document["agreements"]:
            said = ("reported", "recomputed", "on_chain", "difference")
            cells = (Text(each[name] or "") for name in said)
            rows.add_row(each["name"], styled(_OUTCOMES[each["outcome"]]), *cells)
        console.print(rows)
        for step in document["steps"]:
            words = (f"{step['name']}  ", styled(_OUTCOMES[step["outcome"]]), f"  {step['detail']}")
            console.print(Text.assemble(*words))
        console.print(styled(made.outcome))

    show(document, as_json, text)
    leave(made.outcome)


def what_if(
    case: CaseArgument,
    factor: Annotated[
        list[str] | None,
        typer.Option("--factor", help="GUIDE|QUANTITY|SUBJECT|VALUE, as the factor book has it."),
    ] = None,
    value: Annotated[
        list[str] | None,
        typer.Option("--value", help="PARAMETER|VALUE|UNIT of a stated value."),
    ] = None,
    mirror: MirrorDir = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Work the result out with other factors, apart from the record; nothing is kept."""
    others = [OtherFactor(a, b, c, (d,)) for a, b, c, d in _split(factor, _FACTOR_PARTS)]
    values = [OtherValue(a, Amount.parse(b, c)) for a, b, c in _split(value, _VALUE_PARTS)]
    if not others and not values:
        raise BadRequest("say what should be otherwise: --factor or --value")
    with (
        _at_hand(config, mirror) as (database, _),
        chain_rules() as engine,
        database.reading() as uow,
    ):
        found = read_case(uow, bytes.fromhex(case_id(case)[2:]), now=SystemClock().now())
        made = ask_what_if(uow, found, others, values, engine=engine, factors=seeded_factors())
    document = what_if_document(found, made)

    def text() -> None:
        for each in made.changes:
            console.print(Text(f"{each.line_id}: {each.before} → {each.after}"))
        console.print(f"total {made.total_before} → {made.total}, difference {made.difference}")

    show(document, as_json, text)


def register(app: typer.Typer) -> None:
    """Add these commands to a group."""
    for command in (tick, comment, approve, recompute):
        app.command()(command)
    app.command("what-if")(what_if)


@contextmanager
def _at_hand(
    config: Path | None, mirror: Path | None
) -> Iterator[tuple[Database, DocumentStore | None]]:
    """Open the mirror, else the ledger of the settings."""
    if mirror is not None:
        with open_mirror(mirror) as (database, _, documents):
            yield database, documents
        return
    settings = load_settings(config)
    with open_database(settings) as database:
        yield database, documents_at_hand(settings)


def _split(texts: list[str] | None, parts: int) -> list[list[str]]:
    found = [each.split("|") for each in texts or []]
    for each in found:
        if len(each) != parts or not all(each):
            raise BadRequest(f"{'|'.join(each)!r} has not {parts} parts")
    return found
