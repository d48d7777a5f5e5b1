"""Wall-clock times of plants and files become the right second, or are refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.errors import EncodingError
from devices.zones import REPORTING_ZONE, SECONDS_PER_DAY, WallTime, parse_zone

BERLIN = parse_zone("Europe/Berlin")


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", 1_514_765_700), ("UTC+08:00", 1_514_736_900), ("UTC-03:30", 1_514_778_300)],
)
def test_fixed_offset_is_taken_from_the_clock(zone: str, expected: int) -> None:
    """A clock ahead of UTC shows a time earlier than UTC does."""
    assert parse_zone(zone).to_seconds(WallTime(2018, 1, 1, 0, 15)) == expected


def test_hour_24_is_the_start_of_the_next_day() -> None:
    """24:00 and 0:00 of the next day are one moment."""
    late = REPORTING_ZONE.to_seconds(WallTime(2024, 2, 28, 24))

    assert late == REPORTING_ZONE.to_seconds(WallTime(2024, 2, 29))


@pytest.mark.parametrize(
    "wall",
    [
        WallTime(2023, 2, 29),
        WallTime(2024, 13, 1),
        WallTime(2024, 1, 1, 24, 1),
        WallTime(2024, 1, 1, 25),
        WallTime(2024, 1, 1, 0, 60),
        WallTime(2024, 1, 1, 0, 0, 60),
    ],
)
def test_time_that_does_not_exist_is_refused(wall: WallTime) -> None:
    """No day or time is bent into another."""
    with pytest.raises(EncodingError, match="no such"):
        REPORTING_ZONE.to_seconds(wall)


def test_hour_skipped_by_daylight_saving_is_refused() -> None:
    """The hour that the clock skips in spring names no moment."""
    with pytest.raises(EncodingError, match="put forward"):
        BERLIN.to_seconds(WallTime(2018, 3, 25, 2, 30))


def test_hour_that_comes_twice_has_two_moments() -> None:
    """The hour that the clock shows twice in autumn is two hours, one after the other."""
    wall = WallTime(2018, 10, 28, 2, 30)

    assert BERLIN.is_ambiguous(wall)
    assert BERLIN.to_seconds(wall, later=True) - BERLIN.to_seconds(wall) == 3600


def test_day_of_a_zone_may_have_25_hours() -> None:
    """Days are cut where the zone cuts them."""
    noon = BERLIN.to_seconds(WallTime(2018, 10, 28, 12))
    next_noon = BERLIN.to_seconds(WallTime(2018, 10, 29, 12))

    assert BERLIN.day_start(next_noon) - BERLIN.day_start(noon) == 25 * 3600


def test_month_is_cut_at_the_zone_s_midnight() -> None:
    """The last evening of a month in UTC is the next month in Beijing."""
    evening = parse_zone("UTC").to_seconds(WallTime(2024, 1, 31, 20))

    assert REPORTING_ZONE.month_start(evening) == REPORTING_ZONE.to_seconds(WallTime(2024, 2, 1))


@pytest.mark.parametrize("text", ["", "UTC+8", "UTC+15:00", "UTC+08:60", "Mars/Base", "../etc"])
def test_unknown_zone_is_refused(text: str) -> None:
    """Only offsets and names of the database are zones."""
    with pytest.raises(EncodingError, match="UTC"):
        parse_zone(text)


@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=0, max_value=4_000_000_000), st.sampled_from(["UTC", "UTC+09:00"]))
def test_wall_time_and_seconds_are_inverse(seconds: int, name: str) -> None:
    """Where the clock never changes, nothing is lost between the two."""
    zone = parse_zone(name)

    assert zone.to_seconds(zone.to_wall(seconds)) == seconds
    assert 0 <= seconds - zone.day_start(seconds) < SECONDS_PER_DAY
