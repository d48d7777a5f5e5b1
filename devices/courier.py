"""
What carries a gateway's messages up and the ledger's answers down, whichever way it goes.

`devices.publisher` goes by a broker, `devices.http_publisher` straight to the ledger where no
broker can be reached. What a courier takes is not yet safe; only the ledger's answer is.

Source: DESIGN section 3, step "publish"; FORMATS section 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from attestation.ids import MessageId
from devices.connection import ConnectionState
from devices.outbox import StoredMessage
from devices.session import Delivery, PublishOutcome


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one message handed to the courier."""

    message_id: MessageId
    outcome: PublishOutcome


class Courier(Protocol):
    """What the agent asks of a courier; nothing here blocks for long."""

    def start(self) -> None:
        """Begin to connect, and keep at it."""

    def stop(self) -> None:
        """Disconnect; what was not acknowledged comes again."""

    def check(self) -> None:
        """
        Start again what died.

        Raises:
            SessionTakenOver: If another process goes by this gateway's name.
        """

    @property
    def state(self) -> ConnectionState:
        """What the connection looks like now."""

    @property
    def in_flight(self) -> frozenset[MessageId]:
        """Messages handed over of which nothing is known yet."""

    @property
    def room(self) -> int:
        """How many messages may be handed over now; 0 without a connection."""

    def send(self, message: StoredMessage) -> None:
        """
        Hand one message over.

        Raises:
            BrokerUnavailable: If there is no connection.
            WindowFull: If as many are in flight as may be.
        """

    def take_sent(self) -> list[Sent]:
        """Give what became of messages since the last call."""

    def session_was_lost(self) -> bool:
        """Say, once, whether messages taken before may have been forgotten on the way."""

    def take_answers(self, timeout_s: float = 0.0) -> list[Delivery]:
        """Give the answers that came, unverified; wait at most `timeout_s` for the first."""

    def acknowledge(self, answers: Sequence[Delivery]) -> None:
        """Say that these answers were applied."""
