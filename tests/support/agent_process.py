"""A gateway's process that a test kills: `python -m tests.support.agent_process <JSON>`."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from attestation.instants import Instant
from devices.agent import Agent, AgentSettings
from devices.hearing import Hearing
from devices.measuring import MeterLine
from devices.outbox import StoredMessage
from devices.publisher import Publisher
from devices.session import BrokerAddress
from devices.topics import GatewayName
from tests.support.gateway import ORIGIN, USC, Gateway, ListMeter, MemoryLog, reading, time_of


@dataclass(frozen=True)
class Arguments:
    """What the process does, and where it dies."""

    path: str
    port: int
    authorities: str
    certificate: str
    private_key: str
    readings: int
    die: str
    """`before_send`, `after_send`, `at_random` (the parent kills it) or `never`."""

    def command(self) -> list[str]:
        """Give the command line of the process."""
        return [sys.executable, "-m", "tests.support.agent_process", json.dumps(asdict(self))]


class DyingPublisher(Publisher):
    """A publisher in a process that dies with the first message."""

    die = "never"

    def send(self, message: StoredMessage) -> None:
        """Send, or die."""
        if self.die == "before_send":
            os.kill(os.getpid(), signal.SIGKILL)
        super().send(message)
        if self.die == "after_send":
            while not self.take_sent():
                threading.Event().wait(0.005)
            os.kill(os.getpid(), signal.SIGKILL)


def clock_from(start: Instant) -> Callable[[], Instant]:
    """Give a clock that shows `start` now and goes on as time does."""
    began = time.monotonic_ns()
    return lambda: Instant(start + (time.monotonic_ns() - began) // 1_000_000)


def make_agent(gateway: Gateway, publisher: Publisher, meter: ListMeter, now: Instant) -> Agent:
    """Join the parts of a gateway."""
    log = MemoryLog()
    hearing = Hearing(
        origin=ORIGIN, log_key=log.key.public_key, store=gateway.store, outbox=gateway.outbox
    )
    return Agent(
        publisher=publisher,
        outbox=gateway.outbox,
        hearing=hearing,
        lines=[MeterLine("boiler", meter, gateway.state, readings_per_message=1)],
        clock=clock_from(now),
        settings=AgentSettings(listen_s=0, interval_s=0.01),
    )


def main() -> None:
    """Run a gateway until it is killed."""
    arguments = Arguments(**json.loads(sys.argv[1]))
    gateway = Gateway(Path(arguments.path))
    address = BrokerAddress(
        "localhost",
        arguments.port,
        Path(arguments.authorities),
        Path(arguments.certificate),
        Path(arguments.private_key),
    )
    publisher = DyingPublisher(address, GatewayName("gateway-1", USC), reconnect_max_s=0.3)
    publisher.die = arguments.die
    meter = ListMeter([reading(number) for number in range(arguments.readings)])
    agent = make_agent(gateway, publisher, meter, time_of(arguments.readings))
    agent.start()
    sys.stdout.write("started\n")
    sys.stdout.flush()
    agent.run(threading.Event())


if __name__ == "__main__":
    main()
