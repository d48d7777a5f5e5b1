"""
Opening the ledger's database: SQLite for one machine, PostgreSQL for the rest.

Both are durable at commit: SQLite runs in WAL mode with full synchronisation, PostgreSQL with
its own fsync, which this code never turns off. Nothing waits for a lock for ever.

Source: SQLite documentation, "Write-Ahead Logging" and "PRAGMA synchronous";
PostgreSQL 15 documentation, section 20.11.1 (lock_timeout, statement_timeout).
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final, Self

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL

from ledger.errors import StorageError
from ledger.repositories.faults import translate_errors
from ledger.unit_of_work import READING, UnitOfWork

LOCK_TIMEOUT_MS: Final = 10_000
"""Longer than any step holds a lock; a step that waits longer is repeated by its worker."""
STATEMENT_TIMEOUT_MS: Final = 120_000
"""Longer than the longest statement of a step; a forgotten query does not hold old rows back."""


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

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


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
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


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


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {int(reading)}")
    # A writer takes the write lock at once: a transaction that reads first and writes later
    # can fail half-way with a stale snapshot.
    connection.exec_driver_sql("BEGIN DEFERRED" if reading else "BEGIN IMMEDIATE")
    if reading:
        connection.exec_driver_sql("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
