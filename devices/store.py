"""
The gateway's own database: one SQLite file that survives a power cut at any moment.

Signer state and outbox share the file, so that signing a message and keeping it is one
transaction. Every transaction is on disk when `transaction()` returns (`synchronous=FULL`).
One process holds the file: a second signer over the same state would equivocate.

Source: FORMATS section 1 (the signer stores before a signature leaves it); SQLite's documents on
WAL and `synchronous`.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Self

from devices.errors import OutboxFull, StoreBusy, StoreUnavailable

SCHEMA_VERSION: Final = 1
_FILE_MODE: Final = 0o600  # readings are the enterprise's business
_BUSY_TIMEOUT_S: Final = 5
_HOLD_PAUSES_S: Final = (0.02, 0.1)  # `is_held` takes the lock for a moment only

_SCHEMA: Final = (
    # One row a key. `previous` is the id of the last message signed, zero before the first.
    """
    CREATE TABLE signer (
        kid BLOB PRIMARY KEY, origin TEXT NOT NULL, epoch INTEGER NOT NULL,
        next_sequence INTEGER NOT NULL, previous BLOB NOT NULL, signed_at_ms INTEGER NOT NULL,
        closed TEXT
    ) STRICT, WITHOUT ROWID
    """,
    # Every message signed and not yet forgotten; `content` is the complete tagged bytes.
    """
    CREATE TABLE message (
        kid BLOB NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
        message_id BLOB NOT NULL, content BLOB NOT NULL, signed_at_ms INTEGER NOT NULL,
        lane INTEGER NOT NULL, state INTEGER NOT NULL, due_ms INTEGER,
        attempts INTEGER NOT NULL DEFAULT 0, sent_at_ms INTEGER, promised_by_ms INTEGER,
        final_at_ms INTEGER, note TEXT,
        PRIMARY KEY (kid, epoch, sequence)
    ) STRICT
    """,
    "CREATE INDEX message_due ON message (lane, due_ms) WHERE due_ms IS NOT NULL",
    "CREATE INDEX message_final ON message (final_at_ms) WHERE final_at_ms IS NOT NULL",
    "CREATE INDEX message_promised ON message (promised_by_ms) WHERE promised_by_ms IS NOT NULL",
    "CREATE UNIQUE INDEX message_id ON message (message_id)",
    # Intervals already signed, merged where they touch; kind 0 intervals, 1 instants.
    """
    CREATE TABLE signed_interval (
        series TEXT NOT NULL, kind INTEGER NOT NULL, start_s INTEGER NOT NULL,
        end_s INTEGER NOT NULL, PRIMARY KEY (series, kind, start_s)
    ) STRICT, WITHOUT ROWID
    """,
    # How far a source that can be read again (a file) has been signed.
    "CREATE TABLE progress (source TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT",
    # Refused messages, with the ledger's signed refusal; shown to the operator, never deleted.
    """
    CREATE TABLE dead_letter (
        message_id BLOB PRIMARY KEY, kid BLOB NOT NULL, epoch INTEGER NOT NULL,
        sequence INTEGER NOT NULL, content BLOB NOT NULL, code TEXT NOT NULL, answer BLOB NOT NULL,
        at_ms INTEGER NOT NULL
    ) STRICT
    """,
    # Promises until their time has come; then they are kept or become evidence.
    """
    CREATE TABLE promise (
        id INTEGER PRIMARY KEY, kid BLOB NOT NULL, epoch INTEGER NOT NULL, ranges TEXT NOT NULL,
        integrate_by_ms INTEGER NOT NULL, answer BLOB NOT NULL UNIQUE
    ) STRICT
    """,
    # Signed answers that speak against the ledger or for a stolen key; never deleted.
    """
    CREATE TABLE evidence (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, answer BLOB NOT NULL, at_ms INTEGER NOT NULL,
        UNIQUE (kind, answer)
    ) STRICT
    """,
    # The newest receipt of each stage; receipts are cumulative.
    """
    CREATE TABLE receipt (
        kid BLOB NOT NULL, epoch INTEGER NOT NULL, stage INTEGER NOT NULL,
        sequence INTEGER NOT NULL, answer BLOB NOT NULL, received_at_ms INTEGER NOT NULL,
        PRIMARY KEY (kid, epoch, stage)
    ) STRICT
    """,
    # What happened and must be seen, counted by code: forged answers, finals released early.
    "CREATE TABLE tally (code TEXT PRIMARY KEY, count INTEGER NOT NULL, at_ms INTEGER) STRICT",
)


class GatewayStore:
    """
    An open gateway database, held by this process alone.

    Args:
        path: The database file; made with mode 600 where it is missing.
        connection_class: The SQLite connection to use; tests put one that fails here.

    Raises:
        StoreBusy: If another process holds the file.
        StoreUnavailable: If it cannot be opened, is damaged or of another version.
    """

    def __init__(
        self, path: Path, *, connection_class: type[sqlite3.Connection] = sqlite3.Connection
    ) -> None:
        self.path = path
        self._lock = _hold(path)
        with ExitStack() as opening:
            opening.callback(os.close, self._lock)
            with _translated():
                self._connection = _open(path, connection_class)
                opening.callback(self._connection.close)
                self._prepare()
            opening.pop_all()  # it is open: nothing is closed again

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; may be repeated."""
        if self._lock < 0:
            return
        self._connection.close()
        os.close(self._lock)
        self._lock = -1

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """
        Run the statements inside as one; on disk when this returns, undone when it raises.

        Raises:
            OutboxFull: If the disk, or the size allowed, is used up; nothing is changed.
            StoreUnavailable: If the database fails; whether it was stored is known only after
                opening it again, so nothing signed inside may leave.
        """
        with _translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                # Commit point: what was signed inside is kept, and may leave from here on.
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Run one changing statement, and give the number of rows it changed."""
        with _translated():
            return self._connection.execute(statement, parameters).rowcount

    def fetch(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one query and give all its rows."""
        with _translated():
            return self._connection.execute(statement, parameters).fetchall()

    def fetch_one(self, statement: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Run one query and give its first row, or None."""
        rows = self.fetch(statement, parameters)
        return rows[0] if rows else None

    @property
    def used_bytes(self) -> int:
        """Size of the pages in use; pages freed by forgetting are used again."""
        (pages,), (free,), (size,) = (
            self.fetch(f"PRAGMA {name}")[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _prepare(self) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version == SCHEMA_VERSION:
            return
        if version != 0:
            raise StoreUnavailable(
                f"{self.path.name} has format {version}, this program knows {SCHEMA_VERSION}"
            )
        self._connection.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA:
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        self._connection.execute("COMMIT")


class StoreView(GatewayStore):
    """
    A gateway's database as another process sees it; nothing can be changed through it.

    Args:
        path: The database file, which another process may hold.

    Raises:
        StoreUnavailable: If it is not there, cannot be read or is of another version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            raise StoreUnavailable(f"there is no {path.name} yet")
        with _translated():
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro",
                timeout=_BUSY_TIMEOUT_S,
                isolation_level=None,
                uri=True,
            )
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version != SCHEMA_VERSION:
            self._connection.close()
            raise StoreUnavailable(
                f"{path.name} has format {version}, this program knows {SCHEMA_VERSION}"
            )

    def close(self) -> None:
        """Let go of the file; may be repeated."""
        self._connection.close()


def is_held(path: Path) -> bool:
    """Say whether a process holds the database at `path` now."""
    try:
        descriptor = os.open(_lock_file(path), os.O_RDWR)
    except OSError:
        return False  # it was never held
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _lock_file(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def _hold(path: Path) -> int:
    """Take the lock file beside the database; the kernel lets go of it when the process dies."""
    try:
        descriptor = os.open(_lock_file(path), os.O_RDWR | os.O_CREAT, _FILE_MODE)
    except OSError as error:
        raise StoreUnavailable(f"cannot write beside {path.name}: {error.strerror}") from error
    for pause_s in (*_HOLD_PAUSES_S, None):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if pause_s is None:
                os.close(descriptor)
                raise StoreBusy(f"another process holds {path.name}") from error
            time.sleep(pause_s)
        else:
            break
    return descriptor


def _open(path: Path, connection_class: type[sqlite3.Connection]) -> sqlite3.Connection:
    path.touch(_FILE_MODE)
    connection = sqlite3.connect(
        path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, factory=connection_class
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


@contextmanager
def _translated() -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise OutboxFull("the disk of the gateway's database is full") from error
        raise StoreUnavailable(f"the gateway's database failed: {error}") from error
