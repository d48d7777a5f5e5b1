"""A publisher without a broker: what was sent is a list, and the test says what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from attestation.ids import MessageId
from devices.connection import ConnectionState
from devices.courier import Sent
from devices.outbox import StoredMessage
from devices.session import Delivery, PublishOutcome


class MemoryPublisher:
    """Takes the place of `Publisher` in an agent."""

    def __init__(self, *, outcome: PublishOutcome | None = PublishOutcome.TAKEN) -> None:
        self.outcome = outcome
        """What becomes of each message at once; None leaves it in flight."""
        self.sent: list[StoredMessage] = []
        self.incoming: list[bytes] = []
        self.acknowledged: list[bytes] = []
        self.room = 1000
        self.lost_session = False
        self.started = self.stopped = 0
        self._in_flight: list[MessageId] = []
        self._outcomes: list[Sent] = []

    def start(self) -> None:
        """Count."""
        self.started += 1

    def stop(self) -> None:
        """Count."""
        self.stopped += 1

    def check(self) -> None:
        """Nothing dies here."""

    @property
    def state(self) -> ConnectionState:
        """Always connected."""
        return ConnectionState(
            connected=True,
            generation=1,
            protocol="MQTT 5",
            session_present=True,
            contested=False,
            last_failure=None,
            waiting=len(self.incoming),
            outstanding=len(self._in_flight),
            ignored=0,
        )

    @property
    def in_flight(self) -> frozenset[MessageId]:
        """What waits for an outcome."""
        return frozenset(self._in_flight)

    def send(self, message: StoredMessage) -> None:
        """Take a message."""
        self.sent.append(message)
        if self.outcome is None:
            self._in_flight.append(message.message_id)
        else:
            self._outcomes.append(Sent(message.message_id, self.outcome))

    def take_sent(self) -> list[Sent]:
        """Give the outcomes."""
        outcomes, self._outcomes = self._outcomes, []
        return outcomes

    def session_was_lost(self) -> bool:
        """Say what the test said, once."""
        lost, self.lost_session = self.lost_session, False
        return lost

    def take_answers(self, timeout_s: float = 0.0) -> list[Delivery]:
        """Give what the test put there."""
        taken, self.incoming = self.incoming, []
        return [
            Delivery(1, number + 1, "down", payload, number) for number, payload in enumerate(taken)
        ]

    def acknowledge(self, answers: Sequence[Delivery]) -> None:
        """Note it."""
        self.acknowledged += [answer.payload for answer in answers]
