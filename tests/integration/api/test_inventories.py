"""Inventories over HTTP: for whoever holds a grant, as they are kept, down to the readings."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.rule_side import ChainRules
from attestation.enums import (
    DataClass,
    DataSide,
    FacilityKind,
    MissingDataRule,
    RevisionReason,
    StreamKind,
    WayOfGetting,
)
from attestation.merkle import hash_leaf, verify_inclusion
from attestation.plan_bodies import ControlPlan, PlannedParameter
from attestation.structure_bodies import MeteringPoint, Site, Stream, Structure, Unit
from chain.rule_runner import RuleRunner
from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import Wanted
from ledger.inventory.identity import Scope
from ledger.inventory.line_tree import salted
from ledger.inventory.lines import TOTAL
from ledger.inventory.periods import Period
from ledger.inventory.stating import StatedValue
from ledger.inventory.versions import EMISSIONS, InventoryVersion
from tests.support.enterprise import SERIES, USC, Enterprise
from tests.support.inventories import Accounting

pytestmark = pytest.mark.real

DAY = Period.parse("2025-01-01")
SCOPE = Scope.of(USC, "hall", DAY)
LOG = f"/v1/logs/{USC}"
INVENTORY = f"{LOG}/inventories/0x{SCOPE.inventory_id.hex()}"


def structure() -> Structure:
    """Give a hall that buys electricity."""
    site = Site(
        code="S1",
        name="works",
        region="350211",
        latitude_udeg=24_479_834,
        longitude_udeg=118_089_425,
    )
    hall = Unit(
        code="hall",
        name="hall",
        site="S1",
        kind=FacilityKind.FACILITY,
        capacity=1,
        capacity_unit="hall",
        commissioned_s=DAY.from_s,
    )
    grid = Stream(code="grid", unit="hall", kind=StreamKind.ELECTRICITY, subject="electricity")
    meter = MeteringPoint(instrument="em-01", series=(SERIES,), level=1, unit="hall", stream="grid")
    return Structure(
        from_s=DAY.from_s, sites=(site,), units=(hall,), streams=(grid,), instruments=(meter,)
    )


def plan() -> ControlPlan:
    """Give its plan: the meter's series, missing quarter hours as the mean of the others."""
    rows: tuple[dict[str, Any], ...] = (
        {
            "parameter": "purchased-electricity:grid",
            "measured_in": "MWh",
            "way": WayOfGetting.MEASURED,
            "series": (SERIES,),
            "missing": MissingDataRule.MEAN,
        },
        {
            "parameter": "emission-factor:grid",
            "measured_in": "kgCO2e",
            "way": WayOfGetting.DEFAULT,
        },
    )
    return ControlPlan(
        plan="quality",
        edition=1,
        from_s=DAY.from_s,
        reason=RevisionReason.FIRST,
        explanation="first",
        parameters=tuple(
            PlannedParameter(
                unit="hall", side=DataSide.EMISSION, stream="grid", department="energy", **row
            )
            for row in rows
        ),
    )


@pytest.fixture
def drafts(enterprise: Enterprise, rule_chain: RuleRunner) -> list[InventoryVersion]:
    """Two drafts of the hall's day, with two factors."""
    enterprise.file(structure())
    enterprise.file(plan())
    accounting = Accounting(enterprise, ChainRules(rule_chain))
    accounting.digest("hall", DAY)
    found = []
    for factor in ("570300000", "536600000"):
        stated = StatedValue(
            "emission-factor:grid", Amount.parse(factor, "kgCO2e"), "00" * 32, "page 1"
        )
        found.append(accounting.draft(Wanted(SCOPE, stated=(stated,))).version)
    return found


def test_versions_are_listed(
    client: TestClient, granted: dict[str, str], drafts: list[InventoryVersion]
) -> None:
    """By unit, period and number; of another unit there is none."""
    found = client.get(f"{LOG}/inventories", headers=granted).json()["versions"]

    assert [(each["unit"], each["number"], each["sha256"]) for each in found] == [
        ("hall", draft.number, draft.sha256) for draft in drafts
    ]
    assert found[0]["period"] == "2025-01-01"
    assert found[0]["from"] == "2024-12-31T16:00:00Z"
    assert client.get(f"{LOG}/inventories?unit=no", headers=granted).json() == {"versions": []}


def test_version_is_shown_as_it_is_kept(
    client: TestClient, granted: dict[str, str], drafts: list[InventoryVersion]
) -> None:
    """Amounts are decimal strings with their unit; what salts the lines is in the bytes only."""
    answer = client.get(f"{INVENTORY}/versions/1", headers=granted)
    content = client.get(f"{INVENTORY}/versions/1/content", headers=granted)
    shown, kept = answer.json(), drafts[0]

    assert shown["total"] == str(kept.total)
    assert shown["lines_root"] == kept.root.hex()
    assert [each["line"] for each in shown["lines"]] == [each.line_id for each in kept.lines]
    assert all(each["value"] is None or isinstance(each["value"], str) for each in shown["lines"])
    assert kept.secret.hex() not in answer.text
    assert content.content == kept.content
    assert hashlib.sha256(content.content).hexdigest() == shown["sha256"]
    for each in (answer, content):
        assert each.headers["cache-control"] == "private, no-cache"


def test_line_leads_to_its_readings_and_is_proved(
    client: TestClient, granted: dict[str, str], drafts: list[InventoryVersion]
) -> None:
    """The total ends in the entries of the three messages; its path leads to the lines' root."""
    line = drafts[0].find(DataClass.EMISSIONS, TOTAL, EMISSIONS, DAY)
    assert line is not None
    query = {"id": line.line_id}
    found = client.get(f"{INVENTORY}/versions/1/line", params=query, headers=granted).json()

    assert {3, 4, 5} <= set(entries(found["trace"]))
    verify_inclusion(
        hash_leaf(salted(line, bytes.fromhex(found["salt"]))),
        index=found["index"],
        size=found["count"],
        root=bytes.fromhex(found["lines_root"]),
        proof=[bytes.fromhex(each) for each in found["proof"]],
    )


def entries(trace: dict[str, Any]) -> list[int]:
    """Give every entry that a trace ends in."""
    return [*trace["entries"], *(index for each in trace["below"] for index in entries(each))]


def test_another_factor_shows_in_every_line_it_touches(
    client: TestClient, granted: dict[str, str], drafts: list[InventoryVersion]
) -> None:
    """The factor and the emissions differ, the electricity does not."""
    found = client.get(f"{INVENTORY}/versions/2/changes?since=1", headers=granted).json()
    names = [each["line"] for each in found["changes"]]

    assert (found["before"], found["after"]) == (1, 2)
    assert any("emissions" in name for name in names)
    assert not any(name.endswith(":purchased-electricity") for name in names)
    first, second = (draft.total for draft in drafts)
    assert first is not None and second is not None and first.value > second.value


def test_calculation_is_given_byte_for_byte(
    client: TestClient, granted: dict[str, str], drafts: list[InventoryVersion]
) -> None:
    """Its name is the SHA-256 of what is given."""
    for name in drafts[0].calculations:
        answer = client.get(f"{LOG}/calculations/{name}", headers=granted)
        assert hashlib.sha256(answer.content).hexdigest() == name


@pytest.mark.usefixtures("drafts")
def test_firm_without_final_versions_names_its_units(
    client: TestClient, granted: dict[str, str]
) -> None:
    """Drafts of one day are no year: no total, and the hall is missing."""
    answer = client.get(f"{LOG}/inventories/firm/2025", headers=granted)

    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.json() == {
        "usc": USC,
        "year": "2025",
        "total": None,
        "units": [],
        "missing": ["hall"],
    }


@pytest.mark.usefixtures("drafts")
def test_unit_without_peers_is_not_judged(client: TestClient, granted: dict[str, str]) -> None:
    """A hall makes nothing, and nobody else is named by the grant: could not check, and why."""
    found = client.get(f"{INVENTORY}/versions/1/peers", headers=granted).json()

    assert (found["intensity"], found["peers"]) == (None, [])
    assert found["check"]["outcome"] == "could not check"
    assert found["check"]["english"] == "not there: this unit"


@pytest.mark.parametrize(
    "path",
    [
        f"{LOG}/inventories",
        f"{INVENTORY}/versions/1",
        f"{INVENTORY}/versions/1/content",
        f"{INVENTORY}/versions/1/line?id=x",
        f"{INVENTORY}/versions/2/changes?since=1",
        f"{LOG}/calculations/{'0' * 64}",
        f"{LOG}/inventories/firm/2025",
        f"{INVENTORY}/versions/1/peers",
    ],
)
def test_nobody_reads_without_a_grant(
    client: TestClient, elsewhere: dict[str, str], path: str
) -> None:
    """Neither without a token nor with a neighbour's."""
    assert client.get(path).status_code == 401
    assert client.get(path, headers=elsewhere).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{INVENTORY}/versions/3", 404),
        (f"{LOG}/inventories/0x{'0' * 64}/versions/1", 404),
        (f"{LOG}/inventories/{'0' * 64}/versions/1", 400),
        (f"{INVENTORY}/versions/0", 400),
        (f"{INVENTORY}/versions/1/line?id=emissions:2025-01-02:total:emissions", 404),
        (f"{INVENTORY}/versions/2/changes?since=9", 404),
        (f"{LOG}/calculations/{'0' * 64}", 404),
        (f"{LOG}/inventories/firm/2024", 404),
        (f"{INVENTORY}/versions/3/peers", 404),
    ],
)
@pytest.mark.usefixtures("drafts")
def test_what_is_not_there_is_a_problem(
    client: TestClient, granted: dict[str, str], path: str, status: int
) -> None:
    """A version, a line, a record that nobody made."""
    answer = client.get(path, headers=granted)

    assert answer.status_code == status
    assert answer.json()["next_step"]
