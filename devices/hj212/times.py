"""
Times of HJ 212, and which interval a packet's data time (DataTime) stands for.

All times are Beijing time. The data time of minute, hour and day data is the *start* of the
interval; that of real-time data is a moment. So 2061 with 20240122170000 is the hour from 17:00 to
18:00, and the day of 2031 runs from midnight to midnight. Loggers of 2005 and local variants may
name the end instead: the station file says so.

Source: HJ 212-2025, annex C (data time 表示一个时间段的开始时间点, C.20 to C.22; 一个时间点, C.18);
field packets agree (QN 14:00:00 with an hour's data of 13:00).
"""

from __future__ import annotations

import re
from typing import Final

from attestation.errors import EncodingError
from attestation.instants import Instant, from_seconds
from devices.errors import ProtocolError
from devices.hj212.commands import Command
from devices.zones import REPORTING_ZONE, SECONDS_PER_DAY, SECONDS_PER_HOUR, WallTime

BEIJING: Final = REPORTING_ZONE
_TIME: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})", re.ASCII)
_FIXED_INTERVALS: Final = {
    Command.REAL_TIME: 0,
    Command.HOUR: SECONDS_PER_HOUR,
    Command.DAY: SECONDS_PER_DAY,
}


def parse_time(text: str) -> int:
    """
    Read `YYYYMMDDhhmmss` of Beijing time, and give seconds since 1970 UTC.

    Raises:
        ProtocolError: If it has another form or there is no such time.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise ProtocolError(f"{text!r} is not a time of the form YYYYMMDDhhmmss")
    try:
        return BEIJING.to_seconds(WallTime(*(int(number) for number in match.groups())))
    except EncodingError as error:
        raise ProtocolError(error.message) from error


def format_time(seconds: int) -> str:
    """Give `YYYYMMDDhhmmss` of Beijing time."""
    return "{:04d}{:02d}{:02d}{:02d}{:02d}{:02d}".format(*BEIJING.to_wall(seconds))


def format_request(now: Instant) -> str:
    """Give a request number (QN): Beijing time to the millisecond."""
    seconds, milliseconds = divmod(now, from_seconds(1))
    return f"{format_time(seconds)}{milliseconds:03d}"


def interval_s(command: str, *, minute_interval_s: int) -> int:
    """
    Give the length of the interval that data of a command stand for; 0 for a moment.

    Args:
        command: CN of the packet.
        minute_interval_s: The logger's setting for minute data; no packet tells it.

    Raises:
        ProtocolError: If the command carries no measured data.
    """
    if command == Command.MINUTES:
        return minute_interval_s
    try:
        return _FIXED_INTERVALS[Command(command)]
    except (KeyError, ValueError) as error:
        raise ProtocolError(f"CN={command} carries no measured data") from error
