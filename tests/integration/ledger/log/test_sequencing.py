"""Sequencing on both databases: what is integrated, in which order, and when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from attestation.enums import LogState
from attestation.errors import Error, Retry
from attestation.notes import NoteSigner
from ledger.database import Database
from ledger.errors import ForkDetected, Frozen
from ledger.log.sequencing import BatchRules
from tests.fakes.plant import ORIGIN, Meter, Plant
from tests.fakes.vandal import Vandal


def test_entries_stand_in_the_log_in_order_of_admission(plant: Plant) -> None:
    """What a stranger reads is what was admitted, in that order."""
    first, second = Meter(1).sign(3), Meter(2).sign(300)
    plant.admit(first)
    plant.admit(second)

    plant.integrate_all()

    assert plant.read_from_outside() == first + second


def test_log_grows_over_many_batches(plant: Plant) -> None:
    """Tiles that are begun in one batch and filled in another are right."""
    plant.rules = BatchRules(max_entries=100)
    plant.restart()
    entries = Meter().sign(777)
    plant.admit(entries)

    plant.integrate_all()

    assert plant.read_from_outside() == entries
    assert [first for first, _, _ in plant.receipts.batches] == [*range(0, 777, 100)]


def test_an_empty_log_has_a_signed_checkpoint(plant: Plant) -> None:
    """A log can be read from outside before its first entry."""
    assert plant.read_from_outside() == []


def test_nothing_waiting_changes_nothing(plant: Plant) -> None:
    """A step without entries neither signs nor moves."""
    before = plant.fetch("checkpoint")

    assert plant.integrate() is None
    assert plant.fetch("checkpoint") == before


def test_a_quiet_log_waits_for_company(plant: Plant) -> None:
    """A single entry is integrated when it has waited for half a second, not before."""
    plant.admit(Meter().sign(1))
    plant.pass_time(499)
    early = plant.sequencer.integrate(plant.log.number, now=plant.now)
    plant.pass_time(1)

    late = plant.sequencer.integrate(plant.log.number, now=plant.now)

    assert early is None
    assert late is not None
    assert late.size == 1


def test_a_full_batch_does_not_wait(plant: Plant) -> None:
    """A batch that is full by number is closed at once, and the rest waits."""
    plant.rules = BatchRules(max_entries=10)
    plant.restart()
    plant.admit(Meter().sign(15))

    integrated = plant.sequencer.integrate(plant.log.number, now=plant.now)

    assert integrated is not None
    assert integrated.size == 10
    assert plant.sequencer.integrate(plant.log.number, now=plant.now) is None


def test_a_batch_is_closed_by_its_bytes(plant: Plant) -> None:
    """The entry that reaches the bound on bytes is the last of its batch."""
    entries = Meter().sign(4)
    plant.rules = BatchRules(max_bytes=len(entries[0]) + 1)
    plant.restart()
    plant.admit(entries)

    integrated = plant.sequencer.integrate(plant.log.number, now=plant.now)

    assert integrated is not None
    assert integrated.size == 2


def test_a_quiet_day_ends_with_a_confirmation(plant: Plant) -> None:
    """After a day without entries the checkpoint is confirmed, unchanged."""
    plant.admit(Meter().sign(1))
    plant.integrate()
    before = plant.fetch("checkpoint")
    plant.pass_time(86_400_000)

    confirmed = plant.sequencer.integrate(plant.log.number, now=plant.now)

    assert confirmed is not None
    assert confirmed.old_size == confirmed.size == 1
    assert plant.fetch("checkpoint") == before


@pytest.mark.parametrize("state", [LogState.RECOVERING, LogState.FROZEN, LogState.CLOSED])
def test_only_an_active_log_is_sequenced(plant: Plant, state: LogState) -> None:
    """A log that is recovering, frozen or closed signs nothing."""
    plant.admit(Meter().sign(1))
    with plant.database.unit_of_work() as uow:
        uow.logs.set_state(plant.log.number, state)
        uow.commit()

    with pytest.raises(Frozen, match=state.name.lower()):
        plant.integrate()


def test_another_key_is_refused(plant: Plant) -> None:
    """A sequencer with a key that is not the log's stops before it signs."""
    plant.signer = NoteSigner.from_seed(ORIGIN, bytes(32))
    plant.restart()
    plant.admit(Meter().sign(1))

    with pytest.raises(ForkDetected, match="not the key of"):
        plant.integrate()


@pytest.mark.real
def test_another_sequencer_is_left_alone(postgresql_url: str) -> None:
    """While one sequencer holds the head, another one gives up at once."""
    with Database(postgresql_url) as database:
        plant = Plant(database)
        plant.admit(Meter().sign(1))
        with database.unit_of_work() as uow:
            uow.heads.lock(plant.log.number)

            assert plant.integrate() is None


def test_sequencers_at_once_are_one_sequencer(database_url: str) -> None:
    """Three sequencers and two admitters at once make one log without gap or repetition."""
    with Database(database_url) as database:
        plant = Plant(database, rules=BatchRules(max_entries=7))
        meters = [Meter(number) for number in range(2)]
        admitted = [meter.sign(60) for meter in meters]
        with ThreadPoolExecutor(5) as pool:
            admitting = [pool.submit(_admit_slowly, plant, entries) for entries in admitted]
            sequencing = [pool.submit(_integrate_until, plant, 120) for _ in range(3)]
            for done in (*admitting, *sequencing):
                done.result(timeout=60)
        entries = plant.read_from_outside()

    assert sorted(entries) == sorted(admitted[0] + admitted[1])
    assert [each for each in entries if each in set(admitted[0])] == admitted[0]


def test_a_head_that_was_changed_is_never_signed_over(plant: Plant) -> None:
    """A head that contradicts its tiles stops the sequencer."""
    plant.admit(Meter().sign(4))
    plant.integrate()
    plant.admit(Meter(1).sign(1))
    Vandal(plant.database).execute("UPDATE head SET compact_range = :junk", junk=bytes(32))

    with pytest.raises(ForkDetected, match="does not have its root"):
        plant.integrate()


def test_a_tile_that_was_changed_is_never_signed_over(plant: Plant) -> None:
    """A tile that was changed at rest stops the sequencer."""
    plant.admit(Meter().sign(5))
    plant.integrate()
    plant.admit(Meter(1).sign(1))
    Vandal(plant.database).execute("UPDATE tile SET hashes = :junk", junk=bytes(160))

    with pytest.raises(ForkDetected, match="tiles of log"):
        plant.integrate()


def test_a_tile_that_was_cut_is_never_signed_over(plant: Plant) -> None:
    """A tile that lost its last hash stops the sequencer."""
    plant.admit(Meter().sign(2))
    plant.integrate()
    plant.admit(Meter(1).sign(1))
    Vandal(plant.database).execute("UPDATE tile SET hashes = :cut", cut=bytes(32))

    with pytest.raises(ForkDetected, match="32 bytes, 64 expected"):
        plant.integrate()


def test_a_head_that_was_set_back_is_noticed(plant: Plant) -> None:
    """A head from before the newest checkpoint cannot be signed from, though it is sound."""
    plant.admit(Meter(0).sign(256))
    plant.integrate()
    with plant.database.reading() as uow:
        old = uow.heads.get(plant.log.number)
    plant.admit(Meter(1).sign(256))
    plant.integrate()
    Vandal(plant.database).execute(
        "UPDATE head SET size = :size, root = :root, compact_range = :edge,"
        " last_admission_id = :id",
        size=old.size,
        root=old.root,
        edge=old.compact_range,
        id=old.last_admission_id,
    )

    with pytest.raises(ForkDetected, match="not that of its head"):
        plant.integrate()


def _admit_slowly(plant: Plant, entries: list[bytes]) -> None:
    for start in range(0, len(entries), 5):
        plant.admit(entries[start : start + 5])


def _integrate_until(plant: Plant, size: int) -> None:
    while True:
        try:
            plant.integrate()
        except Error as error:
            assert error.retry is Retry.LATER  # another sequencer was faster
        with plant.database.reading() as uow:
            if uow.heads.get(plant.log.number).size == size:
                return
