"""Anchoring on both databases: the outbox from pending to final, and back."""

from __future__ import annotations

import pytest

from attestation.enums import EventKind, LogState, OutboxState, ReceiptStage
from ledger.errors import ForkDetected
from ledger.repositories.outbox import OutboxItem
from tests.fakes.anchorer import RecordingAnchorer
from tests.fakes.plant import Meter, Plant
from tests.fakes.vandal import Vandal


def states(plant: Plant) -> list[OutboxState]:
    """Give the states of every outbox item, oldest first."""
    return [item.state for item in items(plant)]


def items(plant: Plant) -> list[OutboxItem]:
    """Give every outbox item, oldest first."""
    with plant.database.reading() as uow:
        assert plant.anchorer is not None
        return uow.outbox.in_states(list(OutboxState), operator=plant.anchorer.operator)


def anchors(plant: Plant) -> dict[int, bool]:
    """Give whether each anchored size is final."""
    with plant.database.reading() as uow:
        return {
            anchor.size: anchor.final_at is not None for anchor in uow.anchors.all(plant.log.number)
        }


def grow(plant: Plant, count: int, meter: Meter) -> None:
    """Let a log grow by some entries."""
    plant.admit(meter.sign(count))
    plant.integrate_all()


def test_a_checkpoint_becomes_final(plant: Plant, chain: RecordingAnchorer) -> None:
    """A new checkpoint is signed, sent, included and final, in this order."""
    grow(plant, 3, Meter())
    seen = [states(plant)]
    for blocks in (0, 1, 2):
        plant.anchoring.step(plant.now)
        seen.append(states(plant))
        chain.mine(blocks)
    plant.anchoring.step(plant.now)

    assert seen == [
        [OutboxState.PENDING],
        [OutboxState.BROADCAST],
        [OutboxState.BROADCAST],
        [OutboxState.INCLUDED],
    ]
    assert states(plant) == [OutboxState.FINAL]
    assert anchors(plant) == {3: True}


def test_devices_hear_of_each_stage(plant: Plant, chain: RecordingAnchorer) -> None:
    """Receipts are written when a block has the anchor, and again when it is final."""
    grow(plant, 3, Meter())
    plant.anchoring.step(plant.now)
    chain.mine()
    plant.anchoring.step(plant.now)
    chain.mine(2)
    plant.anchoring.step(plant.now)

    assert plant.receipts.anchors == [(3, ReceiptStage.ANCHORED), (3, ReceiptStage.FINAL)]


def test_evidence_is_captured_at_finality(plant: Plant, chain: RecordingAnchorer) -> None:
    """The storage proofs of a final anchor's block are kept with it."""
    grow(plant, 3, Meter())
    plant.anchoring.step(plant.now)
    chain.mine(3)
    plant.anchoring.step(plant.now)

    with plant.database.reading() as uow:
        anchor = uow.anchors.get(plant.log.number, 3)
    assert anchor is not None
    assert anchor.evidence == {"profile": "test", "block": 1, "kids": []}


def test_the_newest_checkpoint_is_sent(plant: Plant, chain: RecordingAnchorer) -> None:
    """Checkpoints that were passed by meanwhile are not sent one by one."""
    meter = Meter()
    for _ in range(5):
        grow(plant, 2, meter)
    plant.anchoring.step(plant.now)
    chain.mine(3)
    plant.anchoring.step(plant.now)

    assert chain.anchored_sizes(plant.log.log_id) == [10]


def test_a_log_is_anchored_once_a_minute(plant: Plant, chain: RecordingAnchorer) -> None:
    """A log that goes on growing waits for its minute."""
    meter = Meter()
    grow(plant, 1, meter)
    plant.anchoring.step(plant.now)
    chain.mine()
    grow(plant, 1, meter)
    plant.pass_time(59_999)
    early = plant.anchoring.step(plant.now)
    plant.pass_time(1)

    late = plant.anchoring.step(plant.now)

    assert early.sent == ()
    assert late.sent == (plant.log.origin,)


def test_a_restart_does_not_shorten_the_minute(plant: Plant, chain: RecordingAnchorer) -> None:
    """What was sent within the last minute is known after a restart."""
    meter = Meter()
    grow(plant, 1, meter)
    plant.anchoring.step(plant.now)
    chain.mine()
    plant.anchoring.step(plant.now)
    plant.pass_time(30_000)
    plant.restart()
    grow(plant, 1, meter)

    assert plant.anchoring.step(plant.now).sent == ()


def test_anchor_now_does_not_wait(plant: Plant, chain: RecordingAnchorer) -> None:
    """Somebody who asks is served with the next transaction."""
    meter = Meter()
    grow(plant, 1, meter)
    plant.anchoring.step(plant.now)
    chain.mine()
    grow(plant, 1, meter)
    plant.anchoring.request(plant.log.number, now=plant.now)

    assert plant.anchoring.step(plant.now).sent == (plant.log.origin,)


def test_many_logs_share_a_transaction(plant: Plant, chain: RecordingAnchorer) -> None:
    """Two logs of one operator are anchored together."""
    other = Plant(plant.database, anchorer=chain, origin="ledger.example/log/91310000MA1FL5E865")
    grow(plant, 1, Meter())
    grow(other, 2, Meter(1, origin=other.log.origin))
    plant.anchoring.step(plant.now)
    chain.mine(3)
    plant.anchoring.step(plant.now)

    assert len(chain.sent) == 1
    assert anchors(plant) == {1: True}
    assert anchors(other) == {2: True}


def test_one_transaction_is_in_flight(plant: Plant, chain: RecordingAnchorer) -> None:
    """Nothing is signed while a transaction waits for its block."""
    meter = Meter()
    grow(plant, 1, meter)
    plant.anchoring.step(plant.now)
    grow(plant, 1, meter)
    plant.pass_time(120_000)

    assert plant.anchoring.step(plant.now).sent == ()
    assert len(set(chain.sent)) == 1


def test_a_reorganisation_takes_an_anchor_back(plant: Plant, chain: RecordingAnchorer) -> None:
    """An anchor whose block is gone is no anchor, and the same bytes are sent again."""
    grow(plant, 1, Meter())
    plant.anchoring.step(plant.now)
    chain.mine()
    plant.anchoring.step(plant.now)
    chain.reorganise(1, keep=False)

    step = plant.anchoring.step(plant.now)

    assert step.taken_back == 1
    assert states(plant) == [OutboxState.BROADCAST]
    assert anchors(plant) == {}
    assert len(set(chain.sent)) == 1


def test_a_reorganised_anchor_becomes_final_in_another_block(
    plant: Plant, chain: RecordingAnchorer
) -> None:
    """After a reorganisation the anchor carries the block where it stands in the end."""
    grow(plant, 1, Meter())
    plant.anchoring.step(plant.now)
    chain.mine()
    plant.anchoring.step(plant.now)
    chain.reorganise(1)
    chain.mine(3)
    plant.anchoring.step(plant.now)

    with plant.database.reading() as uow:
        anchor = uow.anchors.get(plant.log.number, 1)
    assert anchor is not None
    assert anchor.block_hash == chain.blocks[1].block_hash
    assert anchor.final_at is not None


def test_anchor_is_told_and_told_again_after_a_reorganisation(
    plant: Plant, chain: RecordingAnchorer
) -> None:
    """The checkpoint, each block in which it stood, and that the last of them is final."""
    grow(plant, 1, Meter())
    plant.anchoring.step(plant.now)
    chain.mine()
    plant.anchoring.step(plant.now)
    chain.reorganise(1)
    chain.mine(3)
    for _ in range(3):
        plant.anchoring.step(plant.now)
    with plant.database.reading() as uow:
        told = uow.events.after([plant.log.number], 0, limit=9)

    assert told[0].kind is EventKind.CHECKPOINT
    assert told[-1].kind is EventKind.CHECKPOINT_FINAL
    assert {each.kind for each in told[1:-1]} == {EventKind.CHECKPOINT_ANCHORED}
    assert {each.body["size"] for each in told} == {1}
    assert told[-1].body == told[-2].body


def test_a_lost_transaction_is_sent_again(plant: Plant, chain: RecordingAnchorer) -> None:
    """A node that forgot the transaction gets the same bytes once more."""
    grow(plant, 1, Meter())
    plant.anchoring.step(plant.now)
    chain.lose_pool()
    plant.anchoring.step(plant.now)
    chain.mine(3)
    plant.anchoring.step(plant.now)

    assert len(chain.sent) == 2
    assert len(set(chain.sent)) == 1
    assert anchors(plant) == {1: True}


def test_a_stuck_transaction_is_replaced(plant: Plant, chain: RecordingAnchorer) -> None:
    """A transaction that no block takes is replaced under its nonce, for a higher fee."""
    grow(plant, 1, Meter())
    plant.anchoring.step(plant.now)
    plant.pass_time(180_000)
    plant.anchoring.step(plant.now)
    chain.mine(3)
    plant.anchoring.step(plant.now)

    assert len(set(chain.sent)) == 2
    assert chain.next_nonce() == 1
    assert anchors(plant) == {1: True}


def test_the_replaced_transaction_may_win(plant: Plant, chain: RecordingAnchorer) -> None:
    """If the old transaction gets in after all, its anchor is found and followed."""
    grow(plant, 1, Meter())
    plant.anchoring.step(plant.now)
    old = list(chain.pool)
    plant.pass_time(180_000)
    plant.anchoring.step(plant.now)
    chain.pool = old
    chain.mine(3)
    for _ in range(2):
        plant.anchoring.step(plant.now)

    assert anchors(plant) == {1: True}
    assert states(plant) == [OutboxState.FINAL]
    assert items(plant)[0].tx_hash == old[0].tx_hash


def test_a_nonce_taken_by_a_stranger_gives_a_new_one(
    plant: Plant, chain: RecordingAnchorer
) -> None:
    """A transaction that can never enter is given up, and signed again with a free nonce."""
    grow(plant, 1, Meter())
    plant.anchoring.step(plant.now)
    chain.lose_pool()
    chain.use_nonce()
    plant.anchoring.step(plant.now)
    plant.pass_time(60_000)
    plant.anchoring.step(plant.now)
    chain.mine(3)
    plant.anchoring.step(plant.now)

    assert anchors(plant) == {1: True}
    assert [item.nonce for item in items(plant)] == [1]


def test_an_anchor_of_a_lost_database_is_found(plant: Plant, chain: RecordingAnchorer) -> None:
    """An anchor that the chain has and the outbox does not know is adopted, not sent again."""
    grow(plant, 1, Meter())
    plant.anchoring.step(plant.now)
    chain.mine(3)
    Vandal(plant.database).execute("DELETE FROM outbox")
    plant.restart()
    plant.anchoring.request(plant.log.number, now=plant.now)
    for _ in range(2):
        plant.anchoring.step(plant.now)

    assert len(chain.sent) == 1
    assert anchors(plant) == {1: True}
    assert states(plant) == []


def test_an_adopted_anchor_may_leave_the_chain(plant: Plant, chain: RecordingAnchorer) -> None:
    """An adopted anchor that is reorganised away is forgotten."""
    grow(plant, 1, Meter())
    plant.anchoring.step(plant.now)
    chain.mine(1)
    Vandal(plant.database).execute("DELETE FROM outbox")
    plant.restart()
    plant.anchoring.request(plant.log.number, now=plant.now)
    plant.anchoring.step(plant.now)
    before = anchors(plant)
    chain.reorganise(1, keep=False)
    plant.anchoring.step(plant.now)

    assert before == {1: False}
    assert anchors(plant) == {}


def test_a_log_behind_its_anchor_signs_nothing_more(plant: Plant, chain: RecordingAnchorer) -> None:
    """A log whose anchor is larger than itself is stopped."""
    grow(plant, 5, Meter())
    plant.anchoring.step(plant.now)
    chain.mine(3)
    plant.anchoring.step(plant.now)
    chain.blocks[1].anchored[chain.blocks[1].transactions[0].tx_hash] = [
        (plant.log.log_id, 9, bytes(32))
    ]
    plant.anchoring.request(plant.log.number, now=plant.now)

    step = plant.anchoring.step(plant.now)

    assert step.recovering == (plant.log.origin,)
    with plant.database.reading() as uow:
        assert uow.logs.get(plant.log.number).state is LogState.RECOVERING


def test_another_history_on_the_chain_is_fatal(plant: Plant, chain: RecordingAnchorer) -> None:
    """A chain that holds another root for a size that we have stops everything."""
    grow(plant, 5, Meter())
    plant.anchoring.step(plant.now)
    chain.mine(3)
    plant.anchoring.step(plant.now)
    chain.blocks[1].anchored[chain.blocks[1].transactions[0].tx_hash] = [
        (plant.log.log_id, 5, bytes(32))
    ]
    grow(plant, 1, Meter(1))
    plant.pass_time(60_000)

    with pytest.raises(ForkDetected, match="another tree of 5 entries"):
        plant.anchoring.step(plant.now)


def test_growth_while_signing_is_not_forgotten(plant: Plant, chain: RecordingAnchorer) -> None:
    """A batch that arrives between signing and finality is anchored in its turn."""
    meter = Meter()
    grow(plant, 1, meter)
    plant.anchoring.step(plant.now)
    grow(plant, 1, meter)
    for _ in range(4):
        chain.mine(3)
        plant.pass_time(60_000)
        plant.anchoring.step(plant.now)

    assert anchors(plant) == {1: True, 2: True}
    assert OutboxState.PENDING not in states(plant)
