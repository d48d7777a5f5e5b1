"""The evidence of a case from a real chain: acts as they were sent, the node's own proofs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, replace
from hashlib import sha256

import pytest

from attestation.bundle import Profile
from attestation.case_acts import CONFIRMATION, STATEMENT, SUBMISSION
from attestation.case_bundle import CaseBundle, ShownLine, make_case_bundle
from attestation.case_verifier import CaseVerifier
from attestation.enums import InventoryState, Outcome
from attestation.evm.inventory_storage import inventory_slots, used_slot
from attestation.trust_root import (
    Consensus,
    Contract,
    Finality,
    FinalityRule,
    Registry,
    TrustedChain,
    TrustRoot,
    make_trust_root,
)
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.bindings.device_registry import DeviceRegistry
from chain.bindings.inventory_registry import InventoryRegistry
from chain.case_evidence import WantedCase, capture_case, fetch_shown_acts
from chain.errors import NodeUnavailable
from chain.events import decode_events
from chain.verifier_node import VerifierNode
from tests.support.agreements import TOTAL_T, Agreement
from tests.support.chain import ChainWorld
from tests.support.evidence import small_world

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def case(shared_world: ChainWorld) -> Iterator[Agreement]:
    """A case from its draft to the confirmed result."""
    with shared_world.undone():
        made = Agreement.begin(shared_world)
        made.confirm_first()
        yield made


def places(case: Agreement) -> list[tuple[bytes, bytes]]:
    """Give transaction and digest of each act, as the events say them."""
    contract = case.world.inventories.contract
    logs = case.world.client.logs(
        [contract.address], from_block=0, to_block=case.world.client.block_number()
    )
    events = [
        each for each in decode_events([contract.source], logs) if each.name == "InventoryAdvanced"
    ]
    return [(each.log.transaction_hash, each.arguments["actDigest"]) for each in events]


def bundle(case: Agreement) -> CaseBundle:
    """Give the bundle of a line that is in no tree: the lines of this version are made up."""
    world = case.world
    acts = fetch_shown_acts(
        world.client, world.inventories, world.deployment.chain_id, places(case)
    )
    shown = tuple(each for each in acts if each.name != "InventoryDraft")
    wanted = WantedCase(
        profile=Profile.NODE,
        chain=f"eip155:{world.deployment.chain_id}",
        block_number=world.client.block_number(),
        inventory_registry=world.inventories.contract.address,
        inventory_id=case.inventory_id,
        version=1,
        digests=tuple(digest for _, digest in places(case))[1:],
        following=0,
    )
    line = ShownLine(b'{"value":"1"}', bytes(16), 0, ())
    return make_case_bundle(shown, capture_case(world.client, wanted), line=line)


def trust_root(world: ChainWorld) -> TrustRoot:
    deployed = world.deployment.contracts
    names = {
        Contract.CHECKPOINT_REGISTRY: CheckpointRegistry.NAME,
        Contract.DEVICE_REGISTRY: DeviceRegistry.NAME,
        Contract.INVENTORY_REGISTRY: InventoryRegistry.NAME,
    }
    registries = tuple(
        Registry(kind, deployed[name].address, deployed[name].code_hash, 0)
        for kind, name in names.items()
    )
    chain = TrustedChain(
        f"eip155:{world.deployment.chain_id}",
        world.deployment.genesis_hash,
        Consensus.NONE,
        Finality(FinalityRule.INSTANT),
        registries,
    )
    other = small_world().trust_root()
    return make_trust_root(other.logs, other.platform_roots, chain=chain)


def test_case_of_a_real_chain_holds(case: Agreement) -> None:
    """Signatures, acts taken, standing and version, by the node's own proofs."""
    report = CaseVerifier(trust_root(case.world), VerifierNode(case.world.client)).verify_line(
        bundle(case)
    )

    outcomes = {each.name: each.outcome for each in report.steps}
    assert outcomes == {
        **dict.fromkeys(("acts", "finality", "registry", "standing", "version"), Outcome.HELD),
        "line": Outcome.FAILED,
        "entries": Outcome.HELD,
    }
    facts = report.facts
    assert facts is not None
    assert facts.standing is not None
    assert facts.standing.state is InventoryState.CONFIRMED
    assert (facts.standing.version, facts.standing.accepted_version) == (1, 1)
    assert facts.total_t == TOTAL_T


def test_acts_are_shown_as_they_were_signed(case: Agreement) -> None:
    """Names in their order, and each digest that of the event."""
    world, made = case.world, bundle(case)

    names = [each.name for each in made.acts]
    assert names == [SUBMISSION, "VerificationAssignment", STATEMENT, CONFIRMATION]
    contract = world.inventories.contract.address
    digests = [each.verify_signed(world.deployment.chain_id, contract) for each in made.acts]
    assert digests == [digest for _, digest in places(case)][1:]


def test_act_of_another_transaction_is_not_shown(case: Agreement) -> None:
    """Neither its neighbour's nor one that nobody sent."""
    world = case.world
    (first, _), (_, second) = places(case)[:2]
    with pytest.raises(NodeUnavailable):
        fetch_shown_acts(
            world.client, world.inventories, world.deployment.chain_id, [(first, second)]
        )
    unknown = sha256(b"nobody sent this").digest()
    with pytest.raises(NodeUnavailable):
        fetch_shown_acts(
            world.client, world.inventories, world.deployment.chain_id, [(unknown, second)]
        )


def test_act_signed_but_never_sent_does_not_hold(case: Agreement) -> None:
    """The word of the registry is 0 for it, and that is proved too."""
    made = bundle(case)
    chain = made.chain
    assert chain is not None
    world = case.world
    wanted = WantedCase(
        Profile.NODE,
        chain.id,
        world.client.block_number(),
        chain.inventory_registry.address,
        case.inventory_id,
        1,
        (sha256(b"never sent").digest(),),
        0,
    )
    captured = capture_case(world.client, wanted)
    slots = [each.slot for each in captured.inventory_registry.slots]
    assert slots[0] == used_slot(sha256(b"never sent").digest())
    assert slots[1:3] == list(astuple(inventory_slots(case.inventory_id)))

    report = CaseVerifier(trust_root(world), VerifierNode(world.client)).verify_line(
        replace(made, chain=captured)
    )
    assert report.step("registry").code == "unchecked.case_slot"
