"""
What a rule gives: figures with their units, and the steps between, as exact decimals.

Source: `contracts/interfaces/IRule.sol`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from chain.errors import NodeUnavailable
from chain.rule_fields import format_fixed

UNROUNDED: Final = 255
"""`decimals` of a figure that was not rounded."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a calculation."""

    name: str
    item: int
    """Which of several, counted from 0 as in the inputs; 0 where there is one."""
    unit: str
    """Such as `tCO2`, `GJ/t`, `%`; `1` for a pure number."""
    decimals: int | None
    """Decimals it was rounded to; None where it was not rounded."""
    value: Decimal
    """Exact, with up to 18 decimals."""

    @property
    def text(self) -> str:
        """The number as a decimal string, with the decimals it was rounded to."""
        return f"{self.value:f}"


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What a rule gives."""

    results: tuple[Figure, ...]
    """What the rule is asked for, in the order of its documentation."""
    steps: tuple[Figure, ...]
    """Each number worked out on the way, in the order of the formula."""

    def result(self, name: str) -> Figure:
        """
        Give a result by its name.

        Raises:
            KeyError: If the rule gives no such result.
        """
        for figure in self.results:
            if figure.name == name:
                return figure
        raise KeyError(name)


def read_outcome(fields: Mapping[str, Any]) -> RuleOutcome:
    """
    Read an outcome as the contract's ABI gives it.

    Raises:
        NodeUnavailable: If a name or a unit in it is not ASCII text.
    """
    results, steps = (
        tuple(_figure(each) for each in fields[part]) for part in ("results", "steps")
    )
    return RuleOutcome(results, steps)


def read_text(word: bytes) -> str:
    """
    Read ASCII text of up to 32 bytes, filled up with zeros.

    Raises:
        NodeUnavailable: If the bytes are not such text.
    """
    try:
        return word.rstrip(b"\0").decode("ascii")
    except UnicodeDecodeError as error:
        raise NodeUnavailable("a name is not text", code="chain.answer_malformed") from error


def _figure(fields: Mapping[str, Any]) -> Figure:
    decimals = None if fields["decimals"] == UNROUNDED else int(fields["decimals"])
    return Figure(
        name=read_text(fields["name"]),
        item=fields["item"],
        unit=read_text(fields["unit"]),
        decimals=decimals,
        value=Decimal(format_fixed(fields["value"], decimals)),
    )
