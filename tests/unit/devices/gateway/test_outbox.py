"""The outbox: what is sent when, and what is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestation.enums import Provenance, ReceiptStage
from attestation.instants import Instant
from devices.answering import Answering
from devices.errors import OutboxFull
from devices.outbox import RELEASED_EARLY, MessageState, OutboxLimits
from tests.support.gateway import Gateway, MemoryLog, message_ids, time_of

MINUTE_MS = 60_000
DAY_MS = 86_400_000


def due(gateway: Gateway, now: int, *, live: int = 100, backlog: int = 100) -> list[int]:
    """Give the numbers of the messages that are due."""
    found = gateway.outbox.due(Instant(now), live_limit=live, backlog_limit=backlog)
    return [message.sequence for message in found]


def make_final(gateway: Gateway, log: MemoryLog, now: Instant) -> None:
    """Integrate and anchor everything kept, as the log's final receipt says."""
    kid = gateway.state.kid
    stored = [gateway.outbox.stored(kid, 0, number) for number in range(1000)]
    contents = [message.content for message in stored if message is not None]
    log.integrate(contents)
    content = log.receipt(contents[-1])
    answer = log.receipt_for(contents[-1])
    Answering(gateway.store, gateway.outbox).apply(answer, content, now)


def test_live_messages_go_before_the_backlog(gateway: Gateway) -> None:
    """A message of the backlog waits for every live one, though it was signed earlier."""
    gateway.sign(0, provenance=Provenance.BACK_FILL, now=time_of(5))
    gateway.sign(5)

    assert due(gateway, time_of(5)) == [1, 0]


def test_backlog_is_limited_apart_from_live(gateway: Gateway) -> None:
    """The agent's rate bounds the backlog and no live message."""
    gateway.sign(0, 1, 2, provenance=Provenance.BACK_FILL, now=time_of(5))
    gateway.sign(5)

    assert due(gateway, time_of(5), backlog=1) == [3, 0]
    assert due(gateway, time_of(5), backlog=0) == [3]


def test_live_message_that_could_not_be_sent_joins_the_backlog(gateway: Gateway) -> None:
    """After an outage the newest messages go first, and the old ones at the backlog's rate."""
    gateway.sign(0, 1)
    gateway.sign(8)

    assert due(gateway, time_of(8), backlog=1) == [2, 0]


def test_message_in_flight_is_not_sent_twice(gateway: Gateway) -> None:
    """What waits for the broker's acknowledgement is left out."""
    messages = gateway.sign(0, 1)
    found = gateway.outbox.due(
        time_of(1), live_limit=10, backlog_limit=0, in_flight=message_ids(messages[:1])
    )

    assert [message.sequence for message in found] == [1]


def test_sent_message_is_repeated_less_and_less_often(gateway: Gateway) -> None:
    """Without an answer a message comes up again after one, then two, then four minutes."""
    ids = message_ids(gateway.sign(0))
    now = time_of(0)
    waits = []
    for _ in range(4):
        gateway.outbox.mark_sent(ids, now)
        wait_ms = next(ms for ms in range(0, 3_600_001, MINUTE_MS) if due(gateway, now + ms))
        waits.append(wait_ms // MINUTE_MS)
        now = Instant(now + wait_ms)

    assert waits == [1, 2, 4, 8]


def test_repetition_never_stops(gateway: Gateway) -> None:
    """However often a message was sent, it is due within the longest pause."""
    ids = message_ids(gateway.sign(0))
    for _ in range(40):
        gateway.outbox.mark_sent(ids, time_of(0))

    assert due(gateway, time_of(0) + 3_600_000) == [0]


def test_deferred_message_keeps_its_state(gateway: Gateway) -> None:
    """A message nobody was subscribed to is not sent, and is tried again."""
    ids = message_ids(gateway.sign(0))
    gateway.outbox.defer(ids, "no_subscriber", time_of(0))
    stored = gateway.outbox.stored(gateway.state.kid, 0, 0)

    assert stored is not None
    assert stored.state is MessageState.KEPT
    assert due(gateway, time_of(0)) == []
    assert due(gateway, time_of(0) + MINUTE_MS) == [0]


def test_lost_session_makes_unanswered_messages_due(gateway: Gateway) -> None:
    """When the broker forgot the session, what it took may be gone with it."""
    ids = message_ids(gateway.sign(0, 1))
    gateway.outbox.mark_sent(ids, time_of(1))
    assert due(gateway, time_of(1)) == []

    assert gateway.outbox.send_unanswered_again(time_of(1)) == 2
    assert due(gateway, time_of(1)) == [0, 1]


def test_everything_can_be_sent_again_from_a_number_on(gateway: Gateway, log: MemoryLog) -> None:
    """A restored ledger gets final messages again, once, at the backlog's rate."""
    messages = gateway.sign(0, 1, 2)
    make_final(gateway, log, time_of(2))
    assert gateway.outbox.send_again(gateway.state.kid, 0, 1, time_of(2)) == 2
    assert due(gateway, time_of(2)) == [1, 2]
    gateway.outbox.mark_sent(message_ids(messages), time_of(2))

    assert due(gateway, time_of(2) + DAY_MS) == []


def test_final_message_is_forgotten_after_the_retention(gateway: Gateway, log: MemoryLog) -> None:
    """A final message stays for the retention and not a millisecond less."""
    gateway.sign(0)
    make_final(gateway, log, time_of(0))
    end = time_of(0) + gateway.outbox.limits.retention_ms

    assert gateway.outbox.forget(Instant(end - 1)) == 0
    assert gateway.outbox.forget(Instant(end)) == 1


@pytest.mark.parametrize("stage", [ReceiptStage.INTEGRATED, ReceiptStage.ANCHORED])
def test_message_that_is_not_final_is_never_forgotten(
    gateway: Gateway, log: MemoryLog, stage: ReceiptStage
) -> None:
    """Integrated or anchored is not enough."""
    (message,) = gateway.sign(0)
    log.integrate([message.encoded])
    receipt = log.receipt_for(message.encoded, stage=stage)
    Answering(gateway.store, gateway.outbox).apply(receipt, b"receipt", time_of(0))

    assert gateway.outbox.forget(Instant(time_of(0) + 1000 * DAY_MS)) == 0


@pytest.fixture
def small(tmp_path: Path) -> Gateway:
    """A gateway with room for a few hundred messages."""
    return Gateway(tmp_path / "small.db", limits=OutboxLimits(max_bytes=160_000)).begin()


def fill(gateway: Gateway, first: int = 0) -> int:
    """Sign until the outbox is full, and give how many messages were signed."""
    with pytest.raises(OutboxFull, match="does not hold for good"):
        for number in range(first, first + 5000):
            gateway.sign(number)
    return gateway.state.position().next_sequence


def test_full_outbox_stops_signing_and_drops_nothing(small: Gateway) -> None:
    """At the bound signing is refused, and every message signed before is still there."""
    count = fill(small)
    again = fill(small, count)

    assert again == count
    assert len(due(small, time_of(6000), live=10_000, backlog=10_000)) == count
    small.close()


def test_bound_holds_on_disk(small: Gateway) -> None:
    """The database stays within the bound, give or take its write-ahead log."""
    fill(small)
    small.close()

    assert small.path.stat().st_size <= small.limits.max_bytes + 8 * 4096


def test_final_messages_make_room_before_measuring_stops(small: Gateway, log: MemoryLog) -> None:
    """What the ledger holds for good is let go early rather than a reading lost, and counted."""
    count = fill(small)
    make_final(small, log, time_of(count))

    assert len(small.sign(count)) == 1
    assert small.outbox.status().tally[RELEASED_EARLY] > 0
    small.close()


def test_status_tells_the_oldest_unanswered(gateway: Gateway, log: MemoryLog) -> None:
    """The age that matters is of the oldest message without an answer."""
    messages = gateway.sign(0) + gateway.sign(1)
    promise = log.promise(gateway.state.kid, 0, 0, 0, Instant(time_of(1) + 1000))
    from attestation.answers import parse_answer

    answer = parse_answer(promise, origin=log.origin, key=log.key.public_key)
    Answering(gateway.store, gateway.outbox).apply(answer, promise, time_of(1))
    status = gateway.outbox.status()

    assert status.oldest_unanswered == messages[1].header.signed_at
    assert status.count_by_state[MessageState.PROMISED] == 1
