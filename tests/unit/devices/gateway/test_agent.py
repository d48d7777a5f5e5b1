"""The gateway's loop, without a broker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from attestation.ids import Kid
from attestation.instants import Instant
from attestation.keys import SoftwareKey
from attestation.readings import Reading
from devices.agent import ALREADY_SIGNED, NOT_ENDED, Agent, AgentSettings
from devices.errors import (
    KeyClosed,
    MeterUnreadable,
    SignerStateBehind,
    SignerStateMissing,
)
from devices.hearing import FORGED, Hearing
from devices.measuring import MeterLine
from devices.outbox import OutboxLimits
from devices.rotation import begin_chain, hand_over
from devices.session import PublishOutcome
from devices.signer_state import SignerState
from tests.support.gateway import ORIGIN, Gateway, ListMeter, MemoryLog, reading, time_of
from tests.support.memory_publisher import MemoryPublisher

SECOND_SERIES = "boiler-2/energy/total/"


@dataclass
class Plant:
    """An agent with one meter, and everything a test may touch."""

    gateway: Gateway
    log: MemoryLog = field(default_factory=MemoryLog)
    now: Instant = field(default_factory=lambda: time_of(0))
    receipts: dict[Kid, bytes] | None = None
    settings: AgentSettings = field(default_factory=lambda: AgentSettings(listen_s=0))

    def __post_init__(self) -> None:
        self.meter = ListMeter([])
        self.publisher = MemoryPublisher()
        self.lines = [MeterLine("boiler", self.meter, self.gateway.state)]
        self.make()

    def make(self) -> None:
        """Make the agent, as a start of the process does."""
        gateway = self.gateway
        self.hearing = Hearing(
            origin=ORIGIN,
            log_key=self.log.key.public_key,
            store=gateway.store,
            outbox=gateway.outbox,
        )
        self.agent = Agent(
            publisher=self.publisher,  # type: ignore[arg-type]
            outbox=gateway.outbox,
            hearing=self.hearing,
            lines=self.lines,
            clock=lambda: self.now,
            receipts=None if self.receipts is None else self,
            settings=self.settings,
        )

    def fetch_receipt(self, kid: Kid) -> bytes | None:
        """Another way to the newest receipt."""
        return (self.receipts or {}).get(kid)

    def step(self, now: int, *numbers: int) -> None:
        """Measure these quarter hours at a time."""
        self.now = Instant(now)
        self.meter.waiting += [reading(number) for number in numbers]
        self.agent.step()

    @property
    def sent(self) -> list[int]:
        """Numbers of the messages handed to the broker, in order."""
        return [message.sequence for message in self.publisher.sent]


@pytest.fixture
def plant(gateway: Gateway) -> Plant:
    """A gateway with one meter."""
    return Plant(gateway)


def test_reading_goes_from_meter_to_broker_in_one_round(plant: Plant) -> None:
    """What is measured is signed, kept and handed to the broker."""
    plant.step(time_of(0), 0)

    assert plant.sent == [0]
    assert plant.meter.waiting == []


def test_answer_is_acknowledged_after_it_was_applied(plant: Plant) -> None:
    """An answer is applied to the outbox, then acknowledged to the broker."""
    plant.step(time_of(0), 0)
    promise = plant.log.promise(plant.gateway.state.kid, 0, 0, 0, Instant(time_of(0) + 1000))
    plant.publisher.incoming = [promise]
    plant.step(time_of(0))

    assert plant.publisher.acknowledged == [promise]
    assert plant.agent.status().outbox.oldest_unanswered is None


def test_forged_answer_is_acknowledged_and_counted(plant: Plant) -> None:
    """A forged answer does not come again, and the operator sees that there was one."""
    plant.publisher.incoming = [b"forged"]
    plant.step(time_of(0))

    assert plant.publisher.acknowledged == [b"forged"]
    assert plant.agent.status().outbox.tally == {FORGED: 1}


@pytest.mark.parametrize(
    ("outcome", "state", "tally"),
    [
        (PublishOutcome.TAKEN, 1, {}),
        (PublishOutcome.LOST, 0, {}),
        (PublishOutcome.NO_SUBSCRIBER, 0, {"broker.no_subscriber": 1}),
        (PublishOutcome.NOT_AUTHORISED, 0, {"broker.not_authorised": 1}),
        (PublishOutcome.QUOTA_EXCEEDED, 0, {"broker.quota_exceeded": 1}),
        (PublishOutcome.TOO_LARGE, 0, {"broker.too_large": 1}),
    ],
)
def test_only_taken_counts_as_sent(
    plant: Plant, outcome: PublishOutcome, state: int, tally: dict[str, int]
) -> None:
    """Every other outcome leaves the message unsent, and all but a lost connection is counted."""
    plant.publisher.outcome = outcome
    plant.step(time_of(0), 0)
    plant.publisher.outcome = None
    plant.step(time_of(0))
    stored = plant.gateway.outbox.stored(plant.gateway.state.kid, 0, 0)

    assert stored is not None
    assert stored.state == state
    assert plant.agent.status().outbox.tally == tally
    assert plant.sent == ([0, 0] if outcome is PublishOutcome.LOST else [0])


def test_message_in_flight_is_not_sent_again(plant: Plant) -> None:
    """While the broker has not acknowledged, the message is handed over once."""
    plant.publisher.outcome = None
    plant.step(time_of(0), 0)
    plant.step(time_of(0) + 120_000)

    assert plant.sent == [0]


def test_lost_session_sends_unanswered_messages_again(plant: Plant) -> None:
    """When the broker forgot the session, what it had taken goes out once more."""
    plant.step(time_of(0), 0)
    plant.publisher.lost_session = True
    plant.step(time_of(0))

    assert plant.sent == [0, 0]


def test_backlog_goes_out_at_its_rate(gateway: Gateway) -> None:
    """After an outage the backlog is sent at the rate set, and live messages at once."""
    plant = Plant(gateway, settings=AgentSettings(listen_s=0, backlog_per_s=2))
    plant.publisher.room = 0
    for number in range(10):
        plant.step(time_of(number), number)
    plant.publisher.room = 1000
    plant.step(time_of(10), 10)
    first = plant.sent[:]
    for second in range(1, 4):
        plant.step(time_of(10) + 1000 * second)
        plant.step(time_of(10) + 1000 * second)

    assert first[0] == 10
    assert len(first) <= 3
    assert len(plant.sent) == len(first) + 6


def test_unreadable_meter_stops_no_other(plant: Plant) -> None:
    """A meter that does not answer is shown as a problem; the others are read."""

    class Silent(ListMeter):
        def read(self, now: Instant) -> Sequence[Reading]:
            raise MeterUnreadable("no answer")

    plant.lines.insert(0, MeterLine("silent", Silent([]), plant.gateway.state))
    plant.make()
    plant.step(time_of(0), 0)

    assert plant.sent == [0]
    assert plant.agent.status().problems == {"silent": "device.meter_unreadable"}


def test_problem_goes_away_with_its_cause(plant: Plant) -> None:
    """A reading from the future is a problem until its interval has ended."""
    plant.step(time_of(0), 1)
    before = plant.agent.status().problems
    plant.step(time_of(1))

    assert before == {"boiler": NOT_ENDED}
    assert plant.agent.status().problems == {}
    assert plant.sent == [0]


def test_repeated_reading_is_counted(plant: Plant) -> None:
    """An interval given twice is signed once, and the operator sees it."""
    plant.step(time_of(0), 0)
    plant.step(time_of(0), 0)

    assert plant.sent == [0]
    assert plant.agent.status().outbox.tally == {ALREADY_SIGNED: 1}


def test_full_outbox_stops_measuring_until_there_is_room(tmp_path: Path) -> None:
    """Meters keep what finds no room; when the ledger has caught up, measuring goes on."""
    limits = OutboxLimits(max_bytes=140_000)
    plant = Plant(Gateway(tmp_path / "small.db", limits=limits).begin())
    number = 0
    while not plant.agent.status().measuring_stopped:
        plant.step(time_of(number), number)
        number += 1
    held = list(plant.meter.waiting)
    contents = [message.content for message in plant.publisher.sent]
    plant.log.integrate(list(dict.fromkeys(contents)))
    plant.publisher.incoming = [plant.log.receipt(contents[-1])]
    plant.step(time_of(number))
    status = plant.agent.status()
    plant.gateway.close()

    assert held == [reading(number - 1)]
    assert not status.measuring_stopped
    assert plant.meter.waiting == []


def test_key_ahead_of_its_state_signs_nothing_more(plant: Plant) -> None:
    """A key the ledger knows more of is stopped; another key of the gateway goes on."""
    other = SoftwareKey.from_seed(b"2" * 32)
    begin_chain(plant.gateway.store, other.public_key.kid, ORIGIN)
    state = SignerState(plant.gateway.store, plant.gateway.outbox, other, ORIGIN)
    second = ListMeter([])
    plant.lines.append(MeterLine("second", second, state))
    plant.make()
    kid = plant.gateway.state.kid
    plant.publisher.incoming = [plant.log.promise(kid, 0, 0, 7, Instant(time_of(9)))]
    second.waiting = [reading(0, series=SECOND_SERIES)]
    plant.step(time_of(0), 0)

    assert [message.kid for message in plant.publisher.sent] == [other.public_key.kid]
    assert plant.meter.waiting == [reading(0)]
    assert plant.agent.status().halted_keys == {kid.hex()[:16]: "device.signer_state_behind"}


def test_start_with_an_old_state_is_refused(gateway: Gateway) -> None:
    """A receipt from elsewhere that knows more than the state keeps the agent from starting."""
    messages = gateway.sign(0) + gateway.sign(1)
    log = MemoryLog()
    log.integrate([message.encoded for message in messages])
    gateway.store.execute("UPDATE signer SET next_sequence = 1")
    plant = Plant(gateway, log, receipts={gateway.state.kid: log.receipt(messages[1].encoded)})

    with pytest.raises(SignerStateBehind, match="ledger holds epoch 0 up to 1"):
        plant.agent.start()
    assert plant.publisher.started == 0


def test_start_with_the_state_of_the_last_receipt_is_allowed(gateway: Gateway) -> None:
    """A state that knows exactly what the ledger knows is sound."""
    messages = gateway.sign(0) + gateway.sign(1)
    log = MemoryLog()
    log.integrate([message.encoded for message in messages])
    plant = Plant(gateway, log, receipts={gateway.state.kid: log.receipt(messages[1].encoded)})
    plant.agent.start()

    assert plant.publisher.started == 1


def test_start_listens_before_the_first_signature(gateway: Gateway) -> None:
    """The newest message is sent again, and an answer that is ahead stops the start."""
    gateway.sign(0)
    plant = Plant(gateway, settings=AgentSettings(listen_s=1))
    kid = gateway.state.kid
    plant.publisher.incoming = [plant.log.promise(kid, 0, 0, 5, Instant(time_of(9)))]

    with pytest.raises(SignerStateBehind):
        plant.agent.start()
    assert plant.publisher.stopped == 1


def test_start_sends_the_newest_message_again(gateway: Gateway) -> None:
    """The ledger is asked what it holds of a key by sending what it answers with a receipt."""
    messages = gateway.sign(0) + gateway.sign(1)
    plant = Plant(gateway, settings=AgentSettings(listen_s=0.1))
    gateway.outbox.mark_sent([message.message_id for message in messages], time_of(1))
    plant.now = time_of(1)
    plant.agent.start()

    assert plant.sent == [1]


def test_start_without_a_state_is_refused(tmp_path: Path) -> None:
    """A gateway whose database is gone does not begin a second epoch 0."""
    plant = Plant(Gateway(tmp_path / "empty.db"))
    with pytest.raises(SignerStateMissing, match="no signer state"):
        plant.agent.start()
    plant.gateway.close()


def test_closed_key_is_a_problem_of_its_line(gateway: Gateway) -> None:
    """A key that was rotated away signs nothing, and the loop goes on."""
    plant = Plant(gateway)
    hand_over(gateway.store, gateway.state.kid, SoftwareKey.generate().public_key.kid, "rotated")
    plant.step(time_of(0), 0)

    assert plant.agent.status().problems == {"boiler": KeyClosed.code}
    assert plant.meter.waiting == [reading(0)]
