"""Admission through Mosquitto: gateways by TLS in a process of their own, MQTT 5, QoS 1."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import NamedTuple

from api.ingest import Ingest
from attestation.ids import Kid, MessageId
from attestation.instants import Instant
from attestation.keys import Algorithm
from bench import limits, material
from bench.measuring import Row, Say, cpu_by_program
from devices.outbox import LIVE_LANE, MessageState, StoredMessage
from devices.publisher import Publisher
from devices.session import BrokerAddress
from devices.subscriber import Subscriber
from devices.topics import GatewayName
from ledger.log.checkers import PooledChecker
from tests.support.broker import BrokerFixture, running_broker
from tests.support.enterprise import USC, Enterprise

_PATIENCE_S = 5.0
_GATEWAY = GatewayName("gw-1", USC)

Step = Callable[[], int]
"""Takes what arrived, does with it what is to be done, acknowledges it; gives how many."""


class _Passed(NamedTuple):
    """How messages came through."""

    messages: int
    wall_s: float
    cpu_us: dict[str, float]
    """Of each message, by program."""


def run(say: Say, *, quick: bool) -> list[Row]:
    """Measure the way with admission, and without it as the limit."""
    count = 6_000 if quick else 100_000
    rows = []
    with tempfile.TemporaryDirectory(prefix="carbonseal-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running_broker(folder) as broker, material.postgresql() as cluster:
            ear = broker.subscriber(batch=material.BATCH)
            ear.start()
            ear.wait_connected(10)
            for algorithm in Algorithm:
                say(f"signing {count} messages")
                signed = material.messages(algorithm, count + material.WARMING, 1)
                contents = signed[material.WARMING :]
                say("through Mosquitto, without admission")
                bare = _through(broker, contents, lambda: _let_pass(ear))
                with (
                    PooledChecker(limits.CORES) as checker,
                    material.enterprise(
                        material.postgresql_url(cluster, f"broker_{algorithm.name.lower()}"),
                        checker,
                        algorithm,
                    ) as made,
                ):
                    # Workers come up and get the table of keys before the clock starts.
                    material.admit(made, signed[: material.WARMING])
                    say("through Mosquitto into PostgreSQL")
                    passed = _through(broker, contents, _ingest(made, ear).step)
                    admitted = made.admission.counts["admitted"] - material.WARMING
                bare_us = limits.verifications(algorithm).cpu_us
                rows.append(_row(algorithm, count, admitted, bare, passed, bare_us))
    return rows


def _row(
    algorithm: Algorithm, count: int, admitted: int, bare: _Passed, passed: _Passed, bare_us: float
) -> Row:
    lost = "nothing lost" if admitted == count else "LOST"
    programs = ", ".join(f"{name} {us:.0f} µs" for name, us in sorted(passed.cpu_us.items()))
    return Row(
        f"Mosquitto, TLS → admission, {algorithm.name}, PostgreSQL",
        passed.messages / passed.wall_s,
        "messages/s",
        bare.messages / bare.wall_s,
        "same way without admission",
        "≥ 10 000 messages/s, nothing lost",
        f"{admitted} of {count} admitted, {lost}; {programs}",
        sum(passed.cpu_us.values()),
        bare_us,
    )


def _ingest(made: Enterprise, ear: Subscriber) -> Ingest:
    return Ingest(made.admission, ear, batch=material.BATCH, now=lambda: made.now)


def _let_pass(ear: Subscriber) -> int:
    deliveries = ear.take(material.BATCH, 0.2)
    return ear.acknowledge(deliveries)


def _through(broker: BrokerFixture, contents: Sequence[bytes], step: Step) -> _Passed:
    """Publish everything from another process; from the first publish to the last acknowledged."""
    safe = 0
    with _publishing(broker.gateway_address(_GATEWAY), contents):
        before = cpu_by_program()
        begun = last = time.perf_counter()
        while safe < len(contents) and time.perf_counter() - last < _PATIENCE_S:
            found = step()
            if found:
                last = time.perf_counter()
                safe += found
        after = cpu_by_program()
    cpu_us = {
        name: (cpu_s - before.get(name, 0.0)) * 1_000_000 / len(contents)
        for name, cpu_s in after.items()
    }
    return _Passed(safe, last - begun, cpu_us)


@contextmanager
def _publishing(address: BrokerAddress, contents: Sequence[bytes]) -> Iterator[None]:
    """Run a gateway that begins to publish now; it waits at the end: its time is to be read."""
    context = get_context("forkserver")
    ready, go, done = context.Event(), context.Event(), context.Event()
    arguments = (address, contents, ready, go, done)
    gateway = context.Process(target=_publish, args=arguments, daemon=True)
    gateway.start()
    try:
        assert ready.wait(30), "the gateway does not connect"
        go.set()
        yield
    finally:
        done.set()
        gateway.join(10)
        if gateway.is_alive():
            gateway.terminate()


def _publish(
    address: BrokerAddress, contents: Sequence[bytes], ready: Event, go: Event, done: Event
) -> None:
    publisher = Publisher(address, _GATEWAY, window=2000)
    publisher.start()
    publisher.wait_connected(10)
    ready.set()
    go.wait()
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
    done.wait()


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
