"""What is guarded cannot be changed or removed, whatever statement tries it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from attestation.entries import EntryKind
from attestation.enums import CloseReason, EventKind
from attestation.instants import Instant
from ledger.database import Database
from ledger.errors import AppendOnly
from ledger.repositories.admissions import StoredEquivocation, StoredMessage, StoredRefusal
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.digest_documents import DigestDocument
from ledger.repositories.logs import Head, Log
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork

NOW = Instant(1_800_000_000_000)
HASH = b"h" * 32
TABLES = (
    "message",
    "message_key",
    "record_key",
    "entry",
    "checkpoint",
    "refusal",
    "equivocation",
    "digest_document",
    "event",
)


def fill(uow: UnitOfWork) -> Log:
    """Put one row into every guarded table."""
    log = uow.logs.add(log_id=HASH, origin="o", usc="u", vkey="v", opened_at=NOW)
    number = log.number
    uow.heads.create(Head(number, 1, HASH, HASH, 1, NOW))
    uow.messages.add(number, [(1, EntryKind.MESSAGE, b"content")], received_at=NOW)
    uow.admissions.add_messages(number, [StoredMessage(b"k", 0, 0, HASH, HASH, NOW, 1)])
    uow.admissions.add_record(number, HASH, 1, "key")
    uow.admissions.add_refusal(number, StoredRefusal(HASH, HASH, "c", b"a", b"c", NOW))
    uow.admissions.add_equivocation(number, StoredEquivocation(b"k", 0, 0, 1, b"", 1, NOW))
    uow.digests.add(number, DigestDocument(HASH, "u", "p", "s", 0, 1, b"s" * 16, b"{}", NOW))
    uow.entries.append(number, 0, [1])
    uow.checkpoints.add(StoredCheckpoint(number, 1, HASH, "note", NOW))
    uow.tiles.put(number, [(0, 0, HASH)])
    uow.anchors.add(StoredAnchor(number, 1, HASH, 5, HASH, HASH))
    uow.events.tell(number, EventKind.CHECKPOINT, "1", {}, at=NOW)
    uow.events.flush()
    return log


@pytest.fixture
def log(database: Database) -> Log:
    """A log with one row in every guarded table."""
    with database.unit_of_work() as uow:
        filled = fill(uow)
        uow.commit()
    return filled


@pytest.fixture
def run(database: Database, log: Log) -> Callable[[str], int]:
    """Run a statement and commit; gives the number of rows it touched."""
    del log

    def execute(statement: str) -> int:
        with database.unit_of_work() as uow:
            touched = uow.connection.execute(text(statement)).rowcount
            uow.commit()
        return touched

    return execute


@pytest.mark.parametrize("table", TABLES)
def test_row_cannot_be_changed(run: Callable[[str], int], table: str) -> None:
    """An update of a guarded row fails, even one that changes nothing."""
    with pytest.raises(AppendOnly, match=f"append-only: update on {table}"):
        run(f"UPDATE {table} SET log_number = log_number")


@pytest.mark.parametrize("table", TABLES)
def test_row_cannot_be_removed(run: Callable[[str], int], table: str) -> None:
    """A removal of a guarded row fails."""
    with pytest.raises(AppendOnly, match=f"append-only: delete on {table}"):
        run(f"DELETE FROM {table}")


@pytest.mark.parametrize("table", ["message_key", "record_key", "checkpoint", "refusal"])
def test_row_cannot_be_replaced(database: Database, run: Callable[[str], int], table: str) -> None:
    """SQLite's REPLACE, which removes without saying so, fails too."""
    if database.engine.dialect.name != "sqlite":
        table = f"{table} -- not a statement of PostgreSQL"
        with pytest.raises(AppendOnly, match="append-only"):
            run(f"DELETE FROM {table}")
        return
    with pytest.raises(AppendOnly, match=f"append-only: delete on {table}"):
        run(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


@pytest.mark.real
@pytest.mark.parametrize("table", [*TABLES, "message_p00000", "entry_p00000"])
def test_table_cannot_be_emptied(postgresql_url: str, table: str) -> None:
    """PostgreSQL's TRUNCATE, which fires no row trigger, fails, on partitions too."""
    with Database(postgresql_url) as database, database.unit_of_work() as uow:
        fill(uow)
        with pytest.raises(AppendOnly, match=r"append-only: truncate on"):
            uow.connection.execute(text(f"TRUNCATE {table}"))


@pytest.mark.real
@pytest.mark.parametrize("table", ["message_p00000", "entry_p00000"])
def test_partition_is_guarded_like_its_table(postgresql_url: str, table: str) -> None:
    """Going to the partition directly leads past nothing."""
    with Database(postgresql_url) as database, database.unit_of_work() as uow:
        fill(uow)
        with pytest.raises(AppendOnly, match="append-only: delete on"):
            uow.connection.execute(text(f"DELETE FROM {table}"))


@pytest.mark.real
def test_new_partition_is_guarded_too(postgresql_url: str) -> None:
    """A partition made later has the same guards."""
    with Database(postgresql_url) as database, database.unit_of_work() as uow:
        log = fill(uow)
        uow.messages.add(log.number, [(5 * 2**22 - 1, EntryKind.MESSAGE, b"far")], received_at=NOW)
        made = uow.partitions.prepare()
        number = 8 * 2**22 + 1
        uow.messages.add(log.number, [(number, EntryKind.MESSAGE, b"new")], received_at=NOW)
        with pytest.raises(AppendOnly, match="append-only: update on message_p00008"):
            uow.connection.execute(
                text("UPDATE message SET kind = 1 WHERE admission_id = :number"),
                {"number": number},
            )

    assert made == [f"message_p{at:05d}" for at in range(5, 9)]


def test_partitions_that_are_ready_are_not_made_again(database: Database) -> None:
    """Preparing twice has no effect."""
    with database.unit_of_work() as uow:
        assert uow.partitions.prepare() == []


@pytest.mark.parametrize(
    "change",
    ["size = 0", f"root = CAST('{'x' * 32}' AS {{bytes}})"],
    ids=["smaller", "other root of one size"],
)
def test_head_does_not_go_back(database: Database, run: Callable[[str], int], change: str) -> None:
    """A head is never smaller than it was, nor another tree of one size."""
    kind = "BLOB" if database.engine.dialect.name == "sqlite" else "bytea"
    with pytest.raises(AppendOnly, match="append-only: update on head"):
        run(f"UPDATE head SET {change.format(bytes=kind)}")


def test_head_cannot_be_removed(run: Callable[[str], int]) -> None:
    """A log keeps its head."""
    with pytest.raises(AppendOnly, match="append-only: delete on head"):
        run("DELETE FROM head")


def test_tile_grows(database: Database, log: Log) -> None:
    """What begins with the stored hashes takes their place."""
    with database.unit_of_work() as uow:
        uow.tiles.put(log.number, [(0, 0, HASH + b"n" * 32)])
        uow.commit()
    with database.reading() as uow:
        assert uow.tiles.get(log.number, 0, 0) == HASH + b"n" * 32


@pytest.mark.parametrize(
    "hashes", [b"", b"n" * 32, b"n" * 32 + HASH], ids=["empty", "other", "other first"]
)
def test_tile_does_not_change(database: Database, log: Log, hashes: bytes) -> None:
    """Hashes that stand in a tile stay."""
    with (
        database.unit_of_work() as uow,
        pytest.raises(AppendOnly, match="append-only: update on tile"),
    ):
        uow.tiles.put(log.number, [(0, 0, hashes)])


def test_tile_cannot_be_removed(run: Callable[[str], int]) -> None:
    """Tiles go only to be derived again."""
    with pytest.raises(AppendOnly, match="append-only: delete on tile"):
        run("DELETE FROM tile")


def test_tiles_can_be_derived_again(database: Database, log: Log) -> None:
    """Clearing is possible inside one unit of work, and leaves no permit behind."""
    with database.unit_of_work() as uow:
        uow.tiles.clear(log.number)
        uow.tiles.put(log.number, [(0, 0, b"n" * 32)])
        uow.commit()
    with (
        database.unit_of_work() as uow,
        pytest.raises(AppendOnly, match="append-only: delete on tile"),
    ):
        uow.connection.execute(text("DELETE FROM tile"))


def test_anchor_that_is_not_final_may_leave(database: Database, log: Log) -> None:
    """A reorganisation takes an anchor off the chain."""
    with database.unit_of_work() as uow:
        uow.anchors.forget(log.number, 1)
        uow.commit()
    with database.reading() as uow:
        assert uow.anchors.newest(log.number) is None


@pytest.mark.parametrize("statement", ["UPDATE anchor SET size = 2", "DELETE FROM anchor"])
def test_final_anchor_stays(
    database: Database, log: Log, run: Callable[[str], int], statement: str
) -> None:
    """What is final is kept for good."""
    with database.unit_of_work() as uow:
        uow.anchors.finalise(log.number, 1, final_at=NOW, evidence={"a": 1})
        uow.commit()
    with pytest.raises(AppendOnly, match="append-only"):
        run(statement)


def test_guards_do_not_hinder_what_may_change(database: Database, log: Log) -> None:
    """Rows that are not history are changed freely."""
    with database.unit_of_work() as uow:
        uow.parties.close_slot(HASH, b"k", closed_index=1, reason=CloseReason.ROTATED)
        uow.heads.advance(1, Head(log.number, 2, b"r" * 32, HASH, 2, NOW))
        uow.commit()
    with database.reading() as uow:
        assert uow.heads.get(log.number).size == 2
