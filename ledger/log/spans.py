"""
Spans: what one message says of one series, as one row where it is regular.

A span stands for readings of one pack that follow each other at a constant step. Whether two
messages speak of the same second is decided on spans, without reading the messages again, and a
sum over whole spans needs no message at all.

Source: FORMATS section 2 (conflicts); `docs/formats/readings.md`, section 5 (occupied seconds).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from attestation.enums import Provenance, Quality
from attestation.messages import SignedMessage
from attestation.runs import Run, occupied_span

_MAX_TOTAL: Final = 2**63


@dataclass(frozen=True, slots=True)
class Span:
    """
    Readings `first_reading` to `first_reading + count - 1` of the message at `index`.

    Reading k takes up the seconds `[start_s + k * step_s, start_s + k * step_s + width_s)`.
    """

    series_index: int
    """Index of the record that registered the series."""
    end_s: int
    start_s: int
    index: int
    first_reading: int
    """Number of the first reading in the message, from 0."""
    count: int
    step_s: int
    """Distance of two neighbours; the width where there is one reading only."""
    interval_s: int
    """Interval of each reading; 0 for instantaneous ones."""
    quality: Quality
    provenance: Provenance
    register: bool
    scale: int
    total: int | None
    """Sum of the values times 10**scale; absent without values, for registers, and where it
    does not fit 64 bits."""

    @property
    def width_s(self) -> int:
        """Seconds that one reading takes up."""
        return self.interval_s or 1

    @property
    def is_dense(self) -> bool:
        """Whether every second from start to end is taken up."""
        return self.step_s == self.width_s

    def occupied(self, start_s: int, end_s: int) -> Iterator[tuple[int, int]]:
        """Give the seconds taken up by each reading that reaches into `[start_s, end_s)`."""
        first = max((start_s - self.start_s) // self.step_s, 0)
        for at in range(self.start_s + first * self.step_s, min(self.end_s, end_s), self.step_s):
            if at + self.width_s > start_s:
                yield at, at + self.width_s


def spans_of(message: SignedMessage, index: int, series: dict[str, int]) -> list[Span]:
    """
    Give the spans of a message.

    Args:
        message: Parsed.
        index: Of its entry.
        series: Series index by series id; series that are not in it give no span.
    """
    spans: list[Span] = []
    at = 0
    for run in message.runs:
        series_index = series.get(run.common.series)
        if series_index is not None:
            for start, end in _regular_pieces(run.ends_s, run.common.interval_s or 1):
                spans.append(_span(message, run, series_index, index, at, start, end))
        at += len(run)
    return spans


def overlaps(one: Span, other: Span) -> list[tuple[int, int]]:
    """Give the stretches of seconds that two spans of one series both take up."""
    low, high = max(one.start_s, other.start_s), min(one.end_s, other.end_s)
    if low >= high:
        return []
    if one.is_dense and other.is_dense:
        return [(low, high)]
    return _common(list(one.occupied(low, high)), list(other.occupied(low, high)))


def _common(ones: list[tuple[int, int]], others: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(ones) and j < len(others):
        low, high = max(ones[i][0], others[j][0]), min(ones[i][1], others[j][1])
        if low < high:
            found.append((low, high))
        if ones[i][1] <= others[j][1]:
            i += 1
        else:
            j += 1
    return found


def _regular_pieces(ends_s: Sequence[int], width_s: int) -> Iterator[tuple[int, int]]:
    """Cut a row of interval ends into `[start, end)` pieces of constant step, ascending."""
    if len(ends_s) == 1:
        yield 0, 1
        return
    step_s = ends_s[1] - ends_s[0]
    if step_s >= width_s and ends_s == tuple(range(ends_s[0], ends_s[-1] + 1, step_s)):
        yield 0, len(ends_s)
        return
    start, step_s = 0, 0
    for at, (earlier, later) in enumerate(pairwise(ends_s), 1):
        distance_s = later - earlier
        if at - start == 1 and distance_s >= width_s:
            step_s = distance_s
        elif distance_s != step_s:
            yield start, at
            start, step_s = at, 0
    yield start, len(ends_s)


def _span(
    message: SignedMessage,
    run: Run,
    series_index: int,
    index: int,
    offset: int,
    start: int,
    end: int,
) -> Span:
    common = run.common
    start_s, _ = occupied_span(run.ends_s[start], common.interval_s)
    width_s = common.interval_s or 1
    return Span(
        series_index=series_index,
        end_s=run.ends_s[end - 1],
        start_s=start_s,
        index=index,
        first_reading=offset + start,
        count=end - start,
        step_s=run.ends_s[start + 1] - run.ends_s[start] if end - start > 1 else width_s,
        interval_s=common.interval_s,
        quality=common.quality,
        provenance=message.header.provenance,
        register=common.register,
        scale=common.scale,
        total=_total(run, start, end),
    )


def _total(run: Run, start: int, end: int) -> int | None:
    if run.common.register or run.values is None:
        return None
    total = sum(run.values[start:end])
    return total if -_MAX_TOTAL <= total < _MAX_TOTAL else None
