"""
Commands about the rules of accounting and allocation (核算与分配规则): list, show, run.

`run` works on this machine alone: the rule's committed bytecode, a chain that lives as long as the
command, and a file of inputs. It needs no settings and no network, unless the user names a node of
his own to compare the code with what the live chain holds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from api.cli import rules_offchain
from api.cli.files import read_file
from api.cli.outcomes import WORDS, leave, styled
from api.cli.output import AsJson, console, progress, show, table
from api.cli.own_node import Deployments, OwnNode, Rpc, own_node
from api.errors import BadRequest, PartMissing
from api.library import LAST_YEAR, input_documents, rule_document
from attestation.enums import Outcome, RoundingProfile, RuleStatus, label
from chain.addresses import format_address
from chain.development_chain import find_anvil
from chain.errors import DevelopmentChainError
from chain.live_rules import LiveRule, fetch_live_rule
from chain.rule_inputs import parse_plain
from chain.rule_outcomes import Figure, RuleOutcome
from chain.rule_runner import rule_runner
from chain.rules import Rule, check_rule, find_rule, rules

app = typer.Typer(help="Rules of accounting and allocation.", no_args_is_help=True)
app.add_typer(rules_offchain.app, name="offchain")

_ROOT: Final = Path(__file__).resolve().parents[2]
_MAX_INPUT_BYTES: Final = 16 << 20
"""A year of hours in JSON, several times over."""

Name = Annotated[str, typer.Argument(help="Name of the rule, such as power.combustion.")]
Year = Annotated[
    int | None, typer.Option("--year", min=1, max=LAST_YEAR, help="Report year; else the newest.")
]


@app.command("list")
def list_rules(as_json: AsJson = False) -> None:
    """List every rule with its versions, report years and standing."""
    found = [rule_document(rule) for rule in rules()]

    def text() -> None:
        rows = table("rule", "version", "report years", "standing")
        for rule in rules():
            cells = (rule.name, str(rule.version), rule.years, label(rule.status))
            rows.add_row(*(Text(cell) for cell in cells))
        console.print(rows)
        console.print("next: carbonseal rules show NAME", style="dim")

    show(found, as_json, text)


@app.command("show")
def show_rule(name: Name, year: Year = None, as_json: AsJson = False) -> None:
    """Show what a rule takes: every field with its unit, and the code that runs."""
    rule = find_rule(name, year=year)
    fields = input_documents(rule)
    document = rule_document(rule) | {"inputs": fields}

    def text() -> None:
        _print_head(rule)
        rows = table("field", "takes")
        for each in fields:
            above, _, own = each["field"].rpartition(".")
            rows.add_row(Text("  " * (above.count(".") + bool(above)) + own), Text(each["takes"]))
        console.print(rows)
        console.print(f"next: carbonseal rules run {rule.name} --inputs FILE", style="dim")

    show(document, as_json, text)


@app.command("run")
def run_rule(
    name: Name,
    inputs: Annotated[
        Path,
        typer.Option(
            "--inputs", exists=True, dir_okay=False, help="JSON file; see `carbonseal rules show`."
        ),
    ],
    year: Year = None,
    profile: Annotated[
        str, typer.Option("--profile", help="Rounding: exact, reported, carbon-two-decimals.")
    ] = "exact",
    rpc: Rpc = None,
    deployments: Deployments = None,
    as_json: AsJson = False,
) -> None:
    """Work a rule out by its committed code; with --rpc also compare that code with the chain's."""
    node = own_node(rpc, deployments)
    rounding = _profile(profile)
    rule = find_rule(name, year=year)
    encoded = rule.schema.encode(parse_plain(read_file(inputs, most=_MAX_INPUT_BYTES)))
    outcome = _run(rule, encoded, rounding)
    live = None if node is None else _live(rule, year, node)
    document = rule_document(rule) | {
        "profile": label(rounding),
        "inputs": rule.schema.decode(encoded),
        "encoded_inputs": f"0x{encoded.hex()}",
        "results": [_figure_document(figure) for figure in outcome.results],
        "steps": [_figure_document(figure) for figure in outcome.steps],
        "live": None if live is None else _live_document(live, rule),
    }
    show(document, as_json, lambda: _print_run(rule, rounding, outcome, live))
    leave(Outcome.HELD if live is None else live.compare(rule))


def _run(rule: Rule, inputs: bytes, profile: RoundingProfile) -> RuleOutcome:
    try:
        anvil = find_anvil(_ROOT)
    except DevelopmentChainError as error:
        raise PartMissing(error.message) from error
    with progress("running", None), rule_runner(anvil) as runner:
        check_rule(runner, rule)
        return runner.run(rule.contract, inputs, profile)


def _live(rule: Rule, year: int | None, node: OwnNode) -> LiveRule:
    with node.open() as (client, deployment):
        return fetch_live_rule(client, deployment, rule, year)


def _profile(text: str) -> RoundingProfile:
    for member in RoundingProfile:
        if text == member.name.lower().replace("_", "-"):
            return member
    raise BadRequest(f"no rounding profile {text}: exact, reported, carbon-two-decimals")


def _figure_document(figure: Figure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "item": figure.item,
        "value": figure.text,
        "unit": figure.unit,
        "decimals": figure.decimals,
    }


def _live_document(live: LiveRule, rule: Rule) -> dict[str, Any]:
    return {
        "outcome": WORDS[live.compare(rule)],
        "address": format_address(live.address),
        "recorded_hash": live.recorded_hash.hex(),
        "code_hash": live.code_hash.hex(),
        "status": label(live.status),
    }


def _print_head(rule: Rule) -> None:
    console.print(f"rule       {rule.name}, version {rule.version}, {rule.years}", markup=False)
    console.print(f"standing   {label(rule.status)}")
    console.print(f"source     {rule.source}", markup=False)
    console.print(f"code hash  0x{rule.code_hash.hex()}")


def _print_run(
    rule: Rule, profile: RoundingProfile, outcome: RuleOutcome, live: LiveRule | None
) -> None:
    _print_head(rule)
    console.print(f"profile    {label(profile)}")
    for title, figures in (("step", outcome.steps), ("result", outcome.results)):
        rows = table(title, "item", "value", "unit")
        for each in figures:
            cells = (each.name, str(each.item), each.text, each.unit)
            rows.add_row(*(Text(cell) for cell in cells))
        console.print(rows)
    if rule.status is RuleStatus.DRAFT:
        console.print("a draft: nothing final follows from it", style="yellow")
    if live is not None:
        console.print("same code on the chain: ", styled(live.compare(rule)), sep="")
