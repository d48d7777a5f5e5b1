"""
Working days between two moments, by a calendar file with a version.

Deadlines are the chain's: its own calendar says when a time of working days is over. This one only
counts how many of them are left. A year that is not in the file has no working days, and that is an
error: nothing is guessed from weekdays.

Source: FORMATS section 11; notices of the State Council (国务院办公厅关于部分节假日安排的通知).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final

from ledger.inventory.errors import CalendarUnknown
from ledger.inventory.periods import day_of

_FILE: Final = "working-calendar.json"
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class WorkingYear:
    """What of a year is not as the week has it."""

    off: frozenset[date]
    """Days of holidays, weekends in them included."""
    worked: frozenset[date]
    """Weekend days on which people work."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working days of some years."""

    version: int
    years: Mapping[int, WorkingYear]

    def is_working(self, day: date) -> bool:
        """
        Say whether people work on a day.

        Raises:
            CalendarUnknown: If the year is not in the calendar.
        """
        year = self.years.get(day.year)
        if year is None:
            raise CalendarUnknown(f"the working days of {day.year} are not known")
        if day in year.off:
            return False
        return day in year.worked or day.weekday() < _SATURDAY

    def left(self, now_s: int, until_s: int) -> int:
        """
        Count the working days after today, up to the one that ends a time.

        Args:
            now_s: The present second.
            until_s: First second at which the time is over: the end of a day.

        Raises:
            CalendarUnknown: If a year is not in the calendar.
        """
        first, last = day_of(now_s), day_of(until_s - 1)
        days = (first + timedelta(days=step) for step in range(1, (last - first).days + 1))
        return sum(self.is_working(day) for day in days)


@cache
def working_calendar() -> WorkingCalendar:
    """
    Load the calendar that is shipped.

    Raises:
        CalendarUnknown: If it cannot be read.
    """
    content = files("ledger.cases").joinpath("data", _FILE).read_text(encoding="utf-8")
    try:
        document: Any = json.loads(content)
        years = {int(year): _year(int(year), said) for year, said in document["years"].items()}
        return WorkingCalendar(int(document["version"]), years)
    except (KeyError, TypeError, ValueError) as error:
        raise CalendarUnknown("the calendar of working days cannot be read") from error


def _year(year: int, said: Any) -> WorkingYear:
    off: set[date] = set()
    for first, last in said["off"]:
        begin, end = _day(year, first), _day(year, last)
        off.update(begin + timedelta(days=step) for step in range((end - begin).days + 1))
    return WorkingYear(frozenset(off), frozenset(_day(year, each) for each in said["worked"]))


def _day(year: int, text: str) -> date:
    return date.fromisoformat(f"{year}-{text}")
