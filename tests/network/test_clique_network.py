"""
What a network of four real Clique signers does to anchors, and what its seals prove.

Run by `make network`, which builds the node first.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from attestation.body_fields import read_body
from attestation.bundle import ChainEvidence, Profile
from attestation.chain_evidence import verify_anchored, verify_final_block, verify_key_slot
from attestation.checkpoints import Checkpoint
from attestation.errors import AnchorError
from attestation.evm.storage import OPEN_INDEX
from attestation.trust_root import (
    Consensus,
    Contract,
    Finality,
    FinalityRule,
    Registry,
    TrustedChain,
    ValidatorSet,
)
from chain.client import ChainClient
from chain.errors import DevelopmentChainError, NodeUnavailable, Reverted
from chain.finality import Depth
from chain.keys import AccountSigner
from chain.networks.clique import NETWORK_CHAIN_ID, CliqueNetwork, find_geth
from chain.values import AnchorTarget
from tests.support.chain import PROJECT_ROOT, ChainWorld, PartyKeys, TestLog
from tests.support.reference_tree import tree_hash

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("network"), pytest.mark.timeout(900)]

SIGNERS = 4
KID = hashlib.sha256(b"a device key").digest()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CliqueNetwork]:
    """Four signers, a block a second."""
    folder = tmp_path_factory.mktemp("network") / "clique"
    with CliqueNetwork(find_geth(PROJECT_ROOT), folder, signers=SIGNERS) as network:
        yield network


@pytest.fixture(scope="module")
def world(network: CliqueNetwork) -> Iterator[ChainWorld]:
    """The contracts on it."""
    with ChainClient(network.rpc_url, timeout_s=60) as client:
        yield ChainWorld(network, client)


@pytest.fixture(scope="module")
def operator(world: ChainWorld) -> AccountSigner:
    return world.funded()


@pytest.fixture(scope="module")
def party(world: ChainWorld) -> PartyKeys:
    return world.register()


@pytest.fixture(scope="module")
def log(world: ChainWorld, party: PartyKeys, operator: AccountSigner) -> TestLog:
    log = world.open_log(party, operator)
    world.enrol(party, log, KID)
    return log


def trusted(world: ChainWorld, signers: tuple[bytes, ...]) -> TrustedChain:
    """Give what a verifier was told beforehand: genesis, contracts, and who seals."""
    registries = (
        (Contract.CHECKPOINT_REGISTRY, world.deployment.contracts["CheckpointRegistry"]),
        (Contract.DEVICE_REGISTRY, world.deployment.contracts["DeviceRegistry"]),
    )
    return TrustedChain(
        chain_id=f"eip155:{NETWORK_CHAIN_ID}",
        genesis_hash=world.deployment.genesis_hash,
        consensus=Consensus.CLIQUE,
        finality=Finality(FinalityRule.DEPTH, SIGNERS),
        registries=tuple(
            Registry(kind, each.address, each.code_hash, each.block_number)
            for kind, each in registries
        ),
        validators=(ValidatorSet(0, signers),),
    )


def capture(world: ChainWorld, operator: AccountSigner, log: TestLog, block: int) -> ChainEvidence:
    """Capture a block's evidence as soon as enough blocks follow it."""
    anchorer = world.anchorer(operator, Depth(SIGNERS), Profile.CLIQUE)
    deadline = time.monotonic() + 60
    while True:
        try:
            section = anchorer.capture(log.log_id, [KID], block_number=block)
        except NodeUnavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return read_body(ChainEvidence, section)


def test_anchor_and_key_are_proved_by_seals_alone(
    world: ChainWorld, network: CliqueNetwork, operator: AccountSigner, log: TestLog
) -> None:
    """Without any node, the signers' seals make the block final and its state proves the rest."""
    receipt = world.anchor(operator, log, 5)
    evidence = capture(world, operator, log, receipt.block_number)
    chain = trusted(world, network.signers)

    block = verify_final_block(evidence, chain, None)
    checkpoint = Checkpoint(log.origin, len(log.entries), tree_hash(log.entries))
    verify_anchored(
        block, evidence.checkpoint_registry, log_id=log.log_id, checkpoint=checkpoint, chain=chain
    )
    assert evidence.device_registry is not None
    slot = verify_key_slot(block, evidence.device_registry, log_id=log.log_id, kid=KID, chain=chain)

    assert block.header.number == receipt.block_number
    assert (slot.enrolled_index, slot.closed_index) == (0, OPEN_INDEX)


def test_seals_of_others_prove_nothing(
    world: ChainWorld, network: CliqueNetwork, operator: AccountSigner, log: TestLog
) -> None:
    """The same evidence is refused by whoever trusts other signers, one of four included."""
    receipt = world.anchor(operator, log, 1)
    evidence = capture(world, operator, log, receipt.block_number)
    others = tuple(sorted((*network.signers[:3], b"\x99" * 20)))

    with pytest.raises(AnchorError):
        verify_final_block(evidence, trusted(world, others), None)


def test_fork_is_refused(world: ChainWorld, operator: AccountSigner, log: TestLog) -> None:
    """The contract refuses a checkpoint of another history on a real network too."""
    world.anchor(operator, log, 3)
    fork = AnchorTarget(log.log_id, len(log.entries) + 1, b"\x13" * 32, (b"\x17" * 32,))

    with pytest.raises(Reverted, match="CheckpointRegistry_NotConsistent"):
        world.sender(operator).execute(world.checkpoints.anchor(fork))


def test_network_outlives_one_signer(
    world: ChainWorld, network: CliqueNetwork, operator: AccountSigner, log: TestLog
) -> None:
    """With one of four signers gone anchors still become final, and it catches up afterwards."""
    lost = network.nodes[-1]
    network.kill(lost)
    receipt = world.anchor(operator, log, 2)
    evidence = capture(world, operator, log, receipt.block_number)
    block = verify_final_block(evidence, trusted(world, network.signers), None)
    network.run(lost)
    network.connect()
    network.wait_for_block(receipt.block_number)

    assert block.header.number == receipt.block_number


def test_standstill_loses_nothing(
    world: ChainWorld, network: CliqueNetwork, operator: AccountSigner, log: TestLog
) -> None:
    """With two of four signers gone no block comes; with them back the anchor goes in."""
    lost = network.nodes[2:]
    for node in lost:
        network.kill(node)
    sender = world.sender(operator)
    signed = sender.prepare(world.checkpoints.anchor(log.grow(2)))
    height = world.client.block_number()
    sender.send(signed)
    with pytest.raises(DevelopmentChainError, match="no block"):
        network.wait_for_block(height + 3, timeout_s=15)
    for node in lost:
        network.run(node)
    network.connect()
    receipt = sender.wait(signed, timeout_s=120)
    log.anchored_size = len(log.entries)

    assert receipt.succeeded
    assert world.checkpoints.latest(log.log_id).size == len(log.entries)


def test_demo_is_proved_offline(tmp_path: Path) -> None:
    """On the network the demonstration's bundle holds offline, every step, by seals alone."""
    command = [str(Path(sys.executable).with_name("carbonseal")), "demo", "--exit", "--network"]
    done = subprocess.run(
        [*command, "--folder", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        timeout=880,
        check=False,
    )
    bundle = tmp_path / "demo" / "reading.carbonseal.json"
    trust = tmp_path / "demo" / "trust-root.json"
    offline = subprocess.run(
        [command[0], "verify", str(bundle), "--trust", str(trust)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout.count(" caught ") == 11
    assert offline.returncode == 0, offline.stdout
