"""Brokers that speak otherwise than Mosquitto: older, silent, stuck, or with more reason codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from devices.connection import Connection
from devices.errors import BrokerRefused, SessionTakenOver
from devices.session import BrokerAddress, PublishOutcome, SessionSettings
from tests.support.broker import outcome_of, wait_for
from tests.support.gateway import USC
from tests.support.pki import Pki
from tests.support.scripted_broker import CONNACK, SUBACK, ScriptedBroker

SUBJECT = f"CN=gateway-1,O={USC}"
WAIT_S = 8
CONNACK_3 = bytes.fromhex("20020000")
UNSUPPORTED_5 = bytes.fromhex("2003008400")
UNSUPPORTED_3 = bytes.fromhex("20020001")
NOT_AUTHORISED = bytes.fromhex("2003008700")
TAKEN_OVER = bytes.fromhex("e0028e00")
SUBACK_REFUSED = bytes.fromhex("900400010087")


def connect(
    folder: Path,
    scripts: Sequence[Sequence[bytes]],
    act: Callable[[Connection], None],
    acknowledgement_timeout_s: float = 60.0,
) -> None:
    """Let a client meet a scripted broker."""
    pki = Pki(folder)
    credentials = pki.gateway(USC, "gateway-1")
    with ScriptedBroker(pki, scripts) as broker:
        address = BrokerAddress(
            "localhost",
            broker.port,
            pki.authorities,
            credentials.certificate,
            credentials.private_key,
        )
        connection = Connection(
            address,
            SessionSettings(
                SUBJECT,
                ("a/b",),
                reconnect_min_s=0.05,
                reconnect_max_s=0.1,
                answer_timeout_s=0.5,
                acknowledgement_timeout_s=acknowledgement_timeout_s,
            ),
        )
        connection.start()
        try:
            act(connection)
        finally:
            connection.stop()


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(UNSUPPORTED_5, id="in MQTT 5"),
        pytest.param(UNSUPPORTED_3, id="in MQTT 3.1.1"),
    ],
)
def test_broker_that_refuses_mqtt_5_is_spoken_to_in_3(tmp_path: Path, refusal: bytes) -> None:
    """A broker that does not know the protocol's version gets the older one at once."""

    def act(connection: Connection) -> None:
        connection.wait_connected(WAIT_S)
        assert connection.state.protocol == "MQTT 3.1.1"

    connect(tmp_path, [[refusal], [CONNACK_3, bytes.fromhex("9003000101")]], act)


def test_broker_that_does_not_answer_is_spoken_to_in_3(tmp_path: Path) -> None:
    """A broker that waits for the rest of a CONNECT it misreads gets the older version."""

    def act(connection: Connection) -> None:
        connection.wait_connected(WAIT_S)
        assert connection.state.protocol == "MQTT 3.1.1"

    connect(tmp_path, [[b""], [CONNACK_3, bytes.fromhex("9003000101")]], act)


def test_client_that_is_not_authorised_is_told(tmp_path: Path) -> None:
    """A CONNECT refused for good is an error with the broker's reason."""

    def act(connection: Connection) -> None:
        with pytest.raises(BrokerRefused, match="Not authorized"):
            connection.wait_connected(WAIT_S)

    connect(tmp_path, [[NOT_AUTHORISED]], act)


def test_refused_subscription_is_told(tmp_path: Path) -> None:
    """A connection without its subscription is deaf, and does not count as connected."""

    def act(connection: Connection) -> None:
        with pytest.raises(BrokerRefused, match="does not allow the subscription"):
            connection.wait_connected(WAIT_S)

    connect(tmp_path, [[CONNACK, SUBACK_REFUSED]], act)


def test_session_taken_over_stops_for_good(tmp_path: Path) -> None:
    """A broker that says so ends the contest between two processes of one client id."""

    def act(connection: Connection) -> None:
        connection.wait_connected(WAIT_S)
        connection.publish("a/b", b"x")
        wait_for(lambda: not connection.state.connected, "still connected")
        with pytest.raises(SessionTakenOver, match="another process"):
            wait_for(connection.check, "nothing was raised")

    connect(tmp_path, [[CONNACK, SUBACK, TAKEN_OVER]], act)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (0x00, PublishOutcome.TAKEN),
        (0x10, PublishOutcome.NO_SUBSCRIBER),
        (0x80, PublishOutcome.REFUSED),
        (0x87, PublishOutcome.NOT_AUTHORISED),
        (0x97, PublishOutcome.QUOTA_EXCEEDED),
        (0x99, PublishOutcome.REFUSED),
    ],
)
def test_reason_codes_are_told_apart(tmp_path: Path, code: int, outcome: PublishOutcome) -> None:
    """Each reason code of PUBACK has one meaning; only 0 says that the broker keeps it."""

    def act(connection: Connection) -> None:
        connection.wait_connected(WAIT_S)
        assert outcome_of(connection, "a/b") is outcome

    puback = bytes((0x40, 0x04, 0x00, 0x02, code, 0x00))
    connect(tmp_path, [[CONNACK, SUBACK, puback]], act)


def test_packet_that_ends_the_connection_is_not_sent_again_at_once(tmp_path: Path) -> None:
    """Where the broker hangs up because of a packet's size, the message is told apart from lost."""

    def act(connection: Connection) -> None:
        connection.wait_connected(WAIT_S)
        assert outcome_of(connection, "a/b") is PublishOutcome.TOO_LARGE

    connect(tmp_path, [[CONNACK, SUBACK, bytes.fromhex("e0029500")]], act)


def test_broker_that_never_acknowledges_is_left(tmp_path: Path) -> None:
    """A stuck broker costs one time-out; its message is lost and the next connection is made."""

    def act(connection: Connection) -> None:
        connection.wait_connected(WAIT_S)
        assert outcome_of(connection, "a/b") is PublishOutcome.LOST
        wait_for(lambda: connection.state.generation > 1, "not left")

    connect(tmp_path, [[CONNACK, SUBACK]], act, acknowledgement_timeout_s=0.2)
