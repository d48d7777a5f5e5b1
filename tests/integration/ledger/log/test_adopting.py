"""Adopting a log kept elsewhere: the same tree under the same checkpoint, or nothing at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from attestation.enums import LogState
from attestation.notes import NoteSigner
from ledger.database import Database
from ledger.errors import EntriesMissing, ForkDetected, Frozen
from ledger.log.adopting import adopt_entries, adopt_log
from ledger.log.fsck import fsck
from ledger.log.sequencing import Sequencer
from ledger.log.sources import LogSource, SignedCheckpoint
from ledger.repositories.logs import Log
from tests.fakes.plant import ORIGIN, START, Meter, Plant


@pytest.fixture
def meter() -> Meter:
    """A meter."""
    return Meter()


@pytest.fixture
def source(sqlite_template: Path, meter: Meter, tmp_path: Path) -> Iterator[Plant]:
    """The plant whose log is adopted: 300 entries on a database of its own."""
    path = tmp_path / "source.sqlite"
    shutil.copyfile(sqlite_template, path)
    with Database(f"sqlite:///{path}") as opened:
        plant = Plant(opened)
        plant.admit(meter.sign(300))
        plant.integrate_all()
        yield plant


@pytest.fixture
def empty(sqlite_url: str) -> Iterator[Database]:
    """A ledger without a log, for what does not depend on the kind of database."""
    with Database(sqlite_url) as opened:
        yield opened


def signed(plant: Plant) -> SignedCheckpoint:
    """Give the newest checkpoint as the public reads it."""
    found = LogSource("plant", plant.fetch).checkpoint(plant.signer.verifier)
    assert found is not None
    return found


def adopt(database: Database, plant: Plant, entries: list[bytes]) -> Log:
    """Adopt entries under the plant's newest checkpoint."""
    with database.unit_of_work() as uow:
        log = adopt_log(uow, plant.signer.verifier, opened_at=START)
        adopt_entries(uow, log, entries, signed(plant), now=START)
        uow.commit()
    return log


def test_adopted_log_is_the_same(database: Database, source: Plant) -> None:
    """The full check holds, on both databases, and the checkpoint is the one that was signed."""
    log = adopt(database, source, source.read_from_outside())
    with database.reading() as uow:
        report = fsck(uow, log)
        newest = uow.checkpoints.newest(log.number)

    assert (report.findings, report.size) == ([], 300)
    assert newest is not None and newest.note == signed(source).note


def test_adopting_goes_on_where_it_ended(database: Database, source: Plant, meter: Meter) -> None:
    """Only what is new is taken; taking nothing changes nothing."""
    adopt(database, source, source.read_from_outside())
    source.admit(meter.sign(5))
    source.integrate_all()
    log = adopt(database, source, source.read_from_outside()[300:])
    adopt(database, source, [])
    with database.reading() as uow:
        assert uow.heads.get(log.number).size == 305


def test_adopted_log_is_not_written_by_us(empty: Database, source: Plant) -> None:
    """It is frozen: whoever has no key of it integrates nothing."""
    log = adopt(empty, source, source.read_from_outside())
    plant = Plant(empty, signer=source.signer)
    plant.admit(Meter(1).sign(1))
    sequencer: Sequencer = plant.sequencer

    assert log.state is LogState.FROZEN
    with pytest.raises(Frozen):
        sequencer.integrate(log.number, now=START, wait=False)


@pytest.mark.parametrize("change", ["swapped", "changed", "twice", "fewer"])
def test_other_entries_are_not_adopted(
    empty: Database, source: Plant, meter: Meter, change: str
) -> None:
    """Another order, another entry, one twice, one too few: nothing of it stays."""
    entries = source.read_from_outside()
    if change == "swapped":
        entries[7], entries[8] = entries[8], entries[7]
    elif change == "changed":
        entries[299] = Meter(1).sign(1)[0]
    elif change == "twice":
        entries[299] = entries[0]
    else:
        entries.pop()
    with pytest.raises((ForkDetected, EntriesMissing)):
        adopt(empty, source, entries)
    with empty.reading() as uow:
        assert uow.logs.all() == []


def test_more_entries_than_are_signed_are_left(
    empty: Database, source: Plant, meter: Meter
) -> None:
    """What the checkpoint does not cover is nobody's statement yet."""
    log = adopt(empty, source, [*source.read_from_outside(), *meter.sign(1)])
    with empty.reading() as uow:
        assert uow.heads.get(log.number).size == 300


def test_log_under_another_key_is_another_log(empty: Database, source: Plant) -> None:
    """A second key for the same name is not taken beside the first."""
    adopt(empty, source, source.read_from_outside())
    stranger = NoteSigner.from_seed(ORIGIN, bytes(32))
    with empty.unit_of_work() as uow, pytest.raises(ForkDetected):
        adopt_log(uow, stranger.verifier, opened_at=START)
