"""The ledger of actions and search over HTTP: who sees what, and what is noted of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from types import SimpleNamespace
from typing import Any, cast

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.audit.steps import audit_steps
from api.bootstrap import Ledger
from api.notices.steps import notice_steps
from attestation.action_proofs import FILE, parse_actions, verify_actions
from attestation.eip712 import address_of, sign_digest
from attestation.notes import parse_vkey
from attestation.packages import open_package
from ledger.repositories.actions import ActionFilter
from ledger.search.indexing import Indexer
from tests.support.access import (
    BARE,
    CASE,
    CITY,
    NATION,
    NEIGHBOUR,
    OTHER_CITY,
    OWNER,
    VERIFIER,
    WATCH,
    put_case,
    register,
    remove,
    signed_in,
)
from tests.support.enterprise import NOW, OPERATOR, OTHER_USC, USC
from tests.support.operator import Operator, note, noted

ACTIONS, SEARCH = "/v1/audit/actions", "/v1/audit/search"
CASE_NAME = f"case 0x{CASE.hex()}"


@dataclass
class Office:
    """A server whose operator has a log of its own, in which two of three actions stand."""

    client: TestClient
    ledger: Ledger
    operator: Operator

    def get(self, path: str, who: Any, **query: Any) -> Any:
        """Ask as somebody who is logged in."""
        return self.client.get(path, params=query, headers=signed_in(self.client, who))

    def searches(self) -> list[Any]:
        """Give what was noted of searches."""
        with self.ledger.database.reading() as uow:
            found = uow.actions.listed(ActionFilter(what="audit.search"))
        return [(each.body.on_behalf_of, (each.change or {})["after"]) for each in found]


@pytest.fixture
def office(ledger: Ledger) -> Office:
    """The office, with a case of the enterprise in the city's area."""
    database = ledger.database
    register(database)
    put_case(database)
    operator = Operator(database)
    remove(database, replace(OWNER, code=OTHER_USC), at_s=0)  # speaks for one party only
    settings = ledger.settings
    changed = {
        "log": settings.log.model_copy(update={"operator": OTHER_USC}),
        "auth": settings.auth.model_copy(update={"oversight": (WATCH.code,)}),
    }
    made = replace(
        ledger,
        settings=settings.model_copy(update=changed),
        keys=cast(Any, SimpleNamespace(signer_of=lambda _origin: operator.home.note_signer)),
    )
    note(database, noted(subject=CASE_NAME), noted(usc=OTHER_USC, actor="grant bank"))
    operator.carry()
    note(database, noted(usc=None, what="party.remove"))
    while Indexer(database.unit_of_work, database.reading).step(NOW):
        pass
    return Office(TestClient(create_app(made), raise_server_exceptions=False), made, operator)


def test_each_sees_actions_of_its_own(office: Office) -> None:
    """The enterprise its own, authorities those of their area, the oversight all."""
    for who, enterprises in (
        (OWNER, {USC}),
        (NEIGHBOUR, {OTHER_USC}),
        (CITY, {USC}),
        (NATION, {USC}),
        (WATCH, {USC, OTHER_USC, None}),
    ):
        answer = office.get(ACTIONS, who)
        assert answer.status_code == 200, answer.text
        assert {each["enterprise"] for each in answer.json()["actions"]} == enterprises, who.code


def test_others_see_none(office: Office) -> None:
    """A verifier, an authority without a credential, and one of another area."""
    for who in (VERIFIER, BARE, OTHER_CITY):
        assert office.get(ACTIONS, who).status_code == 403, who.code
        assert office.get(ACTIONS, who, enterprise=USC).status_code == 403, who.code
    assert office.client.get(ACTIONS).status_code == 401


def test_actions_are_narrowed_and_paged(office: Office) -> None:
    """The newest first; by actor, thing and day; a cursor leads on."""
    header = signed_in(office.client, WATCH)
    first = office.client.get(ACTIONS, params={"limit": 3}, headers=header).json()
    rest = office.client.get(
        ACTIONS, params={"limit": 3, "cursor": first["next"]}, headers=header
    ).json()

    assert [each["number"] for each in first["actions"] + rest["actions"]] == [4, 3, 2, 1]
    assert first["actions"][0]["what"] == "session.open"
    assert rest["next"] is None
    (one,) = office.get(ACTIONS, WATCH, actor="grant bank").json()["actions"]
    assert one["changes"] == [{"field": "text", "from": None, "to": "why so much?"}]
    assert len(office.get(ACTIONS, WATCH, subject=CASE_NAME).json()["actions"]) == 1
    assert office.get(ACTIONS, WATCH, day="2024-12-31").json()["actions"] == []


def test_actions_are_exported_with_proofs(office: Office) -> None:
    """Whoever trusts the operator's log can check what the owner was given."""
    answer = office.get(f"{ACTIONS}/package", OWNER)
    verifiers = [parse_vkey(office.operator.log.vkey)]
    opened = open_package(answer.content, verifiers)
    files = opened.package.files
    proofs = parse_actions(files[FILE])
    (row,) = pq.read_table(BytesIO(files["actions.parquet"])).to_pylist()

    assert list(files) == [FILE, "actions.csv", "actions.xlsx", "actions.parquet"]
    assert (row["subject"], row["changes"]) == (
        CASE_NAME,
        '[{"field": "text", "from": null, "to": "why so much?"}]',
    )
    assert answer.headers["content-type"] == "application/zip"
    (proved,) = verify_actions(proofs, verifiers)
    assert (proved.body.enterprise, proved.body.subject) == (USC, CASE_NAME)


def test_search_finds_what_the_caller_reaches(office: Office) -> None:
    """A city finds the enterprise's key; a city elsewhere finds that it is registered."""
    key = office.get(SEARCH, CITY, q=USC).json()
    elsewhere = office.get(SEARCH, OTHER_CITY, q=USC).json()

    assert key["recognised"] == "credit code"
    assert {each["kind"] for each in key["items"]} >= {"party", "log", "key", "series"}
    assert {each["kind"] for each in elsewhere["items"]} == {"party", "log"}
    (device,) = [each for each in key["items"] if each["kind"] == "key"]
    assert device["link"] == f"/v1/logs/{USC}/entries/2"
    assert key["counts"]["series"] == 1


def test_search_is_for_authorities(office: Office) -> None:
    """Not for those whose things are searched, nor without a credential."""
    for who in (OWNER, VERIFIER, BARE):
        assert office.get(SEARCH, who, q=USC).status_code == 403, who.code
    assert office.client.get(SEARCH).status_code == 401


def test_every_query_is_noted(office: Office) -> None:
    """Who asked for what, also where nothing was found, and it stands in the log at last."""
    office.get(SEARCH, CITY, q="锅炉", kind="party")
    office.get(SEARCH, NATION, q="ab" * 32, as_of_block=7)

    assert office.searches() == [
        (
            CITY.code,
            {
                "q": "锅炉",
                "kinds": ["party"],
                "enterprise": None,
                "since": None,
                "until": None,
                "as_of_block": None,
                "shown": 0,
            },
        ),
        (
            NATION.code,
            {
                "q": "ab" * 32,
                "kinds": [],
                "enterprise": None,
                "since": None,
                "until": None,
                "as_of_block": 7,
                "shown": 0,
            },
        ),
    ]
    office.operator.carry()
    assert office.get(ACTIONS, WATCH, what="audit.search").json()["actions"][0]["in_log"] is True


def test_search_is_exported_in_three_forms(office: Office) -> None:
    """CSV for spreadsheets, XLSX, Parquet; with what was asked and as of when."""
    answer = office.get(f"{SEARCH}/package", CITY, q=USC, kind="series")
    opened = open_package(answer.content, [parse_vkey(office.operator.log.vkey)])
    files = opened.package.files
    table = pq.read_table(BytesIO(files["results.parquet"])).to_pylist()

    assert list(files) == ["results.csv", "results.xlsx", "results.parquet"]
    assert files["results.csv"].startswith("\ufeff种类 kind,".encode())
    assert [each["kind"] for each in table] == ["series"]
    assert table[0]["entry_index"] == 1
    assert opened.package.query["q"] == USC
    assert opened.package.as_of["logs"] == {
        f"log.example/log/{USC}": 6,
        office.operator.log.origin: 2,
    }


def test_queries_are_kept(office: Office) -> None:
    """Each caller's own, replaced by name, forgotten once."""
    city, nation = (signed_in(office.client, who) for who in (CITY, NATION))
    path = "/v1/audit/queries/boilers"
    assert office.client.put(path, json={"q": "锅炉"}, headers=city).status_code == 200
    assert office.client.put(path, json={"q": "锅炉房"}, headers=city).status_code == 200
    (kept,) = office.client.get("/v1/audit/queries", headers=city).json()["queries"]

    assert (kept["name"], kept["query"]["q"]) == ("boilers", "锅炉房")
    assert office.client.get("/v1/audit/queries", headers=nation).json() == {"queries": []}
    assert office.client.delete(path, headers=nation).status_code == 404
    assert office.client.delete(path, headers=city).status_code == 204
    assert office.client.put(path, json={"q": "\n"}, headers=city).status_code == 400


def test_worker_carries_and_indexes(office: Office) -> None:
    """Its steps, each run until it has nothing to do, with the operator's own key."""
    key = SimpleNamespace(
        address=bytes.fromhex(address_of(OPERATOR)[2:]),
        sign_digest=lambda digest: sign_digest(OPERATOR, digest),
    )
    chain = SimpleNamespace(operator=key)
    made = replace(office.ledger, records=office.operator.records, chain=cast(Any, chain))
    steps = [*audit_steps(made), *notice_steps(made)]
    for step in steps:
        while step.run():
            pass
    office.operator.home.integrate()
    answer = office.get(f"{ACTIONS}/package", WATCH)
    verifiers = [parse_vkey(office.operator.log.vkey)]
    proofs = parse_actions(open_package(answer.content, verifiers).package.files[FILE])

    assert [each.name for each in steps] == [
        *("index", "watch", "carry", "tell", "feed", "deliver")
    ]
    assert len(verify_actions(proofs, verifiers)) == 3
    assert len(proofs.waiting) == 1  # the session that asked
