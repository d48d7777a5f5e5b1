"""
Which correction rules which seconds of a series.

Source: `ledger.log.corrections`.
"""

from __future__ import annotations

from ledger.log.ranges import EMPTY, Ranges
from ledger.repositories.spans import StoredCorrection


class Rulings:
    """
    Which correction rules which seconds: of several, the newest in the log.

    Args:
        corrections: In index order.
    """

    def __init__(self, corrections: list[StoredCorrection]) -> None:
        self._ruled: list[tuple[StoredCorrection, Ranges]] = []
        taken = EMPTY
        for correction in reversed(corrections):
            left = taken.missing(correction.start_s, correction.end_s)
            if left:
                self._ruled.append((correction, left))
            taken = taken.union([(correction.start_s, correction.end_s)])
        self._taken = taken

    def touch(self, start_s: int, end_s: int) -> bool:
        """Say whether a correction rules any second of `[start_s, end_s)`."""
        return bool(self._taken.within(start_s, end_s))

    def over(self, start_s: int, end_s: int) -> list[StoredCorrection]:
        """Give the corrections that rule seconds of `[start_s, end_s)`."""
        if not self.touch(start_s, end_s):
            return []
        return [each for each, seconds in self._ruled if seconds.within(start_s, end_s)]

    def replacements(self) -> list[StoredCorrection]:
        """Give the corrections with a value of their own that rule all their seconds."""
        whole = [
            each
            for each, seconds in self._ruled
            if each.value is not None and seconds.pairs == ((each.start_s, each.end_s),)
        ]
        return sorted(whole, key=lambda each: each.index)
