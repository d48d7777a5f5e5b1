"""
How far the gateway's clock is from the ledger's, as the ledger's answers show it.

Each answer tells the ledger's time at some moment between sending and receiving, so it bounds the
offset on both sides, and several answers narrow it. The figure is for people: it corrects nothing.
A gateway more than five minutes ahead is refused by admission, so that is what is warned of.

Source: FORMATS section 3 (signed-at at most 5 minutes after receipt); RFC 5905 for the bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attestation.instants import Instant

WARN_AHEAD_MS: Final = 120_000
"""A gateway this far ahead is shown as wrong, well before admission refuses it."""


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """Bounds of (this clock minus the ledger's clock), in milliseconds; positive is ahead."""

    low_ms: int
    high_ms: int

    @property
    def is_ahead(self) -> bool:
        """Say whether the clock is certainly so far ahead that admission will soon refuse."""
        return self.low_ms > WARN_AHEAD_MS

    @property
    def is_behind(self) -> bool:
        """Say whether the clock is certainly far behind."""
        return self.high_ms < -WARN_AHEAD_MS


class ClockComparison:
    """Collects observations; keeps one pair of bounds."""

    def __init__(self) -> None:
        self._offset: ClockOffset | None = None

    @property
    def offset(self) -> ClockOffset | None:
        """The bounds so far, or None before the first answer."""
        return self._offset

    def observe(self, *, sent_at: Instant, ledger_at: Instant, received_at: Instant) -> None:
        """
        Add one exchange.

        Args:
            sent_at: When the message was handed to the broker, by this clock.
            ledger_at: The ledger's time when it answered.
            received_at: When the answer came, by this clock.
        """
        if received_at < sent_at:
            return
        seen = ClockOffset(sent_at - ledger_at, received_at - ledger_at)
        if self._offset is None:
            self._offset = seen
            return
        low_ms = max(self._offset.low_ms, seen.low_ms)
        high_ms = min(self._offset.high_ms, seen.high_ms)
        # Bounds that do not meet mean that a clock was set: only the newest is true.
        self._offset = ClockOffset(low_ms, high_ms) if low_ms <= high_ms else seen
