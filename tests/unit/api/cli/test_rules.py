"""`carbonseal rules`: what a rule takes, what it gives, and exit codes that say how it came out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chain.errors import DevelopmentChainError
from chain.rules import rules
from tests.unit.api.cli.conftest import Run

EXAMPLES = Path(__file__).resolve().parents[4] / "examples" / "rules"
COMBUSTION = EXAMPLES / "power.combustion.v1.json"
LOAD = "allocation.load-correction"


@pytest.fixture
def load_file(tmp_path: Path) -> Path:
    """A file with a load above the range."""
    file = tmp_path / "load.json"
    file.write_text('{"load_pct": "100.01 %"}', encoding="utf-8")
    return file


def changed(tmp_path: Path, **changes: Any) -> Path:
    """Write the example of combustion with another oxidation rate of its gas."""
    inputs = json.loads(COMBUSTION.read_text(encoding="utf-8"))
    inputs["gases"][0] |= changes
    file = tmp_path / "inputs.json"
    file.write_text(json.dumps(inputs), encoding="utf-8")
    return file


def test_list_has_every_version(run: Run) -> None:
    """Every version stands there with its years, standing, source and code hash."""
    ran = run("rules", "list", "--json")

    assert ran.code == 0
    assert len(ran.document) == len(rules())
    load = [rule for rule in ran.document if rule["name"] == LOAD]
    assert [rule["status"] for rule in load] == ["in force", "in force", "draft"]
    assert [len(rule["code_hash"]) for rule in load] == [64, 64, 64]


def test_list_for_people(run: Run) -> None:
    """People see names, years and standing, and what to do next."""
    ran = run("rules", "list")

    assert LOAD in ran.out
    assert "next: carbonseal rules show NAME" in ran.out


def test_show_has_every_field_with_its_unit(run: Run) -> None:
    """What a rule takes is listed by place."""
    ran = run("rules", "show", "power.combustion", "--json")

    takes = {each["field"]: each["takes"] for each in ran.document["inputs"]}
    assert ran.code == 0
    assert takes["weighed[].lines[].consumed_t"] == "decimal, t"
    assert takes["gases[].oxidation_1"] == "decimal, 1"


@pytest.mark.parametrize(
    ("name", "year", "code"),
    [("power.combustio", "2024", "rule.unknown"), (LOAD, "2018", "rule.no_year")],
)
def test_rule_that_is_not_there(run: Run, name: str, year: str, code: str) -> None:
    """A rule that nobody has ends with 1 and its own code."""
    ran = run("rules", "show", name, "--year", year, "--json")

    assert (ran.code, ran.document["code"]) == (1, code)


@pytest.mark.real
def test_run_gives_results_and_steps(run: Run) -> None:
    """The outcome has exact decimals as strings, and all that is needed to work it out again."""
    ran = run(
        *("rules", "run", "power.combustion", "--inputs", COMBUSTION),
        *("--profile", "reported", "--year", "2024", "--json"),
    )

    assert ran.code == 0, ran.err
    assert ran.document["profile"] == "intermediates as the report prints them"
    assert [result["name"] for result in ran.document["results"]] == ["emissions", "emissionsWhole"]
    assert all(isinstance(step["value"], str) for step in ran.document["steps"])
    assert ran.document["inputs"]["gases"][0]["oxidation_1"] == "0.99"
    assert ran.document["encoded_inputs"].startswith("0x")
    assert ran.document["live"] is None


@pytest.mark.real
def test_run_of_a_draft_says_so(run: Run) -> None:
    """People are told that nothing final follows from a draft."""
    file = EXAMPLES / f"{LOAD}.v3.json"

    ran = run("rules", "run", LOAD, "--inputs", file, "--year", "2026")

    assert ran.code == 0, ran.err
    assert "1.126059" in ran.out
    assert "a draft: nothing final follows from it" in ran.out


@pytest.mark.real
def test_refusal_by_the_rule_is_no_usage_error(run: Run, load_file: Path) -> None:
    """What the rule itself refuses ends with 1 and names the field and the limit."""
    ran = run("rules", "run", LOAD, "--inputs", load_file, "--year", "2023", "--json")

    assert ran.code == 1
    assert ran.document["code"] == "rule.out_of_range"
    assert ran.document["detail"] == "load_pct: 100.01 % is out of range: at most 100 %"


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"oxidation_1": 0.99}, "rule.input_kind", "gases[0].oxidation_1"),
        ({"oxidation_1": "99 %"}, "rule.input_unit", "gases[0].oxidation_1"),
        ({"oxidation": "0.99"}, "rule.input_unknown", "gases[0].oxidation"),
    ],
)
def test_inputs_of_another_form(
    run: Run, tmp_path: Path, changes: dict[str, Any], code: str, place: str
) -> None:
    """A fault of the file ends with 2 before anything runs, and names its place."""
    file = changed(tmp_path, **changes)

    ran = run("rules", "run", "power.combustion", "--inputs", file, "--json")

    assert (ran.code, ran.document["code"]) == (2, code)
    assert ran.document["detail"].startswith(f"{place}: ")


def test_file_that_is_no_json(run: Run, load_file: Path) -> None:
    """A file of something else is a wrong file, not a crash."""
    load_file.write_bytes(b"\xff\xfe{")

    assert run("rules", "run", LOAD, "--inputs", load_file).code == 2


def test_profile_that_nobody_knows(run: Run, load_file: Path) -> None:
    """A profile is one of three words."""
    ran = run("rules", "run", LOAD, "--inputs", load_file, "--profile", "Exact")

    assert ran.code == 2
    assert "exact, reported, carbon-two-decimals" in ran.err


def test_node_without_its_record(run: Run, load_file: Path) -> None:
    """A node alone says nothing: the record of deployments goes with it."""
    ran = run("rules", "run", LOAD, "--inputs", load_file, "--rpc", "http://127.0.0.1:9")

    assert ran.code == 2
    assert "--rpc and --deployments go together" in ran.err


def test_machine_without_a_chain(
    run: Run, load_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no development chain is installed, nothing could be checked."""

    def nowhere(*_roots: Path) -> Path:
        raise DevelopmentChainError("no anvil")

    monkeypatch.setattr("api.cli.rules.find_anvil", nowhere)

    ran = run("rules", "run", LOAD, "--inputs", load_file, "--json")

    assert (ran.code, ran.document["code"]) == (3, "api.part_missing")
