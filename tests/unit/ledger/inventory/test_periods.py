"""Periods: whole days of the reporting zone, said and read in one way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.instants import Instant
from ledger.inventory.errors import PeriodMalformed
from ledger.inventory.periods import (
    DAY_S,
    Period,
    begin_of_day,
    day_of,
    day_of_instant,
    end_of_day,
)

ZONE = timezone(timedelta(hours=8))
DAYS = st.dates(date(1971, 1, 1), date(9990, 12, 31))


@pytest.mark.parametrize(
    ("period", "begin", "end"),
    [
        (Period.day(2024, 2, 29), "2024-02-29", "2024-03-01"),
        (Period.month(2024, 2), "2024-02-01", "2024-03-01"),
        (Period.month(2024, 12), "2024-12-01", "2025-01-01"),
        (Period.quarter(2024, 4), "2024-10-01", "2025-01-01"),
        (Period.year(2024), "2024-01-01", "2025-01-01"),
    ],
    ids=str,
)
def test_bounds_are_midnights_in_the_zone(period: Period, begin: str, end: str) -> None:
    """Eight hours before those of UTC."""
    bounds = [
        datetime.fromisoformat(each).replace(tzinfo=ZONE).timestamp() for each in (begin, end)
    ]

    assert [period.from_s, period.to_s] == bounds


@pytest.mark.parametrize(
    "text",
    [
        "2024",
        "2024-Q2",
        "2024-03",
        "2024-02-29",
        "2024-02-29/2024-03-02",
        "2023-12-31/2024-01-01",
        "2024-01-01/2024-06-30",
    ],
)
def test_text_is_read_back(text: str) -> None:
    """The label of what was read is the text, where no shorter one says the same."""
    assert Period.parse(text).label == text


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2024-01-01/2024-12-31", "2024"),
        ("2024-04-01/2024-06-30", "2024-Q2"),
        ("2024-02-01/2024-02-29", "2024-02"),
        ("2024-02-29/2024-02-29", "2024-02-29"),
    ],
)
def test_label_is_the_shortest(text: str, label: str) -> None:
    """A whole year is not written as its days."""
    assert str(Period.parse(text)) == label


@pytest.mark.parametrize(
    "text",
    [
        "",
        "24",
        "2024-13",
        "2024-00",
        "2023-02-29",
        "2024-Q5",
        "2024-q1",
        "2024-3",
        " 2024",
        "2024/2025",
        "2024-01/2024-02",
        "2024-01-02/2024-01-01",
        "2024-01-01/",
        "0000",
        "9999",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    """Nothing is guessed, and no month is taken for a first day."""
    with pytest.raises(PeriodMalformed):
        Period.parse(text)


@pytest.mark.parametrize("shift", [(1, 0), (0, -1), (3600, 3600)])
def test_bound_within_a_day_is_refused(shift: tuple[int, int]) -> None:
    """A second beside midnight is none."""
    day = Period.day(2024, 3, 1)
    with pytest.raises(PeriodMalformed, match="beginnings of days"):
        Period(day.from_s + shift[0], day.to_s + shift[1])


def test_empty_period_is_refused() -> None:
    """A period has a length."""
    begin = Period.day(2024, 3, 1).from_s
    with pytest.raises(PeriodMalformed, match="no stretch"):
        Period(begin, begin)


def test_months_cut_a_year_without_rest() -> None:
    """Each begins where the one before ends."""
    year = Period.year(2024)
    months = year.months()

    assert [month.label for month in months] == [f"2024-{each:02}" for each in range(1, 13)]
    assert sum(month.length_s for month in months) == year.length_s


def test_parts_of_months_stay_parts() -> None:
    """A period that begins in the middle of a month has a part of it."""
    months = Period.parse("2024-01-15/2024-03-02").months()

    assert [str(month) for month in months] == [
        "2024-01-15/2024-01-31",
        "2024-02",
        "2024-03-01/2024-03-02",
    ]


def test_days_are_counted() -> None:
    """A leap February has 29."""
    days = Period.month(2024, 2).days()

    assert len(days) == Period.month(2024, 2).days_count == 29
    assert (days[0].label, days[-1].label) == ("2024-02-01", "2024-02-29")


def test_second_lies_on_one_side_of_a_bound() -> None:
    """The first second is in it, the end is in the next."""
    month = Period.month(2024, 3)

    assert month.holds(month.from_s)
    assert month.holds(month.to_s - 1)
    assert not month.holds(month.to_s)
    assert not month.overlaps(Period.month(2024, 4))
    assert month.overlaps(Period.day(2024, 3, 31))
    assert Period.year(2024).contains(month)
    assert not month.contains(Period.year(2024))


@given(DAYS)
def test_day_of_a_second_is_the_calendars(day: date) -> None:
    """Every second of a day is of that day, and no other."""
    begin = begin_of_day(day)

    assert end_of_day(day) == begin + DAY_S
    assert [day_of(each) for each in (begin, begin + DAY_S - 1)] == [day, day]
    assert day_of(begin - 1) == day - timedelta(days=1)
    assert begin == datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp()


@given(DAYS, st.integers(1, 4000))
def test_any_days_are_read_back(first: date, count: int) -> None:
    """Whatever the label, it names the same seconds."""
    period = Period(begin_of_day(first), begin_of_day(first) + min(count, 3000) * DAY_S)

    assert Period.parse(period.label) == period
    assert (period.first_day, period.days_count) == (first, min(count, 3000))


def test_instant_lies_on_a_day_of_the_zone() -> None:
    """Four in the afternoon of UTC is midnight."""
    evening = datetime(2024, 3, 1, 16, tzinfo=UTC)

    assert day_of_instant(Instant(int(evening.timestamp()) * 1000)) == date(2024, 3, 2)
    assert day_of_instant(Instant(int(evening.timestamp()) * 1000 - 1)) == date(2024, 3, 1)


def test_second_beyond_the_calendar_is_refused() -> None:
    """No error of Python's comes through."""
    with pytest.raises(PeriodMalformed, match="beyond the calendar"):
        day_of(10**18)
