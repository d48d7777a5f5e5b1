"""
The kinds of field that a rule's inputs have, and how each reads and writes plain data.

An amount is a decimal string, alone or with its unit: `"500000.00"` or `"500000.00 t"`. A unit that
is given must be the field's own, which stands after the first underscore of the field's name:
`consumed_t`, `carbonContent_tC_per_t`, `load_pct`. A JSON number is a count or a year, never an
amount, and a float is never read. Every fault names its place, such as `fuels[1].consumed_t`.

Source: `contracts/interfaces/IRule.sol`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final

from attestation import enums
from chain.errors import RuleInputError

DECIMALS: Final = 18
"""Decimals of an amount inside a rule: it is an integer times 10^-18."""

_AMOUNT = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?: (\S+))?")
_WORD = re.compile(r"[!-~]([ -~]{0,30}[!-~])?")
_WORD_LENGTH: Final = 32
_MOST_DIGITS: Final = 80
"""More than 2^255 has, so that no text is long enough to be slow."""
_SPELLED: Final = {"pct": "%"}


@dataclass(frozen=True, slots=True)
class Amount:
    """A decimal number with a unit; up to 18 decimals, and 2^255 times 10^-18 in size."""

    unit: str
    """As people write it, such as `tC/t`, `%`, `1`; empty where another field names the unit."""
    suffix: str
    """As it stands in the field's name, such as `tC_per_t`, `pct`, `1`; empty as above."""

    @property
    def text(self) -> str:
        """What may be given, for people."""
        return f"decimal, {self.unit}" if self.unit else "decimal, in the unit named"

    @property
    def example(self) -> str:
        """An amount as it may be given."""
        return f'"{with_unit("12.50", self.unit)}"'

    def read(self, value: object, path: str) -> int:
        """Turn a decimal string into its integer times 10^18."""
        if not isinstance(value, str):
            raise fault(
                path,
                f"an amount is written as a string, such as {self.example}, not {_shown(value)}",
                code="rule.input_kind",
            )
        match = _AMOUNT.fullmatch(value) if len(value) <= _MOST_DIGITS + len(self.unit) else None
        if match is None:
            raise fault(
                path, f"{value[:_MOST_DIGITS]!r} is not a decimal number", code="rule.input_kind"
            )
        sign, whole, fraction, unit = match.groups()
        if unit not in (None, self.unit, self.suffix):
            wanted = self.unit or "what another field names"
            raise fault(path, f"the unit is {wanted}, not {unit}", code="rule.input_unit")
        fraction = fraction or ""
        if len(fraction) > DECIMALS:
            raise fault(
                path, f"{len(fraction)} decimals, {DECIMALS} at most", code="rule.input_precision"
            )
        scaled = int(f"{sign}{whole}{fraction.ljust(DECIMALS, '0')}")
        if not -(2**255) <= scaled < 2**255:
            raise fault(path, f"{value!r} is beyond what a rule can hold", code="rule.input_size")
        return scaled

    def write(self, value: int) -> str:
        """Give an integer times 10^18 as a decimal string with its unit, without rounding."""
        return with_unit(format_fixed(value), self.unit)


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number, such as a count or a year."""

    bits: int

    @property
    def text(self) -> str:
        """What may be given, for people."""
        return "whole number"

    def read(self, value: object, path: str) -> int:
        """Take a whole number that fits."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise fault(
                path, f"a whole number is wanted, not {_shown(value)}", code="rule.input_kind"
            )
        if not 0 <= value < 2**self.bits:
            raise fault(
                path, f"{value} is not between 0 and {2**self.bits - 1}", code="rule.input_size"
            )
        return value

    def write(self, value: int) -> int:
        """Give the number."""
        return value


@dataclass(frozen=True, slots=True)
class Choice:
    """One member of an enum, given by its English name or its member name."""

    members: type[IntEnum]

    @property
    def text(self) -> str:
        """What may be given, for people."""
        return " | ".join(enums.label(member) for member in self.members)

    def read(self, value: object, path: str) -> int:
        """Find the member of that name."""
        for member in self.members:
            if value in (member.name, enums.label(member)):
                return member.value
        raise fault(path, f"{_shown(value)} is none of: {self.text}", code="rule.input_choice")

    def write(self, value: int) -> str:
        """Give the member's English name."""
        return enums.label(self.members(value))


@dataclass(frozen=True, slots=True)
class Word:
    """A short text, such as the name of a gas or a unit: 1 to 32 ASCII characters."""

    text: str = "text"

    def read(self, value: object, path: str) -> bytes:
        """Take a text, and fill it up with zeros."""
        if not isinstance(value, str) or _WORD.fullmatch(value) is None:
            reason = f"1 to 32 ASCII characters are wanted, not {_shown(value)}"
            raise fault(path, reason, code="rule.input_kind")
        return value.encode().ljust(_WORD_LENGTH, b"\0")

    def write(self, value: bytes) -> str:
        """Give the text."""
        return value.rstrip(b"\0").decode("ascii")


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    text: str = "true | false"

    def read(self, value: object, path: str) -> bool:
        """Take a JSON boolean, and nothing else for one."""
        if not isinstance(value, bool):
            raise fault(
                path, f"true or false is wanted, not {_shown(value)}", code="rule.input_kind"
            )
        return value

    def write(self, value: bool) -> bool:
        """Give the boolean."""
        return value


@dataclass(frozen=True, slots=True)
class Many:
    """A list, in the order given."""

    element: Kind

    @property
    def text(self) -> str:
        """What may be given, for people."""
        return "list" if isinstance(self.element, Record) else f"list of: {self.element.text}"

    def read(self, value: object, path: str) -> list[Any]:
        """Read every element, each under its place."""
        if not isinstance(value, list | tuple):
            raise fault(path, f"a list is wanted, not {_shown(value)}", code="rule.input_kind")
        return [self.element.read(each, f"{path}[{at}]") for at, each in enumerate(value)]

    def write(self, value: Sequence[Any]) -> list[Any]:
        """Give every element as plain data."""
        return [self.element.write(each) for each in value]


@dataclass(frozen=True, slots=True)
class Record:
    """Fields by name, all of them wanted and no others."""

    fields: Mapping[str, Kind]
    text: str = "object"

    def read(self, value: object, path: str) -> dict[str, Any]:
        """Read every field, each under its place."""
        if not isinstance(value, Mapping):
            raise fault(path, f"an object is wanted, not {_shown(value)}", code="rule.input_kind")
        for name in value:
            if name not in self.fields:
                raise fault(
                    below(path, str(name)), "no such field in this rule", code="rule.input_unknown"
                )
        for name in self.fields:
            if name not in value:
                raise fault(
                    below(path, name),
                    "missing; what is nothing is written as 0",
                    code="rule.input_missing",
                )
        return {
            name: kind.read(value[name], below(path, name)) for name, kind in self.fields.items()
        }

    def write(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Give every field as plain data."""
        return {name: kind.write(value[name]) for name, kind in self.fields.items()}


Kind = Amount | Count | Choice | Word | Flag | Many | Record


def format_fixed(value: int, decimals: int | None = None) -> str:
    """
    Write an integer times 10^-18 as a decimal, without rounding.

    Args:
        value: Any integer.
        decimals: How many to show; what the number needs where it is None, or it needs more.
    """
    sign, digits = "-" if value < 0 else "", str(abs(value)).zfill(DECIMALS + 1)
    whole, fraction = digits[:-DECIMALS], digits[-DECIMALS:].rstrip("0")
    fraction = fraction.ljust(decimals or 0, "0")
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def with_unit(number: str, unit: str) -> str:
    """Write a number with its unit, which a pure number (`1`) and an unnamed unit do not have."""
    return number if unit in ("", "1") else f"{number} {unit}"


def unit_text(suffix: str) -> str:
    """Give the unit that a field's suffix stands for, such as `tC/t` for `tC_per_t`."""
    return _SPELLED.get(suffix, suffix.replace("_per_", "/"))


def below(path: str, name: str) -> str:
    """Give the place of a field inside the thing at a place; the whole has the empty place."""
    return f"{path}.{name}" if path else name


def fault(path: str, reason: str, *, code: str) -> RuleInputError:
    """Make the error of a fault at a place."""
    place = path or "inputs"
    return RuleInputError(f"{place}: {reason}", path=place, code=code)


def _shown(value: object) -> str:
    return f"{value!r:.60}" if not isinstance(value, Decimal) else str(value)
