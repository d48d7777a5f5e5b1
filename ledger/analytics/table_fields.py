"""
Tables of people's making (tariffs, trees of meters, ratings), read strictly from TOML or JSON.

Every field is asked for by name and kind; what is missing, of another kind, or not asked for is
refused with its place. Numbers with decimals are texts: a float would not be what was written.

Source: `docs/formats/readings.md` for why no float is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Self

from ledger.analytics.errors import TableMalformed

_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,18})?")
_ZONE: Final = re.compile(r"UTC([+-])(\d\d):(\d\d)")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOST_TEXT: Final = 500


@dataclass(slots=True)
class TableReader:
    """One table, and which of its fields were asked for."""

    fields: Mapping[str, object]
    path: str
    _asked: set[str] = field(default_factory=set)
    _inner: dict[str, list[TableReader]] = field(default_factory=dict)

    @classmethod
    def of(cls, content: object, path: str) -> Self:
        """
        Take a table.

        Raises:
            TableMalformed: If it is something else.
        """
        if not isinstance(content, Mapping):
            raise TableMalformed(f"{path}: not a table")
        return cls(content, path)

    def text(self, name: str) -> str:
        """Give a text that is not empty."""
        value = self._take(name)
        if not isinstance(value, str) or not value.strip() or len(value) > _MOST_TEXT:
            raise self.fault(name, "a text is wanted")
        return value

    def decimal(self, name: str) -> Decimal:
        """Give a number that is written as a text, such as `"0.6541"`."""
        value = self._take(name)
        if not isinstance(value, str) or _DECIMAL.fullmatch(value) is None:
            raise self.fault(name, 'a decimal in quotes is wanted, such as "0.6541"')
        return Decimal(value)

    def wholes(self, name: str, least: int, most: int) -> list[int]:
        """Give a list of whole numbers in a range."""
        return [self._whole(name, each, least, most) for each in self._list(name)]

    def words(self, name: str, words: Sequence[str]) -> list[str]:
        """Give a list of some words."""
        return [self._word(name, each, words) for each in self._list(name)]

    def texts(self, name: str) -> list[str]:
        """Give a list of texts."""
        found = self._list(name)
        if not all(isinstance(each, str) for each in found):
            raise self.fault(name, "a list of texts is wanted")
        return [str(each) for each in found]

    def day(self, name: str) -> date:
        """Give a day, written `2024-03-01`."""
        return self._day(name, self._take(name))

    def days(self, name: str) -> list[date]:
        """Give a list of days; it may be empty."""
        return [self._day(name, each) for each in self._list(name, least=0)]

    def offset(self, name: str) -> int:
        """Give the seconds by which a zone such as `UTC+08:00` is ahead of UTC."""
        match = _ZONE.fullmatch(self.text(name))
        if match is None or int(match[2]) > 14 or int(match[3]) > 59:
            raise self.fault(name, "a zone is written as UTC+08:00")
        seconds = int(match[2]) * 3600 + int(match[3]) * 60
        return -seconds if match[1] == "-" else seconds

    def each(self, name: str) -> list[TableReader]:
        """Give a list of tables; asked for twice, it gives the same."""
        if name not in self._inner:
            self._inner[name] = [
                TableReader.of(each, f"{self.path}.{name}[{at}]")
                for at, each in enumerate(self._list(name))
            ]
        return self._inner[name]

    def finish(self) -> None:
        """
        Check that nothing is there that nobody asked for.

        Raises:
            TableMalformed: If there is.
        """
        for name in self.fields:
            if name not in self._asked:
                raise self.fault(str(name), "no such field")
        for rows in self._inner.values():
            for row in rows:
                row.finish()

    def fault(self, name: str, reason: str) -> TableMalformed:
        """Make the error of a fault at a field."""
        return TableMalformed(f"{self.path}.{name}: {reason}")

    def _take(self, name: str) -> object:
        self._asked.add(name)
        if name not in self.fields:
            raise self.fault(name, "missing")
        return self.fields[name]

    def _list(self, name: str, *, least: int = 1) -> Sequence[object]:
        value = self._take(name)
        if isinstance(value, str) or not isinstance(value, Sequence) or len(value) < least:
            raise self.fault(name, "a list is wanted")
        return value

    def _whole(self, name: str, value: object, least: int, most: int) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.fault(name, f"a whole number from {least} to {most} is wanted")
        return value

    def _word(self, name: str, value: object, words: Sequence[str]) -> str:
        if not isinstance(value, str) or value not in words:
            raise self.fault(name, f"{value!r:.60} is none of: {', '.join(words)}")
        return value

    def _day(self, name: str, value: object) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value  # TOML has days of its own
        try:
            if isinstance(value, str) and _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise self.fault(name, f"{value!r:.40} is no day")
