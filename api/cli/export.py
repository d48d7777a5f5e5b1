"""
Commands about raw exports: a range of a log with its proofs, for somebody's own tools.

Checking one needs the files and a trust root, and nothing of the ledger they came from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from api.bootstrap import open_database, platform_roots
from api.cli.at_hand import find_log
from api.cli.files import read_file
from api.cli.inventory_words import Number, scope_of
from api.cli.outcomes import WORDS, leave, styled, worst
from api.cli.output import AsJson, console, show, table
from api.cli.places import Config, Usc
from api.cli.verifying_node import verifying_node
from api.errors import BadRequest
from api.settings import load_settings
from api.visible import visible
from attestation.bundle import parse_bundle
from attestation.enums import Outcome
from attestation.errors import EncodingError
from attestation.ranges import RangeReport, RangeVerifier
from attestation.trust_root import MAX_LENGTH, TrustRoot, parse_trust_root
from attestation.witness_policy import NO_QUORUM, WitnessPolicy
from ledger.errors import ArchiveDamaged
from ledger.inventory.assembling import load
from ledger.inventory.entry_range import entry_range
from ledger.log.bundling import Bundler
from ledger.log.proving import LogProver
from ledger.log.range_export import RangeExport, export_range
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

app = typer.Typer(help="Raw exports of a log, with their proofs.", no_args_is_help=True)

_Rows = list[tuple[str, Outcome, str]]


@app.command("range")
def write_range(
    usc: Usc,
    out: Annotated[Path, typer.Option("--out", help="Folder to write; made where missing.")],
    start: Annotated[int | None, typer.Option("--from", min=0, help="First entry.")] = None,
    end: Annotated[int | None, typer.Option("--to", min=1, help="Above the last entry.")] = None,
    unit: Annotated[
        str | None, typer.Option("--unit", help="Instead: what an inventory of this unit rests on.")
    ] = None,
    period: Annotated[str | None, typer.Option("--period", help="Of that inventory.")] = None,
    number: Number = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write entries, leaf hashes, readings and proofs of a range, as Parquet and JSON."""
    if (start is None) != (end is None) or (unit is None) != (period is None):
        raise BadRequest("--from goes with --to, and --unit with --period")
    if (start is None) == (unit is None):
        raise BadRequest("name a range by --from and --to, or an inventory by --unit and --period")
    if start is not None and end is not None and start >= end:
        raise BadRequest(f"--from {start} is not below --to {end}")
    if out.is_dir() and any(out.iterdir()):
        raise BadRequest(f"{out} is not empty; an export has a folder of its own")
    settings = load_settings(config)
    root = next(iter(platform_roots(settings.log).values()))
    policy = WitnessPolicy(logs=(), witnesses={}, groups={}, quorum=NO_QUORUM)
    with open_database(settings) as database, database.reading() as uow:
        log = find_log(uow, settings, usc)
        if unit is not None and period is not None:
            start, end = _of_inventory(uow, log, usc, unit, period, number)
        first, last = start or 0, end or 0
        bundle, _ = Bundler(database.reading, policy, platform_root=root).range(log, first, last)
        segment = export_range(LogProver(uow, log), bundle, out, first, last)
    document: dict[str, Any] = {
        "origin": segment.origin,
        "from": segment.start,
        "to": segment.end,
        "files": sorted(each.name for each in out.iterdir() if each.is_file()),
        "anchored": bundle.chain is not None,
    }

    def text() -> None:
        console.print(f"{segment.origin}: entries {first} to {last - 1} in {out}", markup=False)
        console.print(f"next: carbonseal export verify {out} --trust FILE", markup=False)

    show(document, as_json, text)


@app.command("verify")
def verify_range(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The export.")],
    trust: Annotated[
        Path, typer.Option("--trust", exists=True, dir_okay=False, help="Your trust root.")
    ],
    rpc: Annotated[
        str | None, typer.Option("--rpc", help="JSON-RPC address of your own node.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check an export by its files alone; exit 0 only if every step held."""
    root = parse_trust_root(read_file(trust, most=MAX_LENGTH))
    rows = _check(folder, root, rpc)
    outcome = worst(each for _, each, _ in rows)
    document = {
        "outcome": WORDS[outcome],
        "trust_root": root.name,
        "steps": [
            {"name": name, "outcome": WORDS[each], "detail": detail} for name, each, detail in rows
        ],
    }

    def text() -> None:
        console.print(f"trust root  SHA-256 {root.name}")
        steps = table("step", "outcome", "detail")
        for name, each, detail in rows:
            steps.add_row(Text(name), styled(each), Text(detail))
        console.print(steps)
        console.print(styled(outcome))
        if outcome is Outcome.COULD_NOT_CHECK:
            console.print("next: name a node of your own with --rpc, or a trust root with the log")

    show(document, as_json, text)
    leave(outcome)


def _of_inventory(
    uow: UnitOfWork, log: Log, usc: str, unit: str, period: str, number: int | None
) -> tuple[int, int]:
    return entry_range(uow, log, load(uow, log, scope_of(usc, unit, period), number))


def _check(folder: Path, root: TrustRoot, rpc: str | None) -> _Rows:
    try:
        export = RangeExport(folder)
    except ArchiveDamaged as error:
        return [("files", Outcome.FAILED, error.message)]
    trusted = root.log(export.segment.origin)
    if trusted is None:
        words = f"the trust root names no log {visible(export.segment.origin)}"
        return [("files", Outcome.COULD_NOT_CHECK, words)]
    rows: _Rows = []
    segment = export.segment
    try:
        export.verify_entries(trusted.vkey)
        rows.append(("files", Outcome.HELD, f"entries {segment.start} to {segment.end - 1}"))
        found = export.verify_readings()
        rows.append(("readings", Outcome.HELD, f"{found} readings follow from the entries"))
        report = _signatures(export, root, rpc)
    except (ArchiveDamaged, EncodingError) as error:
        rows.append(("files" if not rows else "contents", Outcome.FAILED, error.message))
        return rows
    rows.extend((each.name, each.outcome, each.detail) for each in report.report.steps)
    return rows


def _signatures(export: RangeExport, root: TrustRoot, rpc: str | None) -> RangeReport:
    bundle = parse_bundle(export.bundle())
    segment, asked = export.segment, bundle.range
    if asked is None or (asked.start, asked.end) != (segment.start, segment.end):
        raise ArchiveDamaged("the bundle is not of the range that the manifest names")
    with verifying_node(rpc) as node:
        return RangeVerifier(root, node).verify(bundle, export.entries())
