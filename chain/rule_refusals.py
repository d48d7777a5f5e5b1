"""
Why a rule refuses: the field, what was given, and the limit that the rule itself sets.

A rule says which number is out of its range, not the range. The limit is asked of the rule: the
same inputs are tried with other numbers in that place until the last one it takes is found, so
what is said is never a second opinion of this module.

Source: `contracts/interfaces/IRule.sol`, `contracts/accounting/rules/Rule.sol`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from attestation.enums import RoundingProfile, label
from chain.errors import Reverted, RuleRefused
from chain.rule_fields import (
    Amount,
    Count,
    Flag,
    Kind,
    Many,
    Record,
    below,
    format_fixed,
    with_unit,
)
from chain.rule_inputs import RuleSchema
from chain.rule_outcomes import read_text

Attempt = Callable[[bytes], Reverted | None]
"""Tries inputs: gives what the rule says against them, or None."""

_ONE: Final = 10**18
_LIKELY: Final = (0, 1, _ONE, 50 * _ONE, 100 * _ONE, 10**6 * _ONE, 10**12 * _ONE, -_ONE)
"""Numbers that fields take, or end at: 0, the smallest above, 1, 50, 100, a million, 10^12, −1."""
_STEPS: Final = (_ONE, _ONE // 100)
"""Of amounts that come in steps: whole tonnes, ticks of a price."""
_ARITHMETIC: Final = 0x11
"""Panic code of an arithmetic overflow."""


@dataclass(frozen=True, slots=True)
class _Place:
    """One field in decoded inputs; an element of a list of numbers has the list's name."""

    path: str
    name: str
    kind: Kind
    value: Any


def explain(reverted: Reverted, schema: RuleSchema, inputs: bytes, attempt: Attempt) -> RuleRefused:
    """
    Give the error for people of what a rule said against its inputs.

    Args:
        reverted: What the rule said.
        schema: Of that rule.
        inputs: What it was given, in its canonical encoding.
        attempt: Tries other inputs, under the same profile.
    """
    match reverted.name:
        case "Rule_OutOfRange":
            return _out_of_range(reverted, schema, inputs, attempt)
        case "Rule_NothingGiven":
            place = schema.place_of(read_text(reverted.arguments["field"]))
            said = f"{place}: at least one line is wanted"
            return RuleRefused(said, reverted, field=place, code="rule.nothing_given")
        case "Rule_ProfileUnknown":
            profile = label(RoundingProfile(reverted.arguments["profile"]))
            said = f"the rule does not know this rounding: {profile}"
            return RuleRefused(said, reverted, code="rule.profile_unknown")
        case "Panic" if reverted.arguments["code"] == _ARITHMETIC:
            return RuleRefused("a number is too large to work with", reverted, code="rule.overflow")
        case "Panic" | "" | "Rule_InputsNotCanonical":
            # Bytes that do not even decode end without a reason, or in the decoder's panic.
            said = "the bytes are not the canonical encoding of this rule's inputs"
            return RuleRefused(said, reverted, code="rule.inputs_not_canonical")
        case "Rounding_Tie":
            return RuleRefused(reverted.message, reverted, code="rule.rounding_tie")
        case "Fixed_DivisionByZero":
            return RuleRefused(reverted.message, reverted, code="rule.division_by_zero")
        case _:
            return RuleRefused(reverted.message, reverted)


def _out_of_range(
    reverted: Reverted, schema: RuleSchema, inputs: bytes, attempt: Attempt
) -> RuleRefused:
    name = read_text(reverted.arguments["field"])
    value: int = reverted.arguments["value"]
    values = schema.values(inputs)
    place, is_named = _find(schema.record, values, name, reverted.arguments["item"], value)
    field, given, shown = (place.path, place.kind, place.value) if place else (name, None, value)
    limit: str | None = None
    if place is not None and isinstance(given, Amount):

        def takes(other: int) -> bool:
            changed = _replaced(schema.record, values, place.name, value, other)
            again = attempt(schema.encode_values(changed))
            same = {"field": reverted.arguments["field"], "value": other}
            return again is None or not same.items() <= again.arguments.items()

        limit = _limit(value, takes, given.unit)
    if limit is None and not is_named:
        field, given, shown = name, None, value  # equal by chance: changing it changes nothing
    said = f"{field}: {_reason(given, shown, limit)}"
    return RuleRefused(said, reverted, field=field, code="rule.out_of_range")


def _reason(kind: Kind | None, value: Any, limit: str | None) -> str:
    if kind is None:
        return f"{format_fixed(value)} is out of range"
    if not isinstance(kind, Amount):
        return f"{kind.write(value)} is not for this rule"
    return f"{kind.write(value)} is out of range" + (f": {limit}" if limit else "")


def _limit(refused: int, takes: Callable[[int], bool], unit: str) -> str | None:
    """Say what the rule takes instead of the refused number; None if that is not found."""
    for step in _STEPS:
        below_it = refused // step * step
        if below_it != refused and takes(below_it) and takes(below_it + step):
            return f"a multiple of {with_unit(format_fixed(step), unit)}"
    nearest = _nearest(refused, takes)
    if nearest is None:
        return None
    word, number = _spoken(nearest, refused)
    return f"{word} {with_unit(format_fixed(number), unit)}"


def _nearest(refused: int, takes: Callable[[int], bool]) -> int | None:
    """Give the number nearest to the refused one that the rule takes; None if none is found."""
    found = [likely for likely in _LIKELY if likely != refused and takes(likely)]
    if not found:
        return None
    taken = min(found, key=lambda likely: abs(likely - refused))
    towards = 1 if refused > taken else -1
    if not takes(taken + towards):  # the likely number is the limit itself
        return taken
    while abs(taken - refused) > 1:
        between = (taken + refused) // 2
        if takes(between):
            taken = between
        else:
            refused = between
    return taken


def _spoken(limit: int, refused: int) -> tuple[str, int]:
    """Say a limit; the last number before a whole one is `below` it, the first after `above`."""
    whole = limit - 1 if limit > refused else limit + 1
    if limit % _ONE and not whole % _ONE:
        return ("above" if limit > refused else "below"), whole
    return ("at least" if limit > refused else "at most"), limit


def _find(
    record: Record, values: Mapping[str, Any], name: str, item: int, value: int
) -> tuple[_Place | None, bool]:
    """
    Find the field that is meant, and say whether the rule named it.

    It is the item-th field of the name that has the value, or the first of them; a rule may leave
    the unit out of the name. Where it says another word, it is the only amount of that value.
    """
    places = list(_places(record, values, "", ""))
    named = [place for place in places if name in _names_of(place)]
    if item < len(named) and _is(named[item], value):
        return named[item], True
    for place in named:
        if _is(place, value):
            return place, True
    equal = [p for p in places if isinstance(p.kind, Amount) and p.value == value]
    return (equal[0] if len(equal) == 1 else None), False


def _is(place: _Place, value: int) -> bool:
    """Compare a field with what a rule says of it; counts are said times 10^18 as amounts are."""
    return place.value == value or (
        isinstance(place.kind, Count | Flag) and place.value * _ONE == value
    )


def _names_of(place: _Place) -> tuple[str, str, str]:
    """Give the names a rule may have for a field: its own, without the unit, with its path."""
    return place.name, place.name.partition("_")[0], re.sub(r"\[\d+\]", "", place.path)


def _places(kind: Kind, value: Any, path: str, name: str) -> Iterator[_Place]:
    match kind:
        case Record(fields=fields):
            for inner, inner_kind in fields.items():
                yield from _places(inner_kind, value[inner], below(path, inner), inner)
        case Many(element=element):
            for at, each in enumerate(value):
                yield from _places(element, each, f"{path}[{at}]", name)
        case _:
            yield _Place(path, name, kind, value)


def _replaced(kind: Kind, value: Any, name: str, old: int, new: int, *, here: str = "") -> Any:
    """Give values in which the amounts of one name that had one number have another."""
    match kind:
        case Record(fields=fields):
            return {
                inner: _replaced(inner_kind, value[inner], name, old, new, here=inner)
                for inner, inner_kind in fields.items()
            }
        case Many(element=element):
            return [_replaced(element, each, name, old, new, here=here) for each in value]
        case Amount() if (here, value) == (name, old):
            return new
        case _:
            return value
