"""Which changes of the operations break those who use them, and which do not."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from tools.api_changes import breaking_changes

Schema = dict[str, Any]

KIND = {"type": "string", "enum": ["a", "b"]}


def thing(name: str) -> Schema:
    """Give a form that holds others of its own name."""
    return {
        "type": "object",
        "required": ["name", "kind"],
        "properties": {
            "name": {"type": "string"},
            "kind": {"$ref": "#/components/schemas/Kind"},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "below": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
        },
    }


def reference(name: str) -> Schema:
    """Give content of a named form."""
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


OLD: Schema = {
    "paths": {
        "/v1/things/{name}": {
            "get": {
                "operationId": "getThing",
                "parameters": [
                    {"in": "path", "name": "name", "required": True, "schema": {"type": "string"}},
                    {
                        "in": "query",
                        "name": "limit",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 10},
                    },
                ],
                "responses": {"200": {"content": reference("Thing")}, "404": {}},
            },
            "post": {
                "operationId": "putThing",
                "requestBody": {"content": reference("Asked")},
                "responses": {"201": {"content": reference("Thing")}},
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": thing("Thing"),
            "Asked": thing("Asked"),
            "Kind": KIND,
        }
    },
}
GET = ("paths", "/v1/things/{name}", "get")
POST = ("paths", "/v1/things/{name}", "post")
ANSWERED = ("components", "schemas", "Thing")
ASKED = ("components", "schemas", "Asked")
LIMIT = (*GET, "parameters", 1)


def at(place: tuple[str | int, ...], change: Callable[[Any], object]) -> Callable[[Schema], object]:
    """Make a change at a place."""

    def apply(schema: Schema) -> object:
        found: Any = schema
        for name in place:
            found = found[name]
        return change(found)

    return apply


def put(name: str, value: object) -> Callable[[Any], object]:
    """Make the change that sets a name."""
    return lambda found: found.__setitem__(name, value)


def without(*names: Any) -> Callable[[Any], object]:
    """Make the change that takes names away."""
    return lambda found: [found.pop(name) for name in names]


BREAKING = {
    "operation gone": (at(POST[:-1], without("post")), "POST .* gone"),
    "path gone": (at(("paths",), without("/v1/things/{name}")), "gone"),
    "operation renamed": (at(GET, put("operationId", "readThing")), "called readThing"),
    "token asked for": (at(GET, put("security", [{"token": []}])), "token"),
    "parameter gone": (at(LIMIT[:-1], without(1)), "limit is gone"),
    "parameter required": (at(LIMIT, put("required", True)), "limit must be given"),
    "new required parameter": (
        at(
            LIMIT[:-1],
            lambda found: found.append(
                {"in": "query", "name": "day", "required": True, "schema": {"type": "string"}}
            ),
        ),
        "day must be given",
    ),
    "limit closer": (at((*LIMIT, "schema"), put("maximum", 9)), "maximum is 9"),
    "limit that was not": (at((*LIMIT, "schema"), put("format", "int32")), "format is int32"),
    "other kind taken": (at((*LIMIT, "schema"), put("type", "string")), "integer is not taken"),
    "body required": (at((*POST, "requestBody"), put("required", True)), "body must be given"),
    "body gone": (at(POST, without("requestBody")), "no body"),
    "media type of the body gone": (
        at(
            (*POST, "requestBody", "content"),
            lambda found: found.__setitem__("text/plain", found.pop("application/json")),
        ),
        "application/json is not taken",
    ),
    "field of the body required": (
        at(ASKED, put("required", ["name", "kind", "note"])),
        "note must be given",
    ),
    "null no longer taken": (
        at((*ASKED, "properties"), put("note", {"type": "string"})),
        "null is not taken",
    ),
    "nothing else taken": (at(ASKED, put("additionalProperties", False)), "nothing else"),
    "word no longer taken": (
        at(("components", "schemas", "Kind"), put("enum", ["a"])),
        "b is not taken",
    ),
    "status gone": (at((*GET, "responses"), without("200")), "200 is not answered"),
    "media type gone": (at((*GET, "responses", "200"), put("content", {})), "is not application"),
    "field gone": (at((*ANSWERED, "properties"), without("name")), "name is gone"),
    "field not always there": (at(ANSWERED, put("required", ["kind"])), "name is not always"),
    "other kind answered": (
        at((*ANSWERED, "properties"), put("name", {"type": "integer"})),
        "integer may be there",
    ),
    "null answered": (
        at(
            (*ANSWERED, "properties"),
            put("name", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ),
        "null may be there",
    ),
}
HARMLESS = {
    "nothing": lambda _: None,
    "new operation": at(
        POST[:-1], put("delete", {"operationId": "dropThing", "responses": {"204": {}}})
    ),
    "new optional parameter": at(
        LIMIT[:-1],
        lambda found: found.append({"in": "query", "name": "day", "schema": {"type": "string"}}),
    ),
    "limit wider": at((*LIMIT, "schema"), put("maximum", 11)),
    "limit lifted": at((*LIMIT, "schema"), without("maximum")),
    "new field answered": at((*ANSWERED, "properties"), put("more", {"type": "string"})),
    "field always there": at(ANSWERED, put("required", ["name", "kind", "note"])),
    "null no longer answered": at((*ANSWERED, "properties"), put("note", {"type": "string"})),
    "field of the body optional": at(ASKED, put("required", ["name"])),
    "new optional field of the body": at((*ASKED, "properties"), put("more", {"type": "string"})),
    "new word": at(("components", "schemas", "Kind"), put("enum", ["a", "b", "c"])),
    "problem gone": at((*GET, "responses"), without("404")),
    "words": at(GET, put("description", "Another sentence.")),
}


def changed(change: Callable[[Schema], object]) -> list[str]:
    """Give what of a change breaks clients."""
    new = copy.deepcopy(OLD)
    change(new)
    return breaking_changes(OLD, new)


@pytest.mark.parametrize("name", BREAKING)
def test_change_that_breaks_is_named(name: str) -> None:
    """What clients call, send or read is gone, or means something else."""
    change, said = BREAKING[name]

    assert any(re.search(said, found) for found in changed(change))


@pytest.mark.parametrize("name", HARMLESS)
def test_change_that_adds_breaks_nobody(name: str) -> None:
    """A client that was written before goes on working."""
    assert changed(HARMLESS[name]) == []
