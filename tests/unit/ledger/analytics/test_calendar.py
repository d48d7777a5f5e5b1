"""Pieces of time in a zone: they meet, they cover, and they begin where calendars say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.analytics.calendar import Grain, bounds, label_of, next_start, start_of
from ledger.analytics.errors import TooManyPoints
from ledger.inventory.periods import Period

SECONDS = st.integers(0, 4_102_444_800)
OFFSETS = st.sampled_from([-12 * 3600, 0, 5 * 3600 + 1800, 8 * 3600, 9 * 3600])


@given(st.sampled_from(Grain), SECONDS, OFFSETS)
def test_every_second_lies_in_one_piece(grain: Grain, at_s: int, offset_s: int) -> None:
    """At or after its begin, before the next one, and the begin is its own."""
    start = start_of(grain, at_s, offset_s)
    assert start <= at_s < next_start(grain, start, offset_s)
    assert start_of(grain, start, offset_s) == start


@given(st.sampled_from([Grain.DAY, Grain.WEEK, Grain.MONTH]), SECONDS, st.integers(1, 10**8))
def test_bounds_cover_the_stretch(grain: Grain, from_s: int, length_s: int) -> None:
    """They ascend from its begin to its end, and inside they are begins."""
    found = bounds(grain, from_s, from_s + length_s)
    assert (found[0], found[-1]) == (from_s, from_s + length_s)
    assert all(earlier < later for earlier, later in pairwise(found))
    assert all(start_of(grain, at) == at for at in found[1:-1])


def test_months_are_those_of_accounting() -> None:
    """The same seconds as periods of the reporting zone, February of a leap year included."""
    year = Period.year(2024)
    months = [(month.from_s, month.to_s) for month in year.months()]
    assert list(pairwise(bounds(Grain.MONTH, year.from_s, year.to_s))) == months


@pytest.mark.parametrize(
    ("grain", "text"),
    [
        (Grain.HOUR, "2024-12-30 07:00"),
        (Grain.DAY, "2024-12-30"),
        (Grain.WEEK, "2025-W01"),
        (Grain.MONTH, "2024-12"),
        (Grain.YEAR, "2024"),
    ],
)
def test_pieces_are_named_in_the_zone(grain: Grain, text: str) -> None:
    """A UTC evening is the next morning in Beijing; a week may be of the next year."""
    moment = datetime(2024, 12, 29, 23, 30, tzinfo=UTC)
    at_s = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    assert label_of(grain, at_s) == text


def test_too_many_pieces_are_refused() -> None:
    """A century of hours is no answer."""
    with pytest.raises(TooManyPoints):
        bounds(Grain.HOUR, 0, 10**9)
