"""
The two-sided fault table: each step of storage and chain fails, without effect and with it.

For every operation n of a step: the operation fails and had no effect, or fails and had it. Then
everything is gone and made anew; the step is repeated; and the whole log is checked from outside.
What a stranger saw before is never contradicted, nothing is lost and nothing stands twice.
"""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

import pytest

from attestation.enums import OutboxState, Outcome
from attestation.errors import Error, Retry
from ledger.database import Database
from ledger.log.fsck import fsck
from ledger.log.readmission import readmit
from ledger.log.recovery import Recovery
from ledger.log.sequencing import BatchRules
from ledger.log.sources import LogSource
from ledger.log.start_check import check_logs
from ledger.unit_of_work import UnitOfWorkFactory
from tests.fakes.anchorer import RecordingAnchorer
from tests.fakes.backup import Backups
from tests.fakes.faulty import Fault, FaultyAnchorer, FaultyStore
from tests.fakes.memory_log import MemoryLog
from tests.fakes.plant import Meter, Plant


def require_sound(plant: Plant, expected: list[bytes], *, with_chain: bool = False) -> None:
    """Check the log from outside and inside."""
    assert plant.read_from_outside() == expected
    with plant.database.reading() as uow:
        report = fsck(uow, plant.log, anchorer=plant.anchorer if with_chain else None)
    assert report.findings == []
    assert report.outcome() is Outcome.HELD


@pytest.mark.parametrize("has_effect", [False, True], ids=["without effect", "with effect"])
def test_integration_survives_every_fault(sqlite_url: str, has_effect: bool) -> None:
    """Whatever statement or commit of a batch fails, the repeated batch is the only one."""
    with Database(sqlite_url) as database:
        plant = Plant(database, rules=BatchRules(max_entries=300))
        meter, expected = Meter(), []
        for at in count(1):
            expected += _batch(plant, meter, 7)
            struck = _integrate_with(plant, Fault(at, has_effect))
            plant.integrate_all()
            require_sound(plant, expected)
            if not struck:
                break

    assert at > 10


@pytest.mark.real
@pytest.mark.parametrize("has_effect", [False, True], ids=["without effect", "with effect"])
def test_integration_survives_every_fault_on_postgresql(
    postgresql_url: str, has_effect: bool
) -> None:
    """The same on PostgreSQL, where a failed statement spoils the transaction."""
    with Database(postgresql_url) as database:
        plant = Plant(database)
        meter, expected = Meter(), []
        for at in count(1):
            expected += _batch(plant, meter, 90)
            struck = _integrate_with(plant, Fault(at, has_effect))
            plant.integrate_all()
            if not struck:
                break
        require_sound(plant, expected)

    assert at > 10


@pytest.mark.parametrize("has_effect", [False, True], ids=["without effect", "with effect"])
def test_a_published_checkpoint_is_never_contradicted(sqlite_url: str, has_effect: bool) -> None:
    """What a stranger read before a fault is the beginning of what he reads after it."""
    with Database(sqlite_url) as database:
        plant = Plant(database)
        meter = Meter()
        for at in range(1, 25):
            before = plant.read_from_outside()
            _batch(plant, meter, 3)
            _integrate_with(plant, Fault(at, has_effect))
            between = plant.read_from_outside()
            plant.integrate_all()
            after = plant.read_from_outside()

            assert between[: len(before)] == before
            assert after[: len(between)] == between


@pytest.mark.parametrize("has_effect", [False, True], ids=["without effect", "with effect"])
@pytest.mark.parametrize("where", ["storage", "chain"])
def test_anchoring_survives_every_fault(sqlite_url: str, has_effect: bool, where: str) -> None:
    """Whatever operation fails on the way to finality, each checkpoint is anchored once."""
    with Database(sqlite_url) as database:
        chain = RecordingAnchorer(finality_depth=1)
        plant = Plant(database, anchorer=chain)
        meter, expected = Meter(), []
        for at in count(1):
            expected += _batch(plant, meter, 2)
            plant.integrate_all()
            struck = _anchor_with(plant, chain, Fault(at, has_effect), where)
            _anchor(plant, chain)

            assert chain.anchored_sizes(plant.log.log_id)[-1] == len(expected)
            if not struck:
                break
        require_sound(plant, expected, with_chain=True)
        sizes = chain.anchored_sizes(plant.log.log_id)

    assert sizes == sorted(set(sizes))
    assert at > 7


def test_every_stored_anchor_is_final_in_the_end(sqlite_url: str) -> None:
    """After faults at every step, no item is left behind and no anchor waits for ever."""
    with Database(sqlite_url) as database:
        chain = RecordingAnchorer(finality_depth=1)
        plant = Plant(database, anchorer=chain)
        meter = Meter()
        for at in range(1, 30):
            _batch(plant, meter, 2)
            plant.integrate_all()
            _anchor_with(plant, chain, Fault(at, has_effect=True), "storage")
        _anchor(plant, chain)
        with database.reading() as uow:
            anchors = uow.anchors.all(plant.log.number)
            items = uow.outbox.in_states(list(OutboxState), operator=chain.operator)

    assert all(anchor.final_at is not None for anchor in anchors)
    assert {item.state for item in items} == {OutboxState.FINAL}


@pytest.mark.parametrize("has_effect", [False, True], ids=["without effect", "with effect"])
def test_recovery_survives_every_fault(sqlite_url: str, tmp_path: Path, has_effect: bool) -> None:
    """Whatever fails while a log finds its entries again, it finds them, in their order."""
    meter, chain = Meter(), RecordingAnchorer(finality_depth=1)
    with Database(sqlite_url) as database:
        plant = Plant(database, anchorer=chain)
        expected = _batch(plant, meter, 5)
        plant.integrate_all()
        old = Backups(sqlite_url, None).take(database)
        expected += _batch(plant, meter, 20)
        plant.integrate_all()
        _anchor(plant, chain)
    source = MemoryLog(expected).source()
    for at in count(1):
        copy = tmp_path / f"copy-{at}.sqlite"
        shutil.copyfile(old.removeprefix("sqlite:///"), copy)
        with Database(f"sqlite:///{copy}") as database:
            restored = Plant(database, anchorer=chain)
            fault = Fault(at, has_effect)
            store = FaultyStore(database, fault)
            _expect_failure(lambda: _recover(restored, store.unit_of_work, source))  # noqa: B023
            store.heal()
            _recover(restored, database.unit_of_work, source)
            require_sound(restored, expected, with_chain=True)
        if not fault.happened:
            break

    assert at > 20


def _recover(plant: Plant, units: UnitOfWorkFactory, source: LogSource) -> None:
    """Do what a ledger does at start, and recover."""
    assert plant.anchorer is not None
    check_logs(units, plant.anchorer, now=plant.now, sources_of=lambda _log: [source])
    recovery = Recovery(
        units,
        plant.anchorer,
        lambda _origin: plant.signer,
        readmit=readmit,
        receipts=plant.receipts,
        requests=plant.requests,
    )
    recovery.recover(plant.log.number, [source], now=plant.now)


def _batch(plant: Plant, meter: Meter, count: int) -> list[bytes]:
    entries = meter.sign(count)
    plant.admit(entries)
    return entries


def _integrate_with(plant: Plant, fault: Fault) -> bool:
    """Integrate on a store that fails; give whether the fault struck. Then restart."""
    store = FaultyStore(plant.database, fault)
    plant.restart(units=store.unit_of_work)
    _expect_failure(plant.integrate_all)
    store.heal()
    plant.restart()
    return fault.happened


def _anchor_with(plant: Plant, chain: RecordingAnchorer, fault: Fault, where: str) -> bool:
    """Anchor with a fault on one side; give whether it struck. Then restart."""
    plant.pass_time(60_000)
    store = None
    if where == "storage":
        store = FaultyStore(plant.database, fault)
        plant.restart(units=store.unit_of_work)
    else:
        plant.restart(anchorer=FaultyAnchorer(chain, fault))
    for _ in range(3):
        _expect_failure(lambda: plant.anchoring.step(plant.now))
        chain.mine()
    if store is not None:
        store.heal()
    plant.restart()
    return fault.happened


def _anchor(plant: Plant, chain: RecordingAnchorer) -> None:
    """Anchor without faults until nothing is left to do."""
    for _ in range(4):
        plant.pass_time(60_000)
        plant.anchoring.step(plant.now)
        chain.mine(2)
    plant.anchoring.step(plant.now)


def _expect_failure(step: object) -> None:
    assert callable(step)
    try:
        step()
    except Error as error:
        assert error.retry is Retry.LATER
