"""
Time-of-use tariffs (分时电价): tables with dates and a source, read strictly.

A table names its bands (sharp 尖, peak 峰, flat 平, valley 谷 …) with their prices, and says for
each month and kind of day which hours belong to which. It must say so for every minute of every
day of its validity, once: an hour without a band has no price, and an hour with two has none
either. Days off (节假日) and days of rest that are worked (调休) are listed by date: a weekend is
none because it looks like one.

Source: DESIGN section 10; 发改价格〔2021〕1093号 for how provinces shape such tables.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from ledger.analytics.calendar import local_time
from ledger.analytics.errors import TableMalformed
from ledger.analytics.table_fields import TableReader
from ledger.inventory.periods import DAY_S

DAY_MINUTES: Final = 1440
_SATURDAY: Final = 5
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


class DayKind(StrEnum):
    """What kind of day it is for a tariff."""

    WORKDAY = "workday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    DAY_OFF = "day off"


@dataclass(frozen=True, slots=True)
class Band:
    """A band of hours that have one price."""

    name: str
    price: Decimal
    """Per unit of energy of the table, in its currency."""


@dataclass(frozen=True, slots=True)
class DayPlan:
    """Which band each minute of a day belongs to."""

    starts: tuple[int, ...]
    """Minutes of the day at which a band begins; the first is 0."""
    bands: tuple[str, ...]

    def band_at(self, minute: int) -> str:
        """Give the band of a minute of the day."""
        return self.bands[bisect_right(self.starts, minute) - 1]

    def is_whole(self, minute: int, length: int) -> bool:
        """Say whether so many minutes from one on lie within one band."""
        following = bisect_right(self.starts, minute)
        end = self.starts[following] if following < len(self.starts) else DAY_MINUTES
        return minute + length <= end


@dataclass(frozen=True, slots=True)
class Tariff:
    """One table, valid for whole days of its zone."""

    name: str
    source: str
    currency: str
    unit: str
    """Of energy, such as `kWh`."""
    offset_s: int
    """Of the zone whose clock it speaks of."""
    first_day: date
    last_day: date
    bands: Mapping[str, Band]
    plans: Mapping[tuple[int, DayKind], DayPlan]
    """By month and kind of day."""
    days_off: frozenset[date]
    workdays: frozenset[date]
    """Saturdays and Sundays that count as workdays."""

    def kind_of(self, day: date) -> DayKind:
        """Say what kind of day a day is."""
        if day in self.days_off:
            return DayKind.DAY_OFF
        weekday = day.weekday()
        if weekday < _SATURDAY or day in self.workdays:
            return DayKind.WORKDAY
        return DayKind.SATURDAY if weekday == _SATURDAY else DayKind.SUNDAY

    def band_of(self, start_s: int, end_s: int) -> Band | None:
        """Give the band of an interval; None where it lies in two, or outside the validity."""
        found: Band | None = None
        while start_s < end_s:
            midnight_s = start_s + DAY_S - (start_s + self.offset_s) % DAY_S
            band = self._band_within_day(start_s, min(end_s, midnight_s))
            if band is None or (found is not None and band is not found):
                return None
            found, start_s = band, midnight_s
        return found

    def _band_within_day(self, start_s: int, end_s: int) -> Band | None:
        moment = local_time(start_s, self.offset_s)
        if not self.first_day <= moment.date() <= self.last_day:
            return None
        plan = self.plans[moment.month, self.kind_of(moment.date())]
        minute = moment.hour * 60 + moment.minute
        # An interval that begins or ends within a minute reaches into the whole of it.
        length = -(-(end_s - start_s + moment.second) // 60)
        return self.bands[plan.band_at(minute)] if plan.is_whole(minute, length) else None


def parse_tariff(content: object) -> Tariff:
    """
    Read a table.

    Args:
        content: As a TOML or JSON file holds it; from outside.

    Raises:
        TableMalformed: If it is not one; the message names the place.
    """
    table = TableReader.of(content, "tariff")
    bands = {
        name: Band(name, row.decimal("price"))
        for row in table.each("band")
        for name in (row.text("name"),)
    }
    if len(bands) != len(table.each("band")):
        raise TableMalformed("band: two have one name")
    first_day, last_day = table.day("first_day"), table.day("last_day")
    if last_day < first_day:
        raise TableMalformed(f"last_day: {last_day} is before {first_day}")
    days_off, workdays = (frozenset(table.days(name)) for name in ("days_off", "workdays"))
    if both := days_off & workdays:
        raise TableMalformed(f"workdays: {min(both)} is a day off too")
    tariff = Tariff(
        name=table.text("name"),
        source=table.text("source"),
        currency=table.text("currency"),
        unit=table.text("unit"),
        offset_s=table.offset("zone"),
        first_day=first_day,
        last_day=last_day,
        bands=bands,
        plans=_plans(table, bands),
        days_off=days_off,
        workdays=workdays,
    )
    table.finish()
    return tariff


def _plans(table: TableReader, bands: Mapping[str, Band]) -> dict[tuple[int, DayKind], DayPlan]:
    plans: dict[tuple[int, DayKind], DayPlan] = {}
    for row in table.each("plan"):
        plan = _plan(row, bands)
        for month in row.wholes("months", 1, 12):
            for kind in row.words("days", tuple(DayKind)):
                key = month, DayKind(kind)
                if key in plans:
                    raise TableMalformed(f"{row.path}: month {month}, {kind} has a plan already")
                plans[key] = plan
    for month in range(1, 13):
        for kind in DayKind:
            if (month, kind) not in plans:
                raise TableMalformed(f"plan: none for month {month}, {kind.value}")
    return plans


def _plan(row: TableReader, bands: Mapping[str, Band]) -> DayPlan:
    pieces = []
    for text in row.texts("hours"):
        span, _, band = text.partition(" ")
        start, _, end = span.partition("-")
        if not (_CLOCK.fullmatch(start) and _CLOCK.fullmatch(end)):
            raise TableMalformed(f"{row.path}.hours: {text!r} is not like '08:00-12:00 peak'")
        if band not in bands:
            raise TableMalformed(f"{row.path}.hours: no band {band!r}")
        pieces.append((_minutes(start), _minutes(end), band))
    pieces.sort()
    at = 0
    for first, last, _ in pieces:
        if first != at or last <= first:
            raise TableMalformed(f"{row.path}.hours: not every minute has one band, see {at} min")
        at = last
    if at != DAY_MINUTES:
        raise TableMalformed(f"{row.path}.hours: nothing after minute {at} of the day")
    return DayPlan(tuple(first for first, _, _ in pieces), tuple(name for _, _, name in pieces))


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])
