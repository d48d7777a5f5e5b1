"""What commands about inventories share: their options, and how they print versions and traces."""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.text import Text

from api.cli.outcomes import styled
from api.cli.output import console, table
from attestation.enums import DataClass, label
from ledger.inventory.identity import Scope
from ledger.inventory.lines import Line
from ledger.inventory.periods import Period
from ledger.inventory.tracing import Trace
from ledger.inventory.versions import InventoryVersion

UnitCode = Annotated[str, typer.Argument(help="Code of the unit (机组或设施).")]
PeriodText = Annotated[
    str,
    typer.Argument(help="Such as 2024, 2024-Q1, 2024-03 or 2024-01-01/2024-09-30 (UTC+8)."),
]
Number = Annotated[
    int | None, typer.Option("--number", min=1, help="Which version; else the newest.")
]
LineId = Annotated[str | None, typer.Option("--line", help="Name of one line, as `show` has it.")]

_SHOWN_ENTRIES: Final = 8


def scope_of(usc: str, unit: str, period: str) -> Scope:
    """
    Give what three arguments name.

    Raises:
        PeriodMalformed: If the period is none, or not within one report year.
        EncodingError: If the credit code does not hold.
    """
    return Scope.of(usc.partition("-")[0], unit, Period.parse(period))


def print_lines(version: InventoryVersion) -> None:
    """Print the lines by class."""
    rows = table("line", "value", "from")
    for data_class in DataClass:
        section = version.section(data_class)
        if section:
            rows.add_row(Text(f"{label(data_class)} {label(data_class, 'zh')}", style="bold"))
        for line in section:
            rows.add_row(Text(f"  {line.line_id}"), _value(line), Text(_sources(line)))
    console.print(rows)


def print_checks(version: InventoryVersion) -> None:
    """Print what the cross-checks say."""
    if not version.checks:
        return
    rows = table("check", "period", "outcome", "why")
    for each in version.checks:
        rows.add_row(
            Text(each.name), Text(each.period.label), styled(each.outcome), Text(each.english)
        )
    console.print(rows)


def print_trace(trace: Trace) -> None:
    """Print what a number rests on, indented."""
    for depth, each in trace.walk():
        console.print(Text(f"{'  ' * depth}{each.name}  {each.detail}"))
        if each.entries:
            shown = ", ".join(map(str, each.entries[:_SHOWN_ENTRIES]))
            more = len(each.entries) - _SHOWN_ENTRIES
            rest = f" and {more} more" if more > 0 else ""
            console.print(Text(f"{'  ' * (depth + 1)}readings in entries {shown}{rest}"))


def _value(line: Line) -> Text:
    if line.amount is None:
        return Text("missing", style="yellow")
    return Text(str(line.amount), style="yellow" if line.obstacles else "")


def _sources(line: Line) -> str:
    return ", ".join(f"{each.kind.value} {each.reference[:12]}" for each in line.sources)
