"""The client's transport: what goes out, what comes back, and what is asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.client.operations import Operations
from api.client.transport import Asked, Refused, Transport, open_transport
from api.errors import ConfigurationError, PartMissing

POST = Asked("POST", "/v1/things", headers={"idempotency-key": None}, content={"碳": 1})
BUSY = {"code": "api.busy", "detail": "busy"}


class Server:
    """A server that answers from a list, and remembers what was asked."""

    def __init__(self, *answers: httpx2.Response) -> None:
        self.asked: list[httpx2.Request] = []
        self.pauses: list[int] = []
        self._answers: Iterator[httpx2.Response] = iter(answers)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Give the next answer."""
        self.asked.append(request)
        return next(self._answers)

    def transport(self, **options: Any) -> Transport:
        """Give a transport to this server."""
        client = httpx2.Client(
            base_url="http://ledger", transport=httpx2.MockTransport(self.answer)
        )
        return Transport(client, pause=self.pauses.append, **options)


def later(status: int, seconds: str = "3") -> httpx2.Response:
    """Give a refusal that says when to come back."""
    return httpx2.Response(status, json=BUSY, headers={"retry-after": seconds})


def test_parts_of_an_address_stay_parts() -> None:
    """Nothing that is filled in leaves its place; a tile's path is a path."""
    server = Server(*(httpx2.Response(200, content=b"tile") for _ in range(2)))
    operations = Operations(server.transport())
    operations.get_tile("../a?b", "0/x001/067")
    operations.get_tile("碳", "0/001")

    assert [each.url.raw_path for each in server.asked] == [
        b"/log/..%2Fa%3Fb/tile/0/x001/067",
        b"/log/%E7%A2%B3/tile/0/001",
    ]


def test_question_leaves_out_what_is_not_asked() -> None:
    """None is not sent; several values of one name are sent apart; truth is a word."""
    server = Server(httpx2.Response(200, content=b"x"))
    server.transport(token="cs_1").ask(
        Asked("GET", "/v1/x", query={"a": None, "b": ["1", "2"], "c": True, "d": 0})
    )
    (asked,) = server.asked

    assert asked.url.query == b"b=1&b=2&c=true&d=0"
    assert asked.headers["authorization"] == "Bearer cs_1"


@pytest.mark.parametrize("status", [409, 429, 503])
def test_key_is_the_same_when_it_is_asked_again(status: int) -> None:
    """A change is sent again under its key, after the pause that was named."""
    server = Server(later(status), httpx2.Response(201, json={}))
    server.transport().ask(POST)
    keys = {each.headers["idempotency-key"] for each in server.asked}

    assert len(server.asked) == 2 and len(keys) == 1
    assert server.pauses == [3]


def test_two_changes_have_two_keys() -> None:
    """What is meant twice is done twice."""
    server = Server(*(httpx2.Response(201, json={}) for _ in range(2)))
    transport = server.transport()
    transport.ask(POST)
    transport.ask(POST)

    assert len({each.headers["idempotency-key"] for each in server.asked}) == 2


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        pytest.param(Asked("POST", "/v1/things"), later(503), id="change without a key"),
        pytest.param(Asked("GET", "/v1/x"), later(422), id="no"),
        pytest.param(Asked("GET", "/v1/x"), httpx2.Response(503, json=BUSY), id="no word when"),
        pytest.param(Asked("GET", "/v1/x"), later(503, "soon"), id="no number"),
    ],
)
def test_what_may_not_be_asked_again_is_not(asked: Asked, answer: httpx2.Response) -> None:
    """A refusal is told at once."""
    server = Server(answer)

    with pytest.raises(Refused, match="busy") as refused:
        server.transport().ask(asked)
    assert refused.value.stable_code == "api.busy"
    assert not server.pauses


def test_it_does_not_ask_for_ever() -> None:
    """After so many tries the refusal is told; no pause is longer than half a minute."""
    server = Server(*(later(429, "3600") for _ in range(3)))

    with pytest.raises(Refused):
        server.transport(tries=3).ask(Asked("GET", "/v1/x"))
    assert server.pauses == [30, 30]


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"code": 5}', b"[" * 100_000])
def test_refusal_that_is_no_problem(body: bytes) -> None:
    """A proxy's page has the status for its only word."""
    with pytest.raises(Refused, match="the server answers 502") as refused:
        Server(httpx2.Response(502, content=body)).transport().ask(Asked("GET", "/v1/x"))
    assert refused.value.stable_code == "api.refused"


def _away(_request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("refused")


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        pytest.param(_away, "does not answer: ConnectError", id="away"),
        pytest.param(lambda _: httpx2.Response(200, content=b"x" * 101), "over 100", id="too much"),
        pytest.param(lambda _: httpx2.Response(200, content=b"<html>"), "not JSON", id="a page"),
        pytest.param(lambda _: httpx2.Response(200, content=b"[" * 65), "not JSON", id="deep"),
    ],
)
def test_server_that_cannot_be_used(
    answer: Callable[[httpx2.Request], httpx2.Response], match: str
) -> None:
    """No answer, too long a one, or none of the form: it could not be checked."""
    client = httpx2.Client(base_url="http://ledger", transport=httpx2.MockTransport(answer))

    with pytest.raises(PartMissing, match=match):
        Operations(Transport(client, most_bytes=100)).list_logs()


def test_amounts_are_never_binary_fractions() -> None:
    """What stands as a decimal number stays the digits that stand there."""
    server = Server(httpx2.Response(200, content=b'{"a": 0.10}'))

    assert server.transport().ask(Asked("GET", "/v1/x")).document() == {"a": "0.10"}


@pytest.mark.parametrize("url", ["ftp://ledger", "ledger", ""])
def test_address_that_is_none(url: str) -> None:
    """An address is one of HTTP."""
    with pytest.raises(ConfigurationError, match="address"):
        open_transport(url)


def test_certificates_that_are_none(tmp_path: Path) -> None:
    """A file of something else is named at once."""
    (tmp_path / "ca.pem").write_text("nothing", encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"ca\.pem"):
        open_transport("https://ledger", ca_file=tmp_path / "ca.pem")
