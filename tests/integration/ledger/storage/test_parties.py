"""Chain events: applied in order, once, with their cursor, whenever they become known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from attestation.enums import CloseReason, LogState, PartyKind, RepresentativeRole
from attestation.errors import Retry
from ledger.database import Database
from ledger.errors import ChainWentBack, StorageUnavailable
from ledger.log.counting import counted_readings
from ledger.log.decisions import Admitted, Refused
from ledger.log.marks import Mark
from ledger.log.parties import FOLLOWER, PartyFollower
from ledger.ports import (
    ChainEvent,
    ChainPosition,
    KeyClosed,
    KeyCompromised,
    KeyEnrolled,
    LogRegistered,
    PartyRegistered,
    RepresentativeChanged,
)
from tests.fakes.faulty import Fault, FaultyStore
from tests.support.enterprise import SERIES, START_S, Device, Enterprise


@dataclass
class MemoryEvents:
    """A chain whose blocks are all final."""

    blocks: list[list[ChainEvent]] = field(default_factory=lambda: [[]])
    salt: int = 0
    asked: list[tuple[int, int]] = field(default_factory=list)

    def add(self, *events: ChainEvent) -> None:
        """Make a block of some events."""
        self.blocks.append(list(events))

    @property
    def at(self) -> ChainPosition:
        """The place of the next event."""
        return ChainPosition(len(self.blocks), 0, bytes(32), 0)

    def final_block(self) -> tuple[int, bytes]:
        """Give the newest block."""
        number = len(self.blocks) - 1
        return number, self._hash(number)

    def block_hash(self, number: int) -> bytes | None:
        """Give a block's hash."""
        return self._hash(number) if number < len(self.blocks) else None

    def events(self, from_block: int, to_block: int) -> Sequence[ChainEvent]:
        """Give the events of some blocks."""
        self.asked.append((from_block, to_block))
        return [event for block in self.blocks[from_block : to_block + 1] for event in block]

    def _hash(self, number: int) -> bytes:
        return bytes([self.salt]) * 28 + number.to_bytes(4, "big")


@pytest.fixture
def chain() -> MemoryEvents:
    """An empty chain."""
    return MemoryEvents()


@pytest.fixture
def chained(database: Database) -> Enterprise:
    """An enterprise whose keys are enrolled on a chain."""
    enterprise = Enterprise(database, has_chain=True)
    enterprise.register_authority()
    enterprise.file(enterprise.registration())
    return enterprise


def follow(enterprise: Enterprise, chain: MemoryEvents) -> int:
    """Follow the chain to its end."""
    database = enterprise.database
    return PartyFollower(database.unit_of_work, database.reading, chain).follow()


def enrol(enterprise: Enterprise, chain: MemoryEvents, device: Device) -> None:
    """Enrol a device on the chain and in the log."""
    body = enterprise.enrolment(device, act=b"a" * 32)
    chain.add(
        KeyEnrolled(
            chain.at, enterprise.log.log_id, device.kid, -19, 0, body.enrolment_hash, b"a" * 32
        )
    )
    follow(enterprise, chain)
    enterprise.file(body)


def close(enterprise: Enterprise, chain: MemoryEvents, device: Device, closed_index: int) -> None:
    """Close a device's key on the chain."""
    reason = CloseReason.REVOKED
    chain.add(KeyClosed(chain.at, enterprise.log.log_id, device.kid, closed_index, reason))
    follow(enterprise, chain)


def quarters(enterprise: Enterprise) -> list[int]:
    """Give the quarter hours that count."""
    with enterprise.database.reading() as uow:
        found = counted_readings(uow, enterprise.log, SERIES, START_S, START_S + 36_000)
        return [(each.reading.start_s - START_S) // 900 for each in found]


def test_key_is_enrolled_by_chain_and_record(chained: Enterprise, chain: MemoryEvents) -> None:
    """The act on chain and the record in the log make one key."""
    device = Device()
    enrol(chained, chain, device)

    assert isinstance(chained.admit(device.sign())[0], Admitted)


def test_key_closed_on_chain_is_refused_at_once(chained: Enterprise, chain: MemoryEvents) -> None:
    """Admission learns of it without the record."""
    device = Device()
    enrol(chained, chain, device)
    chained.accept(*device.row(2))
    close(chained, chain, device, 5)
    (decision,) = chained.admit(device.sign())

    assert isinstance(decision, Refused)
    assert decision.code == "admission.revoked_key"


def test_closing_that_is_learnt_late_marks_what_came_meanwhile(
    chained: Enterprise, chain: MemoryEvents
) -> None:
    """The index decides, not when the ledger heard of it."""
    device = Device()
    enrol(chained, chain, device)
    chained.accept(*device.row(4))
    close(chained, chain, device, 5)

    assert quarters(chained) == [0, 1]


def test_late_closing_gives_the_same_as_an_early_one(
    chained: Enterprise, chain: MemoryEvents
) -> None:
    """Deriving again with the chain known from the start changes nothing."""
    device = Device()
    enrol(chained, chain, device)
    chained.accept(*device.row(4))
    close(chained, chain, device, 5)
    before = quarters(chained)
    chained.surveyor.rebuild(chained.log.number)

    assert quarters(chained) == before == [0, 1]


def test_message_before_the_enrolled_index_does_not_count(
    chained: Enterprise, chain: MemoryEvents
) -> None:
    """A slot that opens later than the message stands says nothing for it."""
    device = Device()
    enrol(chained, chain, device)
    chained.accept(*device.row(2))
    body = chained.enrolment(device, act=b"a" * 32)
    chain.add(
        KeyEnrolled(
            chain.at, chained.log.log_id, device.kid, -19, 4, body.enrolment_hash, b"a" * 32
        )
    )
    follow(chained, chain)
    chained.surveyor.rebuild(chained.log.number)

    assert quarters(chained) == [1]


def test_suspicion_is_shown(chained: Enterprise, chain: MemoryEvents) -> None:
    """Compromised-since marks readings from its index on."""
    device = Device()
    enrol(chained, chain, device)
    chained.accept(*device.row(3))
    chain.add(KeyCompromised(chain.at, chained.log.log_id, device.kid, 4))
    follow(chained, chain)
    with chained.database.reading() as uow:
        found = list(counted_readings(uow, chained.log, SERIES, START_S, START_S + 36_000))

    assert [Mark.SUSPECTED in each.marks for each in found] == [False, True, True]


def test_parties_and_representatives_are_kept(chained: Enterprise, chain: MemoryEvents) -> None:
    """The newest event about a party or person counts."""
    party, address = b"P" * 32, b"A" * 20
    chain.add(
        PartyRegistered(chain.at, party, PartyKind.VERIFIER, "code", True),
        RepresentativeChanged(chain.at, party, address, b"p" * 32, RepresentativeRole.APPROVER, 7),
    )
    chain.add(PartyRegistered(chain.at, party, PartyKind.VERIFIER, "code", False))
    follow(chained, chain)
    with chained.database.reading() as uow:
        ((found, person),) = uow.parties.speaking(address, at_s=7)

    assert (found.kind, found.active) == (PartyKind.VERIFIER, False)
    assert (person.role, person.active_from_s) == (RepresentativeRole.APPROVER, 7)


def test_events_of_other_ledgers_are_harmless(chained: Enterprise, chain: MemoryEvents) -> None:
    """Several ledgers share a chain."""
    other = b"O" * 32
    chain.add(
        KeyEnrolled(chain.at, other, b"k" * 32, -19, 0, b"r" * 32, b"a" * 32),
        KeyClosed(chain.at, other, b"k" * 32, 0, CloseReason.REVOKED),
        LogRegistered(chain.at, other, LogState.CLOSED, b"o" * 20, b"v" * 32),
    )

    assert follow(chained, chain) == 3


def test_following_goes_on_where_it_stopped(chained: Enterprise, chain: MemoryEvents) -> None:
    """No block is read twice, none is left out."""
    chain.add()
    follow(chained, chain)
    chain.add()
    chain.add()
    follow(chained, chain)

    assert chain.asked == [(0, 1), (2, 3)]


def test_nothing_new_is_nothing_to_do(chained: Enterprise, chain: MemoryEvents) -> None:
    """At the end of the chain following stops."""
    follow(chained, chain)
    follow(chained, chain)

    assert chain.asked == [(0, 0)]


@pytest.mark.parametrize("change", ["other hash", "shorter"])
def test_chain_that_went_back_is_fatal(
    chained: Enterprise, chain: MemoryEvents, change: str
) -> None:
    """A block that was final and is gone: nobody can say what else is."""
    chain.add()
    follow(chained, chain)
    if change == "shorter":
        chain.blocks.pop()
    else:
        chain.salt = 1
        chain.add()
    with pytest.raises(ChainWentBack, match="block 1") as caught:
        follow(chained, chain)

    assert caught.value.retry is Retry.FATAL


@pytest.mark.parametrize("has_effect", [False, True], ids=["without effect", "with effect"])
def test_following_survives_every_fault(
    chained: Enterprise, chain: MemoryEvents, has_effect: bool
) -> None:
    """Whatever operation fails, following again has each event's effect once."""
    device = Device()
    enrol(chained, chain, device)
    chained.accept(*device.row(4))
    for at in range(1, 60):
        chain.add(KeyClosed(chain.at, chained.log.log_id, device.kid, 5, CloseReason.REVOKED))
        fault = Fault(at, has_effect)
        store = FaultyStore(chained.database, fault)
        try:
            PartyFollower(store.unit_of_work, chained.database.reading, chain).follow()
        except StorageUnavailable:
            store.heal()
            follow(chained, chain)
        else:
            store.heal()
            break
        with chained.database.reading() as uow:
            cursor = uow.parties.cursor(FOLLOWER)
        assert cursor == (len(chain.blocks) - 1, chain.block_hash(len(chain.blocks) - 1))
        assert quarters(chained) == [0, 1]

    assert at > 5
