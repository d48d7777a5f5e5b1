"""Every rule agrees with its oracle, on anything that might be reported, to the last digit."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chain.artifacts import load_artifact
from chain.errors import RuleRefused
from chain.rule_inputs import RuleSchema
from chain.rule_runner import RuleRunner
from chain.rules import rules
from tests.oracle.registry import ORACLES, ask
from tests.property.rule_cases import CASES
from tests.support.rules import assert_agreement, few_examples, run_rule, some_examples

pytestmark = pytest.mark.real
MAY_BE_NEGATIVE = {"company_tCO2", "baseline_tCO2e"}
REFUSALS = {"rule.inputs_not_canonical", "rule.out_of_range", "rule.nothing_given", "rule.refused"}


def test_every_rule_has_an_oracle_and_is_drawn() -> None:
    """No rule is in the catalogue that is not compared here."""
    contracts = sorted(rule.contract for rule in rules())

    assert sorted(ORACLES) == contracts
    assert sorted(CASES) == contracts


@pytest.mark.parametrize("contract", sorted(CASES))
@some_examples
@given(data=st.data())
def test_rule_agrees_with_its_oracle(
    rule_chain: RuleRunner, contract: str, data: st.DataObject
) -> None:
    """Results and steps are those of the oracle, in every profile that the rule knows."""
    case = data.draw(st.sampled_from(CASES[contract].every), label="case")
    inputs = data.draw(case.inputs, label="inputs")
    profile = data.draw(st.sampled_from(case.profiles), label="profile")

    outcome = run_rule(rule_chain, contract, inputs, profile)

    assert_agreement(outcome, ask(contract, inputs, profile))


@pytest.mark.parametrize("contract", sorted(CASES))
@few_examples
@given(data=st.data())
def test_number_below_its_range_is_refused_by_name(
    rule_chain: RuleRunner, contract: str, data: st.DataObject
) -> None:
    """One number made negative is refused, and the error names its place."""
    inputs = copy.deepcopy(data.draw(CASES[contract].inputs, label="inputs"))
    places = list(_amounts(inputs, ""))
    assume(places)
    holder, key, path = data.draw(st.sampled_from(places), label="place")
    holder[key] = "-0.000000000000000001"

    with pytest.raises(RuleRefused) as refused:
        run_rule(rule_chain, contract, inputs)

    assert refused.value.stable_code == "rule.out_of_range"
    assert refused.value.field == path
    assert "is out of range" in refused.value.message


@pytest.mark.parametrize("contract", sorted(CASES))
@few_examples
@given(data=st.data())
def test_other_bytes_are_refused(
    rule_chain: RuleRunner, contract: str, data: st.DataObject
) -> None:
    """Bytes that are not the canonical encoding of inputs end in our error, whatever they are."""
    inputs = data.draw(CASES[contract].inputs, label="inputs")
    encoded = RuleSchema(load_artifact(contract).abi).encode(inputs)
    at = data.draw(st.integers(0, len(encoded) // 32), label="word") * 32
    noise = data.draw(st.binary(min_size=1, max_size=64), label="noise")

    with pytest.raises(RuleRefused) as refused:
        rule_chain.run(contract, encoded[:at] + noise + encoded[at:])

    assert refused.value.stable_code in REFUSALS


def _amounts(value: Any, path: str) -> Iterator[tuple[Any, Any, str]]:
    """Give every amount of plain inputs that may not be negative, with where it stands."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        here = f"{path}[{key}]" if isinstance(value, list) else f"{path}.{key}".lstrip(".")
        if isinstance(inner, dict | list):
            yield from _amounts(inner, here)
        elif _is_amount(key, inner, value, path):
            yield value, key, here


def _is_amount(key: object, inner: object, holder: object, path: str) -> bool:
    if not isinstance(inner, str) or not inner.replace(".", "").isdecimal():
        return False
    name = path.rpartition(".")[2] if isinstance(holder, list) else key
    return name not in MAY_BE_NEGATIVE
