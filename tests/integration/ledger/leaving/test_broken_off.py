"""Leaving that breaks off: a full disk, or an end between any two steps; and going on after it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.database import Database
from ledger.errors import ArchiveDamaged, StorageConflict, StorageUnavailable
from ledger.leaving.packing import freeze, pack
from ledger.log.surveying import Surveyor
from ledger.repositories.actions import ActionFilter
from tests.integration.ledger.leaving.test_leaving import Leaving, empty, leaving, packed
from tests.support.enterprise import USC
from tests.support.operator import noted

__all__ = ["empty", "leaving", "packed"]


def full_after(count: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Let the disk be full after so many files; gives how many were synced."""
    synced, sync = [0], os.fsync

    def fsync(descriptor: int) -> None:
        synced[0] += 1
        if synced[0] > count:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr("os.fsync", fsync)
    return lambda: synced[0]


def test_full_disk_leaves_no_parcel_that_comes_in(
    leaving: Leaving, empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every step of packing; packed again elsewhere it is the same parcel."""
    database, number = leaving.enterprise.database, leaving.enterprise.log.number
    with monkeypatch.context() as counting:
        total = full_after(10**9, counting)
        whole = pack(database, number, tmp_path / "whole", leaving.keys)
        steps = total()
    for count in (0, 1, steps // 3, steps // 2, steps - 6, steps - 4):
        leaving.folder = tmp_path / f"parcel-{count}"
        with monkeypatch.context() as scarce:
            full_after(count, scarce)
            with pytest.raises(StorageUnavailable, match="No space left"):
                pack(database, number, leaving.folder, leaving.keys)
        if not (leaving.folder / "parcel.json").exists():
            with pytest.raises(ArchiveDamaged):
                leaving.arrive(empty)
    again = pack(database, number, tmp_path / "again", leaving.keys)

    assert again == whole


def test_end_before_the_survey_is_made_good(
    leaving: Leaving, empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log is there, and the same command a second time derives what it adds up to."""

    class KilledError(Exception):
        pass

    def killed(*_: object) -> int:
        raise KilledError

    with monkeypatch.context() as ending:
        ending.setattr(Surveyor, "survey_all", killed)
        with pytest.raises(KilledError):
            leaving.arrive(empty, goes_on=False)
    with pytest.raises(StorageConflict):
        leaving.arrive(empty, goes_on=False)

    with empty.unit_of_work() as uow:
        (log,) = uow.logs.all()
        assert uow.surveys.lock_cursor(log.number) == leaving.head.size


def test_freezing_and_its_note_are_one(leaving: Leaving) -> None:
    """A log that stands still without anybody having done it would be a riddle."""
    database, number = leaving.enterprise.database, leaving.enterprise.log.number
    freeze(database, number, noted=noted(what="log.leave"))
    with database.reading() as uow:
        found = [each.body.what for each in uow.actions.listed(ActionFilter(usc=USC))]

    assert found == ["log.leave"]
