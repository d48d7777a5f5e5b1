"""
Where numbers stand in the encoded inputs of a rule, so that a contract finds the factors there.

A place is found by changing the number in its lowest bit and seeing which word of the encoding
changes: one, wherever the encoding puts it.

Source: `contracts/interfaces/IRuleBook.sol`, `FactorUse`; Solidity contract ABI specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from chain.bindings.rule_book import FactorUse
from chain.rule_fields import fault
from chain.rule_inputs import RuleSchema

_WORD: Final = 32
_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")


@dataclass(frozen=True, slots=True)
class NamedFactor:
    """Says that a number among the inputs is a value of a factor."""

    path: str
    """Place of the number, such as `weighed[0].lines[2].consumed_t`."""
    factor_id: bytes
    """32 bytes."""
    value_index: int
    """Which of the factor's values."""


def factor_uses(
    schema: RuleSchema, inputs: object, named: Iterable[NamedFactor]
) -> tuple[FactorUse, ...]:
    """
    Say where factors stand in the encoding of plain inputs.

    Args:
        schema: Of the rule.
        inputs: Plain data, as the rule takes it.
        named: Which numbers are factors.

    Raises:
        RuleInputError: If the inputs are not what the rule takes, or a place is no amount of them.
    """
    values = schema.record.read(inputs, "")
    return tuple(
        FactorUse(each.factor_id, each.value_index, _offset(schema, values, each.path))
        for each in named
    )


def _offset(schema: RuleSchema, values: dict[str, Any], path: str) -> int:
    holder, last = _find(values, path)
    before = schema.encode_values(values)
    holder[last] ^= 1
    after = schema.encode_values(values)
    holder[last] ^= 1
    (offset,) = (
        at
        for at in range(0, len(before), _WORD)
        if before[at : at + _WORD] != after[at : at + _WORD]
    )
    return offset


def _find(values: dict[str, Any], path: str) -> tuple[Any, str | int]:
    """Give what holds a number, and its name or place there."""
    holder: Any = values
    steps = list(_steps(path))
    try:
        for step in steps[:-1]:
            holder = holder[step]
        number = holder[steps[-1]]
    except (KeyError, IndexError, TypeError) as error:
        raise fault(path, "no such field in this rule", code="rule.input_unknown") from error
    if type(number) is not int:
        raise fault(path, "not an amount", code="rule.input_kind")
    return holder, steps[-1]


def _steps(path: str) -> Iterator[str | int]:
    for match in _STEP.finditer(path):
        yield match[1] if match[1] is not None else int(match[2])
