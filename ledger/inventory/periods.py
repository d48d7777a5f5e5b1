"""
Periods of accounting: whole days, months and years of the reporting zone.

The zone is UTC+8 the year round. A period is half-open, in Unix seconds, and both its bounds lie
on the beginning of a day there; so every entry, interval and document can be placed on one side
of a bound, and months of two logs mean the same seconds.

Source: FORMATS section 11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Self

from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from ledger.inventory.errors import PeriodMalformed

REPORTING_ZONE_OFFSET_S: Final = 8 * 3600
"""UTC+8, without daylight saving."""
DAY_S: Final = 86_400
_EPOCH: Final = date(1970, 1, 1)
_TEXT = re.compile(r"(\d{4})(?:-(?:(Q)([1-4])|(\d{2})(?:-(\d{2}))?))?")
_MONTHS_PER_QUARTER: Final = 3
_MONTHS_PER_YEAR: Final = 12


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """
    Some whole days `[from_s, to_s)` of the reporting zone, in Unix seconds.

    Raises:
        PeriodMalformed: If a bound is no beginning of a day, or the period is empty.
    """

    from_s: int
    to_s: int

    def __post_init__(self) -> None:
        if any((bound + REPORTING_ZONE_OFFSET_S) % DAY_S for bound in (self.from_s, self.to_s)):
            raise PeriodMalformed(
                f"{self.from_s} to {self.to_s} are not beginnings of days in UTC+8"
            )
        if not 0 <= self.from_s < self.to_s:
            raise PeriodMalformed(f"{self.from_s} to {self.to_s} is no stretch of time")

    @classmethod
    def day(cls, year: int, month: int, day: int) -> Self:
        """Give one day of the reporting zone."""
        first = _date(year, month, day)
        return cls(begin_of_day(first), begin_of_day(first) + DAY_S)

    @classmethod
    def month(cls, year: int, month: int) -> Self:
        """Give one calendar month."""
        return cls._of_months(year, month, 1)

    @classmethod
    def quarter(cls, year: int, quarter: int) -> Self:
        """Give one quarter, 1 to 4, of a calendar year."""
        return cls._of_months(year, (quarter - 1) * _MONTHS_PER_QUARTER + 1, _MONTHS_PER_QUARTER)

    @classmethod
    def year(cls, year: int) -> Self:
        """Give one calendar year."""
        return cls._of_months(year, 1, _MONTHS_PER_YEAR)

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read `2024`, `2024-Q1`, `2024-03`, `2024-03-15` or `2024-03-15/2024-04-02`.

        The last form names first and last day, both included.

        Raises:
            PeriodMalformed: If the text is of another form or names no such day.
        """
        first, slash, last = text.partition("/")
        begin, end = cls._parse_one(first), cls._parse_one(last if slash else first)
        if slash and (begin.days_count, end.days_count) != (1, 1):
            raise PeriodMalformed(f"{text!r} does not name a first and a last day")
        return cls(begin.from_s, end.to_s)

    @classmethod
    def _parse_one(cls, text: str) -> Self:
        match = _TEXT.fullmatch(text)
        if match is None:
            raise PeriodMalformed(f"{text!r} is no year, quarter, month or day")
        year, _, quarter, month, day = match.groups()
        if quarter is not None:
            return cls.quarter(int(year), int(quarter))
        if day is not None:
            return cls.day(int(year), int(month), int(day))
        return cls.year(int(year)) if month is None else cls.month(int(year), int(month))

    @classmethod
    def _of_months(cls, year: int, month: int, count: int) -> Self:
        after = year * _MONTHS_PER_YEAR + month - 1 + count
        end = _date(after // _MONTHS_PER_YEAR, after % _MONTHS_PER_YEAR + 1, 1)
        return cls(begin_of_day(_date(year, month, 1)), begin_of_day(end))

    @property
    def first_day(self) -> date:
        """Its first day in the reporting zone."""
        return day_of(self.from_s)

    @property
    def last_day(self) -> date:
        """Its last day in the reporting zone."""
        return day_of(self.to_s - 1)

    @property
    def days_count(self) -> int:
        """Number of its days."""
        return (self.to_s - self.from_s) // DAY_S

    @property
    def length_s(self) -> int:
        """Number of its seconds."""
        return self.to_s - self.from_s

    @property
    def label(self) -> str:
        """The shortest text that `parse` reads as this period."""
        first, last = self.first_day, self.last_day
        candidates = (
            f"{first.year:04}",
            f"{first.year:04}-Q{(first.month - 1) // _MONTHS_PER_QUARTER + 1}",
            f"{first.year:04}-{first.month:02}",
            first.isoformat(),
        )
        for text in candidates:
            if Period.parse(text) == self:
                return text
        return f"{first.isoformat()}/{last.isoformat()}"

    def __str__(self) -> str:
        return self.label

    def days(self) -> tuple[Period, ...]:
        """Give its days, in order."""
        return tuple(Period(at, at + DAY_S) for at in range(self.from_s, self.to_s, DAY_S))

    def months(self) -> tuple[Period, ...]:
        """Give the months it consists of, in order; the first and last may be parts of months."""
        return tuple(self._pieces())

    def _pieces(self) -> Iterator[Period]:
        at_s = self.from_s
        while at_s < self.to_s:
            day = day_of(at_s)
            end_s = min(Period.month(day.year, day.month).to_s, self.to_s)
            yield Period(at_s, end_s)
            at_s = end_s

    def holds(self, at_s: int) -> bool:
        """Say whether a second lies in it."""
        return self.from_s <= at_s < self.to_s

    def overlaps(self, other: Period) -> bool:
        """Say whether it shares a second with another."""
        return self.from_s < other.to_s and other.from_s < self.to_s

    def contains(self, other: Period) -> bool:
        """Say whether another lies wholly in it."""
        return self.from_s <= other.from_s and other.to_s <= self.to_s


def begin_of_day(day: date) -> int:
    """Give the Unix second at which a day begins in the reporting zone."""
    return (day - _EPOCH).days * DAY_S - REPORTING_ZONE_OFFSET_S


def end_of_day(day: date) -> int:
    """Give the Unix second at which a day ends in the reporting zone, the first of the next."""
    return begin_of_day(day) + DAY_S


def day_of(at_s: int) -> date:
    """
    Give the day of the reporting zone that a Unix second lies in.

    Raises:
        PeriodMalformed: If it is beyond the calendar.
    """
    try:
        moment = datetime.fromtimestamp(at_s, UTC) + timedelta(seconds=REPORTING_ZONE_OFFSET_S)
    except (OverflowError, ValueError, OSError) as error:
        raise PeriodMalformed(f"second {at_s} is beyond the calendar") from error
    return moment.date()


def day_of_instant(at: Instant) -> date:
    """Give the day of the reporting zone that an instant lies in."""
    return day_of(at // MILLISECONDS_PER_SECOND)


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise PeriodMalformed(f"{year}-{month}-{day} is no day: {error}") from error
