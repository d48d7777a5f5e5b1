"""
Commands about rules that nothing settles on (不上链规则): list, show, run.

They are pure Python of this package, versioned and hashed like those on chain, and marked as not
on chain: scope 2, uncertainty, intensity, footprints, heat and power, border adjustment.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from api.cli.files import read_file
from api.cli.output import AsJson, console, show, table
from api.errors import BadRequest
from attestation.canonical import parse_canonical
from attestation.enums import RoundingProfile, label
from chain.rule_inputs import parse_plain
from ledger.inventory.offchain.catalogue import OFFCHAIN_RULES, OffchainRule, OffchainRules
from ledger.ports import CalculatedFigure, RuleRun

app = typer.Typer(help="Rules that nothing settles on; not on chain.", no_args_is_help=True)

_MAX_INPUT_BYTES: Final = 1 << 20
_PROFILES: Final = {"exact": RoundingProfile.EXACT, "reported": RoundingProfile.REPORTED}
_NOT_ON_CHAIN: Final = "not on chain: nothing settles on it"

Name = Annotated[str, typer.Argument(help="Name of the rule, such as scope2.market.")]
Year = Annotated[int, typer.Option("--year", min=1, max=9999, help="Report year.")]


@app.command("list")
def list_rules(as_json: AsJson = False) -> None:
    """List every rule with its version and report years."""

    def text() -> None:
        rows = table("rule", "version", "report years", "source")
        for rule in OFFCHAIN_RULES:
            years = f"{rule.report_from}–{rule.report_to or ''}"
            rows.add_row(rule.name, str(rule.version), years, Text(rule.source))
        console.print(rows)

    show([_rule_document(rule) for rule in OFFCHAIN_RULES], as_json, text)


@app.command("show")
def show_rule(name: Name, year: Year, as_json: AsJson = False) -> None:
    """Show what a rule takes: every field with its unit."""
    rule = _find(name, year)
    lines = rule.inputs.lines()

    def text() -> None:
        _print_head(rule)
        rows = table("field", "takes")
        for place, takes in lines:
            rows.add_row(Text(place), Text(takes))
        console.print(rows)

    fields = [{"field": place, "takes": takes} for place, takes in lines]
    show(_rule_document(rule) | {"inputs": fields}, as_json, text)


@app.command("run")
def run_rule(
    name: Name,
    inputs: Annotated[
        Path, typer.Option("--inputs", exists=True, dir_okay=False, help="JSON file; see show.")
    ],
    year: Year,
    profile: Annotated[str, typer.Option("--profile", help="exact or reported.")] = "exact",
    as_json: AsJson = False,
) -> None:
    """Work a rule out."""
    rule = _find(name, year)
    if profile not in _PROFILES:
        raise BadRequest(f"no rounding profile {profile}: {', '.join(_PROFILES)}")
    given: Any = parse_plain(read_file(inputs, most=_MAX_INPUT_BYTES))
    ran = OffchainRules().run(rule.name, rule.version, given, _PROFILES[profile])
    document = _rule_document(rule) | {
        "profile": label(_PROFILES[profile]),
        "inputs": parse_canonical(ran.encoded_inputs),
        "results": [_figure_document(each) for each in ran.results],
        "steps": [_figure_document(each) for each in ran.steps],
    }
    show(document, as_json, lambda: _print_run(rule, ran))


def _find(name: str, year: int) -> OffchainRule:
    engine = OffchainRules()
    return engine.find(name, engine.rule_for(name, year).version)


def _rule_document(rule: OffchainRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "version": rule.version,
        "report_from": rule.report_from,
        "report_to": rule.report_to or None,
        "status": label(rule.status),
        "source": rule.source,
        "code_hash": rule.code_hash.hex(),
        "on_chain": False,
    }


def _figure_document(figure: CalculatedFigure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "item": figure.item,
        "value": f"{figure.value:f}",
        "unit": figure.unit,
        "decimals": figure.decimals,
    }


def _print_head(rule: OffchainRule) -> None:
    years = f"{rule.report_from}–{rule.report_to or ''}"
    console.print(f"rule       {rule.name}, version {rule.version}, {years}", markup=False)
    console.print(f"source     {rule.source}", markup=False)
    console.print(f"code hash  {rule.code_hash.hex()}")
    console.print(_NOT_ON_CHAIN, style="dim")


def _print_run(rule: OffchainRule, ran: RuleRun) -> None:
    _print_head(rule)
    for title, figures in (("step", ran.steps), ("result", ran.results)):
        rows = table(title, "item", "value", "unit")
        for each in figures:
            cells = (each.name, str(each.item), f"{each.value:f}", each.unit)
            rows.add_row(*(Text(cell) for cell in cells))
        console.print(rows)
