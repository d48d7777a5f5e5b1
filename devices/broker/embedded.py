"""
A broker inside the process, for a demonstration on one machine where Mosquitto is not installed.

Demonstration only: it listens on loopback, keeps queues in memory, speaks MQTT 3.1.1 alone and
acknowledges before anything is stored. None of that loses a reading, since the outbox sends until
the ledger's receipt. As with Mosquitto, nobody connects without a certificate that leads to a
platform root, the certificate's subject is the client id, and a gateway reaches only its topics.

Source: MQTT 3.1.1, section 3.1. Of amqtt 0.12.1 five habits are replaced: it lets clients without
a certificate in; it ends another client's connection before it knows who asks; it keeps the first
connection's certificate for a session that another resumes; it waits for ever for the rest of an
MQTT 5 CONNECT; and its plugins know nothing of subjects.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import ssl
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn, Self

from amqtt.adapters import ReaderAdapter
from amqtt.broker import Broker
from amqtt.codecs_amqtt import read_or_raise
from amqtt.contexts import Action, BaseContext, BrokerConfig, ListenerConfig, ListenerType
from amqtt.errors import AMQTTError, BrokerError, NoDataError
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from devices.errors import BrokerUnavailable
from devices.topics import ALL_UP

_TIMEOUT_S: Final = 15
_CONNECT: Final = b"\x10"
_LEVEL_3_1_1: Final = 4
_LONGEST_CONNECT: Final = 4096
_LONGEST_SHIFT: Final = 21
_WRONG_VERSION: Final = 1
_NOT_AUTHORISED: Final = 5


@dataclass(frozen=True, slots=True)
class EmbeddedSettings:
    """What the broker needs to know; all files are PEM."""

    port: int
    authorities: Path
    """Platform roots."""
    certificate: Path
    private_key: Path
    ledger_subjects: tuple[str, ...]
    """Subjects that may read every gateway, `CN=<slot>,O=<usc>`."""


def subject_text(certificate: dict[str, Any] | None) -> str | None:
    """
    Give `CN=<name>,O=<usc>` of a peer certificate as Python's ssl shows it.

    None for any other form of subject, or without a certificate.
    """
    match (certificate or {}).get("subject"):
        case ((("organizationName", str(usc)),), (("commonName", str(name)),)):
            return f"CN={name},O={usc}"
        case _:
            return None


class SubjectAuthentication(BaseAuthPlugin):  # type: ignore[misc]
    """Lets a client in whose id is its certificate's subject."""

    async def authenticate(self, *, session: Session) -> bool | None:
        """Compare the client id with the certificate of this very connection."""
        if session.ssl_object is None:
            return False
        subject = subject_text(session.ssl_object.getpeercert())
        return subject is not None and session.client_id == subject

    @dataclass
    class Config:
        """Nothing to set."""


class SubjectTopics(BaseTopicPlugin):  # type: ignore[misc]
    """Allows each subject its own topics, and the ledger all."""

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._ledger = frozenset(self._get_config_option("ledger_subjects", ()))

    async def topic_filtering(
        self,
        *,
        session: Session | None = None,
        topic: str | None = None,
        action: Action | None = None,
    ) -> bool | None:
        """Judge one topic or filter; what is not allowed is refused."""
        if session is None or session.client_id is None or topic is None:
            return False
        return is_allowed(
            session.client_id, topic, action, ledger=session.client_id in self._ledger
        )

    @dataclass
    class Config:
        """Who the ledger is."""

        ledger_subjects: list[str] = field(default_factory=list)


def is_allowed(subject: str, topic: str, action: Action | None, *, ledger: bool) -> bool:
    """Say whether a subject may publish to a topic, or subscribe to or receive from it."""
    levels = topic.split("/")
    if any(character in subject for character in "/+#") or len(levels) != 4:
        return False
    root, version, name, direction = levels
    if (root, version) != ("cs", "v1") or direction not in {"up", "down"}:
        return False
    if ledger:
        if action is Action.PUBLISH:
            return direction == "down" and name not in {"+", "#"}
        return topic == ALL_UP or direction == "up"
    return name == subject and direction == ("up" if action is Action.PUBLISH else "down")


class _CertificateBroker(Broker):  # type: ignore[misc]
    """The broker that asks for a certificate, and looks at it on every connection."""

    @staticmethod
    def _create_ssl_context(listener: ListenerConfig) -> ssl.SSLContext:
        context: ssl.SSLContext = Broker._create_ssl_context(listener)
        context.verify_mode = ssl.CERT_REQUIRED
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    async def _initialize_client_session(
        self, reader: Any, writer: Any, remote_address: str, remote_port: int
    ) -> tuple[Any, Session]:
        try:
            packet = await _read_connect(reader)
            level, client_id = parse_connect(packet)
        except (AMQTTError, NoDataError):
            await _end(writer)
            raise
        if level != _LEVEL_3_1_1:
            await _refuse(writer, _WRONG_VERSION)
        if client_id != subject_text(writer.get_ssl_info().getpeercert()):
            await _refuse(writer, _NOT_AUTHORISED)
        handler, session = await super()._initialize_client_session(
            _Replayed(packet), writer, remote_address, remote_port
        )
        session.ssl_object = writer.get_ssl_info()
        return handler, session


class _Replayed(ReaderAdapter):  # type: ignore[misc]
    """A packet that was read already, to be read once more."""

    def __init__(self, packet: bytes) -> None:
        self._packet = io.BytesIO(packet)

    async def read(self, n: int = -1) -> bytes:
        return self._packet.read(n)

    def feed_eof(self) -> None:
        """Nothing comes after the packet."""


async def _read_connect(reader: Any) -> bytes:
    """Read one CONNECT packet, whole."""
    packet: bytes = await read_or_raise(reader, 1)
    if packet != _CONNECT:
        raise AMQTTError("the first packet is not CONNECT")
    length, shift = 0, 0
    while shift <= _LONGEST_SHIFT:
        byte = await read_or_raise(reader, 1)
        packet += byte
        length |= (byte[0] & 0x7F) << shift
        shift += 7
        if byte[0] < 0x80:
            break
    if length > _LONGEST_CONNECT:
        raise AMQTTError(f"a CONNECT of {length} bytes")
    return packet + bytes(await read_or_raise(reader, length))


async def _refuse(writer: Any, code: int) -> NoReturn:
    await _end(writer, bytes((0x20, 0x02, 0x00, code)))
    raise AMQTTError(f"refused with code {code}")


async def _end(writer: Any, last_words: bytes = b"") -> None:
    """Say a last thing and hang up, which the library leaves to the client."""
    with contextlib.suppress(OSError):
        writer.write(last_words)
        await writer.drain()
        await writer.close()


def parse_connect(packet: bytes) -> tuple[int, str]:
    """
    Read protocol level and client id of a CONNECT packet; no id for a level that is not 4.

    Raises:
        AMQTTError: If the packet is malformed.
    """
    try:
        body = packet[1:].lstrip(bytes(range(0x80, 0x100)))[1:]
        name_length = int.from_bytes(body[:2], "big")
        level = body[2 + name_length]
        if level != _LEVEL_3_1_1:
            return level, ""
        payload = body[2 + name_length + 4 :]  # level, flags and keep-alive are passed over
        id_length = int.from_bytes(payload[:2], "big")
        return level, payload[2 : 2 + id_length].decode()
    except (IndexError, UnicodeDecodeError) as error:
        raise AMQTTError("malformed CONNECT") from error


class EmbeddedBroker:
    """The embedded broker, in a thread of its own."""

    def __init__(self, settings: EmbeddedSettings) -> None:
        self._settings = settings
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._broker: Broker | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """
        Start the broker and return when it accepts connections.

        Raises:
            BrokerUnavailable: If it cannot listen, or a file cannot be read.
        """
        if self._loop is not None:
            return
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="embedded broker", daemon=True
        )
        self._thread.start()
        try:
            self._broker = self._run(self._started(self._loop))
        except (AMQTTError, BrokerError, OSError, ValueError) as error:
            self.stop()
            raise BrokerUnavailable(f"the embedded broker did not start: {error}") from error

    def stop(self) -> None:
        """End the broker; what it had queued is gone."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        if self._broker is not None:
            self._run(self._broker.shutdown())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_TIMEOUT_S)
        loop.close()
        self._loop = self._thread = self._broker = None

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        if self._loop is None:
            raise BrokerUnavailable("the embedded broker is not running")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_TIMEOUT_S)

    async def _started(self, loop: asyncio.AbstractEventLoop) -> Broker:
        broker = _CertificateBroker(self._configuration(), loop)
        await broker.start()
        return broker

    def _configuration(self) -> BrokerConfig:
        settings = self._settings
        listener = ListenerConfig(
            type=ListenerType.TCP,
            bind=f"127.0.0.1:{settings.port}",
            max_connections=-1,
            ssl=True,
            cafile=settings.authorities,
            certfile=settings.certificate,
            keyfile=settings.private_key,
        )
        return BrokerConfig(
            listeners={"default": listener},
            plugins={
                f"{__name__}.SubjectAuthentication": {},
                f"{__name__}.SubjectTopics": {"ledger_subjects": list(settings.ledger_subjects)},
            },
        )
