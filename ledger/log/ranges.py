"""
Sets of whole numbers as sorted ranges: which sequence numbers, which seconds.

A device's messages arrive almost in order, so a set of a million numbers is usually one range.
Ranges are half-open, `[start, end)`, disjoint and not touching, in ascending order.
"""

from __future__ import annotations

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Range = tuple[int, int]
"""`[start, end)`; start < end."""

_PAIR: Final = struct.Struct(">qq")


@dataclass(frozen=True, slots=True)
class Ranges:
    """A set of whole numbers; immutable."""

    pairs: tuple[Range, ...] = ()

    def __iter__(self) -> Iterator[Range]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self.pairs, (number, _BEYOND)) - 1
        return at >= 0 and number < self.pairs[at][1]

    @property
    def count(self) -> int:
        """How many numbers are in the set."""
        return sum(end - start for start, end in self.pairs)

    def union(self, others: Iterable[Range]) -> Ranges:
        """Give the set with other ranges added, in any order, overlapping or not."""
        merged: list[Range] = []
        for start, end in sorted((*self.pairs, *others)):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return Ranges(tuple(merged))

    def including(self, numbers: Iterable[int]) -> Ranges:
        """Give the set with single numbers added, in any order; quick where many are neighbours."""
        ordered = sorted(numbers)
        cuts = [at for at, (one, next_) in enumerate(pairwise(ordered), 1) if next_ - one > 1]
        stretches = pairwise((0, *cuts, len(ordered)))
        return self.union((ordered[a], ordered[b - 1] + 1) for a, b in stretches if a < b)

    def add(self, number: int) -> Ranges:
        """Give the set with one number added; quick where it follows the last range."""
        if self.pairs and self.pairs[-1][1] == number:
            return Ranges((*self.pairs[:-1], (self.pairs[-1][0], number + 1)))
        return self if number in self else self.union([(number, number + 1)])

    def within(self, start: int, end: int) -> Ranges:
        """Give the part of the set inside `[start, end)`."""
        first = max(bisect_left(self.pairs, (start, 0)) - 1, 0)
        cut = (
            (max(low, start), min(high, end))
            for low, high in self.pairs[first:]
            if low < end and high > start
        )
        return Ranges(tuple(cut))

    def missing(self, start: int, end: int) -> Ranges:
        """Give the numbers of `[start, end)` that are not in the set."""
        holes: list[Range] = []
        at = start
        for low, high in self.within(start, end):
            if at < low:
                holes.append((at, low))
            at = high
        if at < end:
            holes.append((at, end))
        return Ranges(tuple(holes))

    def to_bytes(self) -> bytes:
        """Give 16 bytes a range."""
        return b"".join(_PAIR.pack(*pair) for pair in self.pairs)

    @classmethod
    def from_bytes(cls, encoded: bytes) -> Ranges:
        """Read what `to_bytes` gave; trusted, from our own database."""
        return cls(tuple(_PAIR.iter_unpack(encoded)))


_BEYOND: Final = 2**63
EMPTY: Final = Ranges()
"""No number at all."""
