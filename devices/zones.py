"""
Zones of meters and files: wall-clock times to seconds since 1970 UTC, and the days of a zone.

A zone is a fixed offset (`UTC+09:00`), as plants and registries use, or a name of the time-zone
database (`Europe/Berlin`). Wall-clock times that a zone skips, or has twice without saying which,
are refused: a meter value moved by an hour counts in the wrong day.

Source: FORMATS section 11 (reporting zone UTC+8, no daylight saving); IANA time-zone database.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attestation.errors import EncodingError

SECONDS_PER_MINUTE: Final = 60
SECONDS_PER_HOUR: Final = 3600
SECONDS_PER_DAY: Final = 86_400

_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIXED: Final = re.compile(r"UTC(?:([+-])(\d{2}):(\d{2}))?", re.ASCII)
_LAST_OFFSET_HOUR: Final = 14  # UTC+14:00 is the largest in use


class WallTime(NamedTuple):
    """A date and time of day as a clock on the wall shows them; hour 24 is the end of the day."""

    year: int
    month: int
    day: int
    hour: int = 0
    minute: int = 0
    second: int = 0


@dataclass(frozen=True, slots=True)
class Zone:
    """How the wall clock of a place follows UTC."""

    name: str
    rules: tzinfo
    fixed_offset_s: int | None
    """Offset from UTC where it never changes; absent for a zone with daylight saving."""

    def to_seconds(self, wall: WallTime, *, later: bool = False) -> int:
        """
        Give the seconds since 1970 UTC at which the clock shows `wall`.

        Args:
            wall: The reading of the clock.
            later: Which of the two to take where the clock shows `wall` twice.

        Raises:
            EncodingError: If there is no such day or time, or the zone skips it.
        """
        days, seconds = _split(wall)
        if self.fixed_offset_s is not None:
            return days * SECONDS_PER_DAY + seconds - self.fixed_offset_s
        naive = _EPOCH + timedelta(days=days, seconds=seconds)
        local = naive.replace(tzinfo=self.rules, fold=int(later))
        moment = local.astimezone(UTC)
        if moment.astimezone(self.rules).replace(tzinfo=UTC) != naive:
            raise EncodingError(
                f"{format_wall_time(wall)} does not exist in {self.name}: the clock was put forward"
            )
        return (moment - _EPOCH) // timedelta(seconds=1)

    def is_ambiguous(self, wall: WallTime) -> bool:
        """Say whether the clock shows `wall` twice, as when it is put back."""
        if self.fixed_offset_s is not None:
            return False
        return self.to_seconds(wall) != self.to_seconds(wall, later=True)

    def to_wall(self, seconds: int) -> WallTime:
        """Give what the clock shows at `seconds` since 1970 UTC."""
        local = (_EPOCH + timedelta(seconds=seconds)).astimezone(self.rules)
        return WallTime(local.year, local.month, local.day, local.hour, local.minute, local.second)

    def day_start(self, seconds: int) -> int:
        """Give the start of the local day that `seconds` lies in, in seconds since 1970 UTC."""
        wall = self.to_wall(seconds)
        return self.to_seconds(WallTime(wall.year, wall.month, wall.day))

    def month_start(self, seconds: int) -> int:
        """Give the start of the local month that `seconds` lies in, in seconds since 1970 UTC."""
        wall = self.to_wall(seconds)
        return self.to_seconds(WallTime(wall.year, wall.month, 1))


def parse_zone(text: str) -> Zone:
    """
    Read `UTC`, `UTC+08:00` or a name of the time-zone database.

    Raises:
        EncodingError: If it is neither.
    """
    match = _FIXED.fullmatch(text)
    return _fixed_zone(text, match) if match else _named_zone(text)


def format_wall_time(wall: WallTime) -> str:
    """Give `YYYY-MM-DD HH:MM:SS`."""
    day = f"{wall.year:04d}-{wall.month:02d}-{wall.day:02d}"
    return f"{day} {wall.hour:02d}:{wall.minute:02d}:{wall.second:02d}"


def _split(wall: WallTime) -> tuple[int, int]:
    """Give days since 1970 and seconds of the day, which are 86 400 for 24:00."""
    try:
        days = date(wall.year, wall.month, wall.day).toordinal() - _EPOCH_ORDINAL
    except ValueError as error:
        raise EncodingError(f"no such day: {format_wall_time(wall)}") from error
    seconds = wall.hour * SECONDS_PER_HOUR + wall.minute * SECONDS_PER_MINUTE + wall.second
    in_range = 0 <= wall.minute < 60 and 0 <= wall.second < 60 and 0 <= wall.hour <= 24
    if not in_range or seconds > SECONDS_PER_DAY:
        raise EncodingError(f"no such time of day: {format_wall_time(wall)}")
    return days, seconds


def _fixed_zone(text: str, match: re.Match[str]) -> Zone:
    sign, hours, minutes = match[1], int(match[2] or 0), int(match[3] or 0)
    if hours > _LAST_OFFSET_HOUR or minutes >= 60:
        raise EncodingError(f"not an offset from UTC: {text!r}")
    offset_s = hours * SECONDS_PER_HOUR + minutes * SECONDS_PER_MINUTE
    signed_s = -offset_s if sign == "-" else offset_s
    return Zone(text, timezone(timedelta(seconds=signed_s)), signed_s)


@lru_cache(maxsize=32)
def _named_zone(text: str) -> Zone:
    try:
        return Zone(text, ZoneInfo(text), None)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise EncodingError(
            f"not a time zone: {text!r}; write UTC+08:00 or a name such as Asia/Shanghai"
        ) from error


REPORTING_ZONE: Final = parse_zone("UTC+08:00")
"""Zone in which days, months and compliance years are cut (北京时间)."""
