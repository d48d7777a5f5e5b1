"""
Quotas: how much one sender may do, so that one that runs wild does not starve the others.

A quota is a bucket that fills at a steady rate. A message over it is not decided about and not
answered; the gateway sends it again. Buckets live in memory: a restart fills them. There are as
many as senders seen lately, and no more than a bound: the one not used for longest is forgotten
first, which by then is usually full.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from attestation.instants import Instant

MOST_NAMES: Final = 100_000
"""Buckets kept: some 20 MB, and more senders than one ledger has."""
_ONE: Final = 1000
"""Counted in thousandths of a message, so that a millisecond adds a whole number."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What one sender may send."""

    messages_per_s: int
    burst: int
    """Messages that may come at once after a silence."""


class Quotas:
    """
    The buckets of all senders; may be used by several threads.

    Args:
        quota: Of each sender; None sets no limit.
        most: Buckets kept.
    """

    def __init__(self, quota: Quota | None, *, most: int = MOST_NAMES) -> None:
        self._quota = quota
        self._most = most
        self._buckets: OrderedDict[str, tuple[int, Instant]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str, *, now: Instant) -> bool:
        """Take one message out of a sender's bucket; False where it is empty."""
        quota = self._quota
        if quota is None:
            return True
        with self._lock:
            held = self._held(quota, name, now)
            is_allowed = held >= _ONE
            self._put(name, held - _ONE if is_allowed else held, now)
        return is_allowed

    def charge(self, name: str, *, now: Instant) -> None:
        """Take one message out, or what is left: for what is known to be a sender's afterwards."""
        quota = self._quota
        if quota is None:
            return
        with self._lock:
            self._put(name, max(self._held(quota, name, now) - _ONE, 0), now)

    def wait_ms(self, name: str, *, now: Instant) -> int:
        """Say after how many milliseconds there is a message in the bucket; 0 where there is."""
        quota = self._quota
        if quota is None:
            return 0
        with self._lock:
            missing = max(_ONE - self._held(quota, name, now), 0)
        return -(-missing // quota.messages_per_s)

    def left(self, name: str, *, now: Instant) -> int | None:
        """Say how many messages are in the bucket; None where there is no limit."""
        quota = self._quota
        if quota is None:
            return None
        with self._lock:
            return self._held(quota, name, now) // _ONE

    def _held(self, quota: Quota, name: str, now: Instant) -> int:
        full = quota.burst * _ONE
        held, since = self._buckets.get(name, (full, now))
        return min(full, held + max(now - since, 0) * quota.messages_per_s)

    def _put(self, name: str, held: int, now: Instant) -> None:
        self._buckets[name] = held, now
        self._buckets.move_to_end(name)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
