"""Events on both databases: told once, with what they tell of, in an order one can follow."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from attestation.enums import EventKind
from attestation.instants import Instant
from ledger.database import Database
from ledger.errors import AppendOnly
from ledger.repositories.events import Event
from ledger.repositories.logs import LogNumber
from ledger.unit_of_work import UnitOfWork

NOW = Instant(1_800_000_000_000)
LOG, OTHER = LogNumber(1), LogNumber(2)


def tell(uow: UnitOfWork, subject: str, *, log: LogNumber = LOG, **body: int) -> None:
    """Tell of a checkpoint."""
    uow.events.tell(log, EventKind.CHECKPOINT, subject, body, at=NOW)


def told(database: Database, *subjects: str, log: LogNumber = LOG) -> None:
    """Tell of checkpoints, each in a transaction of its own."""
    for subject in subjects:
        with database.unit_of_work() as uow:
            tell(uow, subject, log=log, size=int(subject))
            uow.commit()


def after(database: Database, last: int, *logs: LogNumber, limit: int = 100) -> list[Event]:
    """Read events."""
    with database.reading() as uow:
        return uow.events.after(logs or (LOG,), last, limit=limit)


def sizes(events: list[Event]) -> list[object]:
    """Give what events tell."""
    return [each.body["size"] for each in events]


def test_event_comes_with_its_transaction(database: Database) -> None:
    """It is there after the commit, as it was told, and not before."""
    with database.unit_of_work() as uow:
        tell(uow, "7", size=7)
        assert after(database, 0) == []
        uow.commit()
    (event,) = after(database, 0)

    assert (event.log, event.kind, event.happened_at) == (LOG, EventKind.CHECKPOINT, NOW)
    assert event.body == {"size": 7}


def test_what_is_rolled_back_is_not_told(database: Database) -> None:
    """Without a commit nothing has happened."""
    with database.unit_of_work() as uow:
        tell(uow, "7", size=7)

    assert after(database, 0) == []


def test_nothing_is_told_twice(database: Database) -> None:
    """The first telling stands, also within one transaction; another log has its own."""
    told(database, "7")
    with database.unit_of_work() as uow:
        tell(uow, "7", size=8)
        tell(uow, "9", size=9)
        tell(uow, "9", size=10)
        tell(uow, "7", log=OTHER, size=11)
        uow.commit()

    assert sizes(after(database, 0, LOG, OTHER)) == [7, 9, 11]


def test_pages_follow_each_other(database: Database) -> None:
    """Going on after the last id seen leaves nothing out and repeats nothing."""
    told(database, "1", "2")
    told(database, "3", log=OTHER)
    told(database, "4")
    first = after(database, 0, limit=2)
    second = after(database, first[-1].id, limit=2)

    assert (sizes(first), sizes(second)) == ([1, 2], [4])
    assert after(database, second[-1].id) == []
    assert sizes(after(database, 0, LOG, OTHER)) == [1, 2, 3, 4]


def test_kind_is_chosen(database: Database) -> None:
    """Only events of the kind asked for are given."""
    told(database, "1")
    with database.unit_of_work() as uow:
        uow.events.tell(LOG, EventKind.RECORD, "1", {"size": 5}, at=NOW)
        uow.commit()
    with database.reading() as uow:
        found = uow.events.after([LOG], 0, limit=9, kind=EventKind.RECORD)

    assert sizes(found) == [5]


def test_newest_is_of_the_logs_named(database: Database) -> None:
    """Another log's events do not move it; without any it is 0."""
    told(database, "1", "2")
    told(database, "3", log=OTHER)
    with database.reading() as uow:
        newest = uow.events.newest_id([LOG])
        none = uow.events.newest_id([LogNumber(3)])

    assert (newest, none) == (after(database, 0)[-1].id, 0)


@pytest.mark.parametrize("action", ["UPDATE event SET body = '{}'", "DELETE FROM event"])
def test_events_are_written_once(database: Database, action: str) -> None:
    """The database refuses what no code of ours does."""
    told(database, "1")
    with pytest.raises(AppendOnly), database.unit_of_work() as uow:
        uow.connection.execute(text(action))


@pytest.mark.real
def test_ids_become_visible_in_order(postgresql_url: str) -> None:
    """A transaction that told first and commits later does not slip in before a reader's place."""
    with Database(postgresql_url) as database:
        with database.unit_of_work() as slow:
            tell(slow, "1", size=1)
            told(database, "2")
            (seen,) = after(database, 0)
            slow.commit()

        assert sizes(after(database, seen.id)) == [1]


@pytest.mark.real
def test_reader_of_many_writers_misses_nothing(postgresql_url: str) -> None:
    """Following by the last id while eight write at once sees every event once, in order."""
    with Database(postgresql_url) as database:
        numbers = [range(base, base + 40) for base in range(0, 320, 40)]
        threads = [
            threading.Thread(target=told, args=(database, *map(str, each))) for each in numbers
        ]
        for thread in threads:
            thread.start()
        seen: list[Event] = []
        while any(thread.is_alive() for thread in threads):
            seen += after(database, seen[-1].id if seen else 0, limit=7)
        while more := after(database, seen[-1].id if seen else 0):
            seen += more

        assert sorted(each.body["size"] for each in seen) == list(range(320))  # type: ignore[type-var]
