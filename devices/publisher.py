"""
The gateway's mouth: sends the outbox's messages up, and receives the ledger's answers.

What the broker acknowledges is not yet safe; the outbox decides when to send again.
An answer is acknowledged after it was applied, so that none is lost between broker and outbox.

Source: DESIGN section 3, step "publish"; FORMATS sections 6 and 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attestation.ids import MessageId
from devices.connection import Connection, ConnectionState
from devices.courier import Sent
from devices.outbox import StoredMessage
from devices.session import BrokerAddress, Delivery, ProtocolChoice, SessionSettings
from devices.topics import GatewayName

DEFAULT_WINDOW: Final = 200
_ANSWERS_AT_ONCE: Final = 100
_SESSION_EXPIRY_S: Final = 14 * 86_400


class Publisher:
    """
    A gateway's connection to the broker (`Courier`).

    Args:
        address: The broker, and the gateway's certificate.
        gateway: Who we are; the certificate's subject.
        window: How many messages may wait for the broker's acknowledgement.
        reconnect_max_s: Longest pause between attempts to connect.
        protocol: Which version of MQTT to speak.
    """

    def __init__(
        self,
        address: BrokerAddress,
        gateway: GatewayName,
        *,
        window: int = DEFAULT_WINDOW,
        reconnect_max_s: float = 60.0,
        protocol: ProtocolChoice = ProtocolChoice.AUTO,
    ) -> None:
        self._gateway = gateway
        self._connection = Connection(
            address,
            SessionSettings(
                client_id=gateway.subject,
                subscriptions=(gateway.down,),
                receive_maximum=_ANSWERS_AT_ONCE,
                window=window,
                session_expiry_s=_SESSION_EXPIRY_S,
                reconnect_max_s=reconnect_max_s,
                protocol=protocol,
            ),
        )
        self._window = window
        self._in_flight: dict[int, MessageId] = {}
        self._seen_generation = 0

    def start(self) -> None:
        """Begin to connect, and keep at it."""
        self._connection.start()

    def stop(self) -> None:
        """Disconnect; the broker keeps the session and queues answers."""
        self._connection.stop()

    def wait_connected(self, timeout_s: float) -> None:
        """
        Wait until the connection stands.

        Raises:
            BrokerRefused: If the broker does not let this certificate in.
            BrokerUnavailable: If there is no connection in time.
            SessionTakenOver: If another process has this gateway's certificate.
        """
        self._connection.wait_connected(timeout_s)

    def check(self) -> None:
        """
        Start the connection's thread again where it died.

        Raises:
            SessionTakenOver: If another process has this gateway's certificate.
        """
        self._connection.check()

    @property
    def state(self) -> ConnectionState:
        """What the connection looks like now."""
        return self._connection.state

    @property
    def in_flight(self) -> frozenset[MessageId]:
        """Messages handed to the broker whose acknowledgement is outstanding."""
        return frozenset(self._in_flight.values())

    @property
    def room(self) -> int:
        """How many messages may be sent now; 0 without a connection."""
        return self._window - len(self._in_flight) if self._connection.state.connected else 0

    def send(self, message: StoredMessage) -> None:
        """
        Hand one message to the broker.

        Raises:
            BrokerUnavailable: If there is no connection.
            WindowFull: If as many are in flight as may be, or as the broker takes.
        """
        token = self._connection.publish(self._gateway.up, message.content)
        self._in_flight[token] = message.message_id

    def take_sent(self) -> list[Sent]:
        """Give what became of messages since the last call."""
        return [
            Sent(self._in_flight.pop(publication.token), publication.outcome)
            for publication in self._connection.take_outcomes()
        ]

    def session_was_lost(self) -> bool:
        """
        Say, once for each connection, whether the broker had forgotten our session.

        Then it may have forgotten messages too, and the unanswered ones should be sent again.
        """
        state = self._connection.state
        if not state.connected or state.generation == self._seen_generation:
            return False
        first, self._seen_generation = self._seen_generation == 0, state.generation
        return not first and not state.session_present

    def take_answers(self, timeout_s: float = 0.0) -> list[Delivery]:
        """Give the answers that came, unverified; wait at most `timeout_s` for the first."""
        return self._connection.take(_ANSWERS_AT_ONCE, timeout_s)

    def acknowledge(self, answers: Sequence[Delivery]) -> None:
        """Tell the broker that these answers were applied."""
        self._connection.acknowledge(answers)
