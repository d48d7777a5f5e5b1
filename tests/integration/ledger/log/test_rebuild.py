"""Rebuilding the tree from entries, on both databases."""

from __future__ import annotations

import pytest

from ledger.errors import ForkDetected
from ledger.log.fsck import fsck
from ledger.log.rebuild import rebuild_tree
from tests.fakes.plant import Meter, Plant
from tests.fakes.vandal import Vandal


def rebuild(plant: Plant) -> int:
    """Rebuild and commit; give the number of tiles."""
    with plant.database.unit_of_work() as uow:
        rebuilt = rebuild_tree(uow, plant.log)
        uow.commit()
    return rebuilt.tiles


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 700])
def test_a_rebuilt_tree_is_the_same(plant: Plant, count: int) -> None:
    """Tiles and head are what they were, for trees with and without partial tiles."""
    entries = Meter().sign(count)
    plant.admit(entries)
    plant.integrate_all()
    before = plant.fetch("checkpoint")

    rebuild(plant)

    assert plant.fetch("checkpoint") == before
    assert plant.read_from_outside() == entries


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM tile WHERE level = 0",
        "DELETE FROM tile WHERE level = 1",
        "UPDATE tile SET hashes = :junk WHERE number = 0",
        "UPDATE head SET compact_range = :junk",
    ],
)
def test_a_damaged_tree_is_mended(plant: Plant, damage: str) -> None:
    """Whatever happened to derived rows, the entries bring them back."""
    plant.admit(Meter().sign(600))
    plant.integrate_all()
    Vandal(plant.database).execute(damage, **({"junk": bytes(32)} if ":junk" in damage else {}))

    rebuild(plant)

    with plant.database.reading() as uow:
        assert fsck(uow, plant.log).findings == []


def test_a_rebuilt_log_goes_on(plant: Plant) -> None:
    """After a rebuild the log grows as before."""
    meter = Meter()
    plant.admit(meter.sign(300))
    plant.integrate_all()
    rebuild(plant)
    plant.admit(meter.sign(300))
    plant.integrate_all()

    assert len(plant.read_from_outside()) == 600


def test_changed_entries_are_not_rebuilt(plant: Plant) -> None:
    """Entries that do not make the signed tree leave everything as it was."""
    plant.admit(Meter().sign(20))
    plant.integrate_all()
    Vandal(plant.database).execute(
        "UPDATE message SET content = :junk WHERE admission_id = 5", junk=b"x"
    )

    with pytest.raises(ForkDetected, match="do not make the tree that was signed"):
        rebuild(plant)
    with plant.database.reading() as uow:
        assert uow.tiles.get(plant.log.number, 0, 0) is not None


def test_a_missing_entry_is_not_rebuilt(plant: Plant) -> None:
    """A log with a hole cannot be rebuilt into a shorter one."""
    plant.admit(Meter().sign(20))
    plant.integrate_all()
    Vandal(plant.database).execute('DELETE FROM entry WHERE "index" = 19')

    with pytest.raises(ForkDetected):
        rebuild(plant)
