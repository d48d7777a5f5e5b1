"""A clock that stands still until it is moved."""

from __future__ import annotations

from attestation.instants import Instant


class FixedClock:
    """
    Gives the time it was set to.

    Args:
        instant: The time.
    """

    def __init__(self, instant: Instant) -> None:
        self.instant = instant

    def now(self) -> Instant:
        """Give the present."""
        return self.instant
