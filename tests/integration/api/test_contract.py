"""
The server keeps to its schema: whatever is asked, by whomever, of a ledger with data.

Requests are made from the schema, right and wrong ones, the same in every run. No answer is a fault
of the server; each has a status, a form and a code that the operation's entry in the schema names.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

from api.http.documentation import response_of
from api.problems import MEDIA_TYPE
from tests.support.contract import OPERATIONS, SCHEMA, World, world

__all__ = ["world"]

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("contract")]

CALLERS = ("nobody", "enterprise", "verifier", "nation")
STREAMS = {"GET /v1/events"}
EXAMPLES = 4
PARTS = re.compile(r"\{(\w+)\}")
CHECKS = [content_type_conformance, response_schema_conformance]


@schemathesis.serializer("application/cose", "application/pdf", "application/octet-stream")
def as_bytes(_context: Any, value: Any) -> Any:
    """Give a body that is bytes as it is."""
    data = getattr(value, "data", value)
    return {"data": data if isinstance(data, bytes) else str(data).encode()}


@pytest.fixture(scope="module")
def schema() -> Any:
    """The schema as the generator of requests reads it."""
    return schemathesis.openapi.from_dict(SCHEMA)


@pytest.mark.parametrize(
    ("path", "method"),
    [pytest.param(path, method, id=name) for path, method, name in OPERATIONS],
)
def test_operation_keeps_to_the_schema(world: World, schema: Any, path: str, method: str) -> None:
    """Whatever is asked of it."""
    operation = schema[path][method.upper()]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=st.one_of(
            operation.as_strategy(GenerationMode.POSITIVE),
            operation.as_strategy(GenerationMode.NEGATIVE),
        ),
        caller=st.sampled_from(CALLERS),
        is_known=st.booleans(),
    )
    def ask(case: Case, caller: str, is_known: bool) -> None:
        if is_known:
            use_known(case, world.known)
        end_soon(case)
        check(world, case, caller)

    ask()


def test_deep_json_does_not_end_the_process(world: World) -> None:
    """A hundred thousand brackets are a fault of the request, to whichever operation they come."""
    deep = b"[" * 100_000
    statuses = {
        name: world.client.request(
            method,
            path.format_map(dict.fromkeys(PARTS.findall(path), "1") | world.known),
            content=deep,
            headers={"content-type": "application/json", "idempotency-key": "deep"},
        ).status_code
        for path, method, name in OPERATIONS
        if method in ("post", "put")
    }

    assert {name: status for name, status in statuses.items() if not 400 <= status < 500} == {}


def use_known(case: Case, known: dict[str, Any]) -> None:
    """Ask for what there is, wherever there is something of that name."""
    for parts in (case.path_parameters, case.query):
        for name in parts or ():
            if name in known:
                parts[name] = known[name]


def end_soon(case: Case) -> None:
    """Let a stream end by itself."""
    if case.operation.label in STREAMS:
        case.query = {**(case.query or {}), "until_s": 0}


def check(world: World, case: Case, caller: str) -> None:
    """Ask, and hold the answer against the schema."""
    arguments = case.as_transport_kwargs()
    headers = {name.lower(): value for name, value in (arguments.pop("headers") or {}).items()}
    headers |= world.callers[caller]
    for name in ("cookies", "timeout"):
        arguments.pop(name, None)
    if isinstance(arguments.get("data"), str | bytes):
        arguments["content"] = arguments.pop("data")
    response = world.client.request(headers=headers, **arguments)
    described = case.operation.definition.raw["responses"]

    assert response.status_code != 500, response.text
    assert str(response.status_code) in described, (response.status_code, response.text)
    if response.headers.get("content-type") == MEDIA_TYPE:
        found = response_of(SCHEMA, described[str(response.status_code)])
        listed = found["content"][MEDIA_TYPE]["examples"]
        assert response.json()["code"] in listed, response.text
    else:
        assert response.status_code < 400 or response.status_code == 503
    case.validate_response(response, checks=CHECKS)
