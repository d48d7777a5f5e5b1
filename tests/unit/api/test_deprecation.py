"""Operations that are to end say so."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.http.deprecation import superseded

SINCE_S, UNTIL_S = 1_767_225_600, 1_798_761_599
"""2026-01-01T00:00:00Z and 2026-12-31T23:59:59Z."""


def test_answer_says_since_when_until_when_and_what_instead() -> None:
    """The answer itself is as before; the schema says that the operation is old."""
    app = FastAPI()
    old = superseded(since_s=SINCE_S, until_s=UNTIL_S, by="/v2/things")
    app.get("/v1/things", dependencies=[old], deprecated=True)(lambda: ["a"])
    found = TestClient(app).get("/v1/things")

    assert found.json() == ["a"]
    assert found.headers["deprecation"] == "@1767225600"
    assert found.headers["sunset"] == "Thu, 31 Dec 2026 23:59:59 GMT"
    assert found.links["successor-version"]["url"] == "/v2/things"
    assert app.openapi()["paths"]["/v1/things"]["get"]["deprecated"]


def test_operation_cannot_end_before_it_is_superseded() -> None:
    """A year too early is a mistake of whoever wrote it."""
    with pytest.raises(ValueError, match="cannot be gone"):
        superseded(since_s=SINCE_S, until_s=SINCE_S, by="/v2/things")
