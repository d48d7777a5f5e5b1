"""
Turns at SQLite's write lock: whoever has waited is next, whatever the others do.

SQLite lets a writer ask again and again at growing intervals, up to 100 ms. Another writer that
finishes and begins anew at once is never seen between two questions, so that a thread or process
with much to do starves the rest until they give up with "database is locked". Here a writer first
takes a turn, and keeps it until it has the write lock: the one that has just finished stands
behind it. Within a process turns are given in order of arrival, between processes by a lock of
the file `<database>-turn`, which the system takes from a process that dies.

Source: SQLite documentation, "Write-Ahead Logging" (one writer) and `sqlite3_busy_timeout`;
flock(2).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ledger.errors import StorageUnavailable
from ledger.repositories.faults import translate

_POLL_MS: Final = 2
"""Between two questions of the one writer that is next; nobody else asks meanwhile."""
_OWNER_ONLY: Final = 0o600
_READ_WRITE: Final = 0o666
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_NANOSECONDS_PER_MS: Final = 1_000_000
_MS_PER_S: Final = 1000


class Turns:
    """
    Who writes next in one SQLite database.

    Args:
        database: The database's file; None where it is in memory, which no other process sees.
        timeout_ms: How long a writer waits at most.
    """

    def __init__(self, database: Path | None, timeout_ms: int) -> None:
        self._database = database
        self._file = None if database is None else database.with_name(f"{database.name}-turn")
        self._timeout_ms = timeout_ms
        self._here = threading.Lock()

    def begin(self, connection: sqlite3.Connection) -> None:
        """
        Begin a transaction that holds the write lock.

        Raises:
            StorageUnavailable: If no turn came within the time; nothing has begun then.
        StorageError: If the database cannot be written at all.
        """
        deadline = _Deadline(self._timeout_ms)
        if not self._here.acquire(timeout=self._timeout_ms / _MS_PER_S):
            raise deadline.passed()
        try:
            with self._among_processes(deadline):
                _begin(connection, deadline, self._timeout_ms)
        finally:
            self._here.release()

    def _mode(self) -> int:
        """Whoever may write the database may take turns, as with SQLite's own files beside it."""
        if self._database is None or not self._database.exists():
            return _OWNER_ONLY
        return self._database.stat().st_mode & _READ_WRITE

    @contextmanager
    def _among_processes(self, deadline: _Deadline) -> Iterator[None]:
        if self._file is None:
            yield
            return
        try:
            descriptor = _open(self._file, self._mode())
        except OSError as error:
            raise StorageUnavailable(f"cannot open {self._file.name}: {error.strerror}") from error
        try:
            while not _lock(descriptor):
                deadline.wait()
            yield
        finally:
            os.close(descriptor)  # and with it the lock


def _open(path: Path, mode: int) -> int:
    try:
        return os.open(path, os.O_RDWR)
    except FileNotFoundError:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, mode)
    os.fchmod(descriptor, mode)  # also past the umask
    return descriptor


class _Deadline:
    """When a writer stops waiting."""

    def __init__(self, timeout_ms: int) -> None:
        self._timeout_ms = timeout_ms
        self._at_ns = time.monotonic_ns() + timeout_ms * _NANOSECONDS_PER_MS

    def wait(self) -> None:
        """Wait a little, or raise `StorageUnavailable` where the time is up."""
        if time.monotonic_ns() >= self._at_ns:
            raise self.passed()
        time.sleep(_POLL_MS / _MS_PER_S)

    def passed(self) -> StorageUnavailable:
        """Give the error of a writer that has waited too long."""
        return StorageUnavailable(f"database is locked: no turn within {self._timeout_ms} ms")


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _begin(connection: sqlite3.Connection, deadline: _Deadline, timeout_ms: int) -> None:
    # SQLite's own waiting is put aside: it would sleep longer than most transactions last.
    connection.execute("PRAGMA busy_timeout = 0").fetchall()
    try:
        while not _has_begun(connection):
            deadline.wait()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {timeout_ms}").fetchall()


def _has_begun(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _BUSY:
            raise translate(error) from error
        return False
    return True
