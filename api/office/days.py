"""
Times that people write in commands: a day of the reporting zone, or a moment in UTC.

Source: FORMATS section 11 (reporting zone UTC+8, no daylight saving); RFC 3339.
"""

from __future__ import annotations

import re
from typing import Final

from api.errors import BadRequest
from attestation.errors import EncodingError
from attestation.instants import MILLISECONDS_PER_SECOND, parse_instant
from devices.zones import REPORTING_ZONE, SECONDS_PER_DAY, WallTime

_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def parse_second(text: str, *, end: bool = False) -> int:
    """
    Read `2025-06-01` as that day's first second in the reporting zone, or RFC 3339 in UTC.

    Args:
        text: From a person.
        end: For a day, give the first second after it.

    Raises:
        BadRequest: If it is neither.
    """
    day = _DAY.fullmatch(text)
    try:
        if day is not None:
            wall = WallTime(int(day[1]), int(day[2]), int(day[3]))
            start_s = REPORTING_ZONE.to_seconds(wall)
            return start_s + SECONDS_PER_DAY if end else start_s
        return parse_instant(text) // MILLISECONDS_PER_SECOND
    except EncodingError as error:
        raise BadRequest(
            f"{text!r} is neither a day such as 2025-06-01 nor a time such as 2025-06-01T00:00:00Z"
        ) from error
