"""
Days, weeks, months and years of a zone, as bounds of a stretch of time.

The zone is a fixed offset from UTC, the reporting zone unless another is named: a plant abroad has
its days. Weeks begin on Monday (ISO 8601). The first and last piece of a stretch may be parts.

Source: FORMATS section 11; ISO 8601.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from ledger.analytics.errors import TooManyPoints
from ledger.inventory.periods import DAY_S, REPORTING_ZONE_OFFSET_S

HOUR_S: Final = 3600
DAYS_PER_WEEK: Final = 7
MOST_PIECES: Final = 4_000
"""Ten years of days and more; an answer is no export."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS: Final = 12


class Grain(StrEnum):
    """How finely a stretch of time is cut."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


def local_time(at_s: int, offset_s: int = REPORTING_ZONE_OFFSET_S) -> datetime:
    """Give what a clock in the zone shows, as a time without a zone of its own."""
    return (_EPOCH + timedelta(seconds=at_s + offset_s)).replace(tzinfo=None)


def start_of(grain: Grain, at_s: int, offset_s: int = REPORTING_ZONE_OFFSET_S) -> int:
    """Give the second at which the hour, day, week, month or year of a second began."""
    if grain is Grain.HOUR:
        return at_s - (at_s + offset_s) % HOUR_S
    day = local_time(at_s, offset_s).date()
    match grain:
        case Grain.WEEK:
            day -= timedelta(days=day.weekday())
        case Grain.MONTH:
            day = day.replace(day=1)
        case Grain.YEAR:
            day = day.replace(month=1, day=1)
        case Grain.DAY:
            pass
    return _begin(day, offset_s)


def next_start(grain: Grain, start_s: int, offset_s: int = REPORTING_ZONE_OFFSET_S) -> int:
    """Give the second at which the piece after the one beginning at `start_s` begins."""
    match grain:
        case Grain.HOUR:
            return start_s + HOUR_S
        case Grain.DAY:
            return start_s + DAY_S
        case Grain.WEEK:
            return start_s + DAYS_PER_WEEK * DAY_S
        case Grain.MONTH | Grain.YEAR:
            day = local_time(start_s, offset_s).date()
            months = 1 if grain is Grain.MONTH else _MONTHS
            after = day.year * _MONTHS + day.month - 1 + months
            return _begin(date(after // _MONTHS, after % _MONTHS + 1, 1), offset_s)


def bounds(
    grain: Grain, from_s: int, to_s: int, offset_s: int = REPORTING_ZONE_OFFSET_S
) -> list[int]:
    """
    Cut `[from_s, to_s)`: give its begin, every begin of a piece inside it, and its end.

    Raises:
        TooManyPoints: If that is more than `MOST_PIECES`.
    """
    found = [from_s]
    at_s = next_start(grain, start_of(grain, from_s, offset_s), offset_s)
    while at_s < to_s:
        found.append(at_s)
        if len(found) > MOST_PIECES:
            raise TooManyPoints(f"more than {MOST_PIECES} pieces of a {grain.value}")
        at_s = next_start(grain, at_s, offset_s)
    found.append(to_s)
    return found


def label_of(grain: Grain, start_s: int, offset_s: int = REPORTING_ZONE_OFFSET_S) -> str:
    """Name the piece that a second lies in, such as `2018-03`, `2018-W05`, `2018-03-01 13:00`."""
    moment = local_time(start_s, offset_s)
    match grain:
        case Grain.HOUR:
            return moment.strftime("%Y-%m-%d %H:00")
        case Grain.DAY:
            return moment.strftime("%Y-%m-%d")
        case Grain.WEEK:
            year, week, _ = moment.isocalendar()
            return f"{year:04d}-W{week:02d}"
        case Grain.MONTH:
            return moment.strftime("%Y-%m")
        case Grain.YEAR:
            return moment.strftime("%Y")


def _begin(day: date, offset_s: int) -> int:
    return (day.toordinal() - _EPOCH.date().toordinal()) * DAY_S - offset_s
