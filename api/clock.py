"""
The clock: the one place that reads the time.

Everything below takes `now` as an argument.
"""

from __future__ import annotations

import time

from attestation.instants import Instant


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> Instant:
        """Give the present instant, in milliseconds."""
        return Instant(time.time_ns() // 1_000_000)

    def sleep(self, seconds: float) -> None:
        """Wait; an argument of zero only yields the processor."""
        time.sleep(seconds)
