"""
When the evidence of a month is due: a calendar with a version, year by year.

A year stands in the file or it has no due date: nothing is guessed from the years beside it, since
the rule and its exceptions are set anew by the authority.

Source: FORMATS section 11 (calendars); `docs/formats/sample-records.md`, section 4.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Final, Self

from attestation.canonical import Json
from ledger.inventory.errors import CalendarUnknown
from ledger.inventory.periods import Period, end_of_day

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_FILE: Final = "evidence-calendar.json"


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """The rule for the months of one year."""

    first_month: str
    """First month of the year that the rule covers."""
    natural_days: int
    """Days after the end of a month."""
    moved: Mapping[str, date]
    """Last days that the authority set for single months."""


@dataclass(frozen=True, slots=True)
class EvidenceCalendar:
    """The calendar of due dates."""

    version: int
    years: Mapping[int, CalendarYear]
    """By the year of the month, not of the day it is due."""

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """
        Read a calendar's file.

        Raises:
            CalendarUnknown: If it is none.
        """
        try:
            match json.loads(content):
                case {"version": int(version), "years": dict(years)}:
                    return cls(version, {int(year): _year(rule) for year, rule in years.items()})
                case _:
                    raise CalendarUnknown("the calendar has no version or years")
        except ValueError as error:
            raise CalendarUnknown(f"the calendar cannot be read: {error}") from error

    def last_day(self, month: Period) -> date:
        """
        Give the last day on which the evidence of a month may be handed in.

        Raises:
            CalendarUnknown: If the calendar does not have the year, or the rule not the month.
        """
        label = month.label
        if _MONTH.fullmatch(label) is None:
            raise CalendarUnknown(f"{label} is no calendar month")
        rule = self.years.get(month.first_day.year)
        if rule is None or label < rule.first_month:
            raise CalendarUnknown(f"calendar {self.version} has no due date for {label}")
        usual = month.last_day + timedelta(days=rule.natural_days)
        return rule.moved.get(label, usual)

    def due_s(self, month: Period) -> int:
        """
        Give the first second at which the evidence of a month is late.

        Raises:
            CalendarUnknown: If the calendar does not have the year, or the rule not the month.
        """
        return end_of_day(self.last_day(month))

    def months(self, year: int) -> tuple[Period, ...]:
        """
        Give the months of a year that have a due date.

        Raises:
            CalendarUnknown: If the calendar does not have the year.
        """
        rule = self.years.get(year)
        if rule is None:
            raise CalendarUnknown(f"calendar {self.version} does not have the year {year}")
        return tuple(
            month for month in Period.year(year).months() if month.label >= rule.first_month
        )


@cache
def evidence_calendar() -> EvidenceCalendar:
    """Give the calendar that comes with this version of the ledger."""
    return EvidenceCalendar.parse((files("ledger.inventory") / "data" / _FILE).read_bytes())


def _year(rule: Json) -> CalendarYear:
    match rule:
        case {"first_month": str(first), "natural_days": int(days), "moved": dict(moved)}:
            if _MONTH.fullmatch(first) is None or days < 1:
                raise CalendarUnknown(f"no rule begins at {first} with {days} days")
            return CalendarYear(
                first,
                days,
                {month: date.fromisoformat(str(day)) for month, day in moved.items()},
            )
        case _:
            raise CalendarUnknown("a year of the calendar has no rule")
