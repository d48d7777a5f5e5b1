"""The embedded broker: the same rules as Mosquitto's, on loopback."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from amqtt.contexts import Action

from devices.broker.embedded import EmbeddedBroker, EmbeddedSettings, is_allowed, subject_text
from devices.connection import Connection
from devices.errors import BrokerError, BrokerUnavailable
from devices.session import BrokerAddress, SessionSettings
from devices.topics import ALL_UP, GatewayName
from tests.support.broker import free_port, gather
from tests.support.gateway import OTHER_USC, USC
from tests.support.pki import OPERATOR_USC, Credentials, Pki

WAIT_S = 10
LEDGER = f"CN=ledger-0,O={OPERATOR_USC}"
NAME = GatewayName("gateway-1", USC)


class Embedded:
    """A running embedded broker and its platform."""

    def __init__(self, folder: Path) -> None:
        self.pki = Pki(folder)
        self.port = free_port()
        server = self.pki.server()
        self.settings = EmbeddedSettings(
            port=self.port,
            authorities=self.pki.authorities,
            certificate=server.certificate,
            private_key=server.private_key,
            ledger_subjects=(LEDGER,),
        )
        self.opened: list[Connection] = []

    def connection(
        self, credentials: Credentials, client_id: str, *subscriptions: str
    ) -> Connection:
        """Make a connection."""
        address = BrokerAddress(
            "localhost",
            self.port,
            self.pki.authorities,
            credentials.certificate,
            credentials.private_key,
        )
        settings = SessionSettings(client_id, subscriptions, reconnect_max_s=0.2)
        self.opened.append(Connection(address, settings))
        return self.opened[-1]


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """One broker for this module."""
    made = Embedded(tmp_path_factory.mktemp("embedded"))
    with EmbeddedBroker(made.settings):
        yield made
        for connection in made.opened:
            connection.stop()


def test_gateway_and_ledger_exchange_messages(embedded: Embedded) -> None:
    """A message goes up and an answer down, in MQTT 3.1.1; others' topics stay closed."""
    ledger = embedded.connection(embedded.pki.ledger(), LEDGER, ALL_UP)
    gateway = embedded.connection(embedded.pki.gateway(USC, "gateway-1"), NAME.subject, NAME.down)
    spy_name = GatewayName("spy", OTHER_USC)
    spy = embedded.connection(embedded.pki.gateway(OTHER_USC, "spy"), spy_name.subject)
    rogue = embedded.pki.gateway(USC, "gateway-1", issuer=embedded.pki.authority(OTHER_USC))
    refused = embedded.connection(rogue, NAME.subject)
    thief = embedded.connection(embedded.pki.gateway(USC, "thief"), LEDGER, ALL_UP)
    for each in (ledger, gateway, spy, refused, thief):
        each.start()
    for each in (ledger, gateway, spy):
        each.wait_connected(WAIT_S)
    spy.publish(NAME.up, b"forged")
    gateway.publish(NAME.up, b"up")
    arrivals = gather(lambda: ledger.take(10, 0.05), "nothing arrived")
    ledger.acknowledge(arrivals)
    ledger.publish(NAME.down, b"down")
    answers = gather(lambda: gateway.take(10, 0.05), "no answer")
    gateway.acknowledge(answers)

    assert [arrival.payload for arrival in arrivals] == [b"up"]
    assert [answer.payload for answer in answers] == [b"down"]
    assert gateway.state.protocol == "MQTT 3.1.1"
    assert ledger.state.generation == 2, "the thief ended the ledger's connection"
    for each in (refused, thief):
        with pytest.raises(BrokerError):
            each.wait_connected(1)


def speak(embedded: Embedded, packet: bytes, credentials: Credentials | None) -> bytes:
    """Say something to the broker over TLS, and give its answer."""
    context = ssl.create_default_context(cafile=str(embedded.pki.authorities))
    if credentials is not None:
        context.load_cert_chain(credentials.certificate, credentials.private_key)
    with (
        socket.create_connection(("127.0.0.1", embedded.port), timeout=WAIT_S) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        secured.sendall(packet)
        return secured.recv(100)


def connect_packet(client_id: str, *, level: int = 4, flags: int = 2) -> bytes:
    """Give a CONNECT packet."""
    body = b"\x00\x04MQTT" + bytes((level, flags, 0, 60)) + b"\0" * (level == 5)
    body += len(client_id).to_bytes(2, "big") + client_id.encode()
    return bytes((0x10, len(body))) + body


def test_client_without_a_certificate_is_refused(embedded: Embedded) -> None:
    """Without a certificate the TLS connection ends."""
    try:
        answer = speak(embedded, connect_packet(NAME.subject), None)
    except (ssl.SSLError, ConnectionError):
        answer = b""

    assert answer == b""


@pytest.mark.parametrize(
    ("packet", "answer"),
    [
        pytest.param(connect_packet(LEDGER), b"\x20\x02\x00\x05", id="the ledger's id"),
        pytest.param(connect_packet(""), b"\x20\x02\x00\x05", id="no id"),
        pytest.param(connect_packet(NAME.subject, level=5), b"\x20\x02\x00\x01", id="MQTT 5"),
        pytest.param(connect_packet(NAME.subject), b"\x20\x02\x00\x00", id="its own id"),
    ],
)
def test_certificate_opens_its_own_session_only(
    embedded: Embedded, packet: bytes, answer: bytes
) -> None:
    """A client id that is not the certificate's subject is refused before anything is touched."""
    assert speak(embedded, packet, embedded.pki.gateway(USC, "gateway-1")) == answer


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(b"\x30\x00", id="another packet"),
        pytest.param(b"\x10\xff\xff\xff\x7f", id="too long"),
        pytest.param(b"\x10\x03\x00\x04M", id="cut short"),
    ],
)
def test_malformed_connect_is_refused(embedded: Embedded, packet: bytes) -> None:
    """What is no CONNECT ends the connection, and the broker lives on."""
    credentials = embedded.pki.gateway(USC, "gateway-1")
    assert speak(embedded, packet, credentials) == b""
    assert speak(embedded, connect_packet(NAME.subject), credentials) == b"\x20\x02\x00\x00"


def test_port_in_use_is_told(embedded: Embedded) -> None:
    """A broker that cannot listen is an error."""
    with pytest.raises(BrokerUnavailable, match="did not start"):
        EmbeddedBroker(embedded.settings).start()


@pytest.mark.parametrize(
    ("topic", "action", "gateway", "ledger"),
    [
        (NAME.up, Action.PUBLISH, True, False),
        (NAME.down, Action.PUBLISH, False, True),
        (NAME.down, Action.SUBSCRIBE, True, False),
        (NAME.down, Action.RECEIVE, True, False),
        (NAME.up, Action.RECEIVE, False, True),
        (ALL_UP, Action.SUBSCRIBE, False, True),
        ("cs/v1/+/down", Action.SUBSCRIBE, False, False),
        ("cs/v1/+/down", Action.PUBLISH, False, False),
        ("cs/v1/#", Action.SUBSCRIBE, False, False),
        ("#", Action.SUBSCRIBE, False, False),
        ("cs/v2/x/up", Action.PUBLISH, False, False),
        (f"cs/v1/CN=gateway-2,O={USC}/up", Action.PUBLISH, False, False),
    ],
)
def test_topics_are_allowed_by_subject(
    topic: str, action: Action, gateway: bool, ledger: bool
) -> None:
    """A gateway reaches its own topics, the ledger all, and nobody anything else."""
    assert is_allowed(NAME.subject, topic, action, ledger=False) is gateway
    assert is_allowed(LEDGER, topic, action, ledger=True) is ledger


@pytest.mark.parametrize(
    "certificate",
    [
        None,
        {},
        {"subject": ((("commonName", "gw"),), (("organizationName", USC),))},
        {"subject": ((("organizationName", USC),),)},
        {"subject": ((("organizationName", USC), ("commonName", "gw")),)},
    ],
)
def test_other_subjects_are_nobody(certificate: dict[str, object] | None) -> None:
    """Only O and CN, each by itself and in this order, name somebody."""
    assert subject_text(certificate) is None
