"""What is announced for later holds from then on, and ends nothing before; on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from attestation.eip712 import address_of
from attestation.enums import CloseReason, PartyKind, RepresentativeRole
from attestation.instants import Instant
from ledger.database import Database
from ledger.log.decisions import Admitted
from ledger.log.parties import FOLLOWER, PartyFollower, apply_event
from ledger.ports import (
    ChainEvent,
    ChainPosition,
    KeyClosed,
    KeyCompromised,
    KeyEnrolled,
    PartyRegistered,
    RepresentativeChanged,
)
from tests.support.enterprise import STRANGER, Enterprise

NONE, INITIATOR, APPROVER = (
    RepresentativeRole.NONE,
    RepresentativeRole.INITIATOR,
    RepresentativeRole.APPROVER,
)
PARTY = b"P" * 32
PERSON = b"p" * 32
ADDRESS = bytes.fromhex(address_of(STRANGER)[2:])
BEFORE_S, NOW_S, LATER_S = 1_000, 2_000, 3_000
AT = ChainPosition(1, 0, bytes(32), NOW_S)


def changed(
    role: RepresentativeRole, active_from_s: int, person: bytes = PERSON
) -> RepresentativeChanged:
    """Give the event that a key has a role from a time on."""
    return RepresentativeChanged(AT, PARTY, ADDRESS, person, role, active_from_s)


def apply(database: Database, *events: ChainEvent) -> None:
    """Apply the party's registration and some events."""
    with database.unit_of_work() as uow:
        apply_event(uow, PartyRegistered(AT, PARTY, PartyKind.VERIFIER, "code", True))
        for event in events:
            apply_event(uow, event)
        uow.commit()


def roles(database: Database, at_s: int) -> list[RepresentativeRole]:
    """Give what the key may say at a time, a role for each of its persons."""
    with database.reading() as uow:
        return [person.role for _, person in uow.parties.speaking(ADDRESS, at_s=at_s)]


@pytest.mark.parametrize("role", [NONE, INITIATOR], ids=["removal", "other role"])
def test_change_announced_for_later_ends_nothing_before(
    database: Database, role: RepresentativeRole
) -> None:
    """A key that is to be replaced in four working days is in force until then, not a day less."""
    apply(database, changed(APPROVER, BEFORE_S), changed(role, LATER_S))

    assert roles(database, NOW_S) == [APPROVER]
    assert roles(database, LATER_S - 1) == [APPROVER]
    assert roles(database, LATER_S) == [role]


def test_appointment_announced_for_later_is_not_in_force(database: Database) -> None:
    """A key that was never in force before says nothing until its time."""
    apply(database, changed(APPROVER, LATER_S))

    assert roles(database, LATER_S - 1) == []
    assert roles(database, LATER_S) == [APPROVER]


def test_past_stays_as_it_was(database: Database) -> None:
    """A removal at once does not reach back."""
    apply(database, changed(APPROVER, BEFORE_S), changed(NONE, NOW_S))

    assert roles(database, NOW_S - 1) == [APPROVER]
    assert roles(database, NOW_S) == [NONE]


def test_removal_voids_an_appointment_that_has_not_begun(database: Database) -> None:
    """A key that is taken back before its time never comes into force."""
    apply(database, changed(APPROVER, LATER_S), changed(NONE, NOW_S))

    assert roles(database, LATER_S + 1) == [NONE]


def test_restored_key_goes_on(database: Database) -> None:
    """Where the replacement was taken back, the announced end is void."""
    apply(
        database,
        changed(APPROVER, BEFORE_S),
        changed(NONE, LATER_S),
        changed(APPROVER, BEFORE_S),
    )

    assert roles(database, LATER_S + 1) == [APPROVER]


def test_persons_of_one_key_are_kept_apart(database: Database) -> None:
    """A contract's key stands for several persons; the end of one is not that of the other."""
    other = b"q" * 32
    apply(
        database,
        changed(APPROVER, BEFORE_S),
        changed(APPROVER, BEFORE_S, other),
        changed(NONE, NOW_S, other),
    )

    assert roles(database, NOW_S) == [APPROVER, NONE]


def test_events_applied_again_change_nothing(database: Database) -> None:
    """A follower that begins anew comes to the same."""
    events = (changed(APPROVER, BEFORE_S), changed(NONE, LATER_S))
    apply(database, *events)
    apply(database, *events)

    assert (roles(database, NOW_S), roles(database, LATER_S)) == ([APPROVER], [NONE])


def test_leaving_representative_signs_until_the_end(database: Database) -> None:
    """Admission takes a record signed a second before the announced end, and none after."""
    enterprise = Enterprise(database)
    party_id = enterprise._party_id
    end_s = enterprise.now // 1000 + 10
    with database.unit_of_work() as uow:
        for role, since in ((APPROVER, 0), (NONE, end_s)):
            event = replace(changed(role, since), party_id=party_id)
            apply_event(uow, event)
        uow.commit()
    enterprise.now = Instant(end_s * 1000 - 1)
    before = enterprise.submit(enterprise.registration("em-01/a/total/"), secret=STRANGER)
    enterprise.now = Instant(end_s * 1000)
    after = enterprise.submit(enterprise.registration("em-01/b/total/"), secret=STRANGER)

    assert isinstance(before, Admitted)
    assert getattr(after, "code", None) == "admission.unknown_signer"


def test_enrolment_read_again_takes_back_no_closing(database: Database) -> None:
    """A key that is closed and suspected stays so while the chain is read from its start."""
    log_id, kid = b"L" * 32, b"k" * 32
    enrolled = KeyEnrolled(AT, log_id, kid, -19, 0, b"r" * 32, b"a" * 32)
    apply(
        database,
        enrolled,
        KeyClosed(AT, log_id, kid, 5, CloseReason.REVOKED),
        KeyCompromised(AT, log_id, kid, 4),
        enrolled,
    )

    with database.reading() as uow:
        (slot,) = uow.parties.slots(log_id, kid)
    assert (slot.closed_index, slot.reason, slot.compromised_since) == (5, CloseReason.REVOKED, 4)


class Overtaken:
    """A chain on which another follower reads to the end while the first one waits for events."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.read: list[tuple[int, int]] = []
        self._is_overtaken = False

    def final_block(self) -> tuple[int, bytes]:
        return 2, b"2" * 32

    def block_hash(self, number: int) -> bytes | None:
        return b"%d" % number * 32

    def events(self, from_block: int, to_block: int) -> Sequence[ChainEvent]:
        self.read.append((from_block, to_block))
        if not self._is_overtaken:
            self._is_overtaken = True
            follow(self._database, self)
            apply(self._database, changed(NONE, BEFORE_S))  # what a later block said
        return [changed(APPROVER, BEFORE_S)]


def follow(database: Database, chain: Overtaken) -> int:
    """Follow to the end."""
    return PartyFollower(database.unit_of_work, database.reading, chain).follow()


def test_follower_that_was_overtaken_applies_nothing(database: Database) -> None:
    """Two followers share a cursor; the slower one does not put older words over newer ones."""
    chain = Overtaken(database)

    assert follow(database, chain) == 0
    assert chain.read == [(0, 2), (0, 2)]
    assert roles(database, NOW_S) == [NONE]


class OneEvent(Overtaken):
    """A chain whose registries were told one thing."""

    def events(self, from_block: int, to_block: int) -> Sequence[ChainEvent]:
        self.read.append((from_block, to_block))
        return [
            PartyRegistered(AT, PARTY, PartyKind.VERIFIER, "code", True),
            changed(APPROVER, BEFORE_S),
        ]


def test_registries_are_read_again_from_the_start(database: Database) -> None:
    """What somebody changed in the read model is gone after deriving it again."""
    chain = OneEvent(database)
    follow(database, chain)
    apply(database, changed(NONE, NOW_S))

    again = PartyFollower(database.unit_of_work, database.reading, chain).rebuild()

    assert (again, chain.read) == (2, [(0, 2), (0, 2)])
    assert roles(database, NOW_S) == [APPROVER]
    with database.reading() as uow:
        assert uow.parties.cursor(FOLLOWER) == (2, b"2" * 32)
