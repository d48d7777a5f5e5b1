"""
Quotas: how much one gateway may send, so that one that runs wild does not starve the others.

A quota is a bucket that fills at a steady rate. What is over it is not decided about and not
answered; the gateway sends it again. Buckets live in memory: a restart fills them.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.instants import Instant


@dataclass(frozen=True, slots=True)
class Quota:
    """What one gateway may send."""

    messages_per_s: int
    burst: int
    """Messages that may come at once after a silence."""


class Quotas:
    """
    The buckets of all gateways.

    Args:
        quota: Of each gateway; None sets no limit.
    """

    def __init__(self, quota: Quota | None) -> None:
        self._quota = quota
        self._buckets: dict[str, tuple[int, Instant]] = {}

    def take(self, gateway: str, *, now: Instant) -> bool:
        """Take one message out of a gateway's bucket; False where it is empty."""
        if self._quota is None:
            return True
        # Counted in thousandths of a message, so that a millisecond adds a whole number.
        full = self._quota.burst * 1000
        held, since = self._buckets.get(gateway, (full, now))
        held = min(full, held + max(now - since, 0) * self._quota.messages_per_s)
        is_allowed = held >= 1000
        self._buckets[gateway] = (held - 1000 if is_allowed else held, now)
        return is_allowed
