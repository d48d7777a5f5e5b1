"""Answers about energy as people read them at a terminal: one table each, units in its head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.text import Text

from api.cli.output import console, table

Document = Mapping[str, Any]
_MISSING: Final = "–"
_STYLES: Final = {
    "held": "green",
    "failed": "bold red",
    "could_not_check": "yellow",
    "clear": "green",
    "possible": "yellow",
    "likely": "red",
    "passed": "bold red",
}


def print_curve(document: Document) -> None:
    """Print a load curve."""
    load = document["load_unit"]
    rows = table(
        document["by"],
        document["unit"],
        f"mean {load}",
        f"highest {load}",
        "at",
        f"lowest {load}",
        "missing s",
    )
    for each in document["loads"]:
        highest, lowest = each["highest"] or {}, each["lowest"] or {}
        cells = (
            *(each["label"], each["total"], each["mean"], highest.get("load")),
            *(highest.get("from"), lowest.get("load"), str(each["missing_s"])),
        )
        rows.add_row(*map(_cell, cells))
    console.print(rows)
    marked = sorted({mark for each in document["loads"] for mark in each["marked"]})
    if marked:
        console.print(f"marked: {', '.join(marked)}", style="yellow")
    left_out = sorted({kind for each in document["loads"] for kind in each["left_out"]})
    if left_out:
        console.print(f"left out, see --json: {', '.join(left_out)}", style="yellow")


def print_power_factors(document: Document) -> None:
    """Print power factors."""
    rows = table(document["by"], "kWh", "kvarh +", "kvarh −", "lagging", "leading", "billed")
    for each in document["power_factors"]:
        names = ("label", "active_kWh", "lagging_kvarh", "leading_kvarh")
        cells = [each[name] for name in (*names, "lagging", "leading", "billed")]
        rows.add_row(*map(_cell, cells))
    console.print(rows)
    if not all(each["comparable"] for each in document["power_factors"]):
        console.print("without a factor: the energies cover other seconds", style="yellow")


def print_cost(document: Document) -> None:
    """Print what energy cost."""
    console.print(Text(f"{document['tariff']}; {document['source']}", style="dim"))
    rows = table("band", document["unit"], "price", document["currency"])
    for each in document["bands"]:
        rows.add_row(*map(_cell, (each["band"], each["energy"], each["price"], each["cost"])))
    rows.add_row("", _cell(document["energy"]), "", _cell(document["cost"]))
    console.print(rows)
    if document["unpriced_count"]:
        count, energy = document["unpriced_count"], document["unpriced"]
        console.print(f"unpriced: {energy} {document['unit']} in {count} values", style="yellow")
    if document["missing_s"]:
        console.print(f"missing: {document['missing_s']} s", style="yellow")


def print_metering(document: Document) -> None:
    """Print the balances of a tree of meters."""
    levels = table("level", "meters", document["unit"], "incomplete")
    for each in document["levels"]:
        cells = (str(each["level"]), str(each["meters"]), each["amount"])
        levels.add_row(*map(_cell, cells), _cell(", ".join(each["incomplete"]) or None))
    console.print(levels)
    rows = table("meter", document["unit"], "below", "rest", "share", "outcome")
    for each in document["balances"]:
        names = ("meter", "amount", "below", "rest", "rest_share")
        word = each["outcome"]
        rows.add_row(
            *(_cell(each[name]) for name in names),
            Text(word.replace("_", " "), style=_STYLES[word]),
        )
    console.print(rows)


def print_anomalies(document: Document) -> None:
    """Print what is far from the usual."""
    rows = table("from", "kind", "why")
    for each in document["anomalies"]:
        rows.add_row(*map(_cell, (each["from"], each["kind"], each["explanation"])))
    console.print(rows)
    console.print(f"{document['judged']} values judged, {document['not_judged']} could not be")
    if document["drifted"]:
        console.print(
            "one profile does not fit the beginning and the end: ask for less time", style="yellow"
        )


def print_forecast(document: Document) -> None:
    """Print a forecast, and how it stands to a limit."""
    unit = document["unit"]
    console.print(f"known      {document['known']} {unit}")
    console.print(f"expected   {document['expected']} {unit}")
    interval = f"{document['low']} to {document['high']} {unit}"
    console.print(f"interval   {interval}, {document['confidence_pct']} %")
    console.print(Text(document["explanation"], style="dim"))
    for name in ("unknown_months", "by_year_only", "drafts"):
        if document.get(name):
            words = f"{name.replace('_', ' ')}: {', '.join(document[name])}"
            console.print(Text(words, style="yellow"))
    limit = document["limit"]
    if limit is not None:
        word = limit["warning"]
        console.print(Text.assemble("limit      ", (word, _STYLES[word])), end="")
        console.print(f", {limit['expected_lack']} {unit} beyond {limit['amount']} expected")


def print_saving(document: Document) -> None:
    """Print what a measure saved."""
    line = [document["fixed"]]
    line += [f"{each} × {name}" for name, each in document["per_driver"].items()]
    console.print(Text(f"baseline   {' + '.join(line)}"))
    console.print(f"explains   {document['explained']} of {document['observations']} observations")
    console.print(f"expected   {document['baseline']}")
    console.print(f"used       {document['actual']}")
    interval = f"± {document['reach']} ({document['confidence_pct']} %)"
    console.print(f"saving     {document['saving']} {interval}")
    if not document["significant"]:
        console.print("within its own uncertainty: no saving is shown", style="yellow")
    if not document["good_enough"]:
        console.print("the baseline explains too little to rest a saving on", style="yellow")
    if document["outside"]:
        console.print("a driver left the range of the baseline: a guess", style="yellow")


def _cell(value: object) -> Text:
    return Text(_MISSING if value is None else str(value))
