"""Other chains: the wrong one is refused, a restarted one goes on, free gas and old fees work."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from attestation.errors import Retry
from chain.addresses import format_address
from chain.client import ChainClient
from chain.deployments import Deployment, load_deployment, save_deployment
from chain.development_chain import DevelopmentChain
from chain.errors import NodeUnavailable, WentBack, WrongChain
from chain.events import EventFollower
from chain.fees import DynamicFees, FeeRules
from chain.identity import check_identity
from chain.keys import generate_signer
from chain.raw_transactions import parse_transaction
from chain.transactions import TransactionSender
from chain.values import Call, Receipt
from tests.support.chain import ChainWorld, anvil_binary, running_world

pytestmark = pytest.mark.real


def test_record_serves_after_a_restart(tmp_path: Path) -> None:
    """Contracts, anchors and the identity of a chain survive a restart of its node."""
    with running_world(tmp_path / "chain", keeps_state=True) as world:
        operator = world.funded()
        log = world.open_log(world.register(), operator)
        world.anchor(operator, log, 5)
        save_deployment(tmp_path / "deployments.json", world.deployment)
        before = world.checkpoints.latest(log.log_id)
        world.chain.stop()
        world.chain.start()
        deployment = load_deployment(tmp_path / "deployments.json", 31337)

        with ChainClient(world.chain.rpc_url) as client:
            check_identity(client, deployment.identity)
            world.client, world.checkpoints = (
                client,
                type(world.checkpoints)(client, deployment.address("CheckpointRegistry")),
            )
            after = world.checkpoints.latest(log.log_id)
            world.anchor(operator, log, 3)
            grown = world.checkpoints.latest(log.log_id)

    assert after == before
    assert grown is not None
    assert grown.size == 8


def test_another_chain_of_the_same_id_is_refused(world: ChainWorld, tmp_path: Path) -> None:
    """A chain with our chain id and another genesis block is not ours."""
    with (
        DevelopmentChain(anvil_binary(), tmp_path) as other,
        ChainClient(other.rpc_url) as client,
        pytest.raises(WrongChain, match="genesis"),
    ):
        other.request("anvil_mine", "0x64")
        check_identity(client, world.deployment.identity)


def test_another_chain_id_is_refused(world: ChainWorld, tmp_path: Path) -> None:
    """A node of another chain id is refused at the first question."""
    with (
        DevelopmentChain(anvil_binary(), tmp_path, chain_id=4711) as other,
        ChainClient(other.rpc_url) as client,
        pytest.raises(WrongChain, match="chain 4711, 31337 expected"),
    ):
        check_identity(client, world.deployment.identity)


def test_chain_without_our_blocks_went_back(world: ChainWorld, tmp_path: Path) -> None:
    """A follower whose cursor is of another chain stops for good."""
    sources = [world.checkpoints.contract.source]
    first = world.deployment.first_block
    cursor = EventFollower(world.client, sources, first_block=first).poll().cursor
    with DevelopmentChain(anvil_binary(), tmp_path) as other, ChainClient(other.rpc_url) as client:
        other.request("anvil_mine", "0x64")

        with pytest.raises(WentBack) as caught:
            EventFollower(client, sources, first_block=first).poll(cursor)

    assert (caught.value.stable_code, caught.value.retry) == ("chain.went_back", Retry.FATAL)


def test_nobody_listening_is_unavailable() -> None:
    """A node that is down is to be asked again later."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

    with (
        ChainClient(f"http://127.0.0.1:{port}") as client,
        pytest.raises(NodeUnavailable) as caught,
    ):
        client.block_number()

    assert caught.value.retry is Retry.LATER


def send(chain: DevelopmentChain, *, balance_wei: int) -> tuple[bytes, Receipt]:
    """Send one transaction on a chain with other rules for fees."""
    signer = generate_signer()
    with chain, ChainClient(chain.rpc_url) as client:
        chain.request("anvil_setBalance", format_address(signer.address), hex(balance_wei))
        sender = TransactionSender(client, signer, chain_id=31337, fee_rules=FeeRules())
        signed = sender.prepare(Call(b"\x11" * 20, b"\x01"))
        sender.send(signed)
        return signed.raw, sender.wait(signed, timeout_s=10)


def test_free_gas_needs_no_money(tmp_path: Path) -> None:
    """Where gas is free an account without money sends."""
    options = ["--gas-price", "0", "--base-fee", "0", "--disable-min-priority-fee"]
    chain = DevelopmentChain(anvil_binary(), tmp_path, options=options)

    raw, receipt = send(chain, balance_wei=0)

    assert parse_transaction(raw, 31337).fees == DynamicFees(0, 0)
    assert receipt.succeeded


def test_chain_before_london_gets_the_old_transaction(tmp_path: Path) -> None:
    """Where there is no base fee a transaction with one price is sent."""
    chain = DevelopmentChain(anvil_binary(), tmp_path, hardfork="berlin")

    raw, receipt = send(chain, balance_wei=10**18)

    assert raw[0] >= 0xC0
    assert receipt.succeeded


def test_deployment_knows_its_chain(world: ChainWorld) -> None:
    """A record with one other code hash is not this chain's."""
    registry = world.deployment.contracts["CheckpointRegistry"]
    contracts = world.deployment.contracts | {
        "CheckpointRegistry": replace(registry, code_hash=bytes(32))
    }
    other = Deployment(world.deployment.chain_id, world.deployment.genesis_hash, contracts)

    with pytest.raises(WrongChain, match="code at"):
        check_identity(world.client, other.identity)
