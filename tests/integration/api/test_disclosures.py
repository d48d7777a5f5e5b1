"""Disclosures by HTTP: made by the enterprise, opened by anybody with the link, taken back."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Ledger
from attestation.bundle import parse_bundle
from attestation.case_bundle import format_case_bundle
from attestation.enums import InventoryState, label
from attestation.instants import Instant
from ledger.database import Database
from ledger.reports.disclosing import LINE, Disclosing, disclose
from ledger.repositories.actions import ActionFilter
from tests.fakes.clock import FixedClock
from tests.support.access import NEIGHBOUR, OWNER, VERIFIER, put_case, register, signed_in
from tests.support.enterprise import NOW, OTHER_USC, USC
from tests.support.reported import ReportedCase

DAY_MS = 86_400_000
HTML = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def owner(client: TestClient, database: Database) -> dict[str, str]:
    """The header of the enterprise's own session."""
    register(database)
    put_case(database)
    return signed_in(client, OWNER)


def wanted(**changes: Any) -> dict[str, Any]:
    return {"scope": "message", "log": USC, "index": 3, "label": "供应商", "days": 2} | changes


def made(client: TestClient, owner: dict[str, str], **changes: Any) -> dict[str, Any]:
    answer = client.post("/v1/disclosures", json=wanted(**changes), headers=owner)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_link_shows_one_message(client: TestClient, owner: dict[str, str]) -> None:
    """Whoever has the link gets the bundle of that message, without logging in."""
    link = made(client, owner)["path"]

    answer = client.get(link)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    message = parse_bundle(answer.content).message
    assert message is not None
    assert message.index == 3


def test_link_is_a_page_for_people(client: TestClient, owner: dict[str, str]) -> None:
    """In their language, without a script, and nobody is told where they came from."""
    link = made(client, owner)["path"]

    for language, word in (("zh", "下载证据"), ("en", "Download the evidence")):
        page = client.get(f"{link}?lang={language}", headers=HTML)
        assert page.status_code == 200
        assert word in page.text
        assert "<script" not in page.text
        assert "script-src" not in page.headers["content-security-policy"]
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
    bundle = client.get(f"{link}?bundle=true", headers=HTML)
    assert parse_bundle(bundle.content).message is not None


def test_page_of_a_line_says_how_the_inventory_stands_now(
    client: TestClient, database: Database
) -> None:
    """The evidence is as old as the link; the case went on."""
    case = ReportedCase()
    wish = Disclosing(
        usc=USC,
        scope=LINE,
        subject="line coal",
        label="客户",
        content=format_case_bundle(case.line_bundle()),
        by="0xab",
        role="enterprise",
        now=NOW,
        expires_at=Instant(NOW + DAY_MS),
    )
    with database.unit_of_work() as uow:
        _, token = disclose(uow, wish)
        uow.commit()
    unknown = client.get(f"/d/{token}?lang=en", headers=HTML).text
    put_case(
        database,
        InventoryState.REOPENED,
        inventory_id=case.submission.inventory_id,
        version=3,
        accepted_version=3,
    )
    known = client.get(f"/d/{token}?lang=en", headers=HTML).text
    chinese = client.get(f"/d/{token}?lang=zh", headers=HTML).text

    assert "The inventory now" not in unknown
    assert f"<td>{label(InventoryState.REOPENED)} · accepted version: 3</td>" in known
    assert f"{label(InventoryState.REOPENED, 'zh')} · 生效版本： 3" in chinese


def test_openings_are_counted(client: TestClient, owner: dict[str, str]) -> None:
    """The list says how often and when."""
    link = made(client, owner)["path"]
    for _ in range(3):
        client.get(link)

    (row,) = client.get("/v1/disclosures", headers=owner).json()["disclosures"]
    assert (row["openings"], row["label"], row["is_open"]) == (3, "供应商", True)
    assert row["last_opened_at"] is not None


def test_token_is_kept_nowhere(client: TestClient, owner: dict[str, str], ledger: Ledger) -> None:
    """Whoever reads the database or the list opens nothing."""
    token = made(client, owner)["path"].removeprefix("/d/")

    with ledger.database.reading() as uow:
        dump = "\n".join(uow.connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]
    assert token not in dump
    assert token not in client.get("/v1/disclosures", headers=owner).text


def test_revoked_link_shows_nothing(client: TestClient, owner: dict[str, str]) -> None:
    """At once, and doing it again changes nothing."""
    answer = made(client, owner)
    address = f"/v1/disclosures/{answer['disclosure']['id']}"

    first = client.delete(address, headers=owner)
    assert first.status_code == 200
    assert first.json()["is_open"] is False
    assert client.delete(address, headers=owner).json()["revoked_at"] == first.json()["revoked_at"]
    gone = client.get(answer["path"])
    assert (gone.status_code, gone.json()["code"]) == (410, "disclosure.over")


def test_link_ends_by_itself(client: TestClient, owner: dict[str, str], ledger: Ledger) -> None:
    """To the millisecond, and after as many openings as were allowed."""
    by_day, by_count = made(client, owner)["path"], made(client, owner, most_openings=1)["path"]
    clock = ledger.clock
    assert isinstance(clock, FixedClock)

    assert client.get(by_count).status_code == 200
    assert client.get(by_count).status_code == 410
    clock.instant = Instant(NOW + 2 * DAY_MS - 1)
    assert client.get(by_day).status_code == 200
    clock.instant = Instant(NOW + 2 * DAY_MS)
    assert client.get(by_day).status_code == 410


def test_link_of_nobody_is_not_found(client: TestClient, owner: dict[str, str]) -> None:
    """Nor is one that is nearly right."""
    link = made(client, owner)["path"]

    for other in ("/d/csd_x", link[:-1], link[:-1] + ("A" if link[-1] != "A" else "B"), "/d/%00"):
        answer = client.get(other)
        assert (answer.status_code, answer.json()["code"]) == (404, "disclosure.unknown")


def test_only_the_enterprise_discloses(
    client: TestClient, owner: dict[str, str], granted: dict[str, str]
) -> None:
    """Not who may read it, not its verifier, not a neighbour, not nobody."""
    callers = [granted, signed_in(client, VERIFIER), signed_in(client, NEIGHBOUR)]
    for caller in callers:
        answer = client.post("/v1/disclosures", json=wanted(), headers=caller)
        assert answer.status_code == 403
        assert client.get(f"/v1/disclosures?enterprise={USC}", headers=caller).status_code == 403
    assert client.post("/v1/disclosures", json=wanted()).status_code == 401
    assert client.get("/v1/disclosures").status_code == 401


def test_neighbour_takes_nothing_back(client: TestClient, owner: dict[str, str]) -> None:
    """Somebody else's disclosure is none for them."""
    name = made(client, owner)["disclosure"]["id"]
    neighbour = signed_in(client, NEIGHBOUR)

    assert client.delete(f"/v1/disclosures/{name}", headers=neighbour).status_code == 404
    (row,) = client.get("/v1/disclosures", headers=owner).json()["disclosures"]
    assert row["is_open"] is True


def test_making_and_taking_back_are_noted(
    client: TestClient, owner: dict[str, str], ledger: Ledger
) -> None:
    """In the ledger of actions, with who did it and without the token."""
    answer = made(client, owner)
    client.delete(f"/v1/disclosures/{answer['disclosure']['id']}", headers=owner)

    with ledger.database.reading() as uow:
        listed = uow.actions.listed(ActionFilter(usc=USC))
    noted = [each for each in listed if "disclosure" in each.body.what]
    assert [each.body.what for each in noted] == ["disclosure.make", "disclosure.revoke"]
    assert {each.body.actor for each in noted} == {"0x" + OWNER.address.hex()}


REFUSED: tuple[tuple[dict[str, Any], int], ...] = (
    ({"index": 99}, 404),
    ({"index": 0}, 404),
    ({"log": None}, 400),
    ({"scope": "line"}, 400),
    ({"scope": "line", "case": "0x" + "00" * 32, "line": "x"}, 404),
    ({"days": 731}, 400),
    ({"label": ""}, 400),
    ({"log": OTHER_USC}, 403),
)


def test_what_is_not_there_is_not_disclosed(client: TestClient, owner: dict[str, str]) -> None:
    """Entries beyond the log, records, half a name, other enterprises' logs."""
    for changes, status in REFUSED:
        answer = client.post("/v1/disclosures", json=wanted(**changes), headers=owner)
        assert answer.status_code == status, (changes, answer.text)
