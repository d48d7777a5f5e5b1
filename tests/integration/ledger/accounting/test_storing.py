"""Versions and calculation records on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from api.rule_side import ChainRules
from attestation.enums import EventKind, Outcome, VersionState
from ledger.database import Database
from ledger.errors import AppendOnly, StorageConflict
from ledger.inventory.assembling import Wanted
from ledger.inventory.identity import Scope
from ledger.inventory.periods import Period
from ledger.repositories.events import Event
from tests.support.coal_unit import UNIT, CoalUnit
from tests.support.enterprise import USC, Enterprise
from tests.support.inventories import Accounting

JANUARY = Period.month(2024, 1)
WANTED = Wanted(Scope.of(USC, UNIT, JANUARY))


@pytest.fixture
def month(engine: ChainRules, database: Database) -> Accounting:
    """A coal unit's January with its digests, on each kind of database in turn."""
    accounting = Accounting(Enterprise(database), engine)
    CoalUnit.live(accounting.enterprise, months=1)
    accounting.digest(UNIT, JANUARY)
    return accounting


def test_month_is_closed_and_holds(month: Accounting) -> None:
    """Stored, listed, loaded and rechecked."""
    version = month.final(WANTED)
    kept = month.versions()

    assert [(each.number, each.state) for each in kept] == [(1, VersionState.FINAL)]
    assert kept[0].sha256.hex() == version.sha256
    assert month.load(WANTED.scope) == version
    assert month.recheck(version).outcome is Outcome.HELD


def test_newest_and_newest_final_are_told_apart(month: Accounting) -> None:
    """A draft after a final version does not hide it."""
    final = month.final(WANTED)
    draft = month.draft(WANTED).version
    with month.enterprise.database.reading() as uow:
        log, inventory_id = month.enterprise.log.number, WANTED.scope.inventory_id
        newest = uow.inventories.newest(log, inventory_id)
        newest_final = uow.inventories.newest_final(log, inventory_id)
        absent = uow.inventories.version(log, inventory_id, 3)

    assert newest is not None and newest.number == draft.number == 2
    assert newest_final is not None and newest_final.number == final.number == 1
    assert absent is None


@pytest.mark.parametrize("table", ["inventory_version", "calculation"])
@pytest.mark.parametrize("action", ["UPDATE {} SET created_at_ms = 0", "DELETE FROM {}"])
def test_rows_are_written_once(month: Accounting, table: str, action: str) -> None:
    """The database refuses what no code of ours does."""
    month.draft(WANTED)
    with (
        pytest.raises(AppendOnly),
        month.enterprise.database.unit_of_work() as uow,
    ):
        uow.connection.execute(text(action.format(table)))


def test_version_and_its_digests_are_told(month: Accounting) -> None:
    """The version by its hash, each check that did not hold by its name, the digests before."""
    version = month.draft(WANTED).version
    with month.enterprise.database.reading() as uow:
        told = uow.events.after([month.enterprise.log.number], 0, limit=1000)
    by_kind: dict[EventKind, list[Event]] = {}
    for each in told:
        by_kind.setdefault(each.kind, []).append(each)
    failed = {each.name for each in version.checks if each.outcome is Outcome.FAILED}

    (stored,) = by_kind[EventKind.INVENTORY_VERSION]
    assert stored.body == {
        "inventory_id": f"0x{WANTED.scope.inventory_id.hex()}",
        "number": 1,
        "state": "draft",
        "sha256": version.sha256,
    }
    assert {each.body["check"] for each in by_kind.get(EventKind.CROSS_CHECK, [])} == failed
    assert len(by_kind[EventKind.DIGEST]) > 1


def test_number_is_given_once(month: Accounting) -> None:
    """Two who assemble at once do not overwrite each other."""
    first, second = (month.draft(WANTED, keep=False) for _ in range(2))
    month.keep(first)
    with pytest.raises(StorageConflict):
        month.keep(second)


def test_late_reading_changes_no_final_version(month: Accounting) -> None:
    """It is another version that says so; the final one keeps its bytes, and no longer holds."""
    version = month.final(WANTED)
    month.enterprise.file(CoalUnit.correction(JANUARY))
    found = month.recheck(month.load(WANTED.scope))

    assert month.load(WANTED.scope).content == version.content
    assert found.outcome is Outcome.FAILED
    assert found.first is not None and "2024-01" in found.first.detail
