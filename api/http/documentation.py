"""
The schema of the operations, as they answer: every error is a problem.

The framework describes errors of its own form, which this server never gives.

Source: OpenAPI 3.1; RFC 9457.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI

from api.http.models import Problem
from api.problems import MEDIA_TYPE

_REF: Final = "#/components/schemas/"
_PROBLEM: Final = {
    "description": "A problem",
    "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_REF}Problem"}}},
}
_NOT_GIVEN: Final = ("HTTPValidationError", "ValidationError")


class DocumentedApp(FastAPI):
    """An application whose schema says what it answers when it does not do what was asked."""

    def openapi(self) -> dict[str, Any]:
        """Make the schema, once."""
        if self.openapi_schema is None:
            self.openapi_schema = _with_problems(super().openapi())
        return self.openapi_schema


def _with_problems(schema: dict[str, Any]) -> dict[str, Any]:
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for name in _NOT_GIVEN:
        schemas.pop(name, None)
    described = Problem.model_json_schema(ref_template=_REF + "{model}")
    schemas.update(described.pop("$defs", {}))
    schemas["Problem"] = described
    for path in schema["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _PROBLEM
    return schema
