"""
How far something sent has come, and when it is tried again.

Source: Standard Webhooks 1.0, section on retries.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from attestation.instants import Instant

_SECOND: Final = 1_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
WAITS_MS: Final = (
    5 * _SECOND,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
"""After each failed attempt; over three days, so that a long week-end's outage loses nothing."""


class DeliveryState(StrEnum):
    """How far something sent has come."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Given up; it may be sent again by hand."""


def next_attempt(attempts: int, now: Instant) -> Instant | None:
    """Say when to try again after so many attempts; None where it is given up."""
    if attempts > len(WAITS_MS):
        return None
    return Instant(now + WAITS_MS[attempts - 1])
