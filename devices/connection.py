"""
A connection that is kept up: link after link, with back-off and jitter, in one thread.

Arrivals and outcomes of all links come out of one place; acknowledgements reach only the link
their message came by. Where the broker speaks only MQTT 3.1.1, the next link does too, unless the
settings name one version.

Source: DESIGN section 6, ingest; FORMATS section 7.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final

from paho.mqtt.enums import MQTTProtocolVersion

from devices.errors import BrokerRefused, BrokerUnavailable, SessionTakenOver
from devices.link import Link
from devices.session import (
    BrokerAddress,
    Delivery,
    ProtocolChoice,
    Publication,
    SessionSettings,
)

_POLL_S: Final = 0.02
_STOP_TIMEOUT_S: Final = 15
_MOST_DOUBLINGS: Final = 16
_SHORT_S: Final = 5.0
_CONTESTED_AFTER: Final = 4
"""Mosquitto 2.0 does not say that a session was taken over; it shows only in this way."""
_FIRST_PROTOCOL: Final = {
    ProtocolChoice.AUTO: MQTTProtocolVersion.MQTTv5,
    ProtocolChoice.MQTT_5: MQTTProtocolVersion.MQTTv5,
    ProtocolChoice.MQTT_3_1_1: MQTTProtocolVersion.MQTTv311,
}
_OTHER_PROTOCOL: Final = {
    MQTTProtocolVersion.MQTTv5: MQTTProtocolVersion.MQTTv311,
    MQTTProtocolVersion.MQTTv311: MQTTProtocolVersion.MQTTv5,
}
_JITTER: Final = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """A snapshot for screens and checks."""

    connected: bool
    generation: int
    """How many connections were tried; each is a new generation."""
    protocol: str
    """`MQTT 5` or `MQTT 3.1.1`."""
    session_present: bool
    """Whether the broker still had our session when we connected last."""
    contested: bool
    """Connections end soon after they are made: likely another process has our client id."""
    last_failure: str | None
    waiting: int
    """Arrivals not yet taken."""
    outstanding: int
    """Messages of ours that the broker has not acknowledged."""
    ignored: int
    """Arrivals with QoS 0 on this connection; they may be lost and so are never used."""


class Connection:
    """
    Keeps one session with the broker.

    Args:
        address: The broker, and our certificate.
        settings: The session.
    """

    def __init__(self, address: BrokerAddress, settings: SessionSettings) -> None:
        self._address = address
        self._settings = settings
        self._protocol = _FIRST_PROTOCOL[settings.protocol]
        self._inbox: SimpleQueue[Delivery] = SimpleQueue()
        self._outcomes: SimpleQueue[Publication] = SimpleQueue()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._fatal: SessionTakenOver | None = None
        self._last_failure: str | None = None
        self._short_lived = 0
        self._tokens = 0
        self._link = self._new_link(0)

    def start(self) -> None:
        """Begin to connect, and keep at it; a dead thread is started again."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stopping.clear()
        self._thread = threading.Thread(
            target=self._keep_up, name=f"broker {self._settings.client_id}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Send what acknowledgements are waiting, disconnect and end; the session stays."""
        self._stopping.set()
        self._link.wake()
        if self._thread is not None:
            self._thread.join(_STOP_TIMEOUT_S)
            self._thread = None

    def wait_connected(self, timeout_s: float) -> None:
        """
        Wait until the connection stands and the subscriptions are granted.

        Raises:
            BrokerRefused: If the broker does not let us in.
            BrokerUnavailable: If there is no connection in time.
            SessionTakenOver: If another process has our client id.
        """
        deadline = time.monotonic() + timeout_s
        while not self._link.connected:
            self.check()
            link = self._link
            if link.refused:
                raise BrokerRefused(link.failure or "refused by the broker")
            if time.monotonic() > deadline:
                raise BrokerUnavailable(self._last_failure or "no connection in time")
            self._stopping.wait(_POLL_S)

    def check(self) -> None:
        """
        Start the thread again where it died, and raise what no restart can mend.

        Raises:
            SessionTakenOver: If another process has our client id.
        """
        if self._fatal is not None:
            raise self._fatal
        if self._thread is not None and not self._thread.is_alive() and not self._stopping.is_set():
            self.start()

    @property
    def state(self) -> ConnectionState:
        """What the connection looks like now."""
        link = self._link
        return ConnectionState(
            connected=link.connected,
            generation=link.generation,
            protocol="MQTT 5" if link.protocol is MQTTProtocolVersion.MQTTv5 else "MQTT 3.1.1",
            session_present=link.session_present,
            contested=self._short_lived >= _CONTESTED_AFTER,
            last_failure=None if link.connected else link.failure or self._last_failure,
            waiting=self._inbox.qsize(),
            outstanding=link.outstanding,
            ignored=link.ignored,
        )

    def publish(self, topic: str, payload: bytes) -> int:
        """
        Hand a message to the broker with QoS 1, and give the token its outcome will have.

        Raises:
            BrokerUnavailable: If there is no connection.
            WindowFull: If as many are in flight as may be.
        """
        self._tokens += 1
        self._link.publish(self._tokens, topic, payload)
        return self._tokens

    def take_outcomes(self) -> list[Publication]:
        """Give what became of publications since the last call."""
        outcomes = []
        while True:
            try:
                outcomes.append(self._outcomes.get_nowait())
            except Empty:
                return outcomes

    def take(self, max_messages: int, timeout_s: float) -> list[Delivery]:
        """
        Give arrivals in the order they came, waiting for the first one at most `timeout_s`.

        Arrivals of an ended connection are left out: the broker sends them again.
        """
        taken: list[Delivery] = []
        deadline = time.monotonic() + timeout_s
        while len(taken) < max_messages:
            wait_s = 0.0 if taken else max(0.0, deadline - time.monotonic())
            try:
                delivery = self._inbox.get(wait_s > 0, wait_s or None)
            except Empty:
                break
            if delivery.generation == self._link.generation:
                taken.append(delivery)
        return taken

    def acknowledge(self, deliveries: Sequence[Delivery]) -> int:
        """Acknowledge arrivals of the present connection in their order; give how many went out."""
        return self._link.acknowledge(deliveries)

    def _keep_up(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            link = self._link = self._new_link(self._link.generation + 1)
            began = time.monotonic()
            link.run(self._stopping)
            lived_long = time.monotonic() - began >= _SHORT_S
            if link.failure is not None:
                self._last_failure = link.failure
            if link.taken_over:
                self._fatal = SessionTakenOver(
                    f"another process connected as {self._settings.client_id}"
                )
                return
            if link.unsupported_protocol and self._settings.protocol is ProtocolChoice.AUTO:
                self._protocol = _OTHER_PROTOCOL[link.protocol]
                continue
            if lived_long or not link.was_connected:
                self._short_lived = 0
            else:
                self._short_lived += 1
            steady = link.was_connected and lived_long
            failures = 0 if steady else min(failures + 1, _MOST_DOUBLINGS)
            self._stopping.wait(self._pause_s(failures))

    def _pause_s(self, failures: int) -> float:
        """Choose a pause at random up to the doubled minimum: gateways must not come in step."""
        most = min(self._settings.reconnect_min_s * 2**failures, self._settings.reconnect_max_s)
        return _JITTER.uniform(0, most)

    def _new_link(self, generation: int) -> Link:
        return Link(
            self._address,
            self._settings,
            generation=generation,
            protocol=self._protocol,
            inbox=self._inbox,
            outcomes=self._outcomes,
        )
