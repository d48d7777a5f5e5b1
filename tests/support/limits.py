"""A server with other limits, a clock that goes on when it is told to, and the answer 429."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Ledger
from attestation.instants import Instant
from tests.fakes.clock import FixedClock
from tests.support.enterprise import Enterprise

PROXY, ONE, OTHER = "10.0.0.1", "203.0.113.9", "198.51.100.7"
"""Addresses of callers."""

Server = Callable[..., TestClient]


class Clock(FixedClock):
    """A clock that goes on when it is told to."""

    def __init__(self, now: Instant) -> None:
        super().__init__(now)
        self.at = now

    def now(self) -> Instant:
        return self.at


@pytest.fixture
def clock(enterprise: Enterprise) -> Clock:
    """The server's clock."""
    return Clock(enterprise.now)


@pytest.fixture
def limited(ledger: Ledger, clock: Clock) -> Callable[..., Ledger]:
    """Make the ledger of a server with other limits."""

    def make(**limits: Any) -> Ledger:
        web = ledger.settings.web.model_copy(update=limits)
        settings = ledger.settings.model_copy(update={"web": web})
        return replace(ledger, settings=settings, clock=cast(Any, clock))

    return make


@pytest.fixture
def serve(limited: Callable[..., Ledger]) -> Server:
    """Make a caller, from an address, of a server with other limits."""

    def make(peer: str = ONE, app: Any = None, **limits: Any) -> TestClient:
        app = app or create_app(limited(**limits))
        return TestClient(app, raise_server_exceptions=False, client=(peer, 50_000))

    return make


def is_too_many(found: Any, code: str = "api.too_many_requests") -> bool:
    """Check that an answer is a problem which says when to come back."""
    document = found.json()
    assert found.status_code == 429, document
    assert found.headers["content-type"] == "application/problem+json"
    assert int(found.headers["retry-after"]) == document["retry_after_s"] >= 1
    return bool(document["code"] == code and document["retryable"])
