"""
Gaps: what should be there and is not, of sequence numbers in an epoch or seconds in a series.

A track has a frontier, up to which everything is either covered or a gap. What arrives beyond the
frontier opens a gap before itself; what arrives inside a gap closes that part of it. A gap that
the enterprise has declared keeps its cause, and is closed all the same when the data comes.
The result depends only on the order of what is covered and declared, not on how it is batched.

Source: FORMATS sections 1 and 2; DESIGN section 6 (a gap is not a refusal).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from attestation.enums import GapState


@dataclass(frozen=True, slots=True)
class Gap:
    """One stretch `[start, end)` that is, or was, missing."""

    start: int
    end: int
    state: GapState
    opened_index: int
    """Index of the entry that made it visible."""
    changed_index: int | None = None
    """Index of the entry that closed it; absent while it is not closed."""
    declared_index: int | None = None
    """Index of the `gap` record that declares it."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A stretch that a signed `gap` record declares as missing, before or after the fact."""

    start: int
    end: int
    index: int


class GapTrack:
    """
    The gaps of one epoch or one series while entries are applied to it.

    Args:
        frontier: First number that nothing is known of yet.
        gaps: Stored gaps that what follows may touch.
        declarations: Stored declarations that what follows may touch.
    """

    def __init__(
        self, frontier: int, gaps: Iterable[Gap] = (), declarations: Iterable[Declaration] = ()
    ) -> None:
        self.frontier = frontier
        self._stored = {gap.start: gap for gap in gaps}
        self._gaps = dict(self._stored)
        self._declarations = list(declarations)

    @property
    def gaps(self) -> list[Gap]:
        """The gaps as they stand, by start."""
        return sorted(self._gaps.values(), key=lambda gap: gap.start)

    def cover(self, start: int, end: int, *, index: int) -> None:
        """Note that entry `index` covers `[start, end)`."""
        if start > self.frontier:
            self._open(self.frontier, start, index)
        if start < self.frontier:
            self._close(start, end, index)
        self.frontier = max(self.frontier, end)

    def expect(self, end: int, *, index: int) -> None:
        """Note that entry `index` says that everything before `end` exists."""
        if end > self.frontier:
            self._open(self.frontier, end, index)
            self.frontier = end

    def declare(self, declaration: Declaration) -> None:
        """Note a declaration; it holds for gaps that are open and for those still to come."""
        self._declarations.append(declaration)
        self._apply(declaration)

    def changes(self) -> tuple[list[int], list[Gap]]:
        """Give the starts of stored gaps that are gone, and the gaps that are new or changed."""
        gone = [start for start in self._stored if start not in self._gaps]
        changed = [gap for start, gap in self._gaps.items() if self._stored.get(start) != gap]
        return gone, changed

    def _open(self, start: int, end: int, index: int) -> None:
        self._put(Gap(start, end, GapState.OPEN, index))
        for declaration in self._declarations:
            self._apply(declaration)

    def _apply(self, declaration: Declaration) -> None:
        for gap in self._touching(declaration.start, declaration.end, GapState.OPEN):
            self._split(
                gap,
                declaration.start,
                declaration.end,
                state=GapState.DECLARED,
                declared_index=declaration.index,
            )

    def _close(self, start: int, end: int, index: int) -> None:
        for gap in self._touching(start, end, GapState.OPEN, GapState.DECLARED):
            self._split(gap, start, end, state=GapState.CLOSED, changed_index=index)

    def _touching(self, start: int, end: int, *states: GapState) -> list[Gap]:
        return [
            gap
            for gap in self._gaps.values()
            if gap.start < end and gap.end > start and gap.state in states
        ]

    def _split(self, gap: Gap, start: int, end: int, **changes: Any) -> None:
        """Change the part of `gap` inside `[start, end)`, and leave the rest as it is."""
        low, high = max(gap.start, start), min(gap.end, end)
        del self._gaps[gap.start]
        if gap.start < low:
            self._put(replace(gap, end=low))
        if high < gap.end:
            self._put(replace(gap, start=high))
        self._put(replace(gap, start=low, end=high, **changes))

    def _put(self, gap: Gap) -> None:
        self._gaps[gap.start] = gap
