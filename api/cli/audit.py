"""Commands about what was done here: the ledger of actions, and packages made of it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from api.audit.documents import action_document, action_package, as_of, body_document
from api.audit.operator_log import require_operator_log, sign_package
from api.audit.search_documents import item_document, query_document
from api.bootstrap import open_database, open_log_keys
from api.cli.at_hand import find_log
from api.cli.files import Input, Output, read_file, write_file
from api.cli.outcomes import leave
from api.cli.output import AsJson, console, show
from api.cli.places import Config, Usc
from api.clock import SystemClock
from api.settings import load_settings
from attestation import entry_proofs
from attestation import trust_root as trust_roots
from attestation.action_proofs import FILE, VerifiedAction, parse_actions, verify_actions
from attestation.entry_proofs import parse_entries, verify_entries
from attestation.enums import Outcome
from attestation.errors import EncodingError, VerificationError
from attestation.instants import format_instant
from attestation.packages import MAX_LENGTH, OpenedPackage, open_package
from attestation.witness_policy import NO_QUORUM, WitnessPolicy
from ledger.actions.exporting import prove_actions
from ledger.leaving.history import read_history
from ledger.repositories.actions import ActionFilter, Noted
from ledger.repositories.searching import Search
from ledger.search.indexing import Indexer
from ledger.search.kinds import ItemKind
from ledger.search.searching import search

_MOST: Final = 100_000
_UNWITNESSED: Final = WitnessPolicy(logs=(), witnesses={}, groups={}, quorum=NO_QUORUM)

app = typer.Typer(help="The ledger of actions (操作日志).", no_args_is_help=True)

Actor = Annotated[str | None, typer.Option(help="Only of this actor: an address, or `grant NAME`.")]
Subject = Annotated[str | None, typer.Option(help="Only about this thing, such as `case 0x…`.")]
What = Annotated[str | None, typer.Option(help="Only of this kind, such as case.comment.")]
Enterprise = Annotated[str | None, typer.Option(help="Only about this enterprise's things.")]
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only of this day of UTC+8.")
]


@app.command("list")
def list_actions(
    actor: Actor = None,
    subject: Subject = None,
    what: What = None,
    enterprise: Enterprise = None,
    day: Day = None,
    after: Annotated[int, typer.Option(min=0, help="Begin after the action of this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="How many at most.")] = 100,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List who did what, with each field from and to."""
    wanted = _filter(actor, subject, what, enterprise, day)
    with open_database(load_settings(config)) as database, database.reading() as uow:
        found = uow.actions.listed(wanted, after=after, limit=limit)
    documents = [action_document(each) for each in found]
    show(documents, as_json, lambda: _print_actions(documents))


@app.command()
def export(
    out: Output,
    actor: Actor = None,
    subject: Subject = None,
    what: What = None,
    enterprise: Enterprise = None,
    day: Day = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Export actions with inclusion proofs, in a package signed by the operator's log."""
    settings = load_settings(config)
    wanted = _filter(actor, subject, what, enterprise, day)
    with open_database(settings) as database, database.reading() as uow:
        log = require_operator_log(uow, settings)
        found = uow.actions.listed(wanted, limit=_MOST)
        proofs = prove_actions(uow, log, found, policy=_UNWITNESSED)
        reached = as_of(uow, [log])
    package = action_package(found, proofs, wanted, as_of=reached, now=SystemClock().now())
    write_file(out, sign_package(open_log_keys(settings.log), log, package))
    document = {
        "file": str(out),
        "actions": len(proofs.actions),
        "waiting": len(proofs.waiting),
    }
    text = f"{len(proofs.actions)} actions with proofs, {len(proofs.waiting)} not in the log yet"
    show(document, as_json, lambda: console.print(text))


@app.command("earlier")
def earlier(usc: Usc, config: Config = None, as_json: AsJson = False) -> None:
    """List who did what about an enterprise at its earlier operators; proves every action anew."""
    settings = load_settings(config)
    with open_database(settings) as database, database.reading() as uow:
        found = read_history(uow, find_log(uow, settings, usc))
    documents: list[dict[str, Any]] = [
        {
            "origin": origin,
            "actions": [
                {**body_document(each.body), "index": each.index, "change": each.change}
                for each in actions
            ],
        }
        for origin, actions in found
    ]

    def text() -> None:
        for operator in documents:
            console.print(f"{operator['origin']}: {len(operator['actions'])} actions", markup=False)
            for each in operator["actions"]:
                who = f"{each['actor']} ({each['role']})"
                line = f"{each['number']:>6}  {each['at']}  {who}  {each['what']}"
                console.print(f"{line}  {each['subject']}", markup=False)

    show(documents, as_json, text)


@app.command("search")
def search_index(
    words: Annotated[
        str, typer.Argument(help="Name, code, serial number, hash, transaction, address, words.")
    ],
    kind: Annotated[list[ItemKind] | None, typer.Option(help="Only of this kind.")] = None,
    enterprise: Enterprise = None,
    as_of_block: Annotated[
        int | None, typer.Option(min=0, help="As of this block of the chain.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Search everything that is kept here; the query is noted like everybody's."""
    now = SystemClock().now()
    asked = Search(
        words=words, kinds=tuple(kind or ()), enterprise=enterprise, as_of_block=as_of_block
    )
    with open_database(load_settings(config)) as database:
        with database.reading() as uow:
            found = search(uow, asked, limit=limit, now=now)
            logs = {log.number: log for log in uow.logs.all()}
        items = (*found.direct, *found.items)
        with database.unit_of_work() as uow:
            uow.actions.note(
                Noted(
                    actor="operator",
                    role="operator",
                    what="audit.search",
                    subject="search",
                    at=now,
                    after=query_document(asked) | {"shown": len(items)},
                )
            )
            uow.commit()
    documents = [item_document(each, logs) for each in items]

    def text() -> None:
        console.print(f"taken as {found.recognised.kind.value}")
        for each in documents:
            where = each["link"] or each["key"]
            console.print(f"{each['kind']:<10}  {each['title']}  {where}", markup=False)
        if not documents:
            console.print("nothing is found")

    show(documents, as_json, text)


@app.command("reindex")
def reindex(config: Config = None, as_json: AsJson = False) -> None:
    """Forget the index of search and make it again from logs, chain and inventories."""
    with open_database(load_settings(config)) as database:
        Indexer(database.unit_of_work, database.reading).rebuild(SystemClock().now())
        with database.reading() as uow:
            counts = {kind.value: n for kind, n in uow.search.count(Search()).items()}
    total = sum(counts.values())
    show({"items": counts}, as_json, lambda: console.print(f"{total} items can be found"))


@app.command()
def verify(
    file: Input,
    trust: Annotated[
        Path, typer.Option("--trust", exists=True, dir_okay=False, help="Your trust root.")
    ],
    as_json: AsJson = False,
) -> None:
    """Check a package offline: signature, every file, and the proof of every action in it."""
    root = trust_roots.parse_trust_root(read_file(trust, most=trust_roots.MAX_LENGTH))
    verifiers = [each.vkey for each in root.logs]
    try:
        opened = open_package(read_file(file, most=MAX_LENGTH), verifiers)
        actions = _verify_actions(opened, verifiers)
    except (EncodingError, VerificationError) as error:
        document = {"outcome": "failed", "code": error.stable_code, "detail": error.message}
        text = f"does not hold: {error.message} ({error.stable_code})"
        show(document, as_json, lambda: console.print(text, markup=False))
        leave(Outcome.FAILED)
        return
    _show_opened(opened, actions, as_json)


def _verify_actions(opened: OpenedPackage, verifiers: list[Any]) -> list[VerifiedAction]:
    entries = opened.package.files.get(entry_proofs.FILE)
    if entries is not None:
        verify_entries(parse_entries(entries), verifiers)
    content = opened.package.files.get(FILE)
    return [] if content is None else verify_actions(parse_actions(content), verifiers)


def _show_opened(opened: OpenedPackage, actions: list[VerifiedAction], as_json: bool) -> None:
    package = opened.package
    document = {
        "outcome": "held",
        "kind": package.kind,
        "signed_by": opened.origin,
        "made_at": format_instant(package.made_at),
        "query": dict(package.query),
        "as_of": dict(package.as_of),
        "manifest_sha256": opened.manifest_sha256.hex(),
        "files": list(package.files),
        "actions": [body_document(each.body) for each in actions],
    }

    def text() -> None:
        console.print(f"held: signed by {opened.origin}, made {document['made_at']}", markup=False)
        console.print(f"manifest SHA-256 {opened.manifest_sha256.hex()}")
        console.print(f"{len(package.files)} files, {len(actions)} actions proved")

    show(document, as_json, text)


def _print_actions(documents: list[dict[str, Any]]) -> None:
    for each in documents:
        who = f"{each['actor']} ({each['role']})"
        line = f"{each['number']:>6}  {each['at']}  {who}  {each['what']}  {each['subject']}"
        console.print(line, markup=False)
        for one in each["changes"]:
            console.print(f"        {one['field']}: {one['from']} → {one['to']}", markup=False)
    if not documents:
        console.print("nothing was done that this asks for")


def _filter(
    actor: str | None,
    subject: str | None,
    what: str | None,
    enterprise: str | None,
    day: datetime | None,
) -> ActionFilter:
    wanted: date | None = None if day is None else day.date()
    return ActionFilter(actor=actor, subject=subject, what=what, usc=enterprise, day=wanted)
