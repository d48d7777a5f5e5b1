"""`carbonseal case` at a server: a person's session says who speaks."""

from __future__ import annotations

import httpx2
import pytest
from fastapi.testclient import TestClient

from api.cli.case_places import RemoteCases
from api.client.transport import Refused, Transport
from tests.integration.api.test_cases import COAL, LEADER, path, world
from tests.support.access import NEIGHBOUR, Person, signed_in
from tests.support.cases import LINE, CaseWorld

__all__ = ["path", "world"]


def server(client: TestClient, who: Person) -> RemoteCases:
    """Give the server as a person sees it who is logged in."""
    token = signed_in(client, who)["authorization"].removeprefix("Bearer ")

    def answer(request: httpx2.Request) -> httpx2.Response:
        found = client.request(
            request.method,
            str(request.url.raw_path, "ascii"),
            content=request.read(),
            headers=dict(request.headers),
        )
        return httpx2.Response(found.status_code, headers=found.headers, content=found.content)

    transport = httpx2.MockTransport(answer)
    http = httpx2.Client(base_url="http://testserver", transport=transport)
    return RemoteCases(Transport(http, token=token))


def test_queue_is_read_page_by_page(
    client: TestClient, world: CaseWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two cases on two pages are two rows."""
    monkeypatch.setattr("api.cli.case_places._PAGE", 1)
    world.put(inventory_id=b"\7" * 32, unit_code="zz")
    found = server(client, LEADER).listed({"year": 2025, "state": None})

    assert [each["unit"] for each in found] == ["hall", "zz"]


def test_person_ticks_comments_and_approves(
    client: TestClient, world: CaseWorld, path: str
) -> None:
    """What commands send is what the server takes, and shows again."""
    case, lead = path.rpartition("/")[2], server(client, LEADER)
    ticked = lead.post(case, "ticks", {"lines": [COAL, LINE], "seen": True})
    asked = lead.post(case, "comments", {"text": "which scale?", "anchor": {"line": COAL}})
    lead.post(case, f"comments/{asked['number']}/replies", {"text": "B1", "kind": "resolved"})
    basis = lead.look(case, "readiness")["basis"]
    approved = lead.post(case, "approvals", {"approved": True, "basis": basis})

    assert ticked["seen"] == lead.look(case)["lines_seen"] == 2
    assert lead.look(case, "comments")["conversations"][0]["resolved"] is True
    assert [each["stands"] for each in approved["approvals"]] == [True, False]


def test_refusal_is_the_servers(client: TestClient, world: CaseWorld, path: str) -> None:
    """A neighbour is told that it is not theirs, with the server's code."""
    case = path.rpartition("/")[2]
    with pytest.raises(Refused) as refused:
        server(client, NEIGHBOUR).look(case)

    assert refused.value.stable_code == "api.forbidden"
