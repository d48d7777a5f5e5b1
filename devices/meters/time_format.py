"""
Time formats of files: a pattern such as `%d/%m/%Y %H:%M` and the wall-clock times it reads.

Only numbers are read, so no locale can change the meaning. A number may lack its leading zero,
as spreadsheets write it (`0:15` beside `00:15`); the year may not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from attestation.errors import EncodingError
from devices.zones import WallTime

_FIELDS: Final = {
    "Y": ("year", r"\d{4}"),
    "m": ("month", r"\d{1,2}"),
    "d": ("day", r"\d{1,2}"),
    "H": ("hour", r"\d{1,2}"),
    "M": ("minute", r"\d{1,2}"),
    "S": ("second", r"\d{1,2}"),
}
_DATE: Final = frozenset({"year", "month", "day"})
_TOKEN: Final = re.compile(r"%(.?)|([^%]+)")


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """One pattern, ready to read."""

    pattern: str
    _expression: re.Pattern[str]

    def parse(self, text: str) -> WallTime:
        """
        Read one time of this format.

        Raises:
            EncodingError: If the text has another form; whether such a day exists is not checked.
        """
        match = self._expression.fullmatch(text.strip())
        if match is None:
            raise EncodingError(f"{text!r} is not a time of the form {self.pattern!r}")
        return WallTime(**{name: int(number) for name, number in match.groupdict().items()})


def compile_time_format(pattern: str) -> TimeFormat:
    """
    Make a format from `%Y %m %d %H %M %S` and anything between them.

    Raises:
        EncodingError: If a field is unknown or twice there, or the date is incomplete.
    """
    names: list[str] = []
    parts: list[str] = []
    packed = re.search(r"%.%", pattern) is not None  # fields side by side need all their digits
    for match in _TOKEN.finditer(pattern):
        field, literal = match[1], match[2]
        if literal is not None:
            parts.append(re.escape(literal))
            continue
        if field not in _FIELDS:
            raise EncodingError(f"%{field} is not a field of a time format: use %Y %m %d %H %M %S")
        name, digits = _FIELDS[field]
        names.append(name)
        parts.append(f"(?P<{name}>{digits.replace('1,2', '2') if packed else digits})")
    if len(set(names)) != len(names) or not set(names) >= _DATE:
        raise EncodingError(f"time format {pattern!r} must name %Y, %m and %d, each field once")
    return TimeFormat(pattern, re.compile("".join(parts), re.ASCII))
