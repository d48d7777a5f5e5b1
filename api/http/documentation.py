"""
The schema of the operations, as they answer: with every problem, with examples, with two languages.

The framework describes errors of its own form, which this server never gives, and does not know by
what callers show who they are; both are put right here. Examples stand in `examples.json` by the
id of the operation: what is asked and what was answered, which a test asks again.

Source: OpenAPI 3.1; RFC 9457; RFC 6750; RFC 9421.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from api.auth.sessions import COOKIE
from api.http.models import Problem
from api.http.refusals import (
    SCHEMAS,
    problem_example,
    problem_responses,
    refusals_of,
    takes_token,
)
from api.problems import MEDIA_TYPE

VERSION: Final = "1"
RESPONSES: Final = "#/components/responses/"
_NOT_GIVEN: Final = ("HTTPValidationError", "ValidationError")
_SCHEMES: Final = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A grant's token (`cs_…`) or a session's (`css_…`) (授权令牌或会话令牌).",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "A session's cookie; `__Host-` stands before its name under HTTPS (会话).",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "A request signed by a machine's or a representative's key, RFC 9421 "
        "(签名请求).",
    },
}
_ALSO_OPEN: Final = frozenset({"getTile"})
"""What is for nobody in particular in part: hash tiles are public, entries are not."""
_DEFAULT: Final = {
    "description": "A problem",
    "content": {MEDIA_TYPE: {"schema": {"$ref": f"{SCHEMAS}Problem"}}},
}
_IN: Final = {"path": "path", "query": "query", "header": "headers"}

Example = Mapping[str, Any]


class DocumentedApp(FastAPI):
    """An application whose schema says what it answers when it does not do what was asked."""

    def openapi(self) -> dict[str, Any]:
        """Make the schema, once."""
        if self.openapi_schema is None:
            self.openapi_schema = self._complete(super().openapi())
        return self.openapi_schema

    def _complete(self, schema: dict[str, Any]) -> dict[str, Any]:
        components = schema.setdefault("components", {})
        _add_problem(components.setdefault("schemas", {}))
        components["securitySchemes"] = dict(_SCHEMES)
        codes: set[str] = set()
        dependants = dict(self._dependants())
        for operation in operations_of(schema):
            name = operation["operationId"]
            dependant = dependants[name]
            refused = refusals_of(name, dependant)
            codes.update(refused)
            _describe_problems(operation, refused, components.setdefault("responses", {}))
            _describe_caller(operation, dependant)
            for example in examples().get(name, ()):
                _add_example(operation, example)
        components["examples"] = {code: problem_example(code) for code in sorted(codes)}
        return schema

    def _dependants(self) -> Iterator[tuple[str, Dependant]]:
        for context in iter_route_contexts(self.routes):
            name = getattr(context, "operation_id", None)
            dependant = getattr(context, "dependant", None)
            if name is not None and dependant is not None:
                yield name, dependant


def operations_of(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give every operation of a schema."""
    for path in schema["paths"].values():
        yield from path.values()


def response_of(schema: Mapping[str, Any], response: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a response, or the one that it refers to."""
    name = response.get("$ref", "").removeprefix(RESPONSES)
    found: Mapping[str, Any] = schema["components"]["responses"][name] if name else response
    return found


@cache
def examples() -> dict[str, tuple[Example, ...]]:
    """Read the examples by the id of their operation."""
    text = resources.files("api.http").joinpath("examples.json").read_text(encoding="utf-8")
    return {name: tuple(found) for name, found in json.loads(text).items()}


def _add_problem(schemas: dict[str, Any]) -> None:
    for name in _NOT_GIVEN:
        schemas.pop(name, None)
    described = Problem.model_json_schema(ref_template=SCHEMAS + "{model}")
    schemas.update(described.pop("$defs", {}))
    schemas["Problem"] = described


def _describe_problems(operation: dict[str, Any], codes: list[str], shared: dict[str, Any]) -> None:
    """Describe an operation's problems; many have the same, which then stand once."""
    responses = operation["responses"]
    responses.pop("422", None)
    for status, response in problem_responses(codes).items():
        if status in responses:  # an answer of another form under the same status
            found = responses[status]
            found["description"] += f"; {response['description']}"
            found["content"] = found.get("content", {}) | response["content"]
        else:
            name = f"{status}-{sha256(response['description'].encode()).hexdigest()[:8]}"
            shared[name] = response
            responses[status] = {"$ref": f"{RESPONSES}{name}"}
    responses["default"] = _DEFAULT


def _describe_caller(operation: dict[str, Any], dependant: Dependant) -> None:
    """Say by what a caller shows who they are."""
    if takes_token(dependant):
        operation["security"] = [{name: []} for name in _SCHEMES]
        if operation["operationId"] in _ALSO_OPEN:
            operation["security"].append({})


def _add_example(operation: dict[str, Any], example: Example) -> None:
    name, summary = example["name"], {"summary": f"{example['summary']} ({example['summary_zh']})"}
    asked = example["request"]
    for parameter in operation.get("parameters", ()):
        value = asked.get(_IN.get(parameter["in"], ""), {}).get(parameter["name"])
        if value is not None:
            parameter.setdefault("examples", {})[name] = {**summary, "value": value}
    body = operation.get("requestBody", {}).get("content", {})
    for media_type in body.values():
        if "body" in asked:
            media_type.setdefault("examples", {})[name] = {**summary, "value": asked["body"]}
    answered = operation["responses"].get(str(example.get("status")), {}).get("content", {})
    media_type = answered.get(example.get("media_type", "application/json"))
    if media_type is not None and "answer" in example:
        shown = {**summary, "value": example["answer"]}
        media_type.setdefault("examples", {})[name] = shown
