"""A gateway and the ledger's ear over a real broker: nothing lost, nothing twice."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from attestation.enums import ReceiptStage
from attestation.epochs import verify_chain
from attestation.instants import Instant
from attestation.messages import SignedMessage, parse_message
from devices.agent import Agent
from devices.hearing import FORGED
from devices.outbox import MessageState
from devices.publisher import Publisher
from devices.subscriber import Subscriber
from devices.topics import GatewayName, parse_up_topic
from tests.support.agent_process import Arguments, make_agent
from tests.support.broker import BrokerFixture, wait_for
from tests.support.gateway import ORIGIN, Gateway, ListMeter, MemoryLog, reading, time_of

pytestmark = pytest.mark.real

WAIT_S = 8


class Ledger:
    """What the ledger does with what it hears, without a database."""

    def __init__(self, subscriber: Subscriber) -> None:
        self.subscriber = subscriber
        self.log = MemoryLog()
        self.heard: list[bytes] = []

    def admit(self) -> None:
        """Keep what came, and acknowledge it."""
        arrivals = self.subscriber.take(500, 0.05)
        self.heard += [arrival.payload for arrival in arrivals]
        self.subscriber.acknowledge(arrivals)

    def answer(self, name: GatewayName, content: bytes) -> None:
        """Send a signed answer down."""
        self.subscriber.publish_down(name.gateway, name.usc, content)

    @property
    def messages(self) -> list[SignedMessage]:
        """What came, each message once, in the order of the chain."""
        parsed = [parse_message(each, origin=str(ORIGIN)) for each in dict.fromkeys(self.heard)]
        return sorted(parsed, key=lambda one: (one.header.epoch, one.header.sequence))


@pytest.fixture
def ledger(broker: BrokerFixture) -> Ledger:
    """The ledger, listening."""
    subscriber = broker.subscriber()
    subscriber.start()
    subscriber.wait_connected(WAIT_S)
    return Ledger(subscriber)


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    """An enrolled gateway."""
    return Gateway(tmp_path / "gateway.db").begin()


def run(agent: Agent, ledger: Ledger, until: Callable[[], object], what: str) -> None:
    """Let both sides work until something holds."""

    def holds() -> bool:
        agent.step()
        ledger.admit()
        return bool(until())

    wait_for(holds, what, WAIT_S)


def stepping(agent: Agent, condition: Callable[[], object]) -> Callable[[], bool]:
    """Give a condition that lets the gateway work before it is asked."""

    def holds() -> bool:
        agent.step()
        return bool(condition())

    return holds


def state_of(gateway: Gateway, number: int) -> MessageState | None:
    """Give the state of a message of epoch 0."""
    stored = gateway.outbox.stored(gateway.state.kid, 0, number)
    return None if stored is None else stored.state


def test_reading_travels_to_the_ledger_and_its_receipt_back(
    broker: BrokerFixture, name: GatewayName, ledger: Ledger, gateway: Gateway
) -> None:
    """A message goes up; promise and receipt come down, and the outbox knows it is final."""
    publisher = broker.publisher(name)
    agent = make_agent(gateway, publisher, ListMeter([reading(0)]), time_of(0))
    agent.start()
    run(agent, ledger, lambda: ledger.heard, "nothing was heard")
    kid = gateway.state.kid
    ledger.answer(name, ledger.log.promise(kid, 0, 0, 0, Instant(time_of(0) + 1000)))
    run(agent, ledger, lambda: state_of(gateway, 0) is MessageState.PROMISED, "no promise")
    ledger.log.integrate(ledger.heard[:1])
    for stage in ReceiptStage:
        ledger.answer(name, ledger.log.receipt(ledger.heard[0], stage=stage))
    run(agent, ledger, lambda: state_of(gateway, 0) is MessageState.FINAL, "no receipt")
    oldest = agent.status().outbox.oldest_unanswered
    gateway.close()

    assert oldest is None


def test_arrival_names_its_gateway(
    broker: BrokerFixture, name: GatewayName, ledger: Ledger, gateway: Gateway
) -> None:
    """The topic tells where the answer has to go."""
    agent = make_agent(gateway, broker.publisher(name), ListMeter([reading(0)]), time_of(0))
    agent.start()
    arrivals = []

    def heard() -> bool:
        agent.step()
        arrivals.extend(ledger.subscriber.take(10, 0.05))
        return bool(arrivals)

    wait_for(heard, "nothing was heard", WAIT_S)
    gateway.close()

    assert parse_up_topic(arrivals[0].topic) == name


def test_message_sent_before_the_ledger_ever_listened_arrives(
    broker: BrokerFixture, name: GatewayName, gateway: Gateway
) -> None:
    """A message nobody was subscribed to is sent again once somebody is."""
    clock = [time_of(0)]
    agent = make_agent(gateway, broker.publisher(name), ListMeter([reading(0)]), time_of(0))
    agent._clock = lambda: clock[0]
    agent.start()
    wait_for(stepping(agent, lambda: agent.status().outbox.tally), "the broker said nothing")
    assert agent.status().outbox.tally == {"broker.no_subscriber": 1}
    late = Ledger(broker.subscriber())
    late.subscriber.start()
    late.subscriber.wait_connected(WAIT_S)
    clock[0] = Instant(clock[0] + 60_000)
    run(agent, late, lambda: late.heard, "it was not sent again")
    gateway.close()

    assert state_of_content(late) == [0]


def state_of_content(ledger: Ledger) -> list[int]:
    """Give the numbers of what was heard."""
    return [message.header.sequence for message in ledger.messages]


def test_refused_message_is_a_dead_letter(
    broker: BrokerFixture, name: GatewayName, ledger: Ledger, gateway: Gateway
) -> None:
    """A refusal takes the message out of the outbox for good."""
    agent = make_agent(gateway, broker.publisher(name), ListMeter([reading(0)]), time_of(0))
    agent.start()
    run(agent, ledger, lambda: ledger.heard, "nothing was heard")
    ledger.answer(name, ledger.log.refusal(ledger.messages[0]))
    run(agent, ledger, lambda: agent.status().outbox.dead_letters, "not refused")
    agent.step()
    waiting = gateway.outbox.stored(gateway.state.kid, 0, 0)
    gateway.close()

    assert waiting is None


def test_forged_answer_is_ignored(
    broker: BrokerFixture, name: GatewayName, ledger: Ledger, gateway: Gateway
) -> None:
    """An answer by another key changes nothing, though the broker delivered it."""
    agent = make_agent(gateway, broker.publisher(name), ListMeter([reading(0)]), time_of(0))
    agent.start()
    run(agent, ledger, lambda: ledger.heard, "nothing was heard")
    forger = MemoryLog(seed=b"f" * 32)
    forger.integrate(ledger.heard[:1])
    ledger.answer(name, forger.receipt(ledger.heard[0]))
    run(agent, ledger, lambda: agent.status().outbox.tally.get(FORGED), "it was not noticed")

    assert state_of(gateway, 0) is MessageState.SENT
    gateway.close()


def test_messages_survive_a_power_cut_of_the_broker(
    broker: BrokerFixture, name: GatewayName, ledger: Ledger, gateway: Gateway
) -> None:
    """What the broker lost with its memory reaches the ledger all the same."""
    ledger.subscriber.stop()
    meter = ListMeter([reading(number) for number in range(5)])
    agent = make_agent(gateway, broker.publisher(name), meter, time_of(5))
    agent.start()
    sent = stepping(agent, lambda: state_of(gateway, 4) is MessageState.SENT)
    wait_for(sent, "not sent", WAIT_S)
    broker.broker.kill()
    (broker.settings.folder / "mosquitto.db").unlink(missing_ok=True)
    broker.broker.start()
    ledger.subscriber.start()
    ledger.subscriber.wait_connected(WAIT_S)
    run(agent, ledger, lambda: len(ledger.messages) == 5, "messages are missing")
    gateway.close()

    verify_chain(ledger.messages)


def arguments(broker: BrokerFixture, name: GatewayName, gateway: Gateway, die: str) -> Arguments:
    """Describe a gateway's process."""
    address = broker.gateway_address(name)
    return Arguments(
        path=str(gateway.path),
        port=address.port,
        authorities=str(address.authorities),
        certificate=str(address.certificate),
        private_key=str(address.private_key),
        readings=20,
        die=die,
    )


def finish(
    broker: BrokerFixture, name: GatewayName, ledger: Ledger, gateway: Gateway
) -> list[SignedMessage]:
    """Start the gateway again after its death, with the same meter, until all has arrived."""
    gateway.open()
    meter = ListMeter([reading(number) for number in range(20)])
    agent = make_agent(gateway, broker.publisher(name), meter, time_of(21))
    agent.start()
    run(agent, ledger, lambda: len(ledger.messages) == 20, "messages are missing")
    gateway.close()
    return ledger.messages


@pytest.mark.parametrize("die", ["before_send", "after_send"])
def test_killed_gateway_loses_and_repeats_nothing(
    broker: BrokerFixture, name: GatewayName, ledger: Ledger, gateway: Gateway, die: str
) -> None:
    """Killed between signing and sending, or before noting that it sent: each reading once."""
    gateway.close()
    died = subprocess.run(
        arguments(broker, name, gateway, die).command(), check=False, capture_output=True
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    messages = finish(broker, name, ledger, gateway)

    verify_chain(messages)
    assert [one for message in messages for one in message.readings] == [
        reading(number) for number in range(20)
    ]


@pytest.mark.parametrize("after_ms", [0, 20, 50, 100])
def test_gateway_killed_at_any_moment_loses_and_repeats_nothing(
    broker: BrokerFixture, name: GatewayName, ledger: Ledger, gateway: Gateway, after_ms: int
) -> None:
    """Wherever the kill falls, the chain at the ledger is whole."""
    gateway.close()
    command = arguments(broker, name, gateway, "at_random").command()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(after_ms / 1000)
        process.kill()
    messages = finish(broker, name, ledger, gateway)

    verify_chain(messages)
    assert len({one.end_s for message in messages for one in message.readings}) == 20


def test_publisher_and_subscriber_stop_without_threads(
    broker: BrokerFixture, name: GatewayName, ledger: Ledger
) -> None:
    """A stopped connection leaves no thread, and can be started again."""
    publisher: Publisher = broker.publisher(name)
    publisher.start()
    publisher.wait_connected(WAIT_S)
    publisher.stop()
    assert not publisher.state.connected
    publisher.start()
    publisher.wait_connected(WAIT_S)

    assert publisher.state.session_present
