"""
Commands about inventories (排放清单): digest, assemble, list, show, diff, firm, peers.

`assemble` works a draft out from what the log says and keeps it; with --final it is refused unless
nothing in it may stand in a draft only. `show` follows a line down to the entries of its readings.
"""

from __future__ import annotations

import secrets
from itertools import count
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from api.bootstrap import open_database
from api.cli.at_hand import find_log
from api.cli.evidence_place import documents_at_hand
from api.cli.files import read_file
from api.cli.inventory_digest import digest
from api.cli.inventory_firm import firm, peers
from api.cli.inventory_words import (
    LineId,
    Number,
    PeriodText,
    UnitCode,
    print_checks,
    print_lines,
    print_trace,
    scope_of,
)
from api.cli.output import AsJson, console, progress, show, table
from api.cli.places import Config, Usc
from api.clock import SystemClock
from api.errors import BadRequest
from api.inventories import trace_document, version_document
from api.rule_side import chain_rules, seeded_factors
from api.settings import load_settings
from attestation.enums import VersionState, label
from attestation.errors import EncodingError
from attestation.instants import format_instant
from chain.rule_inputs import parse_plain
from ledger.inventory.assembling import (
    SECRET_LENGTH,
    Assembled,
    Wanted,
    assemble,
    finalise,
    load,
    newest_final,
    obstacles,
    store,
)
from ledger.inventory.periods import Period
from ledger.inventory.stating import StatedValue
from ledger.inventory.tracing import Tracer
from ledger.inventory.versions import InventoryVersion, diff

app = typer.Typer(help="Inventories.", no_args_is_help=True)
app.command("digest")(digest)
app.command("firm")(firm)
app.command("peers")(peers)

_MAX_STATED_BYTES: Final = 1 << 20


@app.command("list")
def list_versions(usc: Usc, config: Config = None, as_json: AsJson = False) -> None:
    """List the versions of an enterprise's inventories."""
    settings = load_settings(config)
    with open_database(settings) as database, database.reading() as uow:
        kept = uow.inventories.listed(find_log(uow, settings, usc).number)
    found: list[dict[str, Any]] = [
        {
            "unit": each.unit,
            "period": Period(each.from_s, each.to_s).label,
            "number": each.number,
            "state": each.state.name.lower(),
            "sha256": each.sha256.hex(),
            "created_at": format_instant(each.created_at),
        }
        for each in kept
    ]

    def text() -> None:
        rows = table("unit", "period", "version", "state", "made at")
        for each in found:
            cells = ("unit", "period", "number", "state", "created_at")
            rows.add_row(*(Text(str(each[cell])) for cell in cells))
        console.print(rows)
        console.print("next: carbonseal inventory show CODE UNIT PERIOD", style="dim")

    show(found, as_json, text)


@app.command("assemble")
def assemble_version(
    usc: Usc,
    unit: UnitCode,
    period: PeriodText,
    final: Annotated[
        bool, typer.Option("--final", help="Make it final; refused unless nothing is missing.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why a final version is restated.")
    ] = None,
    stated: Annotated[
        Path | None,
        typer.Option(
            "--stated", exists=True, dir_okay=False, help="JSON file of values that are stated."
        ),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option("--recipe", help="How to work it out; else by the kind of unit.")
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Work a version of an inventory out from the log, and keep it."""
    settings = load_settings(config)
    if reason is not None and not final:
        raise BadRequest("--reason goes with --final")
    wanted = Wanted(scope_of(usc, unit, period), recipe, _stated(stated))
    seen = count(1)
    with open_database(settings) as database, progress("working out", None) as done:
        with chain_rules() as engine, database.reading() as uow:
            log = find_log(uow, settings, usc)
            made = assemble(
                uow,
                log,
                wanted,
                engine=engine,
                factors=seeded_factors(),
                secret=secrets.token_bytes(SECRET_LENGTH),
                progress=lambda _what: done(next(seen)),
                documents=documents_at_hand(settings),
            )
            before = newest_final(uow, log, wanted.scope) if final else None
        version = made.version
        if final:
            version = finalise(version, before, reason=reason)
        with database.unit_of_work() as uow:
            store(uow, log, Assembled(version, made.calculations), now=SystemClock().now())
            uow.commit()
    _show_version(version, as_json)


@app.command("show")
def show_version(
    usc: Usc,
    unit: UnitCode,
    period: PeriodText,
    number: Number = None,
    line: LineId = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show a version; with --line one number, down to the entries with its readings."""
    settings = load_settings(config)
    with open_database(settings) as database, database.reading() as uow:
        log = find_log(uow, settings, usc)
        version = load(uow, log, scope_of(usc, unit, period), number)
        if line is None:
            _show_version(version, as_json)
            return
        trace = Tracer(uow, log, version).line(version.line(line))

    def text() -> None:
        print_trace(trace)
        if trace.readings:
            console.print(
                f"next: carbonseal log bundle {usc} {trace.readings[0]} --out FILE",
                style="dim",
                markup=False,
            )

    show(trace_document(trace), as_json, text)


@app.command("diff")
def diff_versions(
    usc: Usc,
    unit: UnitCode,
    period: PeriodText,
    before: Annotated[int, typer.Argument(min=1, help="Number of the earlier version.")],
    after: Annotated[int, typer.Argument(min=1, help="Number of the later version.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show every line that two versions do not share."""
    settings = load_settings(config)
    scope = scope_of(usc, unit, period)
    with open_database(settings) as database, database.reading() as uow:
        log = find_log(uow, settings, usc)
        older, newer = (load(uow, log, scope, number) for number in (before, after))
    changes = list(diff(older, newer))
    document: dict[str, Any] = {
        "before": {"number": older.number, "total": _total(older)},
        "after": {"number": newer.number, "total": _total(newer)},
        "restates": None if newer.restates is None else newer.restates.as_json(),
        "lines": [
            {
                "line": each.line_id,
                "before": each.before,
                "after": each.after,
                "difference": each.difference,
            }
            for each in changes
        ],
    }

    def text() -> None:
        rows = table("line", "before", "after", "difference")
        for each in changes:
            cells = (each.line_id, each.before, each.after, each.difference or "")
            rows.add_row(*(Text(cell) for cell in cells))
        if changes:
            console.print(rows)
        console.print(f"{len(changes)} lines differ; {_total(older)} became {_total(newer)}")
        if newer.restates is not None:
            console.print(f"restated: {newer.restates.reason}", markup=False)

    show(document, as_json, text)


def _show_version(version: InventoryVersion, as_json: bool) -> None:
    in_the_way = obstacles(version)

    def text() -> None:
        state = label(version.state)
        scope = version.scope
        head = f"{scope.unit}, {scope.period.label}, version {version.number} ({state})"
        console.print(head, markup=False)
        print_lines(version)
        print_checks(version)
        console.print(f"total       {_total(version)}")
        console.print(f"lines root  {version.root.hex()}")
        console.print(f"SHA-256     {version.sha256}")
        for each in in_the_way:
            console.print(Text.assemble(("not final: ", "yellow"), f"{each.message} ({each.code})"))
        if version.state is VersionState.DRAFT and not in_the_way:
            console.print("next: nothing stands in the way of `--final`", style="dim")

    show(version_document(version, in_the_way), as_json, text)


def _total(version: InventoryVersion) -> str:
    return "missing" if version.total is None else str(version.total)


def _stated(path: Path | None) -> tuple[StatedValue, ...]:
    if path is None:
        return ()
    content: Any = parse_plain(read_file(path, most=_MAX_STATED_BYTES))
    try:
        return tuple(StatedValue.from_json(each) for each in content)
    except (KeyError, TypeError, AttributeError, EncodingError) as error:
        raise BadRequest(
            f"{path} is no list of parameter, value, unit, document and note"
        ) from error
