"""Alerts and inspections over HTTP: whose they are, what may be done, and what is noted of it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Ledger
from attestation.enums import Outcome, VersionState
from attestation.instants import Instant, format_instant
from ledger.alerts.watching import AlertWatch
from ledger.repositories.actions import ActionFilter
from tests.support.access import (
    CITY,
    OTHER_CITY,
    OWNER,
    PROVINCE,
    VERIFIER,
    put_case,
    register,
    signed_in,
)
from tests.support.checked import check, store_version
from tests.support.enterprise import NOW, USC, Enterprise

ALERTS = "/v1/audit/alerts"
WHEN = format_instant(Instant(NOW + 86_400_000))


@pytest.fixture
def office(ledger: Ledger, enterprise: Enterprise, client: TestClient) -> TestClient:
    """A server with one alert that fires, of an enterprise in the city's area."""
    register(ledger.database)
    put_case(ledger.database)
    store_version(
        ledger.database,
        enterprise.log,
        check(Outcome.FAILED),
        check(Outcome.HELD, name="fuel.stock"),
        state=VersionState.FINAL,
        now=NOW,
    )
    AlertWatch(ledger.database.unit_of_work, ledger.database.reading).step(NOW)
    return client


def ask(client: TestClient, who: Any, method: str, path: str, **more: Any) -> Any:
    """Ask as somebody who is logged in, under a key of its own."""
    headers = signed_in(client, who) | {"idempotency-key": uuid4().hex}
    return client.request(method, path, headers=headers, **more)


def test_alert_is_shown_with_reason_and_evidence(office: TestClient) -> None:
    """One sentence in each language, what was compared, peers, and why now."""
    (listed,) = ask(office, CITY, "GET", ALERTS).json()["alerts"]
    found = ask(office, CITY, "GET", f"{ALERTS}/{listed['number']}").json()

    assert (listed["state"], listed["rule"], listed["enterprise"]) == (
        "firing",
        "energy.efficiency",
        USC,
    )
    assert listed["reason_zh"] == "coal 的效率将为 47.2%"
    assert found["evidence"][0]["judged_by"] == [["at most", "46 %"]]
    assert found["peers"]["peers"] == []
    assert [(each["actor"], each["to"]) for each in found["history"]] == [("rule", "firing")]


def test_others_neither_see_nor_handle(office: TestClient) -> None:
    """Not the enterprise it is about, nor its verifier, nor an authority of another area."""
    for who in (OWNER, VERIFIER, OTHER_CITY):
        assert ask(office, who, "GET", ALERTS).status_code == 403, who.code
        assert ask(office, who, "GET", f"{ALERTS}/1").status_code == 403, who.code
        answer = ask(office, who, "POST", f"{ALERTS}/1/assignments", json={"to": "0xab"})
        assert answer.status_code == 403, who.code
    assert office.get(f"{ALERTS}/1").status_code == 401
    assert office.get(f"{ALERTS}/99").status_code == 401


def test_alert_rests_and_wakes(office: TestClient) -> None:
    """It leaves the inbox while it rests; a time that is past is refused."""
    past = format_instant(Instant(NOW - 1000))
    path = f"{ALERTS}/1/snoozes"
    assert ask(office, CITY, "POST", path, json={"until": past}).status_code == 409
    answer = ask(office, CITY, "POST", path, json={"until": WHEN, "note": "is being mended"})

    assert (answer.status_code, answer.json()["snoozed_until"]) == (201, WHEN)
    assert ask(office, CITY, "GET", ALERTS).json()["alerts"] == []
    resting = ask(office, CITY, "GET", ALERTS, params={"snoozed": True}).json()["alerts"]
    assert len(resting) == 1
    assert ask(office, CITY, "DELETE", f"{path}/current").status_code == 204
    assert len(ask(office, CITY, "GET", ALERTS).json()["alerts"]) == 1


def test_everything_done_is_noted(office: TestClient, ledger: Ledger) -> None:
    """With each field from and to, in the alert's history and in the ledger of actions."""
    ask(office, CITY, "POST", f"{ALERTS}/1/assignments", json={"to": "0xab", "note": "look"})
    detail = ask(office, PROVINCE, "GET", f"{ALERTS}/1").json()
    with ledger.database.reading() as uow:
        (noted,) = uow.actions.listed(ActionFilter(what="alert.assign"))

    assert detail["assignee"] == "0xab"
    assert (detail["history"][-1]["what"], detail["history"][-1]["note"]) == ("assign", "look")
    assert noted.change == {"before": {"assignee": None}, "after": {"assignee": "0xab"}}
    assert (noted.body.subject, noted.body.enterprise, noted.body.on_behalf_of) == (
        "alert 1",
        USC,
        CITY.code,
    )


def test_alert_is_converted_once(office: TestClient) -> None:
    """The same request again is not carried out twice; another is refused."""
    headers = signed_in(office, CITY) | {"idempotency-key": "one"}
    body = {"title": "效率偏高"}
    first = office.post(f"{ALERTS}/1/inspections", json=body, headers=headers)
    again = office.post(f"{ALERTS}/1/inspections", json=body, headers=headers)
    other = ask(office, CITY, "POST", f"{ALERTS}/1/inspections", json=body)

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert other.status_code == 409
    assert other.json()["code"] == "alerts.refused"
    number = first.json()["number"]
    assert first.headers["location"] == f"/v1/audit/inspections/{number}"
    closed = ask(
        office,
        PROVINCE,
        "POST",
        f"/v1/audit/inspections/{number}/closures",
        json={"conclusion": "秤不准"},
    )
    assert closed.json()["conclusion"] == "秤不准"
    (listed,) = ask(office, CITY, "GET", "/v1/audit/inspections").json()["inspections"]
    assert listed == closed.json()
    assert ask(office, OTHER_CITY, "GET", f"/v1/audit/inspections/{number}").status_code == 403
