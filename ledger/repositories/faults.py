"""
The one place where errors of the drivers become errors of the ledger.

Nothing is known to be stored after any of them: the transaction is given up. A commit that was
reported as failed may have happened, so every step is made to be repeated without harm.
"""

from __future__ import annotations

import sqlite3
from typing import Final

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from ledger.errors import AppendOnly, StorageConflict, StorageError, StorageUnavailable

_BUSY: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_INTERRUPT,
    }
)
GUARD: Final = "append-only"
"""First word of what every guarding trigger says; see the first migration."""


def translate(error: BaseException) -> StorageError:
    """Give the ledger's error for one of a driver."""
    text = str(error).strip().split("\n", 1)[0]
    if text.startswith(GUARD):
        return AppendOnly(text)
    if isinstance(error, psycopg.IntegrityError | sqlite3.IntegrityError):
        return StorageConflict(text)
    if isinstance(error, psycopg.OperationalError):
        return StorageUnavailable(text)
    # SQLite says by the same class that it is busy and that a statement is wrong.
    if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in _BUSY:
        return StorageUnavailable(text)
    return StorageError(text)


def translate_errors(engine: Engine) -> None:
    """Make the engine raise the ledger's errors instead of the driver's."""
    event.listen(engine, "handle_error", _translate_context, retval=True)


def _translate_context(context: ExceptionContext) -> BaseException | None:
    original = context.original_exception
    if isinstance(original, psycopg.Error | sqlite3.Error):
        return translate(original)
    return None
