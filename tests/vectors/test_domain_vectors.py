"""
Published and derived figures of the field, through the contracts and through the oracle.

Every figure is met to its last digit: no tolerance beyond the decimals that the vector itself
prints. `tests/vectors/domain_table.py` says which rule each vector belongs to.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from attestation.ids import parse_usc
from chain.errors import RuleRefused
from chain.rule_outcomes import RuleOutcome
from chain.rule_runner import RuleRunner
from devices.hj212.checksum import checksum
from tests.oracle.numbers import half_up
from tests.oracle.registry import ask
from tests.oracle.sheet import Sheet
from tests.support.rules import assert_agreement, run_rule
from tests.vectors.domain_cases import Expect, surrender
from tests.vectors.domain_table import CASES, ELSEWHERE, VINTAGES

pytestmark = [pytest.mark.shared, pytest.mark.real]
PAIRS = [(vector, at) for vector, cases in CASES.items() for at in range(len(cases))]


@pytest.fixture(scope="module")
def vectors(shared: Path) -> dict[str, Any]:
    """The vectors by id; numbers in them are decimals."""
    text = (shared / "vectors/domain/vectors.json").read_text(encoding="utf-8")
    return {each["id"]: each for each in json.loads(text, parse_float=Decimal)}


def test_every_vector_has_its_place(vectors: dict[str, Any]) -> None:
    """Each vector is worked out here, or it is said why not; none is named that is not there."""
    named = [*CASES, *VINTAGES, *ELSEWHERE]

    assert sorted(named) == sorted(vectors)
    assert all(ELSEWHERE.values())


@pytest.mark.parametrize(("vector", "at"), PAIRS, ids=[f"{v}-{at}" for v, at in PAIRS])
def test_vector(rule_chain: RuleRunner, vectors: dict[str, Any], vector: str, at: int) -> None:
    """The contract and the oracle give the vector's figures, and agree on all the others."""
    case = CASES[vector][at]
    inputs = case.inputs(vectors[vector]["inputs"])

    outcome = run_rule(rule_chain, case.contract, inputs, case.profile)
    sheet = ask(case.contract, inputs, case.profile)

    assert_agreement(outcome, sheet)
    for expect in case.expected:
        printed = _printed(vectors[vector]["expected"][expect.key])
        assert _rounded(_figure(outcome, expect) * expect.scale, printed) == printed, expect
        assert _rounded(_of_oracle(sheet, expect) * expect.scale, printed) == printed, expect


def test_every_expectation_is_met_by_a_figure(vectors: dict[str, Any]) -> None:
    """No figure that a vector prints is left out, but those that are said here."""
    left_out = {
        "ALLOC-GAS-2024": set(),
        "CARRY-PUB-01": set(),
    }
    for vector, cases in CASES.items():
        keys = {expect.key for case in cases for expect in case.expected}
        missing = set(vectors[vector]["expected"]) - keys
        assert missing == left_out.get(vector, set()), vector


@pytest.mark.parametrize("vector", VINTAGES)
def test_vintages(rule_chain: RuleRunner, vectors: dict[str, Any], vector: str) -> None:
    """A vintage that serves the year covers the obligation; another is refused by name."""
    contract, year = VINTAGES[vector]
    expected = vectors[vector]["expected"]

    for name in expected["allowed"]:
        outcome = run_rule(rule_chain, contract, _surrender(name, year))
        assert outcome.result("allowancesUsed").value == 1000
    for name in (*expected["refused"], *expected.get("unsettled", ())):
        with pytest.raises(RuleRefused) as refused:
            run_rule(rule_chain, contract, _surrender(name, year))
        assert str(_last_year(name)) in refused.value.message


def test_credit_code(vectors: dict[str, Any]) -> None:
    """The check character of the standard's sample code is what we take."""
    vector = vectors["USCC-01"]
    code = vector["inputs"]["code17"] + vector["expected"]["check"]

    assert parse_usc(code) == vector["expected"]["valid_full"]


@pytest.mark.parametrize(
    "vector", ["01", "02", "NEG1", "NEG2", "G4", "NEG6", "BAD"], ids=lambda name: f"HJ212-{name}"
)
def test_checksum_of_a_packet(vectors: dict[str, Any], vector: str) -> None:
    """The checksum of each public packet is the printed one where it is valid, and else not."""
    packet: str = vectors[f"HJ212-{vector}"]["inputs"]["packet"]
    body, printed = packet[6:-4], packet[-4:]

    holds = checksum(body.encode()) == int(printed, 16)

    assert holds is vectors[f"HJ212-{vector}"]["expected"]["valid"]


def _surrender(vintage: str, year: int) -> dict[str, Any]:
    return surrender(1000, 0, 1000, year=year, vintage=_last_year(vintage))


def _last_year(vintage: str) -> int:
    return int(vintage.rpartition("-")[2])


def _figure(outcome: RuleOutcome, expect: Expect) -> Decimal:
    if not expect.is_step:
        return outcome.result(expect.figure).value
    (found,) = (
        each.value
        for each in outcome.steps
        if (each.name, each.item) == (expect.figure, expect.item)
    )
    return found


def _of_oracle(sheet: Sheet, expect: Expect) -> Decimal:
    if expect.is_step:
        return sheet.steps[expect.figure, expect.item]
    return sheet.results[expect.figure]


def _printed(value: object) -> Decimal:
    return Decimal(int(value)) if isinstance(value, bool) else Decimal(str(value))


def _rounded(value: Decimal, printed: Decimal) -> Decimal:
    """Round a figure as far as the vector prints it; a result has no more decimals than that."""
    exponent = printed.as_tuple().exponent
    assert isinstance(exponent, int)
    return half_up(value, -exponent)
