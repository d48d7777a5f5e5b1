"""A unit of work is one transaction: everything or nothing, alone where it writes."""

from __future__ import annotations

import sqlite3
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from attestation.entries import EntryKind
from attestation.enums import LogState, OutboxState
from attestation.errors import Retry
from attestation.instants import Instant
from ledger.database import Database
from ledger.errors import HeadMoved, StorageConflict, StorageError, StorageUnavailable, UnknownLog
from ledger.repositories.logs import Head, Log, LogNumber
from ledger.unit_of_work import UnitOfWork

NOW = Instant(1_800_000_000_000)


def add_log(uow: UnitOfWork, name: str = "o") -> Log:
    """Open a log with an empty head."""
    log = uow.logs.add(
        log_id=name.encode().ljust(32), origin=name, usc="u", vkey="v", opened_at=NOW
    )
    uow.heads.create(Head(log.number, 0, bytes(32), b"", 0, NOW))
    return log


@pytest.fixture
def log(database: Database) -> Log:
    """A log that is stored."""
    with database.unit_of_work() as uow:
        added = add_log(uow)
        uow.commit()
    return added


def test_what_is_not_committed_is_gone(database: Database) -> None:
    """Leaving without a commit rolls back."""
    with database.unit_of_work() as uow:
        add_log(uow)
    with database.reading() as uow:
        assert uow.logs.all() == []


def test_error_rolls_back(database: Database) -> None:
    """An error inside takes everything back."""
    with pytest.raises(RuntimeError, match="stop"), database.unit_of_work() as uow:
        add_log(uow)
        raise RuntimeError("stop")
    with database.reading() as uow:
        assert uow.logs.all() == []


def test_what_is_committed_stays(database: Database, log: Log) -> None:
    """A committed row is read back as it was."""
    with database.reading() as uow:
        assert uow.logs.get(log.number) == log
        assert uow.logs.by_origin("o") == log
        assert uow.logs.by_log_id(log.log_id) == log


def test_unknown_log_is_named(database: Database) -> None:
    """Asking for a log that is not there is an error of its own."""
    with database.reading() as uow, pytest.raises(UnknownLog, match="number 7"):
        uow.logs.get(LogNumber(7))


def test_same_log_twice_is_a_conflict(database: Database, log: Log) -> None:
    """A uniqueness rule of the database becomes an error of ours."""
    with database.unit_of_work() as uow, pytest.raises(StorageConflict) as caught:
        add_log(uow, log.origin)

    assert caught.value.retry is Retry.LATER


def test_copied_rows_that_exist_are_a_conflict(database: Database, log: Log) -> None:
    """Bulk rows obey the same rules as single ones."""
    rows = [(1, EntryKind.MESSAGE, b"a"), (1, EntryKind.MESSAGE, b"b")]
    with database.unit_of_work() as uow, pytest.raises(StorageConflict):
        uow.messages.add(log.number, rows, received_at=NOW)


def test_reading_unit_of_work_cannot_write(database: Database) -> None:
    """Whoever only reads changes nothing by mistake."""
    with database.reading() as uow, pytest.raises(StorageError):
        uow.connection.execute(text("DELETE FROM delivery"))


def test_connection_writes_again_after_reading(database: Database, log: Log) -> None:
    """A pooled connection keeps nothing of the reading unit of work before."""
    with database.reading() as uow:
        uow.logs.all()
    with database.unit_of_work() as uow:
        uow.logs.set_state(log.number, LogState.FROZEN)
        uow.commit()
    with database.reading() as uow:
        assert uow.logs.get(log.number).state is LogState.FROZEN


def test_reading_unit_of_work_sees_one_snapshot(database: Database, log: Log) -> None:
    """What is committed meanwhile is not seen in the middle."""
    with database.reading() as reader:
        before = reader.logs.all()
        with database.unit_of_work() as uow:
            add_log(uow, "other")
            uow.commit()

        assert reader.logs.all() == before == [log]


def test_head_moves_only_from_where_it_was(database: Database, log: Log) -> None:
    """Two sequencers from one size: the second finds that the head moved."""
    with database.unit_of_work() as uow:
        uow.heads.advance(0, Head(log.number, 5, bytes(32), b"", 5, NOW))
        with pytest.raises(HeadMoved, match="no longer at size 0"):
            uow.heads.advance(0, Head(log.number, 6, bytes(32), b"", 6, NOW))


def test_outbox_item_moves_only_from_where_it_was(database: Database) -> None:
    """Two workers on one item: the second finds that it moved."""
    with database.unit_of_work() as uow:
        item_id = uow.outbox.add(kind="anchor", operator=b"o", targets=[], now=NOW)
        item = uow.outbox.get(item_id)
        assert item is not None
        uow.outbox.move(item, OutboxState.SIGNED, now=NOW, nonce=1)
        with pytest.raises(StorageConflict, match="no longer PENDING"):
            uow.outbox.move(item, OutboxState.SIGNED, now=NOW, nonce=2)


def test_writer_waits_no_longer_than_its_limit(database_url: str) -> None:
    """A lock that does not come is an error to be tried again, not a hang."""
    with (
        Database(database_url, lock_timeout_ms=1000) as patient,
        Database(database_url, lock_timeout_ms=1000) as database,
    ):
        with database.unit_of_work() as uow:
            number = add_log(uow).number
            uow.commit()
        with database.unit_of_work() as holder:
            holder.heads.lock(number)
            with pytest.raises(StorageUnavailable) as caught, patient.unit_of_work() as uow:
                uow.heads.lock(number)

    assert caught.value.retry is Retry.LATER


def test_try_lock_does_not_wait(database: Database, log: Log) -> None:
    """A head that nobody holds is locked; on PostgreSQL a held one is passed over."""
    with database.unit_of_work() as holder:
        assert holder.heads.try_lock(log.number) is not None
        if database.engine.dialect.name == "postgresql":
            with database.unit_of_work() as other:
                assert other.heads.try_lock(log.number) is None


def test_ids_ascend_in_the_order_of_commit(database: Database, log: Log) -> None:
    """Whoever has seen an id of a log never sees a smaller one appear later."""
    seen: list[list[int]] = []
    lock = threading.Lock()

    def admit() -> None:
        for _ in range(10):
            with database.unit_of_work() as uow:
                uow.messages.lock(log.number)
                ids = uow.messages.draw_ids(3)
                uow.messages.add(
                    log.number, [(each, EntryKind.MESSAGE, b"x") for each in ids], received_at=NOW
                )
                uow.commit()
            with lock, database.reading() as uow:
                seen.append([each.admission_id for each in uow.messages.stream(log.number)])

    threads = [threading.Thread(target=admit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen[-1]) == 120
    assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(seen))


def test_ids_are_drawn_once(database: Database, log: Log) -> None:
    """Drawing twice in one unit of work gives no id twice."""
    with database.unit_of_work() as uow:
        uow.messages.lock(log.number)
        first, second = uow.messages.draw_ids(5), uow.messages.draw_ids(5)

    assert [*first, *second] == sorted({*first, *second})


def test_database_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    """A server that does not answer is an error to be tried again."""
    url = f"postgresql+psycopg://postgres@/nowhere?host={tmp_path}&port=1"
    with (
        Database(url) as database,
        pytest.raises(StorageUnavailable),
        database.unit_of_work(),
    ):
        pass


def test_other_kinds_of_database_are_refused() -> None:
    """Only the two databases that are tested are opened."""
    with pytest.raises(StorageError, match="mysql"):
        Database("mysql://localhost/x")


def test_sqlite_is_durable(sqlite_url: str) -> None:
    """WAL with full synchronisation: a commit survives a power failure."""
    with Database(sqlite_url) as database, database.unit_of_work() as uow:
        pragmas = {
            name: uow.connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_sqlite_writer_holds_the_lock_from_the_start(sqlite_url: str) -> None:
    """A writer that reads first cannot be overtaken between reading and writing."""
    path = sqlite_url.removeprefix("sqlite:///")
    with Database(sqlite_url) as database, database.unit_of_work() as uow:
        uow.logs.all()
        other = sqlite3.connect(path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("INSERT INTO read_model VALUES ('x', 1)")
        other.close()
