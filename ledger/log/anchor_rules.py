"""
How often logs are anchored, and how patiently a transaction is followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attestation.instants import MILLISECONDS_PER_HOUR

MAX_LOGS: Final = 100
"""Logs in one transaction: 100 anchors of 70 000 gas are 7 of a block's 30 million."""
_MAX_DOUBLINGS: Final = 6
"""What fails again and again is tried about once an hour in the end."""


@dataclass(frozen=True, slots=True)
class AnchorRules:
    """The choices of a deployment."""

    interval_ms: int = 60_000
    """A log is anchored at most this often, unless somebody asks."""
    replace_after_ms: int = 180_000
    """A transaction that no block takes for this long is replaced by one that pays more."""
    evidence_patience_ms: int = MILLISECONDS_PER_HOUR
    """How long finality waits for a node that can still prove what bundles need."""

    def backoff_ms(self, attempts: int) -> int:
        """Give how long to wait after this many failures, at least one."""
        return self.interval_ms << min(attempts - 1, _MAX_DOUBLINGS)
