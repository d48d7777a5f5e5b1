"""What is captured from a chain holds offline, by the verifier's own code."""

from __future__ import annotations

import hashlib

import pytest

from attestation.body_fields import read_body
from attestation.bundle import ChainEvidence, Profile
from attestation.chain_evidence import (
    FinalBlock,
    verify_anchored,
    verify_final_block,
    verify_key_slot,
)
from attestation.checkpoints import Checkpoint
from attestation.errors import AnchorError
from attestation.evm.header import parse_header
from attestation.evm.storage import OPEN_INDEX
from attestation.ids import keccak256
from attestation.trust_root import (
    Consensus,
    Contract,
    Finality,
    FinalityRule,
    Registry,
    TrustedChain,
)
from chain.errors import NodeUnavailable
from chain.finality import Depth
from chain.keys import AccountSigner
from chain.verifier_node import VerifierNode
from tests.support.chain import ChainWorld, PartyKeys, TestLog
from tests.support.reference_tree import tree_hash

pytestmark = pytest.mark.real
KID = hashlib.sha256(b"a device key").digest()
STRANGER = hashlib.sha256(b"a key nobody enrolled").digest()


@pytest.fixture
def operator(world: ChainWorld) -> AccountSigner:
    return world.funded()


@pytest.fixture
def party(world: ChainWorld) -> PartyKeys:
    return world.register()


@pytest.fixture
def log(world: ChainWorld, party: PartyKeys, operator: AccountSigner) -> TestLog:
    return world.open_log(party, operator)


def capture(world: ChainWorld, operator: AccountSigner, log: TestLog, block: int) -> ChainEvidence:
    section = world.anchorer(operator).capture(log.log_id, [KID, STRANGER], block_number=block)
    return read_body(ChainEvidence, section)


def trusted(world: ChainWorld) -> TrustedChain:
    """Give what a verifier was told of this chain beforehand."""
    registries = [
        (Contract.CHECKPOINT_REGISTRY, world.deployment.contracts["CheckpointRegistry"]),
        (Contract.DEVICE_REGISTRY, world.deployment.contracts["DeviceRegistry"]),
    ]
    return TrustedChain(
        chain_id="eip155:31337",
        genesis_hash=world.deployment.genesis_hash,
        consensus=Consensus.NONE,
        finality=Finality(FinalityRule.INSTANT),
        registries=tuple(
            Registry(kind, each.address, each.code_hash, each.block_number)
            for kind, each in registries
        ),
    )


def verified_block(world: ChainWorld, evidence: ChainEvidence) -> FinalBlock:
    """Check the header as a stranger with a node of their own would."""
    return verify_final_block(evidence, trusted(world), VerifierNode(world.client))


def test_anchor_is_verified_by_a_stranger(
    world: ChainWorld, operator: AccountSigner, log: TestLog
) -> None:
    """What was captured shows a verifier the checkpoint, in a final block of the chain."""
    receipt = world.anchor(operator, log, 5)
    evidence = capture(world, operator, log, receipt.block_number)

    block = verified_block(world, evidence)

    assert block.reference.block_hash == receipt.block_hash
    checkpoint = Checkpoint(log.origin, 5, tree_hash(log.entries))
    assert (
        verify_anchored(
            block,
            evidence.checkpoint_registry,
            log_id=log.log_id,
            checkpoint=checkpoint,
            chain=trusted(world),
        )
        is None
    )


def test_other_checkpoint_is_not_verified(
    world: ChainWorld, operator: AccountSigner, log: TestLog
) -> None:
    """The same evidence does not show a checkpoint of another size."""
    receipt = world.anchor(operator, log, 5)
    evidence = capture(world, operator, log, receipt.block_number)

    with pytest.raises(AnchorError, match="another checkpoint"):
        verify_anchored(
            verified_block(world, evidence),
            evidence.checkpoint_registry,
            log_id=log.log_id,
            checkpoint=Checkpoint(log.origin, 6, tree_hash(log.entries)),
            chain=trusted(world),
        )


def test_key_is_verified_by_a_stranger(
    world: ChainWorld, party: PartyKeys, operator: AccountSigner, log: TestLog
) -> None:
    """The key's slot under the anchor's header says what the contract says."""
    world.enrol(party, log, KID, index=2)
    receipt = world.anchor(operator, log, 5)
    evidence = capture(world, operator, log, receipt.block_number)
    assert evidence.device_registry is not None

    slot = verify_key_slot(
        verified_block(world, evidence),
        evidence.device_registry,
        log_id=log.log_id,
        kid=KID,
        chain=trusted(world),
    )

    answered = world.devices.key_slot(log.log_id, KID)
    assert answered is not None
    assert (slot.enrolled_index, slot.closed_index) == (2, OPEN_INDEX)
    assert (slot.enrolled_index, slot.algorithm) == (answered.enrolled_index, answered.algorithm)


def test_unknown_key_is_shown_to_be_unknown(
    world: ChainWorld, operator: AccountSigner, log: TestLog
) -> None:
    """That a key was never enrolled is proved too."""
    receipt = world.anchor(operator, log, 5)
    evidence = capture(world, operator, log, receipt.block_number)
    assert evidence.device_registry is not None

    with pytest.raises(AnchorError, match="never enrolled"):
        verify_key_slot(
            verified_block(world, evidence),
            evidence.device_registry,
            log_id=log.log_id,
            kid=STRANGER,
            chain=trusted(world),
        )


def test_block_that_left_the_chain_is_not_verified(
    world: ChainWorld, operator: AccountSigner, log: TestLog
) -> None:
    """Evidence of a block that the verifier's node no longer holds is refused."""
    receipt = world.anchor(operator, log, 5)
    evidence = capture(world, operator, log, receipt.block_number)
    world.reorganise(1)

    with pytest.raises(AnchorError, match="another block"):
        verified_block(world, evidence)


def test_evidence_of_an_old_block_shows_the_old_state(
    world: ChainWorld, operator: AccountSigner, log: TestLog
) -> None:
    """Evidence of an earlier anchor proves that one, though the log has grown."""
    receipt = world.anchor(operator, log, 5)
    root = log.target().root
    world.anchor(operator, log, 3)
    world.mine(20)
    evidence = capture(world, operator, log, receipt.block_number)

    assert (
        verify_anchored(
            verified_block(world, evidence),
            evidence.checkpoint_registry,
            log_id=log.log_id,
            checkpoint=Checkpoint(log.origin, 5, root),
            chain=trusted(world),
        )
        is None
    )


def test_evidence_under_a_rule_of_depth_brings_later_headers(
    world: ChainWorld, operator: AccountSigner, log: TestLog
) -> None:
    """Where finality is a depth, the headers on top go with the evidence, each on the last."""
    receipt = world.anchor(operator, log, 5)
    world.mine(4)
    anchorer = world.anchorer(operator, Depth(3), Profile.CLIQUE)

    section = anchorer.capture(log.log_id, [], block_number=receipt.block_number)

    evidence = read_body(ChainEvidence, section)
    chain = [evidence.header, *evidence.following]
    assert len(chain) == 4
    parents = [parse_header(header).parent_hash for header in chain[1:]]
    assert parents == [keccak256(header) for header in chain[:-1]]


def test_evidence_waits_for_later_headers(
    world: ChainWorld, operator: AccountSigner, log: TestLog
) -> None:
    """Evidence of a block that is not deep enough yet is to be asked for later."""
    receipt = world.anchor(operator, log, 5)
    anchorer = world.anchorer(operator, Depth(3), Profile.CLIQUE)

    with pytest.raises(NodeUnavailable, match="no block"):
        anchorer.capture(log.log_id, [], block_number=receipt.block_number)


def test_evidence_of_pruned_state_is_not_to_be_had(
    world: ChainWorld, operator: AccountSigner, log: TestLog
) -> None:
    """A block whose state the node has dropped is told apart from one it never had."""
    receipt = world.anchor(operator, log, 5)
    world.mine(100)

    with pytest.raises(NodeUnavailable, match="no longer") as caught:
        capture(world, operator, log, receipt.block_number)

    assert caught.value.stable_code == "chain.state_pruned"
