"""What a rule says against its inputs, told to people: the field, the value, the limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chain.errors import Reverted
from chain.rule_refusals import explain
from tests.unit.chain.test_rule_inputs import SCHEMA, plain

ONE = 10**18
Judge = Callable[[int], bool]


def words(text: str) -> bytes:
    return text.encode().ljust(32, b"\0")


def out_of_range(field: str, item: int, value: int) -> Reverted:
    arguments = {"field": words(field), "item": item, "value": value}
    return Reverted("Rule_OutOfRange", arguments)


def consumed(inputs: dict[str, Any]) -> list[int]:
    """Give the numbers that a rule sees in the fuels' `consumed_t`."""
    return [fuel["consumed_t"] for fuel in SCHEMA.values(SCHEMA.encode(inputs))["fuels"]]


def rule(field: str, is_taken: Judge) -> Callable[[bytes], Reverted | None]:
    """Give a rule that judges every fuel's `consumed_t`, the first bad one first."""

    def attempt(inputs: bytes) -> Reverted | None:
        for item, fuel in enumerate(SCHEMA.values(inputs)["fuels"]):
            if not is_taken(fuel["consumed_t"]):
                return out_of_range(field, item, fuel["consumed_t"])
        return None

    return attempt


def refusal(given: str, is_taken: Judge, field: str = "consumed_t") -> Any:
    """Give how a rule's refusal of the second fuel's amount is told."""
    inputs = SCHEMA.encode(plain(consumed_t=given))
    attempt = rule(field, is_taken)
    reverted = attempt(inputs)
    assert reverted is not None
    return explain(reverted, SCHEMA, inputs, attempt)


@pytest.mark.parametrize(
    ("given", "is_taken", "limit"),
    [
        ("-3", lambda value: value >= 0, "at least 0 t"),
        ("0", lambda value: value > 0, "above 0 t"),
        ("1.2", lambda value: 0 <= value <= ONE, "at most 1 t"),
        ("250", lambda value: value <= 100 * ONE, "at most 100 t"),
        ("100", lambda value: value < 100 * ONE, "below 100 t"),
        ("5", lambda value: value in (0, ONE), "at most 1 t"),
        ("0.5", lambda value: value >= ONE, "at least 1 t"),
        ("-60", lambda value: value >= -ONE, "at least -1 t"),
        ("0.9", lambda value: value in (0, ONE), "a multiple of 1 t"),
    ],
)
def test_limit_is_the_rules_own(given: str, is_taken: Judge, limit: str) -> None:
    """The limit that is told is the last number that the rule takes."""
    refused = refusal(given, is_taken)

    assert refused.message.startswith(f"fuels[1].consumed_t: {given} t is out of range: ")
    assert refused.message.endswith(limit)
    assert refused.field == "fuels[1].consumed_t"
    assert refused.stable_code == "rule.out_of_range"


def test_limit_of_a_rule_that_takes_no_number() -> None:
    """Where no number would do, no limit is made up."""
    refused = refusal("7.77", lambda value: value == consumed(plain(consumed_t="1"))[0] + 1)

    assert refused.message.endswith("out of range")


def test_field_may_be_named_without_its_unit() -> None:
    """A rule that says `consumed` means the field `consumed_t`."""
    assert refusal("-3", lambda value: value >= 0, "consumed").field == "fuels[1].consumed_t"


def test_fault_elsewhere_does_not_move_the_limit() -> None:
    """Two bad numbers in two lines: the limit of the first is found although the second stays."""
    inputs = plain(consumed_t="-9")
    inputs["fuels"][0]["consumed_t"] = "-3"
    attempt = rule("consumed_t", lambda value: value >= 0)
    encoded = SCHEMA.encode(inputs)
    reverted = attempt(encoded)
    assert reverted is not None

    refused = explain(reverted, SCHEMA, encoded, attempt)

    assert refused.message == "fuels[0].consumed_t: -3 t is out of range: at least 0 t"


def test_item_that_does_not_count_lists_as_we_do() -> None:
    """A field is found by its value where a rule counts its lines in another way."""
    encoded = SCHEMA.encode(plain(consumed_t="-3"))
    attempt = rule("consumed_t", lambda value: value >= 0)

    refused = explain(out_of_range("consumed_t", 7, -3 * ONE), SCHEMA, encoded, attempt)

    assert refused.field == "fuels[1].consumed_t"


def test_number_that_was_worked_out() -> None:
    """What is no field of the inputs is named as the rule names it."""
    refused = explain(
        out_of_range("carbonContent", 0, 12 * ONE // 10), SCHEMA, SCHEMA.encode(plain()), _never
    )

    assert refused.message == "carbonContent: 1.2 is out of range"


def test_member_that_a_rule_does_not_know() -> None:
    """An enum's member is named in words."""
    encoded = SCHEMA.encode(plain(basis="NONE"))

    refused = explain(out_of_range("basis", 1, 0), SCHEMA, encoded, _never)

    assert refused.message == "fuels[1].basis: none is not for this rule"


@pytest.mark.parametrize(
    ("name", "arguments", "code", "words_"),
    [
        ("Rule_NothingGiven", {"field": words("fuels")}, "nothing_given", "fuels: at least one"),
        ("Rule_ProfileUnknown", {"profile": 1}, "profile_unknown", "as the report prints them"),
        ("Rule_InputsNotCanonical", {}, "inputs_not_canonical", ""),
        ("Rounding_Tie", {"x": 5}, "rounding_tie", ""),
        ("Fixed_DivisionByZero", {}, "division_by_zero", ""),
        ("Panic", {"code": 17}, "overflow", "too large"),
        ("SomethingElse", {"a": 1}, "refused", "SomethingElse(a=1)"),
    ],
)
def test_other_refusals(name: str, arguments: dict[str, Any], code: str, words_: str) -> None:
    """Each error of a rule has its code."""
    refused = explain(Reverted(name, arguments), SCHEMA, SCHEMA.encode(plain()), _never)

    assert refused.stable_code == f"rule.{code}"
    assert words_ in refused.message
    assert refused.reverted.name == name


def _never(_inputs: bytes) -> Reverted | None:
    raise AssertionError("nothing needs to be tried")
