"""
Every wrong rounding planted in a rule is noticed by the comparison with its oracle.

Where the number needs no rounding, because it is whole or was rounded before, none can be wrong:
such places are found by leaving the rounding out, and stand in `NEVER_ROUND`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from attestation.enums import RoundingProfile
from chain.addresses import format_address
from chain.artifacts import load_artifact
from chain.client import ChainClient
from chain.contract import Contract
from chain.development_chain import DevelopmentChain
from chain.errors import Reverted
from chain.rule_inputs import RuleSchema
from chain.rule_outcomes import read_outcome
from chain.rules import rules
from tests.mutation.mutants import Mutant, Place, compile_mutant, places, rests_on
from tests.oracle.registry import ask
from tests.property.rule_cases import CASES, RuleCase
from tests.support.chain import PROJECT_ROOT, anvil_binary
from tests.support.rules import assert_agreement, oracle_inputs

pytestmark = [pytest.mark.real, pytest.mark.deep, pytest.mark.xdist_group("mutation")]

_ADDRESS = b"\x77" * 20
_EXAMPLES = PROJECT_ROOT / "examples" / "rules"

NEVER_ROUND: frozenset[str] = frozenset(
    {
        "AllocationAdjustment: result cutAtPre",
        "AllocationAdjustment: result preIssued",
        "AllocationAdjustment: result refund",
        "AllocationAdjustment: result cutAtFinal",
        "AllocationAdjustment: result finalIssued",
        "AllocationAdjustment: result toReturn",
        "AllocationAdjustment: result remaining",
        "CarryOver: result cap",
        "CarryOver: result maxCarry",
        "CarryOver: result lapses",
        "CarryOver: result stillOpen",
        "CementClinker: result aboveCarbideSlagLimit",
        "DifferentiatedAllocation: result forcedSurrender",
        "DifferentiatedAllocation: result released",
        "DifferentiatedAllocation: result shortfall",
        "GapCap: result gapRate",
        "GapCap: result topUp",
        "GapCap: result approved",
        "GasExemption: result topUp",
        "GasExemption: result approved",
        "OffsetCap: result offsetsUsed",
        "OffsetCap: result allowancesNeeded",
        "OffsetCap: result allowancesUsed",
        "OffsetCap: result shortfall",
        "OffsetCap: result offsetsLeft",
        "OffsetCap: result allowancesLeft",
        "OffsetCap: result capExcess",
        "PowerAllocationByGeneration: result generationAllocation",
        "PowerAllocationByGeneration: result heatAllocation",
        "PowerAllocationByGeneration: result allocation",
        "PowerEfficiencyCheck: result holds",
        "PreAllocation2023: result preAllocation",
        "PreAllocation2025: result preAllocation",
        "PriceBand: result low",
        "PriceBand: result high",
        "PriceBand: result isWithin",
        "QuantityGate: result isAccepted",
        "SectorAllocation2025: result allocation",
    }
)
"""Places whose number has no more decimals than are asked for: whole, or rounded before."""


class Bench:
    """A chain on which one faulty rule lies at a time."""

    def __init__(self, chain: DevelopmentChain, client: ChainClient) -> None:
        self._chain, self._client = chain, client

    def put(self, contract: str, code: bytes) -> Contract:
        """Lay a rule's code down, and give the contract."""
        self._chain.request("anvil_setCode", format_address(_ADDRESS), f"0x{code.hex()}")
        return Contract(self._client, _ADDRESS, contract)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A chain whose calls may take as much gas as they like."""
    folder: Path = tmp_path_factory.mktemp("mutation")
    options = ("--gas-limit", str(10**10))
    with (
        DevelopmentChain(anvil_binary(), folder, keeps_state=False, options=options) as chain,
        ChainClient(chain.rpc_url) as client,
    ):
        yield Bench(chain, client)


def notices(contract: str, rule: Contract) -> bool:
    """Say whether the comparison with the oracle tells this code from the right one."""
    schema = RuleSchema(load_artifact(contract).abi)

    def compare(inputs: object, profile: RoundingProfile) -> None:
        encoded = schema.encode(inputs)
        fields = rule.read("evaluate", encoded, int(profile))
        expected = ask(contract, oracle_inputs(schema, encoded), profile)
        assert_agreement(read_outcome(fields), expected)

    def compare_many(case: RuleCase) -> None:
        @settings(
            max_examples=400,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(inputs=case.inputs, profile=st.sampled_from(case.profiles))
        def compare_drawn(inputs: object, profile: RoundingProfile) -> None:
            compare(inputs, profile)

        compare_drawn()

    try:
        for known in rules():
            if known.contract == contract:
                name = f"{known.name}.v{known.version}.json"
                for profile in CASES[contract].profiles:
                    compare(json.loads((_EXAMPLES / name).read_text("utf-8")), profile)
        for case in CASES[contract].every:
            compare_many(case)
    except (AssertionError, Reverted, ExceptionGroup):
        return True
    return False


def test_right_code_is_not_taken_for_a_fault(bench: Bench) -> None:
    """The committed code of each rule agrees, so that a fault noticed is the one planted."""
    for contract in sorted(CASES):
        rule = bench.put(contract, load_artifact(contract).deployed_bytecode)
        assert not notices(contract, rule), contract


@pytest.mark.parametrize("place", list(places()), ids=lambda place: place.name)
def test_wrong_rounding_is_noticed(bench: Bench, place: Place) -> None:
    """One decimal more or less, or another rounding, and the rule no more agrees."""
    if place.not_rounded is not None and not is_noticed(bench, place, place.not_rounded):
        assert place.name in NEVER_ROUND, "nothing that is drawn needs this rounding"
        return
    assert place.name not in NEVER_ROUND
    for fault in place.faults:
        assert is_noticed(bench, place, fault), f"{fault.wrong or 'nothing'} for {fault.right}"


def is_noticed(bench: Bench, place: Place, fault: Mutant) -> bool:
    """Say whether any rule that is compiled from the file no more agrees with its oracle."""
    resting = [contract for contract in sorted(CASES) if rests_on(contract, place.unit)]
    for contract in resting if place.not_rounded is None else resting[:3]:
        code = compile_mutant(contract, fault)
        if notices(contract, bench.put(contract, code)):
            return True
    return False
