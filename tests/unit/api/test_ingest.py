"""The courier's messages are acknowledged after they are stored, and a failed batch is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from api.ingest import Ingest
from attestation.instants import Instant
from devices.session import Delivery
from devices.topics import GatewayName
from ledger.errors import StorageUnavailable
from ledger.log.decisions import Submission
from tests.support.enterprise import USC

UP = GatewayName("gw-1", USC).up
NOW = Instant(1_700_000_000_000)


class Courier:
    """Brings batches, and writes down what happens to them."""

    def __init__(self, *batches: str, topic: str = UP) -> None:
        self.happened: list[str] = []
        self.submitted: list[Submission] = []
        self.failing = 0
        self._batches = list(batches)
        self._topic = topic

    def take(self, max_messages: int, timeout_s: float) -> list[Delivery]:
        """Give a message a letter of the next batch."""
        letters = self._batches.pop(0) if self._batches else ""
        return [
            Delivery(1, ord(letter), self._topic, letter.encode(), ord(letter))
            for letter in letters
        ]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> int:
        """Write down whose acknowledgement goes out."""
        self.happened.append("ack " + b"".join(each.payload for each in deliveries).decode())
        return len(deliveries)

    def begin(self, batch: Sequence[Submission], *, now: Instant) -> str:
        """Write down what is being checked."""
        assert now == NOW
        self.submitted += batch
        letters = b"".join(each.content for each in batch).decode()
        self.happened.append("check " + letters)
        return letters

    def settle(self, begun: str) -> list[str]:
        """Store, or fail."""
        if self.failing:
            self.failing -= 1
            raise StorageUnavailable("busy")
        self.happened.append("store " + begun)
        return list(begun)


def ingest(courier: Any) -> Ingest:
    """Make an ingest whose courier is also its admission."""
    return Ingest(courier, courier, batch=10, now=lambda: NOW)


def test_batch_is_checked_while_the_one_before_is_stored() -> None:
    """The workers have something to do while the database writes."""
    courier = Courier("ab", "cd")
    step = ingest(courier).step

    assert [step() for _ in range(4)] == [0, 2, 2, 0]
    assert courier.happened == [
        *("check ab", "check cd", "store ab", "ack ab", "store cd", "ack cd"),
    ]


def test_batch_without_a_follower_is_stored_at_once() -> None:
    """A single message does not wait for company."""
    courier = Courier("a")
    step = ingest(courier).step
    step()
    step()

    assert courier.happened == ["check a", "store a", "ack a"]


def test_failed_batch_is_done_again_before_the_next() -> None:
    """Nothing is acknowledged that is not stored, and nothing is left behind."""
    courier = Courier("ab", "cd")
    step = ingest(courier).step
    courier.failing = 2
    step()
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            step()
    step()
    step()

    assert courier.happened == [
        *("check ab", "check cd", "check ab", "check ab"),
        *("store ab", "ack ab", "store cd", "ack cd"),
    ]


def test_silence_does_nothing() -> None:
    """Without messages there is nothing to check, to store or to acknowledge."""
    courier = Courier()

    assert ingest(courier).step() == 0
    assert courier.happened == []


def test_gateway_is_the_one_of_the_topic() -> None:
    """Answers go back the way the message came."""
    courier = Courier("a")
    ingest(courier).step()

    (submission,) = courier.submitted
    assert submission.gateway == "gw-1"
    assert submission.sender == GatewayName("gw-1", USC).subject


def test_topic_of_no_gateway_leaves_the_message_without_one() -> None:
    """The signature says whose it is; it does not hold up the others."""
    courier = Courier("a", topic="")
    ingest(courier).step()

    assert courier.submitted == [Submission(b"a")]
