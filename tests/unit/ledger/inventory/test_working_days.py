"""Working days by the notices of the State Council: holidays, worked weekends, unknown years."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.cases.working_days import working_calendar
from ledger.inventory.errors import CalendarUnknown
from ledger.inventory.periods import begin_of_day, end_of_day

CALENDAR = working_calendar()


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2025-01-26", True),
        ("2025-01-27", True),
        ("2025-01-28", False),
        ("2025-02-04", False),
        ("2025-02-05", True),
        ("2025-10-08", False),
        ("2025-10-11", True),
        ("2025-10-12", False),
        ("2026-01-02", False),
        ("2026-01-04", True),
        ("2026-02-23", False),
        ("2026-06-22", True),
    ],
)
def test_day_is_as_the_notice_says(day: str, works: bool) -> None:
    """A Sunday may be worked, and a Friday be a holiday."""
    assert CALENDAR.is_working(date.fromisoformat(day)) is works


def test_seven_working_days_over_the_national_holiday() -> None:
    """Confirmed on 28 September 2025, a worked Sunday: the seventh is 14 October."""
    until_s = end_of_day(date(2025, 10, 14))
    counted = [
        CALENDAR.left(begin_of_day(date.fromisoformat(day)) + 3600, until_s)
        for day in ("2025-09-28", "2025-09-30", "2025-10-08", "2025-10-11", "2025-10-14")
    ]

    assert counted == [7, 5, 5, 2, 0]


def test_year_that_nobody_announced_is_an_error() -> None:
    """Weekdays say nothing of a year without a notice."""
    with pytest.raises(CalendarUnknown):
        CALENDAR.is_working(date(2027, 1, 4))
    with pytest.raises(CalendarUnknown):
        CALENDAR.left(begin_of_day(date(2026, 12, 30)), end_of_day(date(2027, 1, 5)))
