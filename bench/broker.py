"""Admission through Mosquitto: gateways by TLS in a process of their own, MQTT 5, QoS 1."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from pathlib import Path

from attestation.ids import Kid, MessageId
from attestation.instants import Instant
from attestation.keys import Algorithm
from bench import material
from bench.limits import CORES
from bench.measuring import Row, Say
from devices.outbox import LIVE_LANE, MessageState, StoredMessage
from devices.publisher import Publisher
from devices.session import BrokerAddress, Delivery
from devices.subscriber import Subscriber
from devices.topics import GatewayName
from ledger.log.admission import Admission
from ledger.log.checkers import PooledChecker
from ledger.log.decisions import Admitted, Submission
from tests.support.broker import BrokerFixture, running_broker
from tests.support.enterprise import USC, Enterprise

_PATIENCE_S = 5.0
_WARMING = 1024

Taken = Callable[[list[Delivery]], int]
"""Does what is to be done with arrivals before they are acknowledged; gives how many are safe."""


def run(say: Say, *, quick: bool) -> list[Row]:
    """Measure the way with admission, and without it as the limit."""
    count = 6_000 if quick else 100_000
    say(f"signing {count} messages")
    signed = material.messages(Algorithm.ED25519, count + _WARMING, 1)
    contents = signed[_WARMING:]
    with tempfile.TemporaryDirectory(prefix="carbonseal-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running_broker(folder) as broker:
            ear = broker.subscriber(batch=material.BATCH)
            ear.start()
            ear.wait_connected(10)
            say("through Mosquitto, without admission")
            bare, _ = _through(broker, ear, contents, len)
            with (
                material.postgresql() as cluster,
                PooledChecker(CORES) as checker,
                material.enterprise(
                    material.postgresql_url(cluster, "broker"), checker, Algorithm.ED25519
                ) as made,
            ):
                # Workers come up and get the table of keys before the clock starts.
                material.admit(made, signed[:_WARMING], lambda _: None)
                say("through Mosquitto into PostgreSQL")
                batches: list[int] = []
                rate, admitted = _through(broker, ear, contents, _admitting(made, batches))
    lost = "nothing lost" if admitted == count else "LOST"
    remark = f"{admitted} of {count} admitted, {lost}; {count // len(batches)} a batch"
    return [
        Row(
            "Mosquitto, TLS → admission, Ed25519, PostgreSQL",
            rate,
            "messages/s",
            bare,
            "same way without admission",
            "≥ 10 000 messages/s, nothing lost",
            remark,
        )
    ]


def _admitting(made: Enterprise, batches: list[int]) -> Taken:
    admission: Admission = made.admission

    def admit(deliveries: list[Delivery]) -> int:
        batches.append(len(deliveries))
        batch = [Submission(each.payload, "gw-1") for each in deliveries]
        return sum(isinstance(each, Admitted) for each in admission.admit(batch, now=made.now))

    return admit


def _through(
    broker: BrokerFixture, ear: Subscriber, contents: Sequence[bytes], taken: Taken
) -> tuple[float, int]:
    """Publish everything from another process; give the rate from first to last, and how many."""
    name = GatewayName("gw-1", USC)
    gateway = get_context("forkserver").Process(
        target=_publish, args=(broker.gateway_address(name), name, contents), daemon=True
    )
    gateway.start()
    safe, begun, last = 0, 0.0, 0.0
    try:
        while safe < len(contents):
            deliveries = ear.take(material.BATCH, _PATIENCE_S if begun else 30.0)
            if not deliveries:
                break
            begun = begun or time.perf_counter()
            safe += taken(deliveries)
            ear.acknowledge(deliveries)
            last = time.perf_counter()
    finally:
        gateway.join(10)
        if gateway.is_alive():
            gateway.terminate()
    return safe / (last - begun), safe


def _publish(address: BrokerAddress, name: GatewayName, contents: Sequence[bytes]) -> None:
    publisher = Publisher(address, name, window=2000)
    publisher.start()
    publisher.wait_connected(10)
    waiting = iter(contents)
    sent = acknowledged = 0
    while acknowledged < len(contents):
        publisher.check()
        for _ in range(min(publisher.room, len(contents) - sent)):
            publisher.send(_stored(sent, next(waiting)))
            sent += 1
        outcomes = len(publisher.take_sent())
        acknowledged += outcomes
        if not outcomes:
            time.sleep(0.001)
    publisher.stop()


def _stored(number: int, content: bytes) -> StoredMessage:
    identity = MessageId(number.to_bytes(32, "big"))
    return StoredMessage(
        Kid(bytes(32)),
        0,
        number,
        identity,
        content,
        Instant(0),
        LIVE_LANE,
        next(iter(MessageState)),
        0,
    )
