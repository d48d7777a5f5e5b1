"""Nobody starves at SQLite's write lock: a busy writer, thread or process, gives way each time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.database import Database
from ledger.errors import StorageError, StorageUnavailable
from ledger.log.parties import FOLLOWER, PartyFollower
from ledger.ports import ChainEvent

HOLD_S = 0.2
TIMEOUT_MS = 3_000
ROUNDS = 10
_SPAWN = multiprocessing.get_context("spawn")


class GrowingChain:
    """A chain with a new block each time one looks, and nothing in it."""

    def __init__(self, growth: int = 1) -> None:
        self._growth = growth
        self._number = 0

    def final_block(self) -> tuple[int, bytes]:
        self._number += self._growth
        return self._number, bytes(32)

    def block_hash(self, number: int) -> bytes | None:
        return bytes(32)

    def events(self, from_block: int, to_block: int) -> Sequence[ChainEvent]:
        return []


def write_without_rest(url: str, has_begun: Event, stopping: Event) -> None:
    """Hold the write lock again and again, with nothing between two transactions."""
    with Database(url) as database:
        while not stopping.is_set():
            with database.unit_of_work() as uow:
                uow.connection.execute(text("UPDATE head SET size = size"))
                has_begun.set()
                time.sleep(HOLD_S)
                uow.commit()


def wait_for_turn(url: str, is_near: Event) -> None:
    """Say that one is about to wait for the write lock, and wait for it."""
    with Database(url) as database:
        is_near.set()
        with database.unit_of_work():
            time.sleep(60)


@contextmanager
def process(work: Callable[..., None], *arguments: object) -> Iterator[multiprocessing.Process]:
    """Run a function in a process of its own, which ends with the block."""
    started = _SPAWN.Process(target=work, args=arguments, daemon=True)
    started.start()
    try:
        yield started  # type: ignore[misc]
    finally:
        started.kill()
        started.join()


@contextmanager
def busy_process(url: str) -> Iterator[None]:
    """Let another process write without rest."""
    has_begun, stopping = _SPAWN.Event(), _SPAWN.Event()
    with process(write_without_rest, url, has_begun, stopping):
        assert has_begun.wait(60)
        yield
        stopping.set()


@contextmanager
def busy_thread(url: str) -> Iterator[None]:
    """Let another thread write without rest."""
    has_begun, stopping = threading.Event(), threading.Event()
    thread = threading.Thread(target=write_without_rest, args=(url, has_begun, stopping))
    thread.start()
    assert has_begun.wait(60)
    yield
    stopping.set()
    thread.join()


@pytest.mark.parametrize("busy", [busy_process, busy_thread], ids=["process", "thread"])
def test_follower_is_not_starved_by_a_busy_writer(
    sqlite_url: str, busy: Callable[[str], Iterator[None]]
) -> None:
    """Each look at the chain is stored within a few of the other's transactions."""
    with Database(sqlite_url, lock_timeout_ms=TIMEOUT_MS) as database, busy(sqlite_url):  # type: ignore[attr-defined]
        follower = PartyFollower(database.unit_of_work, database.reading, GrowingChain())
        started = time.monotonic()
        for _ in range(ROUNDS):
            follower.follow()
        taken_s = time.monotonic() - started
        with database.reading() as uow:
            cursor = uow.parties.cursor(FOLLOWER)

    assert cursor == (ROUNDS, bytes(32))
    assert taken_s < ROUNDS * 4 * HOLD_S


def test_threads_of_one_ledger_take_turns(sqlite_url: str) -> None:
    """Six threads that write without rest get about as many turns each."""
    counts = [0] * 6
    stopping = threading.Event()

    with Database(sqlite_url, pool_size=len(counts)) as database:

        def write(place: int) -> None:
            while not stopping.is_set():
                with database.unit_of_work() as uow:
                    uow.connection.execute(text("UPDATE head SET size = size"))
                    time.sleep(0.01)
                    uow.commit()
                counts[place] += 1

        threads = [threading.Thread(target=write, args=(at,)) for at in range(len(counts))]
        for thread in threads:
            thread.start()
        time.sleep(2)
        stopping.set()
        for thread in threads:
            thread.join()

    assert min(counts) * 2 > max(counts) > 0


def test_process_that_is_killed_while_it_waits_holds_nobody_up(sqlite_url: str) -> None:
    """The turn of a process that dies is free at once."""
    is_near = _SPAWN.Event()
    with Database(sqlite_url, lock_timeout_ms=TIMEOUT_MS) as database:
        with database.unit_of_work(), process(wait_for_turn, sqlite_url, is_near) as waiting:
            assert is_near.wait(60)
            time.sleep(0.2)
            assert waiting.pid is not None
            os.kill(waiting.pid, signal.SIGKILL)
            waiting.join()
        with database.unit_of_work() as uow:
            uow.commit()


def test_writer_that_waits_too_long_gives_up(sqlite_url: str) -> None:
    """Nothing has begun then, and the next try succeeds."""
    with Database(sqlite_url) as first, Database(sqlite_url, lock_timeout_ms=300) as second:
        with first.unit_of_work():
            with pytest.raises(StorageUnavailable, match="no turn within 300 ms"):
                second.unit_of_work().__enter__()
            with second.reading() as uow:
                uow.logs.all()
        with second.unit_of_work() as uow:
            uow.commit()


def test_looking_for_new_blocks_does_not_wait(sqlite_url: str) -> None:
    """A follower that finds nothing new needs no turn at all."""
    with Database(sqlite_url) as first, Database(sqlite_url, lock_timeout_ms=100) as second:
        chain = GrowingChain(growth=0)
        follower = PartyFollower(second.unit_of_work, second.reading, chain)
        follower.follow()
        with first.unit_of_work():
            assert follower.follow() == 0


def test_database_that_cannot_be_written_is_no_busy_one(sqlite_url: str) -> None:
    """Waiting would not help; the error says so by its kind."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    url = f"sqlite:///file:{path}?mode=ro&uri=true"
    with (
        Database(url) as database,
        pytest.raises(StorageError) as caught,
        database.unit_of_work() as uow,
    ):
        uow.connection.execute(text("UPDATE head SET size = size"))

    assert not isinstance(caught.value, StorageUnavailable)


@pytest.mark.parametrize("mode", [0o600, 0o660])
def test_who_may_write_the_database_may_take_turns(sqlite_url: str, mode: int) -> None:
    """The file of turns is as open as the database, whatever the umask."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    path.chmod(mode)
    with Database(sqlite_url) as database, database.unit_of_work() as uow:
        uow.commit()

    assert path.with_name(f"{path.name}-turn").stat().st_mode & 0o777 == mode


def test_database_in_memory_has_no_file_of_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no other process sees needs none; it is written all the same."""
    monkeypatch.chdir(tmp_path)
    with Database("sqlite://") as database:
        with database.unit_of_work() as uow:
            uow.connection.execute(text("CREATE TABLE t (x)"))
            uow.connection.execute(text("INSERT INTO t VALUES (7)"))
            uow.commit()
        with database.reading() as uow:
            assert uow.connection.execute(text("SELECT x FROM t")).scalar_one() == 7

    assert list(tmp_path.iterdir()) == []
