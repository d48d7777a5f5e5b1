"""`carbonseal inventory firm` and `peers`, and `energy rollup`: by grants, nothing missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.access import AccessList
from attestation.instants import Instant
from ledger.database import Database
from ledger.inventory.assembling import Assembled, load, store
from ledger.inventory.identity import Scope
from ledger.inventory.lines import TOTAL
from ledger.inventory.periods import Period
from tests.support.coal_unit import UNIT, CoalUnit
from tests.support.enterprise import OTHER_USC, USC, Enterprise
from tests.unit.api.cli.conftest import Place, Run, settings_text

JANUARY = "2024-01"
FAR = Instant(4_000_000_000_000)


@pytest.fixture
def unit(tmp_path: Path, sqlite_url: str) -> Iterator[Place]:
    """An operator who keeps a coal unit's log, with a grant for it, one for another, one over."""
    with Database(sqlite_url) as database:
        enterprise = Enterprise(database)
        CoalUnit.live(enterprise, months=1)
        (tmp_path / "keys").mkdir(mode=0o700)
        made = Place(tmp_path, tmp_path / "carbonseal.toml", enterprise)
        made.key_file.write_bytes(enterprise.log_key.to_pem(None))
        made.key_file.chmod(0o600)
        text = settings_text(sqlite_url) + '\n[web]\naccess_file = "access.json"\n'
        made.config.write_text(text, encoding="utf-8")
        grants = AccessList(tmp_path / "access.json")
        grants.grant("park", [USC, OTHER_USC], FAR)
        grants.grant("neighbour", [OTHER_USC], FAR)
        grants.grant("over", [USC], Instant(1))
        yield made


@pytest.fixture
def final(unit: Place, run: Run) -> Place:
    """The same with a final January."""
    arguments = (USC, UNIT, JANUARY, "--config", unit.config, "--json")
    assert run("inventory", "digest", *arguments).code == 0
    unit.enterprise.integrate()
    assert run("inventory", "assemble", *arguments, "--final").code == 0
    return unit


def test_firm_names_the_unit_without_a_final_year(unit: Place, run: Run) -> None:
    """Exit 3: no total can be given, and no zero is."""
    ran = run("inventory", "firm", USC, 2024, "--config", unit.config, "--json")
    text = run("inventory", "firm", USC, 2024, "--config", unit.config)

    assert (ran.code, ran.document["total"], ran.document["missing"]) == (3, None, [UNIT])
    assert "no final version" in text.out and "total  missing" in text.out


def test_peers_are_those_of_the_grant(final: Place, run: Run) -> None:
    """None has a final version here: the own intensity stands, and nothing is judged."""
    arguments = (USC, UNIT, JANUARY, "--config", final.config, "--grant", "park")
    ran = run("inventory", "peers", *arguments, "--json")
    text = run("inventory", "peers", *arguments)

    assert ran.code == 3
    assert ran.document["intensity"].endswith(" tCO2/MWh")
    assert ran.document["peers"] == []
    assert "0 peers are at hand, 3 are wanted" in text.out


@pytest.mark.parametrize(
    ("grant", "code"),
    [
        ("neighbour", "api.forbidden"),
        ("over", "api.forbidden"),
        ("nobody", "configuration.invalid"),
    ],
)
def test_peers_need_a_grant_that_names_the_enterprise(
    unit: Place, run: Run, grant: str, code: str
) -> None:
    """A neighbour's, one that is over, one that nobody has."""
    arguments = (USC, UNIT, JANUARY, "--config", unit.config, "--grant", grant)
    ran = run("inventory", "peers", *arguments, "--json")

    assert ran.code in (1, 2)
    assert ran.document["code"] == code


def year_of(place: Place) -> None:
    """Store January's final version as if it were the year's."""
    enterprise = place.enterprise
    with enterprise.database.unit_of_work() as uow:
        version = load(uow, enterprise.log, Scope.of(USC, UNIT, Period.parse(JANUARY)))
        year = Period.year(2024)
        lines = tuple(
            replace(line, period=year) if line.item == TOTAL else line for line in version.lines
        )
        made = replace(version, scope=Scope.of(USC, UNIT, year), lines=lines)
        store(uow, enterprise.log, Assembled(made, ()), now=enterprise.now)
        uow.commit()


def test_park_is_added_up_as_far_as_the_grant_reaches(
    final: Place, run: Run, tmp_path: Path
) -> None:
    """Two members, one without a figure: its sum is there, and it is not called whole."""
    year_of(final)
    table = tmp_path / "members.csv"
    rows = (f"{USC},Works,350211,4411,North", f"{OTHER_USC},Mill,440300,3110,North")
    table.write_text("\n".join(("usc,name,region,industry,park", *rows)), encoding="utf-8")
    arguments = ("--members", table, "--config", final.config, "--json")
    both = run("energy", "rollup", 2024, "--grant", "park", "--by", "park", *arguments)
    other = run("energy", "rollup", 2024, "--grant", "neighbour", "--by", "park", *arguments)
    (group,) = both.document["groups"]
    total = run("inventory", "firm", USC, 2024, "--config", final.config, "--json").document

    assert both.code == 3
    assert (group["key"], group["whole"], group["missing"]) == ("North", False, [OTHER_USC])
    assert group["amount"] == total["total"]
    assert USC not in other.out
    assert other.document["groups"][0]["amount"] == "0 tCO2"


def test_region_is_that_of_the_structure(final: Place, run: Run) -> None:
    """By the city of its site; who keeps no log here is in no group, and is named."""
    year_of(final)
    arguments = ("--config", final.config, "--grant", "park", "--by", "city")
    ran = run("energy", "rollup", 2024, *arguments, "--json")
    text = run("energy", "rollup", 2024, *arguments)
    elsewhere = run("energy", "rollup", 2024, *arguments, "--within", "44", "--json")

    assert [each["key"] for each in ran.document["groups"]] == ["3502"]
    assert ran.document["unplaced"] == [OTHER_USC]
    assert ran.code == 3
    assert "nobody says where" in text.out
    assert elsewhere.document["groups"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--grant", "park", "--by", "industry"), "api.bad_request"),
        (("--grant", "over", "--by", "city"), "api.forbidden"),
        (("--grant", "nobody", "--by", "city"), "configuration.invalid"),
    ],
)
def test_rollup_that_cannot_be_made_says_why(
    unit: Place, run: Run, arguments: tuple[str, ...], code: str
) -> None:
    """Nobody's industry is known, the grant is over, there is no such grant."""
    ran = run("energy", "rollup", 2024, *arguments, "--config", unit.config, "--json")

    assert ran.document["code"] == code


@pytest.mark.parametrize(
    "rows",
    [
        ("usc,name,region,industry", f"{USC},Works,350211,4411"),
        ("usc,name,region,industry,park", f"{USC},Works,3502,4411,"),
        ("usc,name,region,industry,park", f"{USC[:-1]}7,Works,350211,4411,"),
        ("usc,name,region,industry,park", *[f"{USC},Works,350211,4411,"] * 2),
    ],
)
def test_table_of_members_is_right_or_refused(
    unit: Place, run: Run, tmp_path: Path, rows: tuple[str, ...]
) -> None:
    """A column short, a region of four digits, a mistyped code, one enterprise twice."""
    table = tmp_path / "members.csv"
    table.write_text("\n".join(rows), encoding="utf-8")
    arguments = ("--grant", "park", "--by", "park", "--members", table)
    ran = run("energy", "rollup", 2024, *arguments, "--config", unit.config, "--json")

    assert ran.document["code"] in ("api.bad_request", "analytics.table")
