"""`carbonseal doctor` at a real broker: what refuses whom, and what merely does not answer."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from api.cli import doctor_broker
from api.cli.doctor_checks import Line
from attestation.certificate_issuing import certificates_to_pem, issue_server
from attestation.enums import Outcome
from attestation.instants import Instant
from attestation.keys import Algorithm, SoftwareKey
from tests.support.broker import BrokerFixture, free_port, running_broker
from tests.support.pki import VALIDITY, Credentials, Pki

HELD, FAILED, COULD_NOT = Outcome.HELD, Outcome.FAILED, Outcome.COULD_NOT_CHECK
STRANGERS = "strangers at the broker"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[BrokerFixture]:
    """A running Mosquitto that asks for certificates."""
    with running_broker(tmp_path) as fixture:
        yield fixture


def looked(port: int, authorities: Path, credentials: Credentials) -> dict[str, Line]:
    """Look at a broker with these files."""
    mqtt = SimpleNamespace(
        host="localhost",
        port=port,
        ca_file=authorities,
        cert_file=credentials.certificate,
        key_file=credentials.private_key,
    )
    lines = doctor_broker.broker(cast(Any, SimpleNamespace(mqtt=mqtt)))
    assert all(line.fix for line in lines if line.outcome is not HELD)
    return {line.name: line for line in lines}


@pytest.mark.real
def test_broker_with_mutual_tls(broker: BrokerFixture) -> None:
    """Both sides show certificates, and who shows none is refused."""
    found = looked(broker.port, broker.pki.authorities, broker.pki.ledger("ledger-0"))

    assert {line.outcome for line in found.values()} == {HELD}
    assert found.keys() == {"broker", "broker's certificate", STRANGERS}
    assert "TLSv1.3" in found["broker"].detail


@pytest.mark.real
def test_working_session_is_left_alone(broker: BrokerFixture) -> None:
    """The ledger's own connection stays while the doctor looks."""
    ear = broker.subscriber()
    ear.start()
    ear.wait_connected(10)
    generation = ear.state.generation
    looked(broker.port, broker.pki.authorities, broker.pki.ledger("ledger-0"))

    assert ear.state.connected and ear.state.generation == generation


@pytest.mark.real
def test_certificate_that_the_broker_does_not_trust(broker: BrokerFixture, tmp_path: Path) -> None:
    """A certificate under another root is refused by the broker: a problem of ours."""
    elsewhere = Pki(tmp_path / "elsewhere").ledger("ledger-0")
    found = looked(broker.port, broker.pki.authorities, elsewhere)

    assert found["broker"].outcome is FAILED
    assert "refuses our certificate" in found["broker"].detail


@pytest.mark.real
def test_broker_under_another_root(broker: BrokerFixture, tmp_path: Path) -> None:
    """A broker whose certificate chains to nobody we know is not ours."""
    elsewhere = Pki(tmp_path / "elsewhere").authorities
    found = looked(broker.port, elsewhere, broker.pki.ledger("ledger-0"))

    assert found["broker"].outcome is FAILED
    assert "refuses" not in found["broker"].detail


@contextmanager
def serving(context: ssl.SSLContext | None) -> Iterator[int]:
    """Accept connections on a free port, shake hands where there is a context, and wait."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        kept: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    plain, _ = listener.accept()
                    kept.append(plain if context is None else context.wrap_socket(plain, True))
                except (OSError, ValueError):
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
    for each in kept:
        each.close()


def server_context(pki: Pki, credentials: Credentials | None = None) -> ssl.SSLContext:
    """Give the context of a server that asks for no certificate."""
    server = credentials or pki.server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.certificate, server.private_key)
    return context


def test_broker_that_lets_anybody_in(tmp_path: Path) -> None:
    """A broker that asks for no certificate would take everybody's messages."""
    pki = Pki(tmp_path / "pki")
    with serving(server_context(pki)) as port:
        found = looked(port, pki.authorities, pki.ledger("ledger-0"))

    assert found["broker"].outcome is HELD
    assert found[STRANGERS].outcome is FAILED


def test_certificate_of_another_host(tmp_path: Path) -> None:
    """The certificate must name the host under which the ledger knows the broker."""
    pki = Pki(tmp_path / "pki")
    key = SoftwareKey.generate(Algorithm.ESP256)
    leaf = issue_server(key.public_key, hosts=["other.example"], validity=VALIDITY, issuer=pki.root)
    other = Credentials(tmp_path / "other.pem", tmp_path / "other.key")
    other.certificate.write_bytes(certificates_to_pem(leaf))
    other.private_key.write_bytes(key.to_pem(None))
    with serving(server_context(pki, other)) as port:
        found = looked(port, pki.authorities, pki.ledger("ledger-0"))

    assert found["broker"].outcome is FAILED
    assert "mismatch" in found["broker"].detail.lower()


def test_certificate_of_the_broker_that_ends_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the broker shows is dated like our own files."""
    pki = Pki(tmp_path / "pki")
    in_2099 = SimpleNamespace(now=lambda: Instant(4_102_444_800_000 - 86_400_000))
    monkeypatch.setattr(doctor_broker, "SystemClock", lambda: in_2099)
    with serving(server_context(pki)) as port:
        found = looked(port, pki.authorities, pki.ledger("ledger-0"))

    assert found["broker's certificate"].outcome is FAILED
    assert "2100-01-01" in found["broker's certificate"].detail


@pytest.mark.parametrize("is_mute", [False, True], ids=["nobody listens", "mute"])
def test_broker_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_mute: bool
) -> None:
    """A broker that is down, or hangs, could not be checked; nothing is said of its certificate."""
    monkeypatch.setattr(doctor_broker, "_TIMEOUT_S", 1)
    pki = Pki(tmp_path / "pki")
    credentials = pki.ledger("ledger-0")
    with serving(None) as port:
        found = looked(port if is_mute else free_port(), pki.authorities, credentials)

    assert found.keys() == {"broker"}
    assert found["broker"].outcome is COULD_NOT


def test_without_a_broker_nothing_is_looked_at() -> None:
    """Where messages come by HTTP only, that is said."""
    (line,) = doctor_broker.broker(cast(Any, SimpleNamespace(mqtt=None)))

    assert line == replace(line, name="broker", outcome=HELD)
