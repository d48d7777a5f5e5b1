"""A real Mosquitto with mutual TLS on a free port of loopback, and ways to connect to it."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from devices.broker.mosquitto import MosquittoBroker, MosquittoSettings
from devices.connection import Connection
from devices.errors import BrokerMissing
from devices.publisher import Publisher
from devices.session import BrokerAddress, PublishOutcome, SessionSettings
from devices.subscriber import Subscriber
from devices.topics import GatewayName
from tests.support.pki import OPERATOR_USC, Credentials, Pki

Item = TypeVar("Item")

HOST = "localhost"
LEDGER_SLOTS = ("ledger-0", "ledger-1")


def free_port() -> int:
    """Give a port of loopback that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class BrokerFixture:
    """A running broker with the certificates of its platform."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.pki = Pki(folder / "pki")
        self.port = port or free_port()
        server = self.pki.server()
        self.settings = MosquittoSettings(
            folder=folder / "mosquitto",
            port=self.port,
            authorities=self.pki.authorities,
            certificate=server.certificate,
            private_key=server.private_key,
            ledger_subjects=tuple(f"CN={slot},O={OPERATOR_USC}" for slot in LEDGER_SLOTS),
        )
        try:
            self.broker = MosquittoBroker(self.settings)
        except BrokerMissing as error:
            pytest.fail(f"{error}: these tests need the real broker", pytrace=False)
        self._opened: list[Connection | Publisher | Subscriber] = []
        self._ledger: dict[str, Credentials] = {}
        self._gateways: dict[GatewayName, Credentials] = {}

    def address(self, credentials: Credentials) -> BrokerAddress:
        """Give the broker's address for the holder of a certificate."""
        return BrokerAddress(
            host=HOST,
            port=self.port,
            authorities=self.pki.authorities,
            certificate=credentials.certificate,
            private_key=credentials.private_key,
        )

    def gateway_address(self, name: GatewayName) -> BrokerAddress:
        """Give the broker's address for a gateway; its certificate is made at first use."""
        if name not in self._gateways:
            self._gateways[name] = self.pki.gateway(name.usc, name.gateway)
        return self.address(self._gateways[name])

    def ledger_address(self, slot: str = LEDGER_SLOTS[0]) -> BrokerAddress:
        """Give the broker's address for an ingest slot."""
        if slot not in self._ledger:
            self._ledger[slot] = self.pki.ledger(slot)
        return self.address(self._ledger[slot])

    def publisher(self, name: GatewayName) -> Publisher:
        """Make a gateway's publisher; it is stopped with the broker."""
        made = Publisher(self.gateway_address(name), name, reconnect_max_s=0.3)
        self._opened.append(made)
        return made

    def subscriber(
        self, slot: str = LEDGER_SLOTS[0], *, batch: int = 500, share_group: str | None = None
    ) -> Subscriber:
        """Make an ingest slot's subscriber; it is stopped with the broker."""
        made = Subscriber(
            self.ledger_address(slot),
            slot=f"CN={slot},O={OPERATOR_USC}",
            batch=batch,
            share_group=share_group,
            reconnect_max_s=0.3,
        )
        self._opened.append(made)
        return made

    def connection(
        self,
        credentials: Credentials,
        client_id: str,
        subscriptions: Sequence[str] = (),
        *,
        authorities: Path | None = None,
    ) -> Connection:
        """Make a bare connection, also with credentials or trust that will not do."""
        address = self.address(credentials)
        made = Connection(
            replace(address, authorities=authorities or address.authorities),
            SessionSettings(client_id, tuple(subscriptions), reconnect_max_s=0.3),
        )
        self._opened.append(made)
        return made

    def suspend(self) -> None:
        """Stop the broker in its tracks."""
        os.kill(self._process_id(), signal.SIGSTOP)

    def resume(self) -> None:
        """Let a suspended broker go on."""
        os.kill(self._process_id(), signal.SIGCONT)

    def _process_id(self) -> int:
        process_id = self.broker.process_id
        assert process_id is not None
        return process_id

    def close(self) -> None:
        """Stop every connection made here, then the broker."""
        for opened in self._opened:
            opened.stop()
        self.broker.stop()


@contextmanager
def running_broker(folder: Path, *, port: int | None = None) -> Iterator[BrokerFixture]:
    """Run a broker while the block runs."""
    fixture = BrokerFixture(folder, port=port)
    try:
        fixture.broker.start()
        yield fixture
    finally:
        fixture.close()


def wait_for(condition: Callable[[], object], what: str, timeout_s: float = 5.0) -> None:
    """Wait until a condition holds, or fail saying what did not happen."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"in {timeout_s} s: {what}", pytrace=False)
        time.sleep(0.01)


def gather(take: Callable[[], Sequence[Item]], what: str, *, count: int = 1) -> list[Item]:
    """Take until so many have come, or fail saying what did not come."""
    gathered: list[Item] = []

    def is_complete() -> bool:
        gathered.extend(take())
        return len(gathered) >= count

    wait_for(is_complete, what)
    assert len(gathered) == count
    return gathered


def outcome_of(connection: Connection, topic: str, payload: bytes = b"x") -> PublishOutcome:
    """Publish one message and wait for what becomes of it."""
    token = connection.publish(topic, payload)
    (publication,) = gather(connection.take_outcomes, "no outcome")
    assert publication.token == token
    return publication.outcome
