"""
Opening the ledger's database: SQLite for one machine, PostgreSQL for the rest.

Both are durable at commit: SQLite runs in WAL mode with full synchronisation, PostgreSQL with
its own fsync, which this code never turns off. Nothing waits for a lock for ever.

Source: SQLite documentation, "Write-Ahead Logging" and "PRAGMA synchronous";
PostgreSQL 15 documentation, section 20.11.1 (lock_timeout, statement_timeout).
"""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL

from ledger.errors import StorageError, StorageUnavailable
from ledger.repositories.faults import translate_errors
from ledger.turns import Turns
from ledger.unit_of_work import READING, UnitOfWork

LOCK_TIMEOUT_MS: Final = 10_000
"""
Longer than all steps of a worker together hold a lock: a writer waits for those before it, each
at most once. A step that waits longer is repeated by its worker.
"""
STATEMENT_TIMEOUT_MS: Final = 120_000
"""Longer than the longest statement of a step; a forgotten query does not hold old rows back."""
_LOOPBACK: Final = frozenset({"", "localhost", "127.0.0.1", "::1"})


class Database:
    """
    The ledger's database and its pool of connections.

    Args:
        url: `sqlite:///<file>` or `postgresql+psycopg://…`, in SQLAlchemy's form.
        pool_size: Connections kept open; each thread that works uses one.

    Raises:
        StorageError: If the URL names another kind of database.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 5,
        lock_timeout_ms: int = LOCK_TIMEOUT_MS,
        statement_timeout_ms: int = STATEMENT_TIMEOUT_MS,
    ) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            self.engine = _open_sqlite(parsed, pool_size, lock_timeout_ms)
        elif parsed.get_backend_name() == "postgresql":
            self.engine = _open_postgresql(parsed, pool_size, lock_timeout_ms, statement_timeout_ms)
        else:
            raise StorageError(f"no support for a {parsed.get_backend_name()} database")
        translate_errors(self.engine)

    def unit_of_work(self) -> UnitOfWork:
        """Make a writing unit of work."""
        return UnitOfWork(self.engine)

    def reading(self) -> UnitOfWork:
        """Make a reading unit of work: one snapshot, no writes."""
        return UnitOfWork(self.engine, reading=True)

    def data_folder(self) -> Path | None:
        """Give the folder on this machine where the data is; None where none is known."""
        url = self.engine.url
        if self.engine.dialect.name == "sqlite":
            file = _sqlite_file(url)
            return None if file is None else file.resolve().parent
        if not _is_local(url):
            return None
        try:
            with self.reading() as uow:
                found = uow.connection.scalar(text("SELECT current_setting('data_directory')"))
        except StorageUnavailable:
            raise
        except StorageError:
            return None  # only some of PostgreSQL's roles may know
        return Path(str(found))

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _is_local(url: URL) -> bool:
    host = url.host or url.query.get("host", "")
    return isinstance(host, str) and (host.startswith("/") or host in _LOOPBACK)


def _open_postgresql(
    url: URL, pool_size: int, lock_timeout_ms: int, statement_timeout_ms: int
) -> Engine:
    options = f"-c lock_timeout={lock_timeout_ms} -c statement_timeout={statement_timeout_ms}"
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        pool_pre_ping=True,
        connect_args={"options": options, "application_name": "carbonseal"},
    )


def _open_sqlite(url: URL, pool_size: int, lock_timeout_ms: int) -> Engine:
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        pool_size=pool_size,
        connect_args={"timeout": lock_timeout_ms // 1000, "check_same_thread": False},
    )
    turns = Turns(_sqlite_file(url), lock_timeout_ms)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", partial(_begin_sqlite, turns))
    return engine


def sqlite_file(url: str) -> Path | None:
    """Give the file of an SQLite database; None where it is in memory, or of another kind."""
    parsed = make_url(url)
    return _sqlite_file(parsed) if parsed.get_backend_name() == "sqlite" else None


def _sqlite_file(url: URL) -> Path | None:
    name = (url.database or "").removeprefix("file:")  # as SQLite's own addresses begin
    return Path(name) if name and name != ":memory:" else None


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver must not begin transactions by itself: it would begin them too late and never
    # for a SELECT, so that a unit of work would not be one snapshot.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # NORMAL may lose the last commits when the power fails
        "foreign_keys = ON",
        "recursive_triggers = ON",  # without it REPLACE would delete past the guards
        "trusted_schema = OFF",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin_sqlite(turns: Turns, connection: Connection) -> None:
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {int(reading)}")
    if reading:
        connection.exec_driver_sql("BEGIN DEFERRED")
        connection.exec_driver_sql("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
        return
    # A writer takes the write lock at once, when it is its turn: a transaction that reads first
    # and writes later can fail half-way with a stale snapshot.
    driver: Any = connection.connection.driver_connection
    turns.begin(driver)
