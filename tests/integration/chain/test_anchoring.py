"""Anchoring on a real chain: forks are refused, transactions survive what chains do to them."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from chain.anchorer import ChainAnchorer
from chain.errors import Dropped, Reverted
from chain.finality import Depth
from chain.keys import AccountSigner
from chain.values import AnchorTarget, LatestAnchor, SignedTransaction, TransactionState
from tests.support.chain import ChainWorld, TestLog
from tests.support.reference_tree import consistency_proof, tree_hash

pytestmark = pytest.mark.real
OTHER_USC = "91310000MA1FL00006"


@pytest.fixture
def operator(world: ChainWorld) -> AccountSigner:
    return world.funded()


@pytest.fixture
def log(world: ChainWorld, operator: AccountSigner) -> TestLog:
    return world.open_log(world.register(), operator)


@pytest.fixture
def anchorer(world: ChainWorld, operator: AccountSigner) -> ChainAnchorer:
    return world.anchorer(operator)


@pytest.fixture
def slow(world: ChainWorld, operator: AccountSigner, log: TestLog) -> ChainAnchorer:
    """An anchorer on a chain where, once the log is open, nothing is mined but by hand."""
    assert log.anchored_size == 0
    world.mine_by_hand()
    return world.anchorer(operator, Depth(2))


def state(anchorer: ChainAnchorer, signed: SignedTransaction) -> TransactionState:
    return anchorer.status(signed.tx_hash).state


def settled(anchorer: ChainAnchorer, signed: SignedTransaction) -> TransactionState:
    """Send and wait until the node has taken the transaction into a block."""
    anchorer.send(signed.raw)
    deadline = time.monotonic() + 5
    while (found := state(anchorer, signed)) < TransactionState.INCLUDED:
        assert time.monotonic() < deadline, "no block took the transaction"
        time.sleep(0.02)
    return found


# --- what is anchored --------------------------------------------------------------------------


def test_first_checkpoint_is_anchored(anchorer: ChainAnchorer, log: TestLog) -> None:
    """A log's first checkpoint needs no proof and becomes its newest."""
    target = log.grow(3)
    signed = anchorer.prepare([target])

    assert settled(anchorer, signed) is TransactionState.FINAL
    status = anchorer.status(signed.tx_hash)
    assert status.block_number is not None
    assert status.anchored == ((log.log_id, 3, target.root),)
    assert anchorer.latest(log.log_id) == LatestAnchor(3, target.root, status.block_number)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (3, 7), (4, 8), (5, 21), (8, 9), (100, 1000)])
def test_grown_log_is_anchored(
    world: ChainWorld, operator: AccountSigner, log: TestLog, old: int, new: int
) -> None:
    """A checkpoint with its consistency proof follows the one before, whatever the sizes."""
    world.anchor(operator, log, old)
    world.anchor(operator, log, new - old)

    latest = world.checkpoints.latest(log.log_id)
    assert latest is not None
    assert (latest.size, latest.root) == (new, tree_hash(log.entries))


def test_nothing_is_anchored_before_the_first(anchorer: ChainAnchorer, log: TestLog) -> None:
    """A log without an anchor has no newest checkpoint."""
    assert anchorer.latest(log.log_id) is None
    assert anchorer.latest(log.log_id, final=True) is None
    assert anchorer.find(log.log_id, 1) is None


def test_same_checkpoint_again_does_nothing(
    world: ChainWorld, operator: AccountSigner, anchorer: ChainAnchorer, log: TestLog
) -> None:
    """The newest checkpoint once more is taken and changes nothing."""
    world.anchor(operator, log, 5)
    before = anchorer.latest(log.log_id)
    signed = anchorer.prepare([replace(log.target(), proof=())])

    settled(anchorer, signed)

    assert anchorer.latest(log.log_id) == before


# --- what is refused ---------------------------------------------------------------------------


def forked(log: TestLog, size: int) -> AnchorTarget:
    """
    Give the anchor of a plausible other log: one earlier entry differs, the proof is its own.
    """
    entries = [f"entry {number}".encode() for number in range(size)]
    entries[1] = b"another entry"
    proof = tuple(consistency_proof(log.anchored_size, entries))
    return AnchorTarget(log.log_id, size, tree_hash(entries), proof)


def test_fork_is_refused_by_name(
    world: ChainWorld, operator: AccountSigner, anchorer: ChainAnchorer, log: TestLog
) -> None:
    """A log that changed an earlier entry is refused before it is signed, with the reason."""
    world.anchor(operator, log, 5)

    with pytest.raises(Reverted) as caught:
        anchorer.prepare([forked(log, 8)])

    assert caught.value.name == "CheckpointRegistry_NotConsistent"
    assert caught.value.arguments == {"logId": log.log_id, "latestSize": 5, "size": 8}


@pytest.mark.parametrize("kept", [0, -1], ids=["first hash lost", "last hash lost"])
def test_cut_proof_is_refused(
    world: ChainWorld, operator: AccountSigner, anchorer: ChainAnchorer, log: TestLog, kept: int
) -> None:
    """A proof that lacks one hash shows nothing."""
    world.anchor(operator, log, 5)
    target = log.grow(3)
    proof = target.proof[1:] if kept == 0 else target.proof[:-1]

    with pytest.raises(Reverted, match="NotConsistent"):
        anchorer.prepare([replace(target, proof=proof)])


def test_smaller_size_is_refused(
    world: ChainWorld, operator: AccountSigner, anchorer: ChainAnchorer, log: TestLog
) -> None:
    """A log does not shrink, with an honest root neither."""
    world.anchor(operator, log, 5)
    shorter = TestLog(log.origin)

    with pytest.raises(Reverted, match="SizeNotGreater"):
        anchorer.prepare([shorter.grow(4)])


def test_stranger_does_not_anchor(world: ChainWorld, log: TestLog) -> None:
    """Nobody but the log's operator anchors, not even with a good checkpoint."""
    with pytest.raises(Reverted, match="NotOperator"):
        world.anchorer(world.funded()).prepare([log.grow(3)])


def test_bad_one_of_many_is_skipped(
    world: ChainWorld, operator: AccountSigner, anchorer: ChainAnchorer, log: TestLog
) -> None:
    """In a batch a fork is skipped and named, and the other logs are anchored."""
    other = world.open_log(world.register(OTHER_USC), operator)
    world.anchor(operator, log, 5)
    good = other.grow(2)
    signed = anchorer.prepare([forked(log, 8), good])

    settled(anchorer, signed)

    status = anchorer.status(signed.tx_hash)
    assert status.succeeded
    assert status.anchored == ((other.log_id, 2, good.root),)
    assert status.skipped == ((log.log_id, 8, "CheckpointRegistry_NotConsistent"),)


def test_refusal_in_a_block_is_explained(
    world: ChainWorld, operator: AccountSigner, log: TestLog
) -> None:
    """A transaction that was fine when signed and refused in its block says why."""
    world.mine_by_hand()
    sender = world.sender(operator)
    first = sender.prepare(world.checkpoints.anchor(log.grow(3)))
    late = sender.prepare(world.checkpoints.anchor(forked(log, 4)), nonce=first.nonce + 1)
    sender.send(first)
    world.mine()
    sender.send(late)
    world.mine()

    with pytest.raises(Reverted, match="NotConsistent") as caught:
        sender.wait(late, timeout_s=5)

    assert caught.value.transaction_hash == late.tx_hash


# --- what a chain does to transactions -----------------------------------------------------------


def test_states_until_final(world: ChainWorld, slow: ChainAnchorer, log: TestLog) -> None:
    """A transaction is unknown, waits, is included, and final two blocks later."""
    signed = slow.prepare([log.grow(3)])
    seen = [state(slow, signed)]
    slow.send(signed.raw)
    seen.append(state(slow, signed))
    for _ in range(3):
        world.mine()
        seen.append(state(slow, signed))

    unknown, waiting, included, final = list(TransactionState)[:4]
    assert seen == [unknown, waiting, included, included, final]


def test_sending_again_changes_nothing(
    world: ChainWorld, slow: ChainAnchorer, log: TestLog
) -> None:
    """The same bytes may be sent before and after they are in a block."""
    signed = slow.prepare([log.grow(3)])
    slow.send(signed.raw)
    slow.send(signed.raw)
    world.mine()
    slow.send(signed.raw)

    assert state(slow, signed) is TransactionState.INCLUDED
    assert slow.next_nonce() == signed.nonce + 1


def test_lost_transaction_is_sent_again(
    world: ChainWorld, slow: ChainAnchorer, log: TestLog
) -> None:
    """A transaction that the node forgot is unknown, and the same bytes bring it back."""
    signed = slow.prepare([log.grow(3)])
    slow.send(signed.raw)
    world.chain.request("anvil_dropTransaction", f"0x{signed.tx_hash.hex()}")
    assert state(slow, signed) is TransactionState.UNKNOWN

    slow.send(signed.raw)
    world.mine()

    assert state(slow, signed) is TransactionState.INCLUDED


def test_replacement_takes_the_place(world: ChainWorld, slow: ChainAnchorer, log: TestLog) -> None:
    """A replacement pays more, gets in, and the one it replaced never will."""
    stuck = slow.prepare([log.grow(3)])
    slow.send(stuck.raw)
    replacement = slow.replace(stuck.raw)
    slow.send(replacement.raw)
    world.mine()

    assert state(slow, replacement) is TransactionState.INCLUDED
    assert state(slow, stuck) is TransactionState.REPLACED
    with pytest.raises(Dropped):
        slow.send(stuck.raw)


def test_replaced_after_a_restart(
    world: ChainWorld, slow: ChainAnchorer, operator: AccountSigner, log: TestLog
) -> None:
    """A fresh process learns that a stored transaction was replaced when it sends it again."""
    stuck = slow.prepare([log.grow(3)])
    slow.send(slow.replace(stuck.raw).raw)
    world.mine()
    fresh = world.anchorer(operator, Depth(2))

    with pytest.raises(Dropped):
        fresh.send(stuck.raw)

    assert state(fresh, stuck) is TransactionState.REPLACED


def test_reorganisation_takes_an_anchor_back(
    world: ChainWorld, operator: AccountSigner, log: TestLog
) -> None:
    """An anchor whose block left the chain is no anchor; the same bytes bring it back."""
    anchorer = world.anchorer(operator, Depth(2))
    target = log.grow(3)
    signed = anchorer.prepare([target])
    assert settled(anchorer, signed) is TransactionState.INCLUDED
    first_block = anchorer.status(signed.tx_hash).block_hash

    world.reorganise(1)

    assert state(anchorer, signed) < TransactionState.INCLUDED
    assert anchorer.latest(log.log_id) is None
    assert anchorer.find(log.log_id, 3) is None
    settled(anchorer, signed)
    assert anchorer.status(signed.tx_hash).block_hash != first_block
    assert anchorer.status(signed.tx_hash).anchored == ((log.log_id, 3, target.root),)


def test_anchor_is_found_by_its_size(
    world: ChainWorld, operator: AccountSigner, log: TestLog
) -> None:
    """An anchor is found whoever asks, and says whether it is final."""
    receipt = world.anchor(operator, log, 3)
    world.anchor(operator, log, 4)
    world.mine()
    anchorer = world.anchorer(world.funded(), Depth(2))
    world.mine(0)

    found = anchorer.find(log.log_id, 3)

    assert found is not None
    assert (found.tx_hash, found.block_hash) == (receipt.transaction_hash, receipt.block_hash)
    assert found.is_final


def test_final_checkpoint_lags_behind_the_newest(
    world: ChainWorld, operator: AccountSigner, log: TestLog
) -> None:
    """As of the newest final block a log is where it was then."""
    anchorer = world.anchorer(operator, Depth(2))
    world.anchor(operator, log, 3)
    world.mine(2)
    world.anchor(operator, log, 4)

    newest, final = anchorer.latest(log.log_id), anchorer.latest(log.log_id, final=True)

    assert newest is not None
    assert final is not None
    assert (newest.size, final.size) == (7, 3)
