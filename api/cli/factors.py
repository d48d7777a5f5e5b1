"""
Commands about emission factors, benchmarks and curves (排放因子、基准值、曲线).

They are looked up in the seed that comes with the package, or in a chain's FactorBook if the user
names a node of his own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated

import typer
from rich.text import Text

from api.cli.output import DID_NOT_HOLD, AsJson, console, progress, show
from api.cli.own_node import Deployments, OwnNode, Rpc, own_node
from api.library import LAST_YEAR, factor_document, parse_day
from attestation.enums import label
from chain.factors import Factor, Found, fetch_factors, find_factors, seed_factors

app = typer.Typer(help="Emission factors, benchmarks and curves.", no_args_is_help=True)


@app.command("find")
def find(
    text: Annotated[str, typer.Argument(help="Words in guide, quantity or subject.")],
    year: Annotated[
        int | None, typer.Option("--year", min=1, max=LAST_YEAR, help="Report year.")
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
    day = None if as_of is None else parse_day(as_of)
    node = own_node(rpc, deployments)
    known = seed_factors() if node is None else _fetch(node)
    found = find_factors(known, text, year=year, as_of=day)
    show([factor_document(each) for each in found], as_json, lambda: _print(found, year))
    if not found:
        raise typer.Exit(DID_NOT_HOLD)


def _fetch(node: OwnNode) -> tuple[Factor, ...]:
    with node.open() as (client, deployment), progress("reading", None) as done:
        return tuple(_counted(fetch_factors(client, deployment), done))


def _counted(factors: Iterator[Factor], done: Callable[[int], None]) -> Iterator[Factor]:
    for number, factor in enumerate(factors, start=1):
        yield factor
        done(number)


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
