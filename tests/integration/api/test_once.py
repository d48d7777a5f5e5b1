"""Requests that are carried out once: repeated, changed, at once, failed, killed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Body, Query, Response
from fastapi.testclient import TestClient

from api.access import AccessList
from api.app import create_app
from api.bootstrap import Ledger
from api.errors import NotFound
from api.http.idempotency import KEEP_MS, LEASE_MS, Idempotent, IdempotentRoute
from api.http.lookup import Here
from attestation.instants import Instant
from tests.support.enterprise import NOW, USC, Enterprise
from tests.support.limits import ONE, Clock, clock, limited

__all__ = ["clock", "limited"]


class Pauses:
    """Lets a test stand between what an operation does and its answer."""

    def __init__(self) -> None:
        self.before = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self.fault: Exception | None = None
        self.done = 0

    def pass_by(self) -> None:
        """Wait where the test says so, fail where it says so."""
        self.before.set()
        assert self.go_on.wait(10)
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def pauses() -> Pauses:
    """What the operation of these tests meets after its commit."""
    return Pauses()


@pytest.fixture
def client(limited: Callable[..., Ledger], pauses: Pauses, access: AccessList) -> TestClient:
    """Somebody we know, at a server with one more operation, which counts in the database."""
    router = APIRouter(prefix="/v1/counts", route_class=IdempotentRoute)

    @router.post("", status_code=201, operation_id="count")
    def count(
        services: Here,
        once: Idempotent,
        words: Annotated[list[str], Body()],
        late: Annotated[bool, Query()] = False,
    ) -> dict[str, int]:
        if late:
            pauses.pass_by()
        with services.ledger.database.unit_of_work() as uow:
            number = int.from_bytes(uow.secrets.first("count", bytes(1)), "big") + 1
            uow.connection.exec_driver_sql("DELETE FROM server_secret")
            uow.secrets.first("count", number.to_bytes(1, "big"))
            once.carried_out(uow)
            uow.commit()
        pauses.done = number
        if not late:
            pauses.pass_by()
        return {"number": number, "words": len(words)}

    @router.post("/secrets", operation_id="drawSecret")
    def draw(services: Here, once: Idempotent, response: Response) -> dict[str, str]:
        with services.ledger.database.unit_of_work() as uow:
            once.carried_out(uow)
            uow.commit()
        response.headers["cache-control"] = "no-store"
        return {"secret": "cs_secret"}

    @router.get("", operation_id="getCount")
    def get_count() -> int:
        return pauses.done

    app = create_app(limited())
    app.include_router(router)
    token = access.grant("somebody", [USC], Instant(NOW + 2 * KEEP_MS))
    headers = {"authorization": f"Bearer {token}"}
    return TestClient(app, raise_server_exceptions=False, client=(ONE, 50_000), headers=headers)


def post(client: TestClient, key: str | None = "k-1", words: Any = ("a",), **more: Any) -> Any:
    """Ask for a count."""
    headers = {} if key is None else {"idempotency-key": key}
    headers |= more.pop("headers", {})
    return client.post("/v1/counts", json=list(words), headers=headers, **more)


def test_same_request_is_answered_again_and_not_carried_out(client: TestClient) -> None:
    """The second answer is the first one, and says that it is."""
    first, second = post(client), post(client)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first.headers["content-type"] == second.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"


def test_another_key_is_another_request(client: TestClient) -> None:
    """What is meant twice is done twice."""
    assert [post(client, key).json()["number"] for key in ("k-1", "k-2")] == [1, 2]


@pytest.mark.parametrize(
    ("words", "more"),
    [
        pytest.param(("b",), {}, id="other body"),
        pytest.param(("a",), {"params": {"late": "1"}}, id="other question"),
        pytest.param(("a",), {"headers": {"content-type": "application/json; v=2"}}, id="kind"),
    ],
)
def test_key_of_another_request_is_refused(
    client: TestClient, pauses: Pauses, words: Any, more: Any
) -> None:
    """A key names one request, byte by byte."""
    post(client)
    refused = post(client, words=words, **more)

    assert (refused.status_code, refused.json()["code"]) == (422, "api.idempotency_key_reused")
    assert pauses.done == 1


def test_request_without_a_key_is_refused(client: TestClient, pauses: Pauses) -> None:
    """Nothing is done without a name for it; reading needs none."""
    for key in (None, "", "  ", "\x7f"):
        refused = post(client, key)
        assert (refused.status_code, refused.json()["code"]) == (400, "api.idempotency_key_missing")
    assert pauses.done == client.get("/v1/counts").json() == 0


def test_keys_are_each_callers_own(client: TestClient, elsewhere: dict[str, str]) -> None:
    """What one was answered is not shown to another who names the same key."""
    assert [post(client).json()["number"], post(client, headers=elsewhere).json()["number"]] == [
        1,
        2,
    ]


@pytest.mark.parametrize("key", ["k-1", None])
def test_nobody_takes_a_key(
    client: TestClient, enterprise: Enterprise, pauses: Pauses, key: str | None
) -> None:
    """Whoever shows nothing that holds cannot make this server write, key or no key."""
    refused = post(client, key, headers={"authorization": "Bearer cs_invented"})
    with enterprise.database.reading() as uow:
        kept = uow.connection.exec_driver_sql("SELECT count(*) FROM request_key").scalar()

    assert (refused.status_code, refused.json()["code"]) == (401, "api.unauthenticated")
    assert kept == pauses.done == 0


def test_same_request_under_way_is_refused(client: TestClient, pauses: Pauses) -> None:
    """Whoever comes second meanwhile is told to come back, and then gets the answer."""
    pauses.go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(post, client, params={"late": "1"})
        assert pauses.before.wait(10)
        second = post(client, params={"late": "1"})
        pauses.go_on.set()
        answered = first.result(10)

    assert (second.status_code, second.json()["code"]) == (409, "api.request_under_way")
    assert int(second.headers["retry-after"]) >= 1
    assert post(client, params={"late": "1"}).content == answered.content
    assert pauses.done == 1


def test_many_at_once_are_carried_out_once(client: TestClient, pauses: Pauses) -> None:
    """Of eight at the same moment one is carried out; the others wait or hear its answer."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: post(client).status_code, range(8)))

    assert set(found) <= {201, 409} and 201 in found
    assert pauses.done == 1


def test_failed_request_gives_its_key_back(client: TestClient, pauses: Pauses) -> None:
    """What was refused has done nothing; mended, it may come under the same key."""
    pauses.fault = NotFound("not yet")
    assert post(client, params={"late": "1"}).status_code == 404
    pauses.fault = None

    assert post(client, words=("a", "b")).json() == {"number": 1, "words": 2}


def test_what_was_done_before_a_bug_is_not_done_again(client: TestClient, pauses: Pauses) -> None:
    """Committed, then broken: the answer is lost, and nobody counts twice."""
    pauses.fault = RuntimeError("after the commit")
    assert post(client).status_code == 500
    pauses.fault = None
    again = post(client)

    assert (again.status_code, again.json()["code"]) == (409, "api.answer_lost")
    assert not again.json()["retryable"] and pauses.done == 1


def test_secret_is_not_kept(client: TestClient, enterprise: Enterprise) -> None:
    """What is shown once is nowhere in the database, and not shown again."""
    headers = {"idempotency-key": "k-1"}
    first = client.post("/v1/counts/secrets", headers=headers)
    again = client.post("/v1/counts/secrets", headers=headers)
    with enterprise.database.reading() as uow:
        kept = uow.connection.exec_driver_sql("SELECT body FROM request_key").scalars().all()

    assert first.json() == {"secret": "cs_secret"}
    assert (again.status_code, again.json()["code"]) == (409, "api.answer_lost")
    assert kept == [None]


def test_request_of_a_dead_process_may_be_sent_again(
    client: TestClient, clock: Clock, pauses: Pauses
) -> None:
    """After its lease the key is taken over, and what wakes up late can no longer commit."""
    pauses.go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(post, client, params={"late": "1"})
        assert pauses.before.wait(10)
        clock.at = Instant(clock.at + LEASE_MS)
        pauses.before.clear()
        with ThreadPoolExecutor(1) as other:
            second = other.submit(post, client, params={"late": "1"})
            assert pauses.before.wait(10)
            pauses.go_on.set()
            answers = [first.result(10).status_code, second.result(10).status_code]

    assert answers == [409, 201]
    assert pauses.done == 1


def test_answers_are_forgotten_after_a_day(client: TestClient, clock: Clock) -> None:
    """Just before, the old answer is given; then the key is free."""
    post(client)
    clock.at = Instant(clock.at + KEEP_MS - 1)
    assert post(client).json()["number"] == 1
    clock.at = Instant(clock.at + 1)

    assert post(client).json()["number"] == 2


def test_body_is_read_up_to_a_limit(client: TestClient, pauses: Pauses) -> None:
    """A body that is too long is refused before it is parsed."""
    refused = post(client, words=("a" * (1 << 20),))

    assert refused.status_code == 413 and pauses.done == 0


def test_the_schema_shows_the_key(client: TestClient) -> None:
    """The operation says that it takes a key; reading beside it does not."""
    path = client.get("/v1/openapi.json").json()["paths"]["/v1/counts"]

    assert "idempotency-key" in {each["name"] for each in path["post"]["parameters"]}
    assert "parameters" not in path["get"]
