"""Pages with signed cursors, changes that name the state they mean, and waiting a little."""

from __future__ import annotations

import base64
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Query, Response
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Ledger
from api.http.paging import Paged
from api.http.preconditions import (
    IfMatch,
    IfNoneMatch,
    etag_of,
    not_modified,
    require_match,
    unchanged,
)
from api.http.waiting import Patient

NUMBERS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
"""A list that is ordered by value, then by place."""


@pytest.fixture
def client(ledger: Ledger) -> TestClient:
    """A caller of a server with a list, a state and a thing that takes time."""
    return TestClient(_app(ledger), raise_server_exceptions=False)


def _app(ledger: Ledger) -> Any:
    router = APIRouter(prefix="/v1/test")
    state = {"words": "first", "looks": 0}

    @router.get("/numbers")
    def list_numbers(
        page: Paged, response: Response, least: Annotated[int, Query()] = 0
    ) -> dict[str, Any]:
        rows = sorted((number, at) for at, number in enumerate(NUMBERS) if number >= least)
        after = [row for row in rows if page.after is None or row > page.after]
        shown = page.cut(after[: page.limit + 1], response, key=lambda row: row)
        return {"numbers": [number for number, _ in shown], "next": page.next}

    @router.get("/words")
    def get_words(response: Response, if_none_match: IfNoneMatch = None) -> Any:
        headers: dict[str, str] = {}
        if not_modified(if_none_match, etag_of(str(state["words"])), headers):
            return unchanged(headers)
        response.headers.update(headers)
        return state["words"]

    @router.put("/words")
    def put_words(words: str, if_match: IfMatch = None) -> None:
        require_match(if_match, etag_of(str(state["words"])))
        state["words"] = words

    @router.get("/slow")
    def get_slow(patience: Patient, looks: int = 2) -> int:
        def look() -> int:
            state["looks"] = int(state["looks"]) + 1
            return int(state["looks"])

        return patience.wait(look, lambda seen: seen >= looks)

    app = create_app(ledger)
    app.include_router(router)
    return app


def test_pages_make_up_the_list(client: TestClient) -> None:
    """Following the links gives every row once, in order, and then there is no link."""
    found: list[int] = []
    address: str | None = "/v1/test/numbers?limit=3&least=2"
    while address is not None:
        answer = client.get(address)
        found += answer.json()["numbers"]
        link = answer.links.get("next")
        assert (link is None) == (answer.json()["next"] is None)
        address = None if link is None else link["url"]

    assert found == sorted(number for number in NUMBERS if number >= 2)


def test_page_that_is_just_full_is_the_last(client: TestClient) -> None:
    """No link leads to an empty page."""
    answer = client.get("/v1/test/numbers", params={"limit": len(NUMBERS)})

    assert answer.json()["next"] is None and "link" not in answer.headers


def cursor_of(client: TestClient, **query: Any) -> str:
    """Give the cursor after the first page."""
    found: str = client.get("/v1/test/numbers", params={"limit": 2, **query}).json()["next"]
    return found


def _altered(cursor: str) -> str:
    content = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    content[-2] ^= 1  # another place, which would be read just as well
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("change", "query"),
    [
        pytest.param(_altered, {}, id="another place"),
        pytest.param(lambda cursor: cursor, {"least": 1}, id="other filters"),
        pytest.param(lambda cursor: cursor[:-1], {}, id="cut off"),
        pytest.param(lambda _: "", {}, id="empty"),
        pytest.param(lambda _: "碳", {}, id="no cursor"),
    ],
)
def test_cursor_that_was_not_given_out_is_refused(
    client: TestClient, change: Any, query: dict[str, Any]
) -> None:
    """Only what the server itself wrote, for this very list, says where to go on."""
    refused = client.get("/v1/test/numbers", params={"cursor": change(cursor_of(client)), **query})

    assert (refused.status_code, refused.json()["code"]) == (400, "api.cursor")


def test_cursor_holds_for_another_limit_and_another_process(ledger: Ledger) -> None:
    """The secret is in the database, so any server of it reads the cursor."""
    cursor = cursor_of(TestClient(_app(ledger)))
    found = TestClient(_app(ledger)).get(
        "/v1/test/numbers", params={"cursor": cursor, "limit": 100}
    )

    assert found.json()["numbers"] == sorted(NUMBERS)[2:]


def test_change_of_the_state_that_was_read_is_made(client: TestClient) -> None:
    """With its tag the change is made, and the tag is another."""
    tag = client.get("/v1/test/words").headers["etag"]

    assert client.put("/v1/test/words?words=second", headers={"if-match": tag}).status_code == 200
    assert client.get("/v1/test/words").headers["etag"] != tag


def test_change_of_an_older_state_is_refused(client: TestClient) -> None:
    """Of two who read the same, the second to write is told."""
    headers = {"if-match": client.get("/v1/test/words").headers["etag"]}
    client.put("/v1/test/words?words=second", headers=headers)
    refused = client.put("/v1/test/words?words=third", headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (412, "api.precondition_failed")
    assert client.get("/v1/test/words").json() == "second"


def test_change_that_names_no_state_is_refused(client: TestClient) -> None:
    """Nobody writes over what they have not read."""
    refused = client.put("/v1/test/words?words=second")

    assert (refused.status_code, refused.json()["code"]) == (428, "api.precondition_required")


def test_state_that_the_caller_has_is_not_sent_again(client: TestClient) -> None:
    """304 while it is the same, also among several tags and from a cache that weakens them."""
    tag = client.get("/v1/test/words").headers["etag"]
    headers = {"if-none-match": f'"other", W/{tag}'}

    assert client.get("/v1/test/words", headers=headers).status_code == 304
    client.put("/v1/test/words?words=second", headers={"if-match": tag})
    assert client.get("/v1/test/words", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("prefer", "looks", "applied"),
    [
        pytest.param("respond-async, wait=5", 3, "wait=5", id="waits until it is done"),
        pytest.param("wait=0", 1, None, id="does not wait"),
        pytest.param("handling=lenient", 1, None, id="another preference"),
    ],
)
def test_caller_may_wait(client: TestClient, prefer: str, looks: int, applied: str | None) -> None:
    """It is looked again until it is done, and said that the wish was heeded."""
    found = client.get("/v1/test/slow", params={"looks": 3}, headers={"prefer": prefer})

    assert found.json() == looks
    assert found.headers.get("preference-applied") == applied
