"""What answers do to messages, and which are kept as evidence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attestation.enums import ReceiptStage
from attestation.instants import Instant
from devices.answering import UNKNOWN_REFUSAL, EvidenceKind
from devices.errors import ForeignMessage, SignerStateBehind
from devices.hearing import FOREIGN_KEY, FORGED, Hearing
from devices.outbox import MessageState
from tests.support.gateway import ORIGIN, Gateway, MemoryLog, time_of

NOW = time_of(10)
LATER = Instant(NOW + 1_000)


@pytest.fixture
def hearing(gateway: Gateway, log: MemoryLog) -> Hearing:
    """The gateway's ear, with the log's key pinned."""
    return Hearing(
        origin=ORIGIN,
        log_key=log.key.public_key,
        store=gateway.store,
        outbox=gateway.outbox,
        promise_delay_ms=1_000,
    )


def states(gateway: Gateway) -> list[MessageState | None]:
    """Give the state of each message of epoch 0."""
    count = gateway.state.position().next_sequence
    stored = [gateway.outbox.stored(gateway.state.kid, 0, number) for number in range(count)]
    return [message.state if message else None for message in stored]


def due_at(gateway: Gateway, now: int) -> list[int]:
    """Give the numbers of the messages that are due."""
    found = gateway.outbox.due(Instant(now), live_limit=100, backlog_limit=100)
    return sorted(message.sequence for message in found)


def test_promise_covers_its_ranges(gateway: Gateway, log: MemoryLog, hearing: Hearing) -> None:
    """One promise answers all messages of its ranges, and no other."""
    gateway.sign(0, 1, 2)
    hearing.hear(log.promise(gateway.state.kid, 0, 0, 1, LATER), NOW)

    assert states(gateway) == [MessageState.PROMISED, MessageState.PROMISED, MessageState.KEPT]


def test_receipt_is_cumulative(gateway: Gateway, log: MemoryLog, hearing: Hearing) -> None:
    """A receipt covers everything up to the newest message."""
    messages = gateway.sign(0, 1, 2)
    log.integrate([message.encoded for message in messages])
    hearing.hear(log.receipt(messages[1].encoded), NOW)

    assert states(gateway) == [MessageState.FINAL, MessageState.FINAL, MessageState.KEPT]
    assert due_at(gateway, NOW) == [2]


def test_state_never_goes_back(gateway: Gateway, log: MemoryLog, hearing: Hearing) -> None:
    """An earlier answer that comes late changes nothing."""
    (message,) = gateway.sign(0)
    log.integrate([message.encoded])
    hearing.hear(log.receipt(message.encoded), NOW)
    hearing.hear(log.receipt(message.encoded, stage=ReceiptStage.INTEGRATED), NOW)
    hearing.hear(log.promise(gateway.state.kid, 0, 0, 0, LATER), NOW)

    assert states(gateway) == [MessageState.FINAL]
    assert due_at(gateway, NOW + 10**9) == []


def test_refused_message_becomes_a_dead_letter(
    gateway: Gateway, log: MemoryLog, hearing: Hearing
) -> None:
    """A refusal is final: the message leaves the outbox and stays where the operator sees it."""
    messages = gateway.sign(0, 1)
    refusal = log.refusal(messages[0])
    hearing.hear(refusal, NOW)
    hearing.hear(refusal, LATER)
    (letter,) = hearing.answering.dead_letters()

    assert (letter.content, letter.code, letter.answer) == (
        messages[0].encoded,
        "admission.backdated",
        refusal,
    )
    assert states(gateway) == [None, MessageState.KEPT]
    assert gateway.outbox.status().tally == {}


def test_refusal_of_something_unknown_is_counted(
    gateway: Gateway, log: MemoryLog, hearing: Hearing
) -> None:
    """A refusal of bytes this gateway never kept is seen, and changes nothing."""
    (message,) = gateway.sign(0)
    stranger = replace(message, encoded=message.encoded + b"\0")
    hearing.hear(log.refusal(stranger), NOW)

    assert gateway.outbox.status().tally == {UNKNOWN_REFUSAL: 1}
    assert states(gateway) == [MessageState.KEPT]


def test_refusal_after_a_receipt_is_evidence(
    gateway: Gateway, log: MemoryLog, hearing: Hearing
) -> None:
    """A log that refuses what it had integrated contradicts itself; the message stays."""
    (message,) = gateway.sign(0)
    log.integrate([message.encoded])
    hearing.hear(log.receipt(message.encoded, stage=ReceiptStage.INTEGRATED), NOW)
    refusal = log.refusal(message)
    hearing.hear(refusal, NOW)
    (evidence,) = hearing.answering.evidence()

    assert (evidence.kind, evidence.answer) == (EvidenceKind.CONTRADICTION, refusal)
    assert states(gateway) == [MessageState.INTEGRATED]


def test_broken_promise_is_kept_and_its_message_sent_again(
    gateway: Gateway, log: MemoryLog, hearing: Hearing
) -> None:
    """A promise that was not kept in time is evidence for good, and the message is due."""
    gateway.sign(0)
    promise = log.promise(gateway.state.kid, 0, 0, 0, LATER)
    hearing.hear(promise, NOW)
    grace_ms = gateway.outbox.limits.promise_grace_ms

    assert hearing.answering.settle_promises(Instant(LATER + grace_ms)) == 0
    assert hearing.answering.settle_promises(Instant(LATER + grace_ms + 1)) == 1
    assert due_at(gateway, LATER + grace_ms) == [0]
    gateway.restart()
    rows = gateway.store.fetch("SELECT kind, answer FROM evidence")
    assert rows == [(EvidenceKind.BROKEN_PROMISE, promise)]


def test_kept_promise_is_no_evidence(gateway: Gateway, log: MemoryLog, hearing: Hearing) -> None:
    """A promise whose messages were integrated in time is settled."""
    (message,) = gateway.sign(0)
    hearing.hear(log.promise(gateway.state.kid, 0, 0, 0, LATER), NOW)
    log.integrate([message.encoded])
    hearing.hear(log.receipt(message.encoded, stage=ReceiptStage.INTEGRATED), NOW)

    assert hearing.answering.settle_promises(Instant(NOW + 10**9)) == 0
    assert hearing.answering.evidence() == []


def forged_by_another_key(gateway: Gateway, log: MemoryLog) -> bytes:
    """A promise signed by somebody else."""
    return MemoryLog(seed=b"x" * 32).promise(gateway.state.kid, 0, 0, 0, LATER)


def changed_on_the_way(gateway: Gateway, log: MemoryLog) -> bytes:
    """A promise with its last byte changed."""
    genuine = log.promise(gateway.state.kid, 0, 0, 0, LATER)
    return genuine[:-1] + bytes((genuine[-1] ^ 1,))


def of_another_log(gateway: Gateway, log: MemoryLog) -> bytes:
    """A promise by the same key for another log."""
    other = replace(ORIGIN, host="other.example")
    return MemoryLog(other).promise(gateway.state.kid, 0, 0, 0, LATER)


@pytest.mark.parametrize("make", [forged_by_another_key, changed_on_the_way, of_another_log])
def test_forged_answer_changes_nothing(
    gateway: Gateway, log: MemoryLog, hearing: Hearing, make: object
) -> None:
    """An answer that does not verify under the pinned key is counted and ignored."""
    gateway.sign(0)
    assert callable(make)
    heard = hearing.hear(make(gateway, log), NOW)

    assert (heard.kid, heard.stop) == (None, None)
    assert states(gateway) == [MessageState.KEPT]
    assert gateway.outbox.status().tally == {FORGED: 1}


def test_receipt_with_a_wrong_proof_changes_nothing(
    gateway: Gateway, log: MemoryLog, hearing: Hearing
) -> None:
    """A receipt the log signed, whose proof does not lead to its checkpoint, is not believed."""
    messages = gateway.sign(0, 1)
    log.integrate([message.encoded for message in messages])
    receipt = log.receipt_for(messages[1].encoded)
    wrong = replace(receipt, newest=replace(receipt.newest, proof=(bytes(32),)))
    hearing.hear(log.sign(wrong), NOW)

    assert states(gateway) == [MessageState.KEPT, MessageState.KEPT]
    assert gateway.outbox.status().tally == {FORGED: 1}


def test_answer_for_another_gateways_key_is_counted(
    gateway: Gateway, log: MemoryLog, hearing: Hearing
) -> None:
    """A genuine answer for a key this gateway does not have changes nothing."""
    hearing.hear(log.promise(type(gateway.state.kid)(bytes(32)), 0, 0, 0, LATER), NOW)

    assert gateway.outbox.status().tally == {FOREIGN_KEY: 1}


def test_answer_ahead_of_the_state_stops_the_key(
    gateway: Gateway, log: MemoryLog, hearing: Hearing
) -> None:
    """When the ledger knows a message we do not, our state is a copy and must sign nothing."""
    gateway.sign(0)
    heard = hearing.hear(log.promise(gateway.state.kid, 0, 0, 1, LATER), NOW)

    assert isinstance(heard.stop, SignerStateBehind)
    assert states(gateway) == [MessageState.KEPT]


def test_answer_up_to_the_newest_message_is_not_ahead(
    gateway: Gateway, log: MemoryLog, hearing: Hearing
) -> None:
    """The last message signed is the highest the ledger may know of."""
    gateway.sign(0, 1)

    assert hearing.hear(log.promise(gateway.state.kid, 0, 0, 1, LATER), NOW).stop is None


def test_receipt_for_another_message_of_ours_is_evidence(
    gateway: Gateway, log: MemoryLog, hearing: Hearing, tmp_path: object
) -> None:
    """A receipt for another message under our number shows that somebody has the key."""
    gateway.sign(0)
    twin = Gateway(gateway.path.with_name("twin.db")).begin()
    (other,) = twin.sign(1)
    twin.close()
    log.integrate([other.encoded])
    heard = hearing.hear(log.receipt(other.encoded), NOW)

    assert isinstance(heard.stop, ForeignMessage)
    assert states(gateway) == [MessageState.KEPT]
    assert [each.kind for each in hearing.answering.evidence()] == [EvidenceKind.FOREIGN_MESSAGE]


def test_receipt_whose_proof_is_of_another_entry_is_evidence(
    gateway: Gateway, log: MemoryLog, hearing: Hearing
) -> None:
    """A receipt that names our message and proves another entry proves nothing of ours."""
    messages = gateway.sign(0, 1)
    log.integrate([message.encoded for message in messages])
    receipt = log.receipt_for(messages[0].encoded)
    lying = replace(receipt, newest=replace(receipt.newest, message_id=messages[1].message_id))
    other = replace(lying.newest, sequence=1)
    heard = hearing.hear(log.sign(replace(lying, newest=other, ranges=((0, 1),))), NOW)

    assert isinstance(heard.stop, ForeignMessage)
    assert states(gateway) == [MessageState.KEPT, MessageState.KEPT]


def test_clock_is_compared_with_the_promise(
    gateway: Gateway, log: MemoryLog, hearing: Hearing
) -> None:
    """The ledger's time lies between sending and the answer, so the offset is bounded."""
    gateway.sign(0)
    (stored,) = gateway.outbox.due(NOW, live_limit=1, backlog_limit=1)
    hearing.note_sent(stored, NOW)
    ledger_at = NOW - 30_000
    promise = log.promise(gateway.state.kid, 0, 0, 0, Instant(ledger_at + 1_000))
    hearing.hear(promise, Instant(NOW + 200))
    offset = hearing.clock.offset

    assert offset is not None
    assert (offset.low_ms, offset.high_ms) == (30_000, 30_200)
