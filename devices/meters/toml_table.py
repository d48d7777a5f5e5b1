"""
Strict reading of TOML: every key is asked for once, with its type, and none is left over.

Decimals stay exact (`Decimal`), so a bound of 0.1 in a file is one tenth. A mistake names the
file's key and what to write there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from devices.errors import MappingError

_REQUIRED: Final = object()


def parse_toml(text: str, *, what: str) -> TomlTable:
    """
    Read a TOML document.

    Raises:
        MappingError: If it is not TOML.
    """
    try:
        return TomlTable(tomllib.loads(text, parse_float=Decimal), what)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{what}: not TOML: {error}") from error


class TomlTable:
    """One table of a document; `where` is its path, for messages."""

    def __init__(self, content: dict[str, Any], where: str) -> None:
        self._content = dict(content)
        self._where = where

    def fail(self, message: str) -> MappingError:
        """Make the error that says where in the file the mistake is."""
        return MappingError(f"{self._where}: {message}")

    def text(self, key: str, default: str | object = _REQUIRED) -> str:
        """Take a text that is not empty."""
        content = self._take(key, default)
        if not isinstance(content, str) or (not content and content is not default):
            raise self.fail(f"{key} must be a text")
        return content

    def choice(self, key: str, allowed: Sequence[str], default: str | object = _REQUIRED) -> str:
        """Take a text that is one of `allowed`."""
        content = self.text(key, default)
        if content not in allowed:
            raise self.fail(f"{key} is {content!r}, must be one of {', '.join(allowed)}")
        return content

    def integer(self, key: str, *, low: int, high: int, default: int | object = _REQUIRED) -> int:
        """Take a whole number between `low` and `high`, both included."""
        content = self._take(key, default)
        if not isinstance(content, int) or isinstance(content, bool):
            raise self.fail(f"{key} must be a whole number")
        if not low <= content <= high:
            raise self.fail(f"{key} is {content}, must lie between {low} and {high}")
        return content

    def optional_integer(self, key: str, *, low: int, high: int) -> int | None:
        """Take a whole number between `low` and `high`, or nothing."""
        return self.integer(key, low=low, high=high) if key in self._content else None

    def integers(self, key: str, *, low: int, high: int) -> tuple[int, ...]:
        """Take a list of whole numbers between `low` and `high`; none if it is absent."""
        content = self._content.pop(key, [])
        if not isinstance(content, list) or not all(type(number) is int for number in content):
            raise self.fail(f"{key} must be a list of whole numbers")
        if not all(low <= number <= high for number in content):
            raise self.fail(f"{key} must lie between {low} and {high}")
        return tuple(content)

    def optional_decimal(self, key: str) -> Decimal | None:
        """Take an exact decimal, or nothing."""
        content = self._content.pop(key, None)
        if content is None:
            return None
        if isinstance(content, bool) or not isinstance(content, int | Decimal):
            raise self.fail(f"{key} must be a number")
        amount = Decimal(content)
        if not amount.is_finite():
            raise self.fail(f"{key} must be finite")
        return amount

    def optional_text(self, key: str) -> str | None:
        """Take a text, or nothing."""
        return self.text(key) if key in self._content else None

    def texts(self, key: str, default: Sequence[str] | object = _REQUIRED) -> tuple[str, ...]:
        """Take a list of texts."""
        content = self._take(key, default)
        if not isinstance(content, list | tuple) or not all(isinstance(x, str) for x in content):
            raise self.fail(f"{key} must be a list of texts")
        return tuple(content)

    def table(self, key: str, *, optional: bool = False) -> TomlTable:
        """Take a table; an absent one is empty where it is optional."""
        content = self._take(key, {} if optional else _REQUIRED)
        if not isinstance(content, dict):
            raise self.fail(f"[{key}] must be a table")
        return TomlTable(content, f"{self._where} [{key}]")

    def tables(self, key: str) -> tuple[TomlTable, ...]:
        """Take an array of tables with at least one."""
        content = self._take(key, _REQUIRED)
        if not isinstance(content, list) or not all(isinstance(x, dict) for x in content):
            raise self.fail(f"[[{key}]] must be a list of tables")
        if not content:
            raise self.fail(f"at least one [[{key}]] is needed")
        return tuple(
            TomlTable(entry, f"{self._where} [[{key}]] number {number}")
            for number, entry in enumerate(content, start=1)
        )

    def remaining(self) -> tuple[str, ...]:
        """Give the keys that were not taken yet."""
        return tuple(self._content)

    def finish(self) -> None:
        """
        Check that nothing is left over.

        Raises:
            MappingError: If a key was never asked for, as a misspelt one is.
        """
        if self._content:
            raise self.fail(f"unknown key: {', '.join(sorted(self._content))}")

    def _take(self, key: str, default: object) -> Any:
        content = self._content.pop(key, default)
        if content is _REQUIRED:
            raise self.fail(f"{key} is missing")
        return content
