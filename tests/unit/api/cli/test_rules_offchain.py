"""`carbonseal rules offchain`: what is not on chain says so, and its examples run."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.inventory.offchain.catalogue import OFFCHAIN_RULES
from tests.unit.api.cli.conftest import Run

EXAMPLES = Path(__file__).resolve().parents[4] / "examples" / "offchain-rules"
NAMES = [f"{rule.name}.v{rule.version}" for rule in OFFCHAIN_RULES]


def test_every_rule_is_listed_as_not_on_chain(run: Run) -> None:
    """With years, source and code hash."""
    ran = run("rules", "offchain", "list", "--json")
    assert [f"{rule['name']}.v{rule['version']}" for rule in ran.document] == NAMES
    assert {rule["on_chain"] for rule in ran.document} == {False}
    assert {len(rule["code_hash"]) for rule in ran.document} == {64}


def test_list_for_people(run: Run) -> None:
    """Names and sources."""
    assert "scope2.market" in run("rules", "offchain", "list").out


def test_every_rule_has_an_example_and_no_other_is_there() -> None:
    """One file each."""
    assert sorted(path.stem for path in EXAMPLES.glob("*.json")) == NAMES


@pytest.mark.parametrize("rule", OFFCHAIN_RULES, ids=lambda rule: rule.name)
def test_example_runs(run: Run, rule: object) -> None:
    """It gives results, and its inputs back in their one form."""
    name = getattr(rule, "name", "")
    ran = run(
        *("rules", "offchain", "run", name, "--inputs", EXAMPLES / f"{name}.v1.json"),
        *("--year", 2026, "--json"),
    )
    assert ran.code == 0
    assert ran.document["results"]
    assert ran.document["inputs"]


def test_run_for_people_has_steps_and_results(run: Run) -> None:
    """2.170 certificates a tonne, and that nothing settles on it."""
    path = EXAMPLES / "cbam.certificates.v1.json"
    ran = run("rules", "offchain", "run", "cbam.certificates", "--inputs", path, "--year", 2026)
    assert "2.170" in ran.out
    assert "free_allocation" in ran.out
    assert "nothing settles on it" in ran.out


def test_show_has_every_field(run: Run) -> None:
    """By place, with its unit."""
    ran = run("rules", "offchain", "show", "scope2.market", "--year", 2026, "--json")
    takes = {each["field"]: each["takes"] for each in ran.document["inputs"]}
    assert takes["instruments[].covered_MWh"] == "decimal, MWh"
    assert takes["instruments[].kind"] == "certificate | contract | direct line"
    assert "heat[].used_GJ" in run("rules", "offchain", "show", "scope2.market", "--year", 2026).out


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (["scope2.market", "--year", 2000], 1, "rule.no_year"),
        (["scope3", "--year", 2026], 1, "rule.unknown"),
        (["scope2.location", "--year", 2026], 2, "rule.input_unknown"),
        (["scope2.market", "--year", 2026, "--profile", "rough"], 2, "api.bad_request"),
    ],
)
def test_what_cannot_be_run_is_refused(
    run: Run, arguments: list[object], exit_code: int, code: str
) -> None:
    """With the inputs of another rule, for another year, in another way."""
    inputs = EXAMPLES / "scope2.market.v1.json"
    ran = run("rules", "offchain", "run", *arguments, "--inputs", inputs, "--json")
    assert (ran.code, ran.document["code"]) == (exit_code, code)


def test_number_that_is_no_text_is_refused(run: Run, tmp_path: Path) -> None:
    """A JSON number with decimals is never an amount."""
    file = tmp_path / "inputs.json"
    file.write_text('{"factors": [{"name": "a", "uncertainty_pct": 3.5}]}', encoding="utf-8")
    ran = run(
        *("rules", "offchain", "run", "uncertainty.product", "--inputs", file),
        *("--year", 2026, "--json"),
    )
    assert ran.document["code"] == "rule.input_kind"
