"""Cases over HTTP: who sees which, who works on them, and what is worked out."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from api.rule_side import ChainRules
from attestation.enums import InventoryState, PartyKind, RepresentativeRole
from chain.rule_runner import RuleRunner
from ledger.database import Database
from ledger.inventory.agreeing import kept_submission
from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import Wanted
from ledger.inventory.stating import StatedValue
from ledger.repositories.actions import ActionFilter
from tests.integration.api.test_inventories import plan, structure
from tests.support import access
from tests.support.access import Person, signed_in
from tests.support.cases import (
    LEAD,
    LINE,
    OTHER_LEAD,
    OTHER_VERIFIER,
    REVIEWER,
    VERIFIER,
    CaseWorld,
)
from tests.support.enterprise import USC, Enterprise, seeded_key
from tests.support.inventories import Accounting
from tests.support.machines import Machine, registration

COAL = "emissions:2025-01-01:coal:emissions"
LEADER = Person(VERIFIER, PartyKind.VERIFIER, LEAD, right=RepresentativeRole.INITIATOR)
REVIEWING = Person(VERIFIER, PartyKind.VERIFIER, REVIEWER)
OTHER = Person(OTHER_VERIFIER, PartyKind.VERIFIER, OTHER_LEAD, right=RepresentativeRole.INITIATOR)
Header = dict[str, str]


@pytest.fixture
def world(enterprise: Enterprise) -> CaseWorld:
    """A case under verification with one version of three lines."""
    found = CaseWorld(enterprise)
    access.register(enterprise.database, access.NEIGHBOUR, access.CITY, access.OTHER_CITY)
    found.put()
    found.submit()
    return found


@pytest.fixture
def path(world: CaseWorld) -> str:
    """Where the case is."""
    return f"/v1/cases/0x{world.inventory_id.hex()}"


@pytest.fixture
def lead(world: CaseWorld, client: TestClient) -> Header:
    """The lead verifier's session."""
    return signed_in(client, LEADER)


@pytest.fixture
def owner(world: CaseWorld, client: TestClient) -> Header:
    """The enterprise's session."""
    return signed_in(client, access.OWNER)


def post(client: TestClient, path: str, header: Header, **body: Any) -> Any:
    """Ask for a change under a fresh key."""
    return client.post(path, json=body, headers={**header, "idempotency-key": uuid4().hex})


def noted(database: Database) -> list[tuple[str, str]]:
    """Give what the ledger of actions says was done, and as what."""
    with database.reading() as uow:
        rows = uow.actions.listed(ActionFilter())
    return [(each.body.what, each.body.role) for each in rows if each.body.what.startswith("case")]


def test_case_is_shown_as_it_stands(client: TestClient, path: str, lead: Header) -> None:
    """State, stage, parties, total and version, in words and with units."""
    answer = client.get(path, headers=lead)
    found = answer.json()

    assert answer.headers["cache-control"] == "private, no-cache"
    assert (found["state"], found["stage"]) == ("under verification", "document review")
    assert found["verifier"]["code"] == VERIFIER
    assert found["total"] == {"value": "1000", "unit": "tCO2e"}
    assert found["versions"][0]["stored_number"] == 5
    assert found["waits_for"] == "verifier"


def test_who_is_not_part_of_a_case_does_not_see_it(
    client: TestClient, path: str, elsewhere: Header
) -> None:
    """Nobody, another verifier, another enterprise, another city, a neighbour's grant."""
    strangers = [signed_in(client, each) for each in (OTHER, access.NEIGHBOUR, access.OTHER_CITY)]

    for where in ("", "/lines", "/comments", "/findings", "/checks", "/statement"):
        assert client.get(path + where).status_code == 401
        for header in (*strangers, elsewhere):
            assert client.get(path + where, headers=header).status_code == 403


def test_queue_shows_each_caller_their_own(
    client: TestClient, path: str, lead: Header, granted: Header, elsewhere: Header
) -> None:
    """The verifier, the enterprise, its city and its grant see the case; others an empty queue."""

    def seen(header: Header, query: str = "") -> list[str]:
        rows = client.get(f"/v1/cases{query}", headers=header).json()["cases"]
        return [each["case"] for each in rows]

    mine = [path.rpartition("/")[2]]
    for who in (access.OWNER, access.CITY):
        assert seen(signed_in(client, who)) == mine
    for who in (OTHER, access.NEIGHBOUR, access.OTHER_CITY):
        assert seen(signed_in(client, who)) == []
    assert (seen(granted), seen(elsewhere)) == (mine, [])
    assert seen(lead, f"?enterprise={USC}") == mine
    assert seen(lead, f"?verifier={VERIFIER}&year=2025&stage=document%20review") == mine
    for query in ("?year=2024", "?state=verified", "?stage=archived", "?verifier=NOBODY"):
        assert seen(lead, query) == []


def test_queue_comes_in_pages(client: TestClient, world: CaseWorld, lead: Header) -> None:
    """A page of one names the next one, and the last names none."""
    world.put(inventory_id=b"\7" * 32, unit_code="zz")
    first = client.get("/v1/cases?limit=1", headers=lead)
    second = client.get(f"/v1/cases?limit=1&cursor={first.json()['next']}", headers=lead)

    assert [each["unit"] for each in first.json()["cases"]] == ["hall"]
    assert [each["unit"] for each in second.json()["cases"]] == ["zz"]
    assert 'rel="next"' in first.headers["link"]
    assert second.json()["next"] is None


def test_verifier_ticks_lines_and_it_is_noted(
    client: TestClient, path: str, lead: Header, database: Database
) -> None:
    """Two of three lines seen; the same request again ticks nothing twice."""
    key = {**lead, "idempotency-key": uuid4().hex}
    body = {"lines": [COAL, LINE]}
    answers = [client.post(f"{path}/ticks", json=body, headers=key) for _ in range(2)]
    found = client.get(f"{path}/lines", headers=lead).json()

    assert [each.status_code for each in answers] == [201, 201]
    assert (found["seen"], len(found["lines"])) == (2, 3)
    assert [each["line"] for each in found["lines"] if not each["seen"]] == [
        "emissions:2025-01-01:gas:emissions"
    ]
    assert noted(database) == [("case.tick", "verifier")]


def test_only_the_verifier_works_on_a_case(
    client: TestClient, path: str, lead: Header, owner: Header
) -> None:
    """Neither enterprise nor other verifier nor city; and a line that is not there is none."""
    for header in (owner, signed_in(client, OTHER), signed_in(client, access.CITY)):
        assert post(client, f"{path}/ticks", header, lines=[COAL]).status_code == 403
        assert client.get(f"{path}/readiness", headers=header).status_code == 403
    unknown = post(client, f"{path}/ticks", lead, lines=["emissions:x"])
    assert (unknown.status_code, unknown.json()["code"]) == (404, "case.place_unknown")


def test_verifier_and_enterprise_talk_about_a_line(
    client: TestClient, path: str, lead: Header, owner: Header, database: Database
) -> None:
    """A question on a line, its answer, resolved; resolved twice is refused."""
    comments = f"{path}/comments"
    asked = post(client, comments, lead, text="which scale?", anchor={"line": COAL})
    replies = f"{comments}/{asked.json()['number']}/replies"
    post(client, replies, owner, text="B1")
    resolved = post(client, replies, lead, text="thanks", kind="resolved")
    again = post(client, replies, lead, text="thanks", kind="resolved")
    found = client.get(comments, headers=owner).json()["conversations"]

    assert (asked.status_code, resolved.status_code, again.status_code) == (201, 201, 409)
    assert [each["kind"] for each in found[0]["said"]] == ["comment", "reply", "resolved"]
    assert found[0]["anchor"]["line"] == COAL
    assert found[0]["resolved"] is True
    assert noted(database) == [
        ("case.comment", "verifier"),
        ("case.comment", "enterprise"),
        ("case.comment", "verifier"),
    ]


ANCHORS: tuple[tuple[dict[str, Any], int], ...] = (
    ({"line": "x"}, 404),
    ({"entry": 1 << 40}, 404),
    ({"line": COAL, "entry": 1}, 400),
    ({}, 400),
    ({"series": "em-01/energy/total/"}, 400),
)


def test_comment_is_about_one_place_that_there_is(
    client: TestClient, path: str, lead: Header
) -> None:
    """No place, two places, half a place, or one that the case has not."""
    for anchor, status in ANCHORS:
        answer = post(client, f"{path}/comments", lead, text="what?", anchor=anchor)
        assert answer.status_code == status, answer.text


def test_findings_are_shown_with_what_was_said(
    client: TestClient, path: str, world: CaseWorld, owner: Header
) -> None:
    """The record's leaf hash, its state and steps; of a number that nobody raised nothing."""
    world.enterprise.file(world.finding(), secret=LEAD)
    world.enterprise.file(world.response())
    found = client.get(f"{path}/findings", headers=owner).json()
    one = client.get(f"{path}/findings/1", headers=owner).json()

    assert found["uncorrected_gco2e"] == "1500000"
    assert found["findings"] == [one]
    assert (one["state"], one["leaf_hash"]) == ("answered", world.leaf().hex())
    assert [each["type"] for each in one["steps"]] == ["finding-response"]
    assert client.get(f"{path}/findings/2", headers=owner).status_code == 404


def test_approval_is_of_what_was_seen(
    client: TestClient, path: str, world: CaseWorld, lead: Header
) -> None:
    """The basis of the checklist is approved; of another nothing, and it falls with a finding."""
    readiness = f"{path}/readiness"
    basis = client.get(readiness, headers=lead).json()["basis"]
    approved = post(client, f"{path}/approvals", lead, basis=basis)
    world.enterprise.file(world.finding(), secret=LEAD)
    stale = post(client, f"{path}/approvals", signed_in(client, REVIEWING), basis=basis)
    seats = client.get(readiness, headers=lead).json()["approvals"]

    assert approved.status_code == 201
    assert [each["stands"] for each in approved.json()["approvals"]] == [True, False]
    assert (stale.status_code, stale.json()["code"]) == (409, "case.refused")
    assert [(each["stands"], each["fallen"]) for each in seats] == [(False, True), (False, False)]


def test_machine_of_the_reviewer_does_not_approve(
    client: TestClient, path: str, lead: Header
) -> None:
    """Its key was registered by the person whom the chain names, and is not that person."""
    key = seeded_key("reviewer's machine")
    made = client.post(
        "/v1/auth/machine-keys",
        json=registration(client, REVIEWING, key),
        headers=signed_in(client, REVIEWING),
    )
    basis = client.get(f"{path}/readiness", headers=lead).json()["basis"]
    body = json.dumps({"approved": True, "basis": basis}).encode()
    machine = Machine.of_key(key)
    signed = machine.headers("POST", f"{path}/approvals", body)
    answer = client.post(
        f"{path}/approvals", content=body, headers={**signed, "idempotency-key": uuid4().hex}
    )
    sight = client.get(path, headers=machine.headers("GET", path))

    assert (made.status_code, sight.status_code) == (201, 200), made.text
    assert (answer.status_code, answer.json()["detail"][:8]) == (403, "a person"), answer.text


def test_visits_are_shown_without_names(
    client: TestClient, path: str, world: CaseWorld, owner: Header
) -> None:
    """Where, when and what was seen; of persons the salted commitments."""
    world.enterprise.file(world.visit(), secret=LEAD)
    (found,) = client.get(f"{path}/visits", headers=owner).json()["visits"]

    assert (found["place"], found["latitude"]) == ("works", "24.479834")
    assert found["persons"] == [world.visit().persons[0].hex()]


def test_impartiality_is_asked_of_any_verifier(
    client: TestClient, path: str, world: CaseWorld, owner: Header
) -> None:
    """One that is accredited and one that is not; of a code that is no verifier's, nothing."""
    world.accredit(OTHER_VERIFIER)
    for code, first in ((OTHER_VERIFIER, "held"), (VERIFIER, "did not hold")):
        found = client.get(f"{path}/impartiality/{code}", headers=owner).json()
        assert found["questions"][0]["outcome"] == first
    answer = client.get(f"{path}/impartiality/{access.CITY.code}", headers=owner)
    assert answer.status_code == 404


def test_case_that_is_not_there_is_a_problem(client: TestClient, lead: Header) -> None:
    """An id that nobody drafted."""
    answer = client.get(f"/v1/cases/0x{'00' * 32}", headers=lead)

    assert answer.status_code == 404
    assert answer.json()["next_step"]


def test_verifier_loses_the_case_with_the_assignment(
    client: TestClient, path: str, world: CaseWorld, lead: Header
) -> None:
    """From the block on in which another is named, the first one sees nothing."""
    before = client.get(path, headers=lead).status_code
    world.put(InventoryState.WITHDRAWN, verifier=None)

    assert (before, client.get(path, headers=lead).status_code) == (200, 403)


@pytest.mark.real
def test_result_is_recomputed_and_asked_what_if(
    client: TestClient,
    enterprise: Enterprise,
    rule_chain: RuleRunner,
    database: Database,
) -> None:
    """Everything agrees; a total on chain one tonne off does not; another factor shows apart."""
    enterprise.file(structure())
    enterprise.file(plan())
    accounting = Accounting(enterprise, ChainRules(rule_chain))
    world = CaseWorld(enterprise)
    accounting.digest("hall", world.scope.period)
    stated = StatedValue(
        "emission-factor:grid", Amount.parse("570300000", "kgCO2e"), "00" * 32, "page 1"
    )
    version = accounting.final(Wanted(world.scope, stated=(stated,)))
    with database.reading() as uow:
        signed = kept_submission(uow, enterprise.log, version)
    world.put()
    carried: dict[str, Any] = {
        "inputs_hash": signed.inputs_hash,
        "lines_root": signed.lines_root,
        "line_count": signed.line_count,
        "log_size": signed.log_size,
        "document_hash": signed.document_sha256,
    }
    world.put_version(total_t=signed.total_t, **carried)
    path = f"/v1/cases/0x{world.inventory_id.hex()}"
    lead = signed_in(client, LEADER)
    agreed = client.post(f"{path}/recomputations", headers=lead).json()
    checks = client.get(f"{path}/checks", headers=lead).json()
    other = {"parameter": "emission-factor:grid", "value": "536600000", "unit": "kgCO2e"}
    apart = client.post(f"{path}/what-if", json={"values": [other]}, headers=lead).json()
    unknown = client.post(
        f"{path}/what-if", json={"values": [{**other, "parameter": "x"}]}, headers=lead
    )
    world.put_version(total_t=signed.total_t + 1, **carried)
    off = client.post(f"{path}/recomputations", headers=lead).json()
    outcomes = {each["name"]: each["outcome"] for each in off["agreements"]}

    assert (agreed["outcome"], agreed["differing"]) == ("held", [])
    assert {each["name"] for each in agreed["agreements"]} == set(outcomes)
    assert (off["outcome"], outcomes["total"], outcomes["inputs_hash"]) == (
        "did not hold",
        "did not hold",
        "held",
    )
    assert off["agreements"][0]["difference"] == "-1 tCO2e"
    assert apart["difference"]["value"].startswith("-")
    assert unknown.status_code == 409
    # Three readings of a day: the plan fills the rest, so that no gap is left, unsigned.
    assert {each["name"]: each["outcome"] for each in checks["evidence"]} == {
        "submission.agrees": "held",
        "evidence.signatures": "did not hold",
        "evidence.gaps": "held",
        "evidence.calibration": "did not hold",
        "factors.in-force": "held",
        "boundary.streams": "held",
        "evidence.duplicates": "held",
    }
    with database.reading() as uow:
        assert len(uow.inventories.listed(enterprise.log.number)) == 1
