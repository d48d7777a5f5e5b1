"""
One connection to the broker from CONNECT to its end; a new one is a new `Link`.

Nothing of a link outlives it: an MQTT packet id means nothing on the next connection, so
acknowledgements to a link that has ended go nowhere, and messages in flight are reported as lost.
Callbacks of the client only note what came; they take no lock of ours and never block.

Source: MQTT 5.0 sections 4.3.2 (QoS 1), 4.6 (order of acknowledgements), 4.9 (Receive Maximum);
MQTT 3.1.1 where the broker speaks only that.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Sequence
from queue import SimpleQueue
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from devices.errors import BrokerUnavailable, WindowFull
from devices.flow import Arrivals, InFlight
from devices.packets import (
    PUBACK,
    PUBLISH,
    Published,
    encode_puback,
    encode_publish,
    parse_puback,
    parse_publish,
    type_of,
)
from devices.session import (
    BrokerAddress,
    Delivery,
    Publication,
    PublishOutcome,
    SessionSettings,
)
from devices.tls import client_context

_CONNECT_TIMEOUT_S: Final = 10
_IDLE_S: Final = 1
_READS_AT_ONCE: Final = 64
_FRAME_BYTES: Final = 16  # fixed header, topic length, packet id and an empty property list
_FAILURE: Final = 0x80  # reason codes from here on are failures
_UNSUPPORTED_VERSION: Final = 0x84
_TAKEN_OVER: Final = 0x8E
_PACKET_TOO_LARGE: Final = 0x95
_NOT_LET_IN: Final = {0x85, 0x86, 0x87, 0x8A, 0x8C}
_MQTT_5: Final = MQTTProtocolVersion.MQTTv5


_OUTCOMES: Final = {
    0x00: PublishOutcome.TAKEN,
    0x10: PublishOutcome.NO_SUBSCRIBER,
    0x87: PublishOutcome.NOT_AUTHORISED,
    0x97: PublishOutcome.QUOTA_EXCEEDED,
}


class Link:
    """
    One connection, of one generation.

    Args:
        address: The broker and our certificate.
        settings: The session.
        generation: Number of the connection.
        protocol: MQTT 5, or 3.1.1.
        inbox: Where arrivals go.
        outcomes: Where the fate of publications goes.
    """

    def __init__(
        self,
        address: BrokerAddress,
        settings: SessionSettings,
        *,
        generation: int,
        protocol: MQTTProtocolVersion,
        inbox: SimpleQueue[Delivery],
        outcomes: SimpleQueue[Publication],
    ) -> None:
        self._address = address
        self._settings = settings
        self.generation = generation
        self.protocol = protocol
        self.connected = False
        self.was_connected = False
        self.session_present = False
        self.unsupported_protocol = False
        self.taken_over = False
        self.refused = False
        self.failure: str | None = None
        self.ignored = 0
        self._inbox = inbox
        self._outcomes = outcomes
        self._lock = threading.Lock()
        self._connect_at = 0.0
        self._answered_connect = False
        self._window = settings.window
        self._maximum_packet_bytes: int | None = None
        self._in_flight = InFlight()
        self._fate = PublishOutcome.LOST
        self._outgoing: deque[bytes] = deque()
        self._arrivals = Arrivals(generation)
        self._wake_writer: socket.socket | None = None
        self._client = self._make_client()

    @property
    def _has_properties(self) -> bool:
        return self.protocol is _MQTT_5

    @property
    def outstanding(self) -> int:
        """How many messages of ours the broker has not acknowledged."""
        return len(self._in_flight)

    def run(self, stopping: threading.Event) -> None:
        """Connect and serve the connection until it ends or `stopping` is set."""
        reader, self._wake_writer = socket.socketpair()
        reader.setblocking(False)
        self._wake_writer.setblocking(False)
        with reader, self._wake_writer:
            try:
                self._connect()
                while not stopping.is_set() and self._turn(reader):
                    pass
                if stopping.is_set():
                    self._say_goodbye()
            except (OSError, ValueError, BrokerUnavailable) as error:
                refused = isinstance(error, ssl.SSLCertVerificationError)
                self._fail(f"{type(error).__name__}: {error}", refused=refused)
            finally:
                self._end()

    def publish(self, token: int, topic: str, payload: bytes) -> None:
        """
        Hand a message to the broker with QoS 1; what became of it goes to the outcomes.

        Raises:
            BrokerUnavailable: If the link is not connected.
            WindowFull: If as many are in flight as may be.
        """
        with self._lock:
            if not self.connected:
                raise BrokerUnavailable(self.failure or "not connected to the broker")
            if len(self._in_flight) >= self._window:
                raise WindowFull(f"{self._window} messages are in flight")
            if self._is_too_large(topic, payload):
                self._outcomes.put(Publication(token, PublishOutcome.TOO_LARGE))
                return
            mid = self._in_flight.free_mid()
            self._in_flight.add(mid, token)
            self._say(encode_publish(mid, topic, payload, has_properties=self._has_properties))

    def acknowledge(self, deliveries: Sequence[Delivery]) -> int:
        """
        Acknowledge arrivals of this link, in the order they came; give how many went out.

        One that came after an arrival still open waits for it; those of another
        generation are left out.
        """
        with self._lock:
            released = self._arrivals.release(deliveries)
            self._say(b"".join([encode_puback(delivery.mid) for delivery in released]))
        return len(released)

    def _say(self, packets: bytes) -> None:
        """Give the link's thread packets to write; it is woken unless it is about to look."""
        is_idle = not self._outgoing
        self._outgoing.append(packets)
        if is_idle:
            self.wake()

    def wake(self) -> None:
        """Make the link's thread look for something to write."""
        if self._wake_writer is not None:
            with contextlib.suppress(OSError):  # full, or the link has ended: it need not be woken
                self._wake_writer.send(b"\0")

    def _make_client(self) -> mqtt.Client:
        version_5 = self.protocol is _MQTT_5
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._settings.client_id,
            clean_session=None if version_5 else False,
            protocol=self.protocol,
            reconnect_on_failure=False,
        )
        client.connect_timeout = _CONNECT_TIMEOUT_S
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_log = self._on_log
        # With a callback for writing the client leaves all writing to the link's own thread.
        client.on_socket_register_write = _leave_to_loop
        return client

    def _connect(self) -> None:
        self._client.tls_set_context(client_context(self._address))
        self._connect_at = time.monotonic()
        host, port, keepalive = self._address.host, self._address.port, self._settings.keepalive_s
        if self.protocol is not _MQTT_5:
            self._client.connect(host, port, keepalive)
            return
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self._settings.session_expiry_s
        properties.ReceiveMaximum = self._settings.receive_maximum
        self._client.connect(host, port, keepalive, clean_start=False, properties=properties)

    def _turn(self, wake_reader: socket.socket) -> bool:
        """Wait for something to read or write and do it; False when the connection has ended."""
        sock: Any = self._client.socket()
        if sock is None:
            return False
        paused = self._is_paused()
        is_ready = not paused and sock.is_ready
        readable, _, _ = select.select(
            [wake_reader] if paused else [wake_reader, sock],
            [sock] if self._client.want_write() or self._outgoing or sock.has_unsent else [],
            [],
            0 if is_ready else _IDLE_S,
        )
        if wake_reader in readable:
            wake_reader.recv(4096)
        if is_ready or sock in readable:
            self._read(sock)
        self._write(sock)
        self._client.loop_misc()
        return self._client.socket() is not None and not (self._is_silent() or self._is_stuck())

    def _read(self, sock: Any) -> None:
        """Read packets until none is left: a `select` for each would cost more than it."""
        for _ in range(_READS_AT_ONCE):
            arrived = sock.take_in()
            while not self._is_paused() and (packet := sock.next_packet()) is not None:
                kind = type_of(packet)
                if kind == PUBLISH:
                    self._note(parse_publish(packet, has_properties=self._has_properties))
                elif kind == PUBACK:
                    self._settle(*parse_puback(packet))
                else:
                    sock.offer(packet)
                    self._client.loop_read()
                    if self._client.socket() is None:
                        return
            if sock.has_ended:
                self._client.loop_read()
            if not arrived:
                return

    def _write(self, sock: Any) -> None:
        """Write the packets that wait, all at once."""
        while self._outgoing:
            sock.send(self._outgoing.popleft())
        if self._client.want_write():
            self._client.loop_write()
        if self._client.socket() is not None:
            sock.flush()

    def _note(self, published: Published) -> None:
        if published.mid:
            self._inbox.put(self._arrivals.note(*published))
        else:
            self.ignored += 1

    def _is_paused(self) -> bool:
        """Stop reading where MQTT 3.1.1 has no Receive Maximum, and let TCP hold the broker."""
        full = self._arrivals.open >= self._settings.receive_maximum
        return full and self.protocol is not _MQTT_5

    def _settle(self, mid: int, code: int) -> None:
        """Report what the broker answered to a message of ours."""
        token = self._in_flight.settle(mid)
        if token is not None:
            outcome = _OUTCOMES.get(code, PublishOutcome.REFUSED)
            self._outcomes.put(Publication(token, outcome))

    def _is_silent(self) -> bool:
        """Notice a broker that misreads MQTT 5's CONNECT and waits for the rest of it for ever."""
        waited_s = time.monotonic() - self._connect_at
        if self._answered_connect or waited_s < self._settings.answer_timeout_s:
            return False
        self.unsupported_protocol = True
        self._fail("the broker does not answer CONNECT")
        return True

    def _is_stuck(self) -> bool:
        age_s = 0.0 if self._is_paused() else self._in_flight.oldest_age_s()
        if age_s <= self._settings.acknowledgement_timeout_s:
            return False
        self._fail("the broker does not acknowledge")
        return True

    def _say_goodbye(self) -> None:
        """Send the acknowledgements that are waiting, then DISCONNECT; the session stays."""
        self._client.disconnect()
        sock = self._client.socket()
        if sock is not None:
            self._write(sock)

    def _end(self) -> None:
        with self._lock:
            self.connected = False
        for token in self._in_flight.drain():
            self._outcomes.put(Publication(token, self._fate))
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    def _is_too_large(self, topic: str, payload: bytes) -> bool:
        size = len(payload) + len(topic.encode()) + _FRAME_BYTES
        return self._maximum_packet_bytes is not None and size > self._maximum_packet_bytes

    def _fail(self, failure: str, *, refused: bool = False) -> None:
        self.failure = failure
        self.refused = self.refused or refused

    # Callbacks of the client, in the link's thread. They take no lock of ours: the client holds
    # its own while it calls them.

    def _on_connect(
        self,
        client: mqtt.Client,
        _userdata: Any,
        flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._answered_connect = True
        if reason.is_failure:
            self.unsupported_protocol = reason.value == _UNSUPPORTED_VERSION
            self._fail(f"refused by the broker: {reason}", refused=reason.value in _NOT_LET_IN)
            return
        client.on_log = None  # only wanted to learn why a connection is not made
        self.session_present = flags.session_present
        self._window = min(self._window, getattr(properties, "ReceiveMaximum", self._window))
        self._maximum_packet_bytes = getattr(properties, "MaximumPacketSize", None)
        if self._settings.subscriptions:
            client.subscribe([(name, 1) for name in self._settings.subscriptions])
        else:
            self._be_connected()

    def _on_subscribe(
        self,
        client: mqtt.Client,
        _userdata: Any,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        if any(reason.value >= _FAILURE for reason in reasons):
            self._fail("the broker does not allow the subscription", refused=True)
            client.disconnect()
            return
        self._be_connected()

    def _be_connected(self) -> None:
        self.failure = None
        self.connected = self.was_connected = True

    def _on_disconnect(
        self,
        _client: mqtt.Client,
        _userdata: Any,
        flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self.connected = False
        if flags.is_disconnect_packet_from_server:
            self.taken_over = reason.value == _TAKEN_OVER
            if reason.value == _PACKET_TOO_LARGE:
                self._fate = PublishOutcome.TOO_LARGE  # else it would be sent again at once
            self._fail(f"disconnected by the broker: {reason}")
        elif self.failure is None:
            self._fail("connection lost")

    def _on_log(self, _client: mqtt.Client, _userdata: Any, level: int, text: str) -> None:
        """Learn why the connection broke before the broker answered: TLS says it here only."""
        if level == mqtt.MQTT_LOG_ERR and self.failure is None:
            self._fail(text, refused="ALERT" in text)


def _leave_to_loop(_client: mqtt.Client, _userdata: Any, _socket: Any) -> None:
    """Do nothing: the link's thread asks `want_write` itself."""
