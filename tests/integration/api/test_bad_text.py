"""Bodies that are too long, too deep, or hold what is no text: refused, and never stored."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from api.app import describe_operations
from api.bootstrap import Ledger
from api.http.bodies import LONGEST_BODY
from tests.integration.access.test_every_operation import EVERY, NAMES, VALUES, Operation
from tests.integration.api.test_whose_data import ledger, server, world
from tests.support.access import NATION, OWNER, signed_in

__all__ = ["ledger", "server", "world"]

MARK: Final = "mark"
OWN_LIMIT: Final = frozenset({"submitRecord", "verifyBundle"})
"""What is read as bytes, up to limits of its own."""
WITH_BODY: Final = [each for each in EVERY if each.media_type == "application/json"]
Header = dict[str, str]


def path_of(operation: Operation) -> str:
    """Give the address of an operation, with something for each name in it."""
    path = operation.path
    for name, value in VALUES.items():
        path = path.replace("{" + name + "}", str(NAMES.get(operation.id, value)))
    return path


def send(client: TestClient, operation: Operation, content: bytes, header: Header) -> Any:
    """Send a body as it is."""
    more = {"content-type": "application/json", "idempotency-key": uuid4().hex}
    return client.request(
        operation.method,
        path_of(operation),
        params=operation.query,
        content=content,
        headers=header | more,
    )


def damaged(body: Any, damage: str) -> Iterator[Any]:
    """Give a body again and again, each time with damage in another of its texts."""
    for place in _places(body):
        changed = copy.deepcopy(body)
        at = changed
        for step in place[:-1]:
            at = at[step]
        at[place[-1]] = f"{at[place[-1]]}{MARK}{damage}"
        yield changed
    if isinstance(body, dict):
        yield body | {f"{MARK}{damage}": 1}


def _places(body: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(body, str) and place:
        yield place
    if isinstance(body, dict | list):
        for name, value in body.items() if isinstance(body, dict) else enumerate(body):
            yield from _places(value, (*place, name))


def test_every_body_is_read_up_to_a_limit(server: TestClient) -> None:
    """Nobody, logged in or not, makes the server hold more than that before it looks."""
    content = b'{"a": "' + b"x" * LONGEST_BODY + b'"}'
    met = {each.id: send(server, each, content, {}) for each in WITH_BODY}

    said = {name: (answer.status_code, answer.json()["code"]) for name, answer in met.items()}
    assert {name: found for name, found in said.items() if name not in OWN_LIMIT} == {
        each.id: (413, "admission.too_large") for each in WITH_BODY if each.id not in OWN_LIMIT
    }


@pytest.mark.parametrize("depth", [900, 100_000])
def test_deep_body_breaks_nothing(server: TestClient, depth: int) -> None:
    """It is refused like whatever cannot be read, in the place of each value too."""
    header = signed_in(server, NATION)
    deep = b"[" * depth + b"]" * depth
    for each in WITH_BODY:
        name = next(iter(each.body or {"a": 1})) if isinstance(each.body or {}, dict) else "a"
        for content in (deep, b'{"' + name.encode() + b'": ' + deep + b"}"):
            answer = send(server, each, content, header)
            assert 400 <= answer.status_code < 500, (each.id, answer.text)


@pytest.mark.parametrize("number", ["1" + "0" * 5_000, "-1e400", "NaN"])
def test_number_that_is_none_breaks_nothing(server: TestClient, number: str) -> None:
    """However long, infinite, or not a number."""
    header = signed_in(server, NATION)
    for each in WITH_BODY:
        for name in each.body if isinstance(each.body, dict) else ():
            content = f'{{"{name}": {number}}}'.encode()
            answer = send(server, each, content, header)
            assert 400 <= answer.status_code < 500, (each.id, name, answer.text)


@pytest.mark.parametrize("who", [OWNER, NATION], ids=lambda who: who.code)
@pytest.mark.parametrize("damage", ["\x00", "\ud800"], ids=["NUL", "lone surrogate"])
def test_what_is_no_text_is_not_stored(
    server: TestClient, ledger: Ledger, who: Any, damage: str
) -> None:
    """PostgreSQL cannot hold it: it is refused before, wherever it stands in a body."""
    header = signed_in(server, who)
    for each in WITH_BODY:
        for body in damaged(each.body or {}, damage):
            answer = send(server, each, json.dumps(body).encode(), header)
            assert answer.status_code < 500, (each.id, body, answer.text)

    place = Path(str(ledger.database.engine.url.database))
    kept = b"".join(each.read_bytes() for each in place.parent.glob(f"{place.name}*"))
    assert f"{MARK}\x00".encode() not in kept


def test_question_that_is_no_text_is_refused(server: TestClient) -> None:
    """In every parameter of an address that takes words."""
    header = signed_in(server, NATION)
    paths = describe_operations()["paths"]
    for each in EVERY:
        described = paths[each.path][each.method.lower()]
        for named in described.get("parameters", ()):
            if named["in"] != "query":
                continue
            answer = server.request(
                each.method,
                f"{path_of(each)}?{named['name']}={MARK}%00%ED%A0%80%FF",
                headers=header | {"idempotency-key": uuid4().hex},
            )
            assert answer.status_code < 500, (each.id, named["name"], answer.text)
