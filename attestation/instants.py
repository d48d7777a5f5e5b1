"""
Instants: integer milliseconds since 1970-01-01T00:00:00Z, and their RFC 3339 text.

Time is always passed in; nothing here reads a clock.
Days and months are cut elsewhere, in the reporting zone.

Source: RFC 3339; POSIX time (no leap seconds).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NewType

from attestation.errors import EncodingError

Instant = NewType("Instant", int)
"""Milliseconds since 1970-01-01T00:00:00Z; 0 <= instant < 2**53."""

MILLISECONDS_PER_SECOND: Final = 1000
MILLISECONDS_PER_HOUR: Final = 3_600_000
MILLISECONDS_PER_DAY: Final = 86_400_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_END: Final = 253_402_300_800_000  # 10000-01-01: the text form has four digits for the year
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z")


def from_seconds(seconds: int) -> Instant:
    """Give the instant `seconds` whole seconds after the epoch."""
    return Instant(seconds * MILLISECONDS_PER_SECOND)


def format_instant(instant: Instant) -> str:
    """
    Give RFC 3339 text in UTC, with milliseconds only where there are any.

    Raises:
        EncodingError: If the instant lies outside the years 1970 to 9999.
    """
    if not 0 <= instant < _END:
        raise EncodingError(f"instant {instant} is outside the years 1970 to 9999")
    moment = _EPOCH + timedelta(milliseconds=instant)
    if instant % MILLISECONDS_PER_SECOND:
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant % 1000:03d}Z"
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: str) -> Instant:
    """
    Read RFC 3339 text in UTC, to the second or to the millisecond.

    Raises:
        EncodingError: If the text has another form, another zone or no such day.
    """
    if not _RFC3339.fullmatch(text):
        raise EncodingError(f"not an RFC 3339 time in UTC: {text!r}")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise EncodingError(f"no such time: {text!r}") from error
    return Instant((moment - _EPOCH) // timedelta(milliseconds=1))
