"""Who gets into the broker, and which topics each may use."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace

import pytest

from devices.errors import BrokerRefused
from devices.session import PublishOutcome
from devices.topics import ALL_UP, GatewayName
from tests.support.broker import HOST, LEDGER_SLOTS, BrokerFixture, outcome_of, wait_for
from tests.support.gateway import OTHER_USC, USC
from tests.support.pki import OPERATOR_USC, Pki

pytestmark = pytest.mark.real

WAIT_S = 5
CONNECT = bytes.fromhex("101000044d5154540502003c000003616263")


def test_subject_is_user_name_and_client_id(broker: BrokerFixture, name: GatewayName) -> None:
    """Mosquitto shows the subject in RFC 4514 order, whatever client id was asked for."""
    connection = broker.connection(broker.pki.gateway(USC, name.gateway), "another-id")
    connection.start()
    connection.wait_connected(WAIT_S)

    log = (broker.settings.folder / "mosquitto.log").read_text()
    assert f"as CN=gateway-1,O={USC} (" in log
    assert f"u'CN=gateway-1,O={USC}')" in log


def test_client_without_a_certificate_is_refused(broker: BrokerFixture) -> None:
    """The TLS connection of a client without a certificate ends before MQTT begins."""
    context = ssl.create_default_context(cafile=str(broker.pki.authorities))
    with (
        socket.create_connection((HOST, broker.port), timeout=WAIT_S) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as secured,
        pytest.raises(OSError, match=r"(?i)EOF|ALERT|reset"),
    ):
        secured.sendall(CONNECT)
        if not secured.recv(100):
            raise ConnectionResetError("reset by the broker")


def test_certificate_by_another_enterprises_authority_is_refused(
    broker: BrokerFixture, name: GatewayName
) -> None:
    """An authority cannot name another enterprise: its name constraint breaks the handshake."""
    forged = broker.pki.gateway(USC, name.gateway, issuer=broker.pki.authority(OTHER_USC))
    connection = broker.connection(forged, name.subject)
    connection.start()

    with pytest.raises(BrokerRefused, match=r"(?i)alert"):
        connection.wait_connected(WAIT_S)


def test_certificate_of_another_platform_is_refused(
    broker: BrokerFixture, name: GatewayName
) -> None:
    """The same names under another root do not connect."""
    stranger = Pki(broker.settings.folder / "stranger").gateway(USC, name.gateway)
    connection = broker.connection(stranger, name.subject)
    connection.start()

    with pytest.raises(BrokerRefused, match=r"(?i)alert"):
        connection.wait_connected(WAIT_S)


def test_device_certificate_opens_no_connection(broker: BrokerFixture) -> None:
    """A certificate for signing messages is no TLS client's."""
    device = broker.pki.device(USC, "meter-1")
    connection = broker.connection(device, f"CN=meter-1,O={USC}")
    connection.start()

    with pytest.raises(BrokerRefused, match=r"(?i)alert"):
        connection.wait_connected(WAIT_S)


def test_broker_of_another_platform_is_not_trusted(
    broker: BrokerFixture, name: GatewayName
) -> None:
    """A gateway does not speak to a broker whose certificate its root did not issue."""
    stranger = Pki(broker.settings.folder / "stranger")
    credentials = broker.pki.gateway(USC, name.gateway)
    connection = broker.connection(credentials, name.subject, authorities=stranger.authorities)
    connection.start()

    with pytest.raises(BrokerRefused, match="certificate verify failed"):
        connection.wait_connected(WAIT_S)


@pytest.mark.parametrize(
    "topic",
    [
        pytest.param(f"cs/v1/CN=gateway-2,O={USC}/up", id="another gateway's"),
        pytest.param(f"cs/v1/CN=gateway-1,O={OTHER_USC}/up", id="another enterprise's"),
        pytest.param(f"cs/v1/CN=gateway-1,O={USC}/down", id="its own answers"),
        pytest.param(f"cs/v1/O={USC},CN=gateway-1/up", id="its subject the other way round"),
        pytest.param("$SYS/broker/uptime", id="the broker's own"),
    ],
)
def test_gateway_writes_only_its_own_topic(
    broker: BrokerFixture, name: GatewayName, topic: str
) -> None:
    """A topic that is not the gateway's own `up` is refused with a reason code."""
    connection = broker.connection(broker.pki.gateway(USC, name.gateway), name.subject)
    connection.start()
    connection.wait_connected(WAIT_S)

    assert outcome_of(connection, topic) is PublishOutcome.NOT_AUTHORISED


def test_gateway_reads_no_other_gateways_messages(broker: BrokerFixture, name: GatewayName) -> None:
    """A gateway that subscribes to everything receives only what is meant for it."""
    curious = broker.connection(
        broker.pki.gateway(OTHER_USC, "curious"), f"CN=curious,O={OTHER_USC}", ["cs/v1/+/+"]
    )
    ledger = broker.subscriber()
    sender = broker.connection(broker.pki.gateway(USC, name.gateway), name.subject)
    for each in (curious, ledger, sender):
        each.start()
        each.wait_connected(WAIT_S)
    outcome_of(sender, name.up)
    ledger.publish_down("curious", OTHER_USC, b"for you")

    assert [arrival.payload for arrival in curious.take(10, 1.0)] == [b"for you"]
    assert [arrival.payload for arrival in ledger.take(10, 1.0)] == [b"x"]


def test_nobody_takes_the_ledgers_session(broker: BrokerFixture, name: GatewayName) -> None:
    """A gateway that connects under the slot's client id gets its own session, not the ledger's."""
    ledger = broker.subscriber()
    ledger.start()
    ledger.wait_connected(WAIT_S)
    thief = broker.connection(
        broker.pki.gateway(USC, name.gateway), f"CN={LEDGER_SLOTS[0]},O={OPERATOR_USC}", [ALL_UP]
    )
    thief.start()
    thief.wait_connected(WAIT_S)

    assert not thief.state.session_present
    assert ledger.state.generation == 1
    assert ledger.state.connected


def test_two_processes_of_one_slot_are_noticed(broker: BrokerFixture) -> None:
    """Two processes that take a session from each other both see it, and neither stops."""
    one, other = broker.subscriber(), broker.subscriber()
    one.start()
    one.wait_connected(WAIT_S)
    other.start()
    wait_for(lambda: one.state.contested and other.state.contested, "not noticed")
    other.stop()
    one.wait_connected(WAIT_S)

    assert one.state.connected


def test_blocked_gateway_is_cut_off_without_a_restart(
    broker: BrokerFixture, name: GatewayName
) -> None:
    """A gateway put on the list loses its topic, though its certificate is still valid."""
    connection = broker.connection(broker.pki.gateway(USC, name.gateway), name.subject)
    connection.start()
    connection.wait_connected(WAIT_S)
    before = outcome_of(connection, name.up)
    broker.broker.reload(replace(broker.settings, blocked=(name,)))
    wait_for(
        lambda: outcome_of(connection, name.up) is PublishOutcome.NOT_AUTHORISED, "not cut off"
    )

    assert before is PublishOutcome.NO_SUBSCRIBER
