"""
What one caller may ask of a server, so that it cannot keep the others waiting.

Nobody logs in to read what is public or to submit what is signed, so callers are counted: by the
grant of a valid token, else by address. Whoever asks too often is told when to come back (429).
Work that takes long may be open only so many times at once (503). A key's own bucket is charged
only for messages that it has signed, and so is an enterprise's quota: nobody can use them up for
another.

Source: RFC 6585, section 4 (429); RFC 9110, section 10.2.3 (Retry-After);
IETF draft-ietf-httpapi-ratelimit-headers-10 (RateLimit, RateLimit-Policy).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from fastapi import Request
from fastapi.requests import HTTPConnection

from api.access import AccessList
from api.errors import Busy, TooManyRequests
from api.http.callers import bearer_token, caller_address
from api.settings import WebSettings
from attestation.errors import EncodingError
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.messages import parse_header
from ledger.log.decisions import Admitted, Decision, Duplicate, Equivocal, Refused
from ledger.log.quotas import Quota, Quotas

FREE: Final = frozenset({"/healthz"})
"""Asks nothing of the ledger, and is asked by whoever keeps the server running."""
OPEN_WAITS: Final = 12
"""Requests that wait for a block at once: each holds one of the forty threads that work."""
_SHARE: Final = 4


class Gate:
    """
    Work that may be open only so many times at once.

    Args:
        total: In all.
        each: For one name; without it, a quarter of all.
    """

    def __init__(self, total: int, each: int | None = None) -> None:
        self._total = total
        self._each = max(total // _SHARE, 1) if each is None else each
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def open(self, name: str) -> Iterator[None]:
        """
        Be one of those whose work is open.

        Raises:
            Busy: If as many are open as may be; nothing waits here.
        """
        with self._lock:
            if self._open.total() >= self._total or self._open[name] >= self._each:
                raise Busy("as many of these are under way as may be at once")
            self._open[name] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[name] -= 1
                if not self._open[name]:
                    del self._open[name]


class Limits:
    """
    The limits of one server.

    Args:
        settings: How much.
        access: The grants; callers with a valid token are counted by theirs.
    """

    def __init__(self, settings: WebSettings, access: AccessList | None) -> None:
        self._trusted = settings.trusted_proxies
        self._access = access
        fills_in_s = -(-settings.caller_burst // settings.caller_per_s)
        self._policy = f'"caller";q={settings.caller_burst};w={fills_in_s}'
        self._callers = Quotas(Quota(settings.caller_per_s, settings.caller_burst))
        self._keys = Quotas(Quota(settings.key_per_s, settings.key_burst))
        self.proofs = Gate(settings.open_proofs)
        self.bundles = Gate(settings.open_bundles)
        self.feeds = Gate(settings.open_feeds)
        self.waits = Gate(OPEN_WAITS)
        self.submissions = Gate(settings.open_submissions * _SHARE, settings.open_submissions)
        self.body_s = settings.body_s

    def admit(self, request: HTTPConnection, now: Instant) -> dict[str, str]:
        """
        Count one request, and give the headers that say how many more there may be.

        Raises:
            TooManyRequests: If its caller has asked too often.
        """
        if request.url.path in FREE:
            return {}
        name = self.caller(request, now)
        if not self._callers.take(name, now=now):
            raise _too_many("too many requests", self._callers.wait_ms(name, now=now))
        return {
            "ratelimit-policy": self._policy,
            "ratelimit": f'"caller";r={self._callers.left(name, now=now)}',
        }

    def caller(self, request: HTTPConnection, now: Instant) -> str:
        """Give the name by which a request is counted."""
        token = bearer_token(request.headers.get("authorization"))
        grant = None
        if token is not None and self._access is not None:
            grant = self._access.find(token, now)
        return caller_address(request, self._trusted) if grant is None else f"grant {grant.name}"

    def require_key(self, content: bytes, now: Instant) -> None:
        """
        Check that the key which a message names has not sent too much.

        Raises:
            TooManyRequests: If it has.
        """
        wait_ms = self._keys.wait_ms(_key_of(content), now=now)
        if wait_ms:
            raise _too_many("too many messages of this key", wait_ms)

    def charge_key(self, content: bytes, decision: Decision, now: Instant) -> None:
        """Count a message for its key, where the key has signed it."""
        match decision:
            case Admitted() | Duplicate() | Equivocal() | Refused(answer=bytes()):
                self._keys.charge(_key_of(content), now=now)
            case Refused():
                pass  # whoever wrote these bytes, it was not shown to be the key's holder


def gated(choose: Callable[[Limits], Gate]) -> Callable[[Request], Iterator[None]]:
    """Make the dependency that keeps an operation behind a gate, from before its body is read."""

    def pass_gate(request: Request) -> Iterator[None]:
        services = request.app.state.services
        limits: Limits = services.limits
        with choose(limits).open(limits.caller(request, services.ledger.clock.now())):
            yield

    return pass_gate


def _key_of(content: bytes) -> str:
    try:
        return parse_header(content).kid.hex()
    except EncodingError:
        return ""  # no key: judged, and refused, by its form


def _too_many(detail: str, wait_ms: int) -> TooManyRequests:
    return TooManyRequests(detail, retry_after_s=-(-wait_ms // MILLISECONDS_PER_SECOND))
