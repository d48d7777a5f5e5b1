"""What the broker keeps, loses and delivers again, and what we acknowledge."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devices.broker.mosquitto import MAX_PACKET_BYTES
from devices.connection import Connection
from devices.errors import BrokerUnavailable, WindowFull
from devices.link import Link
from devices.session import Delivery, PublishOutcome, SessionSettings
from devices.subscriber import Subscriber
from devices.topics import ALL_UP, GatewayName
from tests.support.broker import LEDGER_SLOTS, BrokerFixture, gather, outcome_of, wait_for
from tests.support.gateway import USC
from tests.support.pki import OPERATOR_USC

pytestmark = pytest.mark.real

WAIT_S = 5
MOSQUITTO_PUB = shutil.which("mosquitto_pub") or "mosquitto_pub is not installed"


def connected(*parts: Connection | Subscriber) -> None:
    """Start and wait for each."""
    for part in parts:
        part.start()
        part.wait_connected(WAIT_S)


def sender(broker: BrokerFixture, name: GatewayName) -> Connection:
    """Give a gateway's bare connection."""
    return broker.connection(broker.pki.gateway(name.usc, name.gateway), name.subject)


def payloads(arrivals: list[Delivery]) -> list[bytes]:
    """Give what arrived."""
    return [arrival.payload for arrival in arrivals]


def take(ledger: Subscriber, count: int) -> list[Delivery]:
    """Take exactly so many arrivals."""
    return gather(lambda: ledger.take(1, 0.1), f"{count} messages did not arrive", count=count)


def test_message_before_the_ledger_ever_listened_is_not_delivered(
    broker: BrokerFixture, name: GatewayName
) -> None:
    """Without a subscription the broker says 0x10 and keeps nothing."""
    gateway, ledger = sender(broker, name), broker.subscriber()
    connected(gateway)
    outcome = outcome_of(gateway, name.up)
    connected(ledger)

    assert outcome is PublishOutcome.NO_SUBSCRIBER
    assert ledger.take(1, 0.3) == []


def test_messages_wait_while_the_ledger_is_away(broker: BrokerFixture, name: GatewayName) -> None:
    """The slot's session queues what comes while its process is down."""
    gateway, ledger = sender(broker, name), broker.subscriber()
    connected(gateway, ledger)
    ledger.stop()
    outcome_of(gateway, name.up, b"while away")
    connected(ledger)

    assert payloads(take(ledger, 1)) == [b"while away"]
    assert ledger.state.session_present


def test_unacknowledged_message_comes_again(broker: BrokerFixture, name: GatewayName) -> None:
    """A message that was taken and not acknowledged is delivered to the slot's next process."""
    gateway, ledger = sender(broker, name), broker.subscriber()
    connected(gateway, ledger)
    outcome_of(gateway, name.up, b"first")
    outcome_of(gateway, name.up, b"second")
    ledger.acknowledge(take(ledger, 2)[:1])
    ledger.stop()
    successor = broker.subscriber()
    connected(successor)

    assert payloads(take(successor, 1)) == [b"second"]


def test_late_acknowledgement_does_not_touch_new_messages(
    broker: BrokerFixture, name: GatewayName
) -> None:
    """After a reconnect the packet ids begin anew; an old acknowledgement goes nowhere."""
    gateway, ledger = sender(broker, name), broker.subscriber()
    connected(gateway, ledger)
    outcome_of(gateway, name.up, b"old")
    late = take(ledger, 1)
    broker.broker.kill()
    broker.broker.start()
    wait_for(lambda: ledger.state.connected and gateway.state.connected, "no reconnection")
    outcome_of(gateway, name.up, b"new")
    (new,) = take(ledger, 1)

    assert new.mid == late[0].mid
    assert ledger.acknowledge(late) == 0
    ledger.stop()
    connected(ledger)
    assert payloads(take(ledger, 1)) == [b"new"]


def test_arrivals_of_an_ended_connection_are_left_out(
    broker: BrokerFixture, name: GatewayName
) -> None:
    """What waited when the connection ended is delivered again, and taken once."""
    gateway, ledger = sender(broker, name), broker.subscriber()
    connected(gateway, ledger)
    outcome_of(gateway, name.up, b"once")
    wait_for(lambda: ledger.state.waiting == 1, "it did not arrive")
    broker.broker.stop()
    broker.broker.start()
    wait_for(lambda: ledger.state.waiting == 2, "it did not arrive again")

    assert payloads(ledger.take(10, 0.5)) == [b"once"]


def test_acknowledgements_go_out_in_the_order_of_arrival(
    broker: BrokerFixture, name: GatewayName
) -> None:
    """An acknowledgement waits for the arrivals before it."""
    gateway, ledger = sender(broker, name), broker.subscriber()
    connected(gateway, ledger)
    for payload in (b"0", b"1", b"2"):
        outcome_of(gateway, name.up, payload)
    arrivals = take(ledger, 3)

    assert ledger.acknowledge(arrivals[2:]) == 0
    assert ledger.acknowledge(arrivals[:1]) == 1
    assert ledger.acknowledge(arrivals[1:2]) == 2


def test_queue_survives_a_restart_of_the_broker(broker: BrokerFixture, name: GatewayName) -> None:
    """What was queued for the ledger is there after the broker was stopped and started."""
    gateway, ledger = sender(broker, name), broker.subscriber()
    connected(gateway, ledger)
    ledger.stop()
    outcome_of(gateway, name.up, b"queued")
    broker.broker.stop()
    broker.broker.start()
    connected(ledger)

    assert payloads(take(ledger, 1)) == [b"queued"]


def test_connection_comes_back_after_a_power_cut_of_the_broker(
    broker: BrokerFixture, name: GatewayName
) -> None:
    """After the broker was killed both sides connect again, in a new generation."""
    gateway, ledger = sender(broker, name), broker.subscriber()
    connected(gateway, ledger)
    broker.broker.kill()
    wait_for(lambda: not ledger.state.connected, "the loss was not noticed")
    broker.broker.start()
    wait_for(lambda: ledger.state.connected and gateway.state.connected, "no reconnection")

    assert ledger.state.generation > 1
    outcome_of(gateway, name.up, b"again")
    assert payloads(take(ledger, 1)) == [b"again"]


class MortalConnection(Connection):
    """A connection whose thread dies of an error nobody thought of, once."""

    mortal = True

    def _new_link(self, generation: int) -> Link:
        if generation == 2 and self.mortal:
            self.mortal = False
            raise RuntimeError("an error nobody thought of")
        return super()._new_link(generation)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_dead_slot_is_started_again_under_its_own_id(
    broker: BrokerFixture, name: GatewayName
) -> None:
    """A thread that died is replaced by the next look at it, and the session goes on."""
    settings = SessionSettings(broker.settings.ledger_subjects[0], (ALL_UP,), reconnect_max_s=0.1)
    ledger = MortalConnection(broker.ledger_address(), settings)

    def revived() -> bool:
        ledger.check()
        return ledger.state.connected

    connected(ledger)
    broker.broker.stop()
    broker.broker.start()
    wait_for(lambda: not ledger.mortal, "it did not die")
    wait_for(revived, "it stays dead")
    state = ledger.state
    ledger.stop()

    assert state.session_present


def test_message_in_flight_when_the_broker_dies_is_reported_lost(
    broker: BrokerFixture, name: GatewayName
) -> None:
    """A message the broker never answered is the outbox's to send again."""
    gateway = sender(broker, name)
    connected(gateway)
    broker.suspend()
    token = gateway.publish(name.up, b"x")
    broker.broker.kill()
    (lost,) = gather(gateway.take_outcomes, "no outcome")

    assert (lost.token, lost.outcome) == (token, PublishOutcome.LOST)


def test_nothing_is_published_without_a_connection(
    broker: BrokerFixture, name: GatewayName
) -> None:
    """Publishing while the broker is down is an error, not a queue in memory."""
    gateway = sender(broker, name)
    connected(gateway)
    broker.broker.kill()
    wait_for(lambda: not gateway.state.connected, "the loss was not noticed")

    with pytest.raises(BrokerUnavailable):
        gateway.publish(name.up, b"x")


def test_window_bounds_what_is_in_flight(broker: BrokerFixture, name: GatewayName) -> None:
    """With the window full, publishing is refused until the broker acknowledges."""
    address = broker.gateway_address(name)
    gateway = Connection(address, SessionSettings(name.subject, window=2))
    connected(gateway)
    broker.suspend()
    gateway.publish(name.up, b"0")
    gateway.publish(name.up, b"1")
    with pytest.raises(WindowFull, match="2 messages are in flight"):
        gateway.publish(name.up, b"2")
    broker.resume()
    wait_for(lambda: gateway.state.outstanding == 0, "never acknowledged")
    gateway.stop()


def test_message_the_broker_would_not_take_is_not_sent(
    broker: BrokerFixture, name: GatewayName
) -> None:
    """A message above the broker's limit is refused here; sending it would break the connection."""
    gateway = sender(broker, name)
    connected(gateway)

    assert outcome_of(gateway, name.up, bytes(MAX_PACKET_BYTES)) is PublishOutcome.TOO_LARGE
    assert outcome_of(gateway, name.up) is PublishOutcome.NO_SUBSCRIBER
    assert gateway.state.generation == 1


def test_receive_maximum_bounds_the_ledgers_memory(
    broker: BrokerFixture, name: GatewayName
) -> None:
    """The broker delivers twice the batch and no more until something is acknowledged."""
    gateway, ledger = sender(broker, name), broker.subscriber(batch=5)
    connected(gateway, ledger)
    for number in range(25):
        outcome_of(gateway, name.up, b"%d" % number)
    wait_for(lambda: ledger.state.waiting == 10, "not filled")
    time.sleep(0.2)

    assert ledger.state.waiting == 10
    rest = []
    for _ in range(5):
        arrivals = take(ledger, 5)
        ledger.acknowledge(arrivals)
        rest += payloads(arrivals)
    assert rest == [b"%d" % number for number in range(25)]


def test_ledger_that_stands_still_stays_connected(broker: BrokerFixture, name: GatewayName) -> None:
    """While the database is down nothing is acknowledged, and the connection is kept alive."""
    gateway = sender(broker, name)
    ledger = Connection(
        broker.ledger_address(),
        SessionSettings(
            broker.settings.ledger_subjects[0], (ALL_UP,), receive_maximum=1, keepalive_s=1
        ),
    )
    connected(gateway, ledger)
    for payload in (b"0", b"1"):
        outcome_of(gateway, name.up, payload)
    time.sleep(2.5)
    ledger.publish(name.down, b"answer")
    (answered,) = gather(ledger.take_outcomes, "no outcome")
    state = ledger.state
    ledger.stop()

    assert answered.outcome is PublishOutcome.NO_SUBSCRIBER
    assert (state.generation, state.waiting) == (1, 1)


def test_message_with_qos_0_is_not_used(broker: BrokerFixture, name: GatewayName) -> None:
    """A message that may be lost on the way is counted and left alone."""
    gateway, ledger = broker.gateway_address(name), broker.subscriber()
    connected(ledger)
    subprocess.run(
        [MOSQUITTO_PUB, "-h", gateway.host, "-p", str(gateway.port), "-q", "0", "-m", "x",
         "--cafile", gateway.authorities, "--cert", gateway.certificate,
         "--key", gateway.private_key, "-t", name.up],
        check=True,
    )  # fmt: skip
    wait_for(lambda: ledger.state.ignored == 1, "not counted")

    assert ledger.take(1, 0.0) == []


def test_slots_of_a_group_share_the_messages(broker: BrokerFixture, name: GatewayName) -> None:
    """With a shared subscription each message goes to one slot."""
    gateway = sender(broker, name)
    slots = [broker.subscriber(slot, share_group="ingest") for slot in LEDGER_SLOTS]
    connected(gateway, *slots)
    for number in range(20):
        outcome_of(gateway, name.up, b"%d" % number)
    taken: list[list[bytes]] = [[], []]
    deadline = time.monotonic() + WAIT_S
    while sum(map(len, taken)) < 20 and time.monotonic() < deadline:
        for each, slot in zip(taken, slots, strict=True):
            each += payloads(slot.take(20, 0.2))

    assert all(taken)
    assert sorted(taken[0] + taken[1]) == sorted(b"%d" % number for number in range(20))


def test_answer_waits_for_a_gateway_that_is_away(broker: BrokerFixture, name: GatewayName) -> None:
    """An answer to a gateway with a session is kept; to one that never came it is not."""
    gateway, ledger = broker.publisher(name), broker.subscriber()
    gateway.start()
    gateway.wait_connected(WAIT_S)
    connected(ledger)
    gateway.stop()
    known = ledger.publish_down(name.gateway, name.usc, b"answer")
    unknown = ledger.publish_down("never-seen", USC, b"answer")
    outcomes = {
        each.token: each.outcome
        for each in gather(ledger.take_down_outcomes, "no outcomes", count=2)
    }
    gateway.start()

    assert outcomes == {known: PublishOutcome.TAKEN, unknown: PublishOutcome.NO_SUBSCRIBER}
    assert payloads(gateway.take_answers(2.0)) == [b"answer"]


PARENT = """
import sys, time
from pathlib import Path
from tests.support.broker import BrokerFixture
fixture = BrokerFixture(Path(sys.argv[1]))
fixture.broker.start()
sys.stdout.write(f"{fixture.port} {fixture.broker.process_id}\\n")
sys.stdout.flush()
time.sleep(60)
"""


def test_broker_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    """Killing the parent with SIGKILL leaves no broker behind."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent, parent.stdout:
        process_id = int(parent.stdout.readline().split()[1])
        parent.send_signal(signal.SIGKILL)

    wait_for(lambda: not _is_alive(process_id), "the broker lives on")


def _is_alive(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z" and os.getpid() != process_id


def test_damaged_configuration_is_reported(broker: BrokerFixture) -> None:
    """A broker that cannot start says why."""
    broker.broker.stop()
    broker.settings.private_key.write_text("not a key")

    with pytest.raises(BrokerUnavailable, match="mosquitto ended at once"):
        broker.broker.start()


def test_slot_goes_on_under_its_own_id(broker: BrokerFixture, name: GatewayName) -> None:
    """A new process of the slot gets the session of the old one."""
    gateway, first = sender(broker, name), broker.subscriber()
    connected(gateway, first)
    first.stop()
    second = broker.subscriber()
    connected(second)

    assert second.state.session_present
    assert f"CN={LEDGER_SLOTS[0]},O={OPERATOR_USC}" in broker.settings.ledger_subjects
    assert ALL_UP == "cs/v1/+/up"
