"""
Coverage of one series by intervals: what overlaps, and what nothing covers.

Intervals are half-open, so neighbours do not overlap. Instants (length 0) overlap only their like.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator


class Coverage:
    """The intervals of one series seen so far, kept in order."""

    def __init__(self) -> None:
        self._intervals: list[tuple[int, int, int]] = []  # start, end, label; disjoint, sorted

    def add(self, start_s: int, end_s: int, label: int) -> int | None:
        """
        Take in `[start_s, end_s)`, unless one that is already in overlaps it.

        Returns:
            The label of the interval that overlaps; None if there is none, and it was taken in.
        """
        if not self._intervals or self._intervals[-1][1] <= start_s < end_s:
            self._intervals.append((start_s, end_s, label))
            return None
        place = bisect_right(self._intervals, (start_s, end_s, label))
        for neighbour in self._intervals[max(place - 1, 0) : place + 1]:
            if _overlap(neighbour, start_s, end_s):
                return neighbour[2]
        insort(self._intervals, (start_s, end_s, label))
        return None

    def holes(self) -> Iterator[tuple[int, int]]:
        """Give what lies between two intervals and is covered by none; none between instants."""
        for (_, before_end_s, _), (start_s, end_s, _) in zip(
            self._intervals, self._intervals[1:], strict=False
        ):
            if start_s > before_end_s and end_s > start_s:
                yield before_end_s, start_s


def _overlap(interval: tuple[int, int, int], start_s: int, end_s: int) -> bool:
    if start_s == end_s or interval[0] == interval[1]:
        return interval[:2] == (start_s, end_s)
    return interval[0] < end_s and start_s < interval[1]
