"""
The ledger's ear: every gateway's messages, acknowledged only when the ledger says they are safe.

A slot has a fixed client id, so that its session, and what the broker queued in it, survives a
restart: the next process of the slot goes on where the last one stopped. `take` gives arrivals,
`acknowledge` is called after the database committed. Receive Maximum is twice the batch: one batch
being stored, one on its way; it bounds memory too. A thread that died is started again under the
same id.

Source: DESIGN section 6, ingest; LOG section 1.10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from devices.connection import Connection, ConnectionState
from devices.session import BrokerAddress, Delivery, Publication, SessionSettings
from devices.topics import GatewayName, up_filter

DEFAULT_BATCH: Final = 500
_SESSION_EXPIRY_S: Final = 14 * 86_400
_ANSWER_WINDOW: Final = 1_000

__all__ = ["Delivery", "Subscriber"]


class Subscriber:
    """
    One ingest slot's connection to the broker.

    Args:
        address: The broker, and the slot's certificate.
        slot: The certificate's subject, `CN=<slot>,O=<usc>`; the client id.
        batch: How many messages are stored at once.
        share_group: Name of the group that shares the messages among several slots.
        reconnect_max_s: Longest pause between attempts to connect.
    """

    def __init__(
        self,
        address: BrokerAddress,
        *,
        slot: str,
        batch: int = DEFAULT_BATCH,
        share_group: str | None = None,
        reconnect_max_s: float = 10.0,
    ) -> None:
        settings = SessionSettings(
            client_id=slot,
            subscriptions=(up_filter(share_group),),
            receive_maximum=2 * batch,
            window=_ANSWER_WINDOW,
            session_expiry_s=_SESSION_EXPIRY_S,
            reconnect_max_s=reconnect_max_s,
        )
        self._connection = Connection(address, settings)

    def start(self) -> None:
        """Begin to connect; the broker's queue arrives as soon as the connection stands."""
        self._connection.start()

    def stop(self) -> None:
        """Send the acknowledgements that wait, and disconnect; the broker keeps the session."""
        self._connection.stop()

    def wait_connected(self, timeout_s: float) -> None:
        """
        Wait until the subscription is granted.

        Raises:
            BrokerRefused: If the broker does not let this certificate in.
            BrokerUnavailable: If there is no connection in time.
            SessionTakenOver: If another process runs this slot.
        """
        self._connection.wait_connected(timeout_s)

    @property
    def state(self) -> ConnectionState:
        """What the connection looks like now."""
        return self._connection.state

    def take(self, max_messages: int, timeout_s: float) -> list[Delivery]:
        """
        Give arrivals in their order, at most `max_messages`, waiting `timeout_s` for the first.

        The same message may come again, also with another packet id; the bytes decide.

        Raises:
            SessionTakenOver: If another process runs this slot.
        """
        self._connection.check()
        return self._connection.take(max_messages, timeout_s)

    def acknowledge(self, deliveries: Sequence[Delivery]) -> int:
        """
        Tell the broker that these messages are safe; call it after the commit.

        Acknowledgements go out in the order of arrival, and only to the connection the message
        came by; the broker sends the others again. Gives how many went out.
        """
        return self._connection.acknowledge(deliveries)

    def publish_down(self, gateway: str, usc: str, payload: bytes) -> int:
        """
        Hand a signed answer to the broker for one gateway, and give the token of its outcome.

        Raises:
            BrokerUnavailable: If there is no connection; try again later.
            WindowFull: If too many answers are in flight; try again later.
        """
        return self._connection.publish(GatewayName(gateway, usc).down, payload)

    def take_down_outcomes(self) -> list[Publication]:
        """
        Give what became of answers since the last call.

        Only `taken` means that the broker keeps the answer for a gateway; after any other
        outcome it has to be sent again, or a later, cumulative answer takes its place.
        """
        return self._connection.take_outcomes()
