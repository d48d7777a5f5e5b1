"""
What an off-chain rule takes: fields of named kinds, read strictly from plain data.

They are written as those of the rules on chain: an amount is a decimal string, alone or with its
unit (`"500.00"`, `"500.00 MWh"`); a JSON number is a count or a year; nothing is missing silently
and nothing is given in vain. Every fault names its place, such as `lines[1].used_MWh`. What was
read can be written again, in one form, so that the same inputs always have the same hash.

Source: `contracts/interfaces/IRule.sol`, whose kinds of field these are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol, TypeAlias

from attestation.canonical import MAX_INTEGER, Json
from ledger.decimals import PLACES, plain
from ledger.inventory.offchain.errors import RuleInputError, RuleRefused

Value: TypeAlias = "Decimal | int | str | bool | list[Value] | dict[str, Value]"

_AMOUNT: Final = re.compile(r"(-?(?:0|[1-9][0-9]*)(?:\.([0-9]+))?)(?: (\S+))?")
_MOST_CHARACTERS: Final = 120
_MOST_TEXT: Final = 200


class Kind(Protocol):
    """One kind of field."""

    def read(self, content: Json, path: str) -> Value:
        """Take a value; raises `RuleRefused` with the place of the fault."""
        ...

    def lines(self, path: str) -> tuple[tuple[str, str], ...]:
        """Describe the field, and those inside it, as (place, what it takes)."""
        ...


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal of a unit; at most 18 decimals."""

    unit: str
    """As rules write it; empty where another field names it."""
    least: Decimal | None = Decimal(0)
    """Smallest that is allowed; None where there is none."""
    most: Decimal | None = None
    is_above_least: bool = False
    """Whether the smallest itself is not allowed."""

    def read(self, content: Json, path: str) -> Decimal:
        """Take a decimal string."""
        is_text = isinstance(content, str) and len(content) <= _MOST_CHARACTERS
        match = _AMOUNT.fullmatch(str(content)) if is_text else None
        if match is None:
            raise _fault(path, f"a decimal string is wanted, not {content!r:.60}", "kind")
        text, fraction, unit = match.groups()
        if unit not in (None, self.unit):
            raise _fault(path, f"the unit is {self.unit}, not {unit}", "unit")
        if len(fraction or "") > PLACES:
            raise _fault(path, f"{len(fraction)} decimals, {PLACES} at most", "precision")
        number = Decimal(text)
        self._check_range(number, path)
        return number

    def _check_range(self, number: Decimal, path: str) -> None:
        if self.least is not None and (
            number < self.least or (self.is_above_least and number == self.least)
        ):
            word = "above" if self.is_above_least else "at least"
            raise RuleRefused(
                f"{path}: {number} is not {word} {self.least}", code="rule.out_of_range"
            )
        if self.most is not None and number > self.most:
            raise RuleRefused(f"{path}: {number} is above {self.most}", code="rule.out_of_range")

    def lines(self, path: str) -> tuple[tuple[str, str], ...]:
        """Describe the field."""
        words = {"": "decimal, in the unit named", "1": "decimal"}
        return ((path, words.get(self.unit, f"decimal, {self.unit}")),)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, such as a year."""

    least: int = 0
    most: int = MAX_INTEGER

    def read(self, content: Json, path: str) -> int:
        """Take a whole number in its range."""
        if not isinstance(content, int) or isinstance(content, bool):
            raise _fault(path, f"a whole number is wanted, not {content!r:.60}", "kind")
        if not self.least <= content <= self.most:
            raise RuleRefused(
                f"{path}: {content} is not between {self.least} and {self.most}",
                code="rule.out_of_range",
            )
        return content

    def lines(self, path: str) -> tuple[tuple[str, str], ...]:
        """Describe the field."""
        return ((path, "whole number"),)


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of a closed list."""

    words: tuple[str, ...]

    def read(self, content: Json, path: str) -> str:
        """Take one of the words."""
        if not isinstance(content, str) or content not in self.words:
            raise _fault(path, f"{content!r:.60} is none of: {', '.join(self.words)}", "choice")
        return content

    def lines(self, path: str) -> tuple[tuple[str, str], ...]:
        """Describe the field."""
        return ((path, " | ".join(self.words)),)


@dataclass(frozen=True, slots=True)
class Name:
    """A text for people, such as the name of a product; not empty."""

    most: int = _MOST_TEXT
    """Characters."""

    def read(self, content: Json, path: str) -> str:
        """Take a text without line breaks."""
        if not isinstance(content, str) or not content.strip() or len(content) > self.most:
            raise _fault(path, f"1 to {self.most} characters are wanted", "kind")
        if not content.isprintable():
            raise _fault(path, "the text has characters that cannot be printed", "kind")
        return content

    def lines(self, path: str) -> tuple[tuple[str, str], ...]:
        """Describe the field."""
        return ((path, "text"),)


@dataclass(frozen=True, slots=True)
class Many:
    """A list, in the order given."""

    element: Kind
    least: int = 1

    def read(self, content: Json, path: str) -> list[Value]:
        """Take every element, each under its place."""
        if isinstance(content, str) or not isinstance(content, Sequence):
            raise _fault(path, f"a list is wanted, not {content!r:.60}", "kind")
        if len(content) < self.least:
            raise RuleRefused(f"{path}: nothing is given", code="rule.nothing_given")
        return [self.element.read(each, f"{path}[{at}]") for at, each in enumerate(content)]

    def lines(self, path: str) -> tuple[tuple[str, str], ...]:
        """Describe what each element is."""
        return self.element.lines(f"{path}[]")


@dataclass(frozen=True, slots=True)
class Fields:
    """Fields by name: all of them wanted and no others."""

    kinds: Mapping[str, Kind]

    def read(self, content: Json, path: str = "") -> dict[str, Value]:
        """Take every field, each under its place."""
        if not isinstance(content, Mapping):
            raise _fault(path or "inputs", f"an object is wanted, not {content!r:.60}", "kind")
        for name in content:
            if name not in self.kinds:
                raise _fault(_below(path, name), "no such field in this rule", "unknown")
        for name in self.kinds:
            if name not in content:
                place = _below(path, name)
                raise _fault(place, "missing; what is nothing is written as 0", "missing")
        return {
            name: kind.read(content[name], _below(path, name)) for name, kind in self.kinds.items()
        }

    def lines(self, path: str = "") -> tuple[tuple[str, str], ...]:
        """Describe every field."""
        return tuple(
            line for name, kind in self.kinds.items() for line in kind.lines(_below(path, name))
        )


def written(value: Value) -> Json:
    """Write what was read as plain data, in its one form: decimals without needless zeros."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, list):
        return [written(each) for each in value]
    if isinstance(value, dict):
        return {name: written(each) for name, each in value.items()}
    return value


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


_CODES: Final = {
    "kind": "rule.input_kind",
    "unit": "rule.input_unit",
    "precision": "rule.input_precision",
    "choice": "rule.input_choice",
    "unknown": "rule.input_unknown",
    "missing": "rule.input_missing",
}


def _fault(path: str, reason: str, kind: str) -> RuleInputError:
    return RuleInputError(f"{path}: {reason}", code=_CODES[kind], path=path)


@dataclass(frozen=True, slots=True)
class Given:
    """What was read, by name; the kinds have been checked, and asking for another is our fault."""

    fields: Mapping[str, Value]

    def number(self, name: str) -> Decimal:
        """Give a decimal."""
        value = self.fields[name]
        if not isinstance(value, Decimal):
            raise TypeError(f"{name} is no number")
        return value

    def whole(self, name: str) -> int:
        """Give a whole number."""
        value = self.fields[name]
        if not isinstance(value, int):
            raise TypeError(f"{name} is no whole number")
        return value

    def text(self, name: str) -> str:
        """Give a word or a text."""
        value = self.fields[name]
        if not isinstance(value, str):
            raise TypeError(f"{name} is no text")
        return value

    def each(self, name: str) -> list[Given]:
        """Give the elements of a list of objects."""
        value = self.fields[name]
        if not isinstance(value, list):
            raise TypeError(f"{name} is no list")
        return [Given(each) for each in value if isinstance(each, dict)]
