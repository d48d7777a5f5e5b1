"""`carbonseal inventory` and `carbonseal recheck`, on a coal unit's January in SQLite."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.database import Database
from tests.support.coal_unit import COAL, UNIT, CoalUnit
from tests.support.enterprise import USC, Enterprise
from tests.unit.api.cli.conftest import Place, Run, settings_text

JANUARY = "2024-01"
COAL_LINE = f"energy_in:{JANUARY}:{COAL}:fuel-consumption"


@pytest.fixture
def unit(tmp_path: Path, sqlite_url: str) -> Iterator[Place]:
    """An operator who keeps the log of a coal unit with one month in it."""
    with Database(sqlite_url) as database:
        enterprise = Enterprise(database)
        CoalUnit.live(enterprise, months=1)
        (tmp_path / "keys").mkdir(mode=0o700)
        made = Place(tmp_path, tmp_path / "carbonseal.toml", enterprise)
        made.key_file.write_bytes(enterprise.log_key.to_pem(None))
        made.key_file.chmod(0o600)
        made.config.write_text(settings_text(sqlite_url), encoding="utf-8")
        yield made


def at(place: Place, period: str = JANUARY) -> tuple[object, ...]:
    return (USC, UNIT, period, "--config", place.config, "--json")


@pytest.fixture
def final(unit: Place, run: Run) -> Place:
    """The same with a digest of everything and a final version."""
    assert run("inventory", "digest", *at(unit)).code == 0
    unit.enterprise.integrate()
    assert run("inventory", "assemble", *at(unit), "--final").code == 0
    return unit


def test_draft_says_what_is_in_the_way_of_a_final_one(unit: Place, run: Run) -> None:
    """No digest yet: assembled all the same, and refused as final with the code."""
    draft = run("inventory", "assemble", *at(unit))
    refused = run("inventory", "assemble", *at(unit), "--final")

    assert draft.code == 0
    assert {each["code"] for each in draft.document["obstacles"]} >= {"inventory.final_digest"}
    assert refused.code == 1
    assert refused.document["code"] == "inventory.final_digest"


def test_final_version_holds(final: Place, run: Run) -> None:
    """Exit 0, every step held."""
    ran = run("recheck", *at(final))

    assert (ran.code, ran.document["outcome"]) == (0, "held")
    assert {step["outcome"] for step in ran.document["steps"]} == {"held"}


def test_recheck_for_people_is_words(final: Place, run: Run) -> None:
    """Each step with its outcome, not by colour alone."""
    ran = run("recheck", *at(final)[:-1])

    assert ran.code == 0
    assert "calculations" in ran.out and "held" in ran.out


def test_line_leads_to_entries(final: Place, run: Run) -> None:
    """From January's coal to the entry with the belt scale's readings."""
    ran = run("inventory", "show", *at(final), "--line", COAL_LINE)
    digest = next(
        each for each in ran.document["below"] if each["name"].startswith("digest at entry")
    )

    assert ran.code == 0
    assert digest["entries"]
    assert "belt-1/mass/total/" in digest["detail"]


def test_version_is_shown_without_what_salts_it(final: Place, run: Run) -> None:
    """The secret stays with the parties."""
    ran = run("inventory", "show", *at(final))

    assert ran.document["state"] == "final"
    assert ran.document["total"].endswith(" tCO2")
    assert "secret" not in ran.document


def test_text_has_lines_checks_and_the_total(final: Place, run: Run) -> None:
    """What people read."""
    ran = run("inventory", "show", *at(final)[:-1])

    assert "能源输入" in ran.out and "energy.efficiency" in ran.out
    assert "total       " in ran.out and "SHA-256     " in ran.out


def test_versions_are_listed_and_compared(final: Place, run: Run) -> None:
    """Two versions of the same log differ in no line."""
    assert run("inventory", "assemble", *at(final)).code == 0
    listed = run("inventory", "list", USC, "--config", final.config, "--json")
    compared = run("inventory", "diff", USC, UNIT, JANUARY, 1, 2, *at(final)[3:])

    states = [(each["number"], each["state"]) for each in listed.document]
    assert states == [(1, "final"), (2, "draft")]
    assert compared.document["lines"] == []


def test_second_final_version_needs_a_reason(final: Place, run: Run) -> None:
    """And keeps both results."""
    refused = run("inventory", "assemble", *at(final), "--final")
    restated = run("inventory", "assemble", *at(final), "--final", "--reason", "asked for")

    assert refused.document["code"] == "inventory.restatement"
    assert restated.document["restates"]["difference"] == "0.00 tCO2"


def test_missing_month_is_missing(unit: Place, run: Run) -> None:
    """February has no readings: no total, and it is said."""
    ran = run("inventory", "assemble", *at(unit, "2024-02"))

    assert ran.document["total"] is None
    assert "inventory.final_datum" in {each["code"] for each in ran.document["obstacles"]}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("inventory", "show", USC, UNIT, "2023"), "inventory.unknown"),
        (("inventory", "show", USC, UNIT, "2024-13"), "inventory.period"),
        (("inventory", "assemble", USC, "unit-9", JANUARY), "inventory.not_stated"),
        (("inventory", "assemble", USC, UNIT, JANUARY, "--recipe", "x"), "inventory.recipe"),
        (("inventory", "assemble", USC, UNIT, JANUARY, "--reason", "x"), "api.bad_request"),
        (("recheck", USC, UNIT, "2023"), "inventory.unknown"),
    ],
)
def test_what_is_not_there_is_an_error_with_its_code(
    unit: Place, run: Run, arguments: tuple[str, ...], code: str
) -> None:
    """And with the next step."""
    ran = run(*arguments, "--config", unit.config, "--json")

    assert ran.code in (1, 2)
    assert ran.document["code"] == code
    assert ran.document["next_step"]


def test_stated_values_come_from_a_file(unit: Place, run: Run, tmp_path: Path) -> None:
    """They stand in the version; a file of another form is refused."""
    row = {
        "parameter": "fuel-received:coal-1",
        "value": "40000",
        "unit": "t",
        "document": "ab" * 32,
        "note": "invoices",
    }
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps([row]), encoding="utf-8")
    bad.write_text(json.dumps([{"parameter": "x"}]), encoding="utf-8")

    taken = run("inventory", "assemble", *at(unit), "--stated", good)
    refused = run("inventory", "assemble", *at(unit), "--stated", bad)

    assert taken.document["stated"] == [row]
    assert (refused.code, refused.document["code"]) == (2, "api.bad_request")
