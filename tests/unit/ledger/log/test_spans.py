"""Spans stand for readings second by second, and overlap where their readings do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.enums import Provenance, Quality
from attestation.messages import SignedMessage
from attestation.readings import Reading
from attestation.runs import occupied_span
from ledger.log.spans import Span, overlaps, spans_of
from tests.support.enterprise import SERIES, START_S, Device

OTHER_SERIES = "em-02/energy/total/"
INDEXES = {SERIES: 1, OTHER_SERIES: 2}


def message(*readings: Reading, **changes: object) -> SignedMessage:
    """Sign readings."""
    return Device().sign(*readings, **changes)  # type: ignore[arg-type]


def row(*ends: int, interval_s: int = 60, **changes: object) -> list[Reading]:
    """Give readings that end at some seconds after the start."""
    return [
        Reading(SERIES, START_S + end, interval_s, 5, "Wh", **changes)  # type: ignore[arg-type]
        for end in ends
    ]


def span(start: int, count: int, *, step: int = 60, interval: int = 60, index: int = 0) -> Span:
    """Give a span of `count` readings from a second on."""
    width = interval or 1
    return Span(
        series_index=1,
        end_s=start + (count - 1) * step + width,
        start_s=start,
        index=index,
        first_reading=0,
        count=count,
        step_s=step,
        interval_s=interval,
        quality=Quality.MEASURED,
        provenance=Provenance.LIVE,
        register=False,
        scale=0,
        total=None,
    )


def test_regular_row_is_one_span() -> None:
    """A hundred readings in a row make one span with their sum."""
    spans = spans_of(message(*row(*range(60, 6060, 60))), 9, INDEXES)

    assert [(each.count, each.total, each.index) for each in spans] == [(100, 500, 9)]
    assert (spans[0].start_s, spans[0].end_s) == (START_S, START_S + 6000)


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((60,), [(0, 1)]),
        ((60, 120, 180, 300, 360), [(0, 3), (3, 2)]),
        ((60, 180, 300), [(0, 3)]),
        ((60, 120, 300, 420, 540), [(0, 2), (2, 3)]),
        ((300, 60, 120, 180), [(0, 1), (1, 3)]),
        ((180, 120, 60), [(0, 1), (1, 1), (2, 1)]),
    ],
    ids=["single", "hole", "sparse", "two steps", "out of order", "backwards"],
)
def test_row_is_cut_where_its_step_changes(
    ends: tuple[int, ...], expected: list[tuple[int, int]]
) -> None:
    """Each piece has one step and goes forward."""
    spans = spans_of(message(*row(*ends)), 0, INDEXES)

    assert [(each.first_reading, each.count) for each in spans] == expected


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12, unique=True))
def test_spans_stand_for_exactly_the_readings(minutes: list[int]) -> None:
    """Every reading is in one span, at its place and with its seconds."""
    signed = message(*row(*(60 * minute for minute in minutes)))
    found = {}
    for each in spans_of(signed, 0, INDEXES):
        seconds = each.occupied(each.start_s, each.end_s)
        found |= {each.first_reading + at: place for at, place in enumerate(seconds)}

    expected = enumerate(occupied_span(each.end_s, each.interval_s) for each in signed.readings)
    assert found == dict(expected)


def test_series_that_are_not_asked_for_give_no_span() -> None:
    """Readings of unregistered series keep their numbers but make no row."""
    other = Reading(OTHER_SERIES, START_S + 60, 60, 5, "Wh")
    spans = spans_of(message(other, *row(60)), 0, {SERIES: 1})

    assert [(each.series_index, each.first_reading) for each in spans] == [(1, 1)]


@pytest.mark.parametrize(
    "readings",
    [
        row(60, 120, register=True),
        [Reading(SERIES, START_S + 60, 60, None, "Wh", quality=Quality.FAULT)],
        [*row(60), Reading(SERIES, START_S + 120, 60, 2**63 - 1, "Wh")],
    ],
    ids=["register", "without value", "too large"],
)
def test_sum_is_absent_where_it_says_nothing(readings: list[Reading]) -> None:
    """Standings, missing values and sums beyond 64 bits are not stored as a total."""
    assert spans_of(message(*readings), 0, INDEXES)[0].total is None


def test_touching_spans_do_not_overlap() -> None:
    """An interval ends where the next one begins."""
    assert overlaps(span(0, 2), span(120, 2)) == []


def test_dense_spans_overlap_over_their_common_seconds() -> None:
    """The common stretch of two rows is one conflict."""
    assert overlaps(span(0, 5), span(120, 5)) == [(120, 300)]


def test_sparse_spans_that_interleave_do_not_overlap() -> None:
    """Readings in the holes of another row contradict nothing."""
    assert overlaps(span(0, 3, step=120), span(60, 3, step=120)) == []


def test_instants_overlap_only_where_they_are_equal() -> None:
    """Two instantaneous rows meet in the seconds they share."""
    assert overlaps(span(0, 4, step=30, interval=0), span(0, 3, step=45, interval=0)) == [
        (0, 1),
        (90, 91),
    ]


SPANS = st.builds(
    lambda start, count, interval, spare: span(
        start, count, step=(interval or 1) + spare, interval=interval
    ),
    st.integers(0, 30),
    st.integers(1, 5),
    st.integers(0, 6),
    st.integers(0, 3),
)


@given(SPANS, SPANS)
def test_overlap_is_that_of_the_seconds(one: Span, other: Span) -> None:
    """Second by second, two spans overlap where both take one up, whichever is asked first."""

    def seconds(each: Span) -> set[int]:
        places = each.occupied(each.start_s, each.end_s)
        return {second for start, end in places for second in range(start, end)}

    found = {second for start, end in overlaps(one, other) for second in range(start, end)}

    assert found == seconds(one) & seconds(other)
    assert overlaps(one, other) == overlaps(other, one)


@given(SPANS, st.integers(0, 40), st.integers(1, 20))
def test_occupied_gives_the_readings_that_reach_into_a_stretch(
    each: Span, start: int, length: int
) -> None:
    """Readings outside the stretch are left out, those across its edge are not."""
    everything = list(each.occupied(each.start_s, each.end_s))
    expected = [(low, high) for low, high in everything if low < start + length and high > start]

    assert list(each.occupied(start, start + length)) == expected
