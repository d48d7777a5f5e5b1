"""One caller, one key, one plant: whoever asks too much is told when to come back, alone."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, cast

import httpx2
import pytest
from structlog.testing import capture_logs

from api.access import AccessList
from api.app import create_app
from api.bootstrap import Ledger
from api.cli.run import make_server
from api.services import Services
from attestation.instants import Instant
from tests.support.enterprise import NOW, USC, Enterprise
from tests.support.limits import (
    ONE,
    OTHER,
    PROXY,
    Clock,
    Server,
    clock,
    is_too_many,
    limited,
    serve,
)

LOG = f"/v1/logs/{USC}"
MESSAGES = f"{LOG}/messages"

__all__ = ["clock", "limited", "serve"]

# --- callers ------------------------------------------------------------------------------------


def test_caller_is_told_how_much_is_left(serve: Server, clock: Clock) -> None:
    """Each answer has the policy and what is left of it; what is free says nothing of it."""
    client = serve(caller_per_s=2, caller_burst=5)
    found = [client.get("/v1/logs").headers["ratelimit"] for _ in range(2)]
    clock.at = Instant(clock.at + 500)

    assert found == ['"caller";r=4', '"caller";r=3']
    last = client.get("/v1/nothing").headers
    assert (last["ratelimit"], last["ratelimit-policy"]) == ('"caller";r=3', '"caller";q=5;w=3')
    assert "ratelimit" not in client.get("/healthz").headers


def test_caller_who_asks_too_often_is_told_when_to_come_back(serve: Server, clock: Clock) -> None:
    """After the time that is named, and not before, the same caller is answered again."""
    client = serve(caller_per_s=1, caller_burst=3)
    statuses = [client.get("/v1/logs").status_code for _ in range(3)]
    refused = client.get("/v1/logs")

    assert statuses == [200, 200, 200]
    assert is_too_many(refused) and refused.headers["retry-after"] == "1"
    clock.at = Instant(clock.at + 999)
    assert is_too_many(client.get("/v1/logs"))
    clock.at = Instant(clock.at + 1)
    assert client.get("/v1/logs").status_code == 200


def test_another_caller_is_not_held_back(serve: Server, limited: Callable[..., Ledger]) -> None:
    """Addresses have buckets of their own."""
    app = create_app(limited(caller_per_s=1, caller_burst=1))
    one, other = serve(ONE, app), serve(OTHER, app)
    one.get("/v1/logs")

    assert is_too_many(one.get("/v1/logs"))
    assert other.get("/v1/logs").status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_operation_counts(serve: Server, method: str) -> None:
    """Also one that is not there; only the question whether the process lives does not."""
    client = serve(caller_per_s=1, caller_burst=1)
    getattr(client, method)("/v1/nothing")

    assert is_too_many(client.get("/readyz"))
    assert [client.get("/healthz").status_code for _ in range(5)] == [200] * 5


def test_holder_of_a_grant_counts_for_itself(
    serve: Server, limited: Callable[..., Ledger], access: AccessList
) -> None:
    """A verifier behind the address of a flooder is answered; a made-up token is no name."""
    app = create_app(limited(caller_per_s=1, caller_burst=2))
    client = serve(ONE, app)
    token = access.grant("verifier", [USC], Instant(NOW + 60_000))
    granted = {"authorization": f"Bearer {token}"}
    invented = [{"authorization": f"Bearer cs_{number}"} for number in range(2)]
    assert [client.get(LOG, headers=each).status_code for each in invented] == [200, 200]

    assert is_too_many(client.get(LOG))
    assert client.get(f"{LOG}/devices", headers=granted).status_code == 200


def test_header_of_a_stranger_makes_no_other_caller(serve: Server) -> None:
    """Without a proxy named in the settings, X-Forwarded-For is not read."""
    client = serve(caller_per_s=1, caller_burst=1)
    client.get("/v1/logs", headers={"x-forwarded-for": "192.0.2.1"})

    assert is_too_many(client.get("/v1/logs", headers={"x-forwarded-for": "192.0.2.2"}))


def test_callers_behind_a_proxy_are_told_apart(
    serve: Server, limited: Callable[..., Ledger]
) -> None:
    """The proxy that the settings name says who called it; from elsewhere it is not believed."""
    networks = limited().settings.web.model_validate({"trusted_proxies": [PROXY]}).trusted_proxies
    app = create_app(limited(caller_per_s=1, caller_burst=1, trusted_proxies=networks))
    proxy, stranger = serve(PROXY, app), serve(OTHER, app)
    proxy.get("/v1/logs", headers={"x-forwarded-for": f"192.0.2.1, {ONE}"})

    assert is_too_many(proxy.get("/v1/logs", headers={"x-forwarded-for": f"192.0.2.2, {ONE}"}))
    assert proxy.get("/v1/logs", headers={"x-forwarded-for": "192.0.2.3"}).status_code == 200
    stranger.get("/v1/logs", headers={"x-forwarded-for": "192.0.2.4"})
    assert is_too_many(stranger.get("/v1/logs", headers={"x-forwarded-for": "192.0.2.5"}))


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """Let the server that `carbonseal serve` starts listen on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = make_server(app, "127.0.0.1", port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def test_server_itself_believes_no_header(limited: Callable[..., Ledger]) -> None:
    """The HTTP server's own default, to believe this machine, is off."""
    with listening(create_app(limited(caller_per_s=1, caller_burst=1))) as url:
        httpx2.get(f"{url}/v1/logs", headers={"x-forwarded-for": "192.0.2.1"})
        found = httpx2.get(f"{url}/v1/logs", headers={"x-forwarded-for": "192.0.2.2"})

    assert is_too_many(found)


# --- bodies -------------------------------------------------------------------------------------


def test_body_that_is_declared_too_long_is_not_waited_for(limited: Callable[..., Ledger]) -> None:
    """The answer comes before a byte of it was sent."""
    with listening(create_app(limited())) as url, connected(url) as caller:
        caller.sendall(head(MESSAGES, "content-length: 1000000000"))

        assert b" 413 " in caller.recv(65_536).split(b"\r\n")[0]


def test_body_that_does_not_come_is_given_up(limited: Callable[..., Ledger]) -> None:
    """Somebody who sends a byte and then nothing keeps nobody busy for longer than a second."""
    with listening(create_app(limited(body_s=1))) as url, connected(url) as caller:
        caller.sendall(head("/v1/verify", "content-length: 1000") + b"{")

        assert b" 408 " in caller.recv(65_536).split(b"\r\n")[0]


def head(path: str, *lines: str) -> bytes:
    """Give the head of a request."""
    return "\r\n".join([f"POST {path} HTTP/1.1", "host: log.example", *lines, "", ""]).encode()


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    """Connect to a server."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as caller:
        yield caller


# --- long work ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gate", "path"),
    [
        ("proofs", f"{LOG}/proofs/inclusion?index=3"),
        ("proofs", f"{LOG}/proofs/consistency?from=1&to=2"),
        ("proofs", f"{LOG}/answers/{'00' * 32}"),
        ("bundles", f"{LOG}/entries/3/bundle"),
        ("bundles", "/v1/verify"),
    ],
)
def test_long_work_is_open_only_so_often(
    serve: Server, granted: dict[str, str], gate: str, path: str
) -> None:
    """One more than may be is sent away for a while, and is served when there is room again."""
    client = serve(open_proofs=2, open_bundles=2)
    services: Services = cast(Any, client.app).state.services
    method = "POST" if path == "/v1/verify" else "GET"

    def ask() -> Any:
        return client.request(method, path, headers=granted)

    before = ask()
    with ExitStack() as held:
        for name in ("a", "b"):
            held.enter_context(getattr(services.limits, gate).open(name))
        busy = ask()
    after = ask()

    assert before.status_code not in (429, 503)
    assert (busy.status_code, busy.json()["code"], busy.json()["retryable"]) == (
        503,
        "api.busy",
        True,
    )
    assert int(busy.headers["retry-after"]) >= 1
    assert after.status_code == before.status_code


def test_body_is_not_read_where_there_is_no_room(limited: Callable[..., Ledger]) -> None:
    """Twenty megabytes are not taken in to be told that it is busy."""
    app = create_app(limited(open_bundles=1, body_s=20))
    with (
        listening(app) as url,
        connected(url) as caller,
        app.state.services.limits.bundles.open("somebody"),
    ):
        started = time.monotonic()
        caller.sendall(head("/v1/verify", "content-length: 1000") + b"{")
        line = caller.recv(65_536).split(b"\r\n")[0]

    assert b" 503 " in line
    assert time.monotonic() - started < 10


def test_one_caller_leaves_room_for_others(serve: Server, limited: Callable[..., Ledger]) -> None:
    """With its quarter open a caller is sent away, and another is served."""
    app = create_app(limited(open_proofs=4))
    with app.state.services.limits.proofs.open(f"address {ONE}"):
        mine = serve(ONE, app).get(f"{LOG}/proofs/inclusion?index=3")
        others = serve(OTHER, app).get(f"{LOG}/proofs/inclusion?index=3")

    assert (mine.status_code, others.status_code) == (503, 200)


def test_body_that_breaks_off_is_no_fault_of_ours(
    limited: Callable[..., Ledger], enterprise: Enterprise
) -> None:
    """A connection that is cut in the middle of a body leaves nothing behind."""
    with listening(create_app(limited())) as url:
        with capture_logs() as logs, connected(url) as caller:
            caller.sendall(head(MESSAGES, "content-length: 1000") + b"\xd2")
            caller.shutdown(socket.SHUT_RDWR)
            wait_for(lambda: len(logs) > 0)
        assert httpx2.get(f"{url}/healthz").status_code == 200

    assert [each["status"] for each in logs] == [400]


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so, for at most ten seconds."""
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
