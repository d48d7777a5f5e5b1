"""
Commands about emission factors, benchmarks and curves (排放因子、基准值、曲线).

They are looked up in the seed that comes with the package, or in a chain's FactorBook if the user
names a node of his own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Annotated, Any

import typer
from rich.text import Text

from api.cli.output import DID_NOT_HOLD, AsJson, console, progress, show
from api.cli.own_node import Deployments, OwnNode, Rpc, own_node
from api.errors import BadRequest
from attestation.enums import label
from attestation.instants import format_instant, from_seconds
from chain.factors import Factor, Found, fetch_factors, find_factors, seed_factors

app = typer.Typer(help="Emission factors, benchmarks and curves.", no_args_is_help=True)

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@app.command("find")
def find(
    text: Annotated[str, typer.Argument(help="Words in guide, quantity or subject.")],
    year: Annotated[
        int | None, typer.Option("--year", min=1, max=65_534, help="Report year.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="As known and in force on a day, YYYY-MM-DD."),
    ] = None,
    rpc: Rpc = None,
    deployments: Deployments = None,
    as_json: AsJson = False,
) -> None:
    """Find factors by words, those in force first; exit 1 if nothing is found."""
    day = None if as_of is None else _parse_day(as_of)
    node = own_node(rpc, deployments)
    known = seed_factors() if node is None else _fetch(node)
    found = find_factors(known, text, year=year, as_of=day)
    show([_document(each) for each in found], as_json, lambda: _print(found, year))
    if not found:
        raise typer.Exit(DID_NOT_HOLD)


def _fetch(node: OwnNode) -> tuple[Factor, ...]:
    with node.open() as (client, deployment), progress("reading", None) as done:
        return tuple(_counted(fetch_factors(client, deployment), done))


def _counted(factors: Iterator[Factor], done: Callable[[int], None]) -> Iterator[Factor]:
    for number, factor in enumerate(factors, start=1):
        yield factor
        done(number)


def _parse_day(text: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadRequest(f"not a day: {text!r}; write it as 2026-11-21")


def _document(found: Found) -> dict[str, Any]:
    entry = found.factor.entry
    return {
        "factor_id": entry.factor_id.hex(),
        "guide": entry.guide,
        "edition": entry.edition,
        "quantity": entry.quantity,
        "subject": entry.subject,
        "values": list(found.factor.values),
        "unit": entry.unit,
        "report_from": entry.report_from,
        "report_to": entry.report_to or None,
        "valid_from": _moment(entry.valid_from_s),
        "valid_to": _moment(entry.valid_to_s),
        "table_row": entry.table_row,
        "status": label(found.status),
        "prescribed": found.is_prescribed,
        "confidence": entry.confidence,
        "citation": found.factor.citation,
        "source_hash": entry.source_hash.hex(),
    }


def _moment(seconds: int) -> str | None:
    return format_instant(from_seconds(seconds)) if seconds else None


def _print(found: tuple[Found, ...], year: int | None) -> None:
    for each in found:
        entry = each.factor.entry
        years = f"{entry.report_from}–{entry.report_to or ''}"
        number = f"{' '.join(each.factor.values)} {entry.unit}"
        head = Text(f"{number}  {label(each.status)}, {years}  {entry.quantity}: {entry.subject}")
        console.print(head)
        source = f"  {entry.guide} {entry.edition}, {entry.table_row}; {entry.confidence}"
        console.print(Text(source, style="dim"))
    if not found:
        console.print("nothing found")
    if year is None:
        console.print("next: --year names the report year that the factor is for", style="dim")
