"""
Columns of forms: what a cell of each may hold, and how its text is read.

A cell is text; numbers are decimals and never floats, days are days of the reporting zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from attestation.errors import EncodingError
from attestation.ids import parse_usc
from ledger.inventory.errors import PeriodMalformed
from ledger.inventory.periods import Period
from ledger.inventory.sheets.faults import Fault, Refused

_NUMBER = re.compile(r"-?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{1,20})?", re.ASCII)
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_CHINESE_DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日", re.ASCII)
_MOMENT = re.compile(r"(\S+)[ T](\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_MONTH = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})月?", re.ASCII)
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.:_-]{0,62}[a-z0-9])?")
_HASH = re.compile(r"[0-9a-f]{64}")
_LIST = re.compile(r"[;；、]")
RISKY: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a cell must not begin with when it is written, or a spreadsheet may run it."""
_FORMULA: Final = tuple(each for each in RISKY if each not in "-－")
"""A minus begins a number, too."""
_ERROR_VALUES: Final = frozenset(
    ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!")
)
_HOURS, _MINUTES = 24, 60

Read = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a form."""

    name: str
    chinese: str
    """Its heading."""
    read: Read
    """Gives the value of a cell's text; raises Refused."""
    example: str
    required: bool = True
    help: str = ""
    """What belongs there, in Chinese."""

    @property
    def heading(self) -> str:
        """The heading of templates: Chinese, then the name."""
        return f"{self.chinese} {self.name}"


def read_cell(column: Column, text: str) -> Any:
    """
    Give the value of a cell; None where it is empty and may be.

    Raises:
        Refused: If it is empty and must not be, or not what belongs there.
    """
    if not text:
        if column.required:
            raise Refused(Fault.MISSING)
        return None
    if text in _ERROR_VALUES:
        raise Refused(Fault.ERROR_VALUE)
    if text.startswith(_FORMULA):
        raise Refused(Fault.FORMULA)
    return column.read(text)


def words(limit: int) -> Read:
    """Read printable text of at most `limit` characters."""

    def read(text: str) -> str:
        # What was written with a quote so that it does not run as a formula is read without it.
        found = text[1:] if text.startswith("'") and text[1:].startswith(RISKY) else text
        if len(found) > limit:
            raise Refused(Fault.TOO_LONG, str(limit))
        if not found.isprintable():
            raise Refused(Fault.NOT_PRINTABLE)
        return found

    return read


def listed(read: Read, most: int) -> Read:
    """Read several values, with a semicolon between them."""

    def read_all(text: str) -> tuple[Any, ...]:
        parts = [part.strip() for part in _LIST.split(text) if part.strip()]
        if len(parts) > most:
            raise Refused(Fault.TOO_MANY, str(most))
        return tuple(read(part) for part in parts)

    return read_all


def decimal(places: int, *, least: str | None = "0", most: str | None = None) -> Read:
    """Read a number of at most so many decimals, within bounds that are included."""

    def read(text: str) -> Decimal:
        if _NUMBER.fullmatch(text) is None:
            raise Refused(Fault.NOT_A_NUMBER)
        number = Decimal(text.replace(",", ""))
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > places:
            raise Refused(Fault.DECIMALS, str(places))
        if least is not None and number < Decimal(least):
            raise Refused(Fault.TOO_SMALL, least)
        if most is not None and number > Decimal(most):
            raise Refused(Fault.TOO_LARGE, most)
        return number

    return read


def one_of(choices: Mapping[str, Any]) -> Read:
    """Read one of some words, each with what it stands for."""

    def read(text: str) -> Any:
        if text.lower() not in choices:
            raise Refused(Fault.NOT_A_WORD, ", ".join(choices))
        return choices[text.lower()]

    return read


def read_day(text: str) -> Period:
    """Read a day of the reporting zone; a time of 0:00 beside it, as spreadsheets add, is none."""
    match = _DAY.fullmatch(text.removesuffix(" 00:00:00")) or _CHINESE_DAY.fullmatch(text)
    if match is None:
        raise Refused(Fault.NOT_A_DAY)
    try:
        return Period.day(int(match[1]), int(match[2]), int(match[3]))
    except PeriodMalformed:
        raise Refused(Fault.NOT_A_DAY) from None


def read_moment(text: str) -> int:
    """Read a time of the reporting zone as a Unix second."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise Refused(Fault.NOT_A_MOMENT)
    try:
        day = read_day(match[1])
    except Refused:
        raise Refused(Fault.NOT_A_MOMENT) from None
    hour, minute, second = int(match[2]), int(match[3]), int(match[4] or 0)
    if hour >= _HOURS or minute >= _MINUTES or second >= _MINUTES:
        raise Refused(Fault.NOT_A_MOMENT)
    return day.from_s + (hour * _MINUTES + minute) * _MINUTES + second


def read_month(text: str) -> Period:
    """Read a month; the first day of one, as spreadsheets make of it, counts as the month."""
    match = _MONTH.fullmatch(text)
    try:
        if match is not None:
            return Period.month(int(match[1]), int(match[2]))
        day = read_day(text)
    except (PeriodMalformed, Refused):
        raise Refused(Fault.NOT_A_MONTH) from None
    first = day.first_day
    if first.day != 1:
        raise Refused(Fault.NOT_A_MONTH)
    return Period.month(first.year, first.month)


def read_name(text: str) -> str:
    """Read a name as records have it."""
    if _NAME.fullmatch(text) is None:
        raise Refused(Fault.NOT_A_NAME)
    return text


def read_hash(text: str) -> bytes:
    """Read a SHA-256 in hexadecimal, upper or lower case."""
    if _HASH.fullmatch(text.lower()) is None:
        raise Refused(Fault.NOT_A_HASH)
    return bytes.fromhex(text)


def read_credit_code(text: str) -> str:
    """Read a unified social credit code (统一社会信用代码)."""
    try:
        return parse_usc(text)
    except EncodingError:
        raise Refused(Fault.NOT_A_CODE) from None
