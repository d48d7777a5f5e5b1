"""
What of a schema's changes breaks those who use the operations.

A client that was written for the older schema must go on working: nothing that it calls, sends or
reads may be gone or mean something else. What is only added breaks nobody.

Source: OpenAPI 3.1; JSON Schema 2020-12.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]

_REF = "#/components/schemas/"
_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_NARROWING = {
    "minimum": lambda old, new: new > old,
    "maximum": lambda old, new: new < old,
    "minLength": lambda old, new: new > old,
    "maxLength": lambda old, new: new < old,
    "minItems": lambda old, new: new > old,
    "maxItems": lambda old, new: new < old,
    "pattern": lambda old, new: new != old,
    "format": lambda old, new: new != old,
}
"""Of what is sent: a limit that was not there, or is closer, refuses what was taken."""


def breaking_changes(old: Json, new: Json) -> list[str]:
    """Name every change that breaks a client of the older schema."""
    return list(_Comparison(old, new).changes())


class _Comparison:
    """Two schemas, side by side."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old = old
        self._new = new
        self._seen: set[tuple[str, str, bool]] = set()

    def changes(self) -> Iterator[str]:
        """Name what breaks."""
        for path, methods in self._old["paths"].items():
            for method in _METHODS:
                if method in methods:
                    place = f"{method.upper()} {path}"
                    found = self._new["paths"].get(path, {}).get(method)
                    if found is None:
                        yield f"{place}: the operation is gone"
                    else:
                        yield from self._operation(place, methods[method], found)

    def _operation(self, place: str, old: Json, new: Json) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"{place}: {old['operationId']} is called {new['operationId']} now"
        if not old.get("security") and new.get("security"):
            yield f"{place}: it asks for a token now"
        yield from self._parameters(place, old, new)
        yield from self._body(place, old.get("requestBody"), new.get("requestBody"))
        yield from self._responses(place, old["responses"], new["responses"])

    def _parameters(self, place: str, old: Json, new: Json) -> Iterator[str]:
        before = {(each["in"], each["name"]): each for each in old.get("parameters", ())}
        after = {(each["in"], each["name"]): each for each in new.get("parameters", ())}
        for key, parameter in before.items():
            here = f"{place}: {key[0]} parameter {key[1]}"
            if key not in after:
                yield f"{here} is gone"
            else:
                yield from self._sent(here, parameter["schema"], after[key]["schema"])
        for key, parameter in after.items():
            was_required = before.get(key, {}).get("required", False)
            if parameter.get("required", False) and not was_required:
                yield f"{place}: {key[0]} parameter {key[1]} must be given now"

    def _body(self, place: str, old: Json | None, new: Json | None) -> Iterator[str]:
        if new is None:
            if old is not None:
                yield f"{place}: it takes no body any more"
            return
        if new.get("required", False) and not (old or {}).get("required", False):
            yield f"{place}: a body must be given now"
        for media_type, content in (old or {}).get("content", {}).items():
            found = new["content"].get(media_type)
            if found is None:
                yield f"{place}: {media_type} is not taken any more"
            else:
                here = f"{place}: body"
                yield from self._sent(here, content.get("schema", {}), found.get("schema", {}))

    def _responses(self, place: str, old: Json, new: Json) -> Iterator[str]:
        for status, response in old.items():
            if not status.startswith(("2", "3")):
                continue
            if status not in new:
                yield f"{place}: {status} is not answered any more"
                continue
            for media_type, content in response.get("content", {}).items():
                found = new[status].get("content", {}).get(media_type)
                here = f"{place}: answer {status}"
                if found is None:
                    yield f"{here} is not {media_type} any more"
                else:
                    before, after = content.get("schema", {}), found.get("schema", {})
                    yield from self._given(here, before, after)

    def _sent(self, place: str, old: Json, new: Json) -> Iterator[str]:
        """Compare what clients send: what was taken must be taken."""
        old, new, is_new = self._open(old, new, sent=True)
        if not is_new:
            return
        yield from self._variants(place, old, new, sent=True)
        for word, narrows in _NARROWING.items():
            if word in new and (word not in old or narrows(old[word], new[word])):
                yield f"{place}: {word} is {new[word]} now"
        gone = set(map(str, old.get("enum", ()))) - set(map(str, new.get("enum", ())))
        if "enum" in new and ("enum" not in old or gone):
            yield f"{place}: {', '.join(sorted(gone)) or 'any other value'} is not taken any more"
        for name in new.get("required", ()):
            if name not in old.get("required", ()):
                yield f"{place}: {name} must be given now"
        yield from self._properties(place, old, new, sent=True)

    def _given(self, place: str, old: Json, new: Json) -> Iterator[str]:
        """Compare what clients read: what was there must be there."""
        old, new, is_new = self._open(old, new, sent=False)
        if not is_new:
            return
        yield from self._variants(place, old, new, sent=False)
        for name in old.get("required", ()):
            if name in new.get("properties", {}) and name not in new.get("required", ()):
                yield f"{place}: {name} is not always there any more"
        yield from self._properties(place, old, new, sent=False)

    def _properties(self, place: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        compare = self._sent if sent else self._given
        for name, schema in old.get("properties", {}).items():
            found = new.get("properties", {}).get(name)
            if found is None:
                yield f"{place}: {name} is gone"
            else:
                yield from compare(f"{place}.{name}", schema, found)
        for word in ("items", "additionalProperties"):
            before, after = old.get(word), new.get(word)
            if isinstance(before, Mapping) and isinstance(after, Mapping):
                yield from compare(f"{place}[]", before, after)
            elif sent and before is not False and after is False and word not in ("items",):
                yield f"{place}: nothing else may be given any more"

    def _variants(self, place: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        before, after = _types(self._old, old), _types(self._new, new)
        lost = before - after if sent else after - before
        if before and after and lost:
            word = "is not taken any more" if sent else "may be there now"
            yield f"{place}: {', '.join(sorted(lost))} {word}"
        pairs = zip(_branches(old), _branches(new), strict=False)
        for one, other in pairs:
            yield from (self._sent if sent else self._given)(place, one, other)

    def _open(self, old: Json, new: Json, *, sent: bool) -> tuple[Json, Json, bool]:
        """Follow references; each pair of them is compared once."""
        names = old.get("$ref", ""), new.get("$ref", "")
        key = (*names, sent)
        is_new = not all(names) or key not in self._seen
        self._seen.add(key)
        return _resolved(self._old, old), _resolved(self._new, new), is_new


def _resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].removeprefix(_REF)]
    return schema


def _types(document: Json, schema: Json) -> set[str]:
    """Give the kinds of values that a schema allows, as far as it says so itself."""
    schema = _resolved(document, schema)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return {name for each in schema[word] for name in _types(document, each)}
    found = schema.get("type", ())
    return {found} if isinstance(found, str) else set(found)


def _branches(schema: Json) -> list[Json]:
    return [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
