"""Runs benchmarks: `python -m bench [names…] [--quick]`; each prints a table and writes JSON."""

from __future__ import annotations

import argparse
import time
from importlib import import_module

from rich.console import Console
from rich.table import Table

from bench.measuring import Row, write_rows

NAMES = (
    "admission",
    "broker",
    "integrate",
    "prove",
    "verify_bundle",
    "verify_range",
    "fsck",
    "anchor_gas",
    "rule_gas",
    "inventory",
    "floods",
    "api",
    "search",
)


def main() -> None:
    """Run the benchmarks that are named, or all."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="small sizes, less than 90 seconds")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(NAMES)
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    console = Console()
    for name in asked.names or NAMES:
        begun = time.perf_counter()
        with console.status(name) as status:
            rows = import_module(f"bench.{name}").run(
                lambda text, name=name, status=status: status.update(f"{name}: {text}"),
                quick=asked.quick,
            )
        console.print(_table(f"{name} ({time.perf_counter() - begun:.0f} s)", rows))
        write_rows(name, rows, quick=asked.quick)


def _table(title: str, rows: list[Row]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("what", "measured", "limit", "ratio", "CPU, µs", "share", "target", "remark"):
        right = column in ("measured", "limit", "ratio", "CPU, µs", "share")
        table.add_column(column, justify="right" if right else "left")
    for row in rows:
        limit = "" if row.limit is None else f"{_figure(row.limit)} ({row.limit_name})"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        cpu = "" if row.cpu_us is None else f"{row.cpu_us:.1f}"
        share = "" if row.cpu_share is None else f"{row.cpu_share:.2f}"
        measured = f"{_figure(row.measured)} {row.unit}"
        table.add_row(row.what, measured, limit, ratio, cpu, share, row.target, row.remark)
    return table


def _figure(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if value >= 100 else f"{value:.2f}"


if __name__ == "__main__":
    main()
