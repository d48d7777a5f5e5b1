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

GUARD: Final = "append-only"
"""First word of what every guarding trigger says; see the first migration."""


def translate(error: BaseException) -> StorageError:
    """Give the ledger's error for one of a driver."""
    text = str(error).strip().split("\n", 1)[0]
    if text.startswith(GUARD):
        return AppendOnly(text)
    if isinstance(error, psycopg.IntegrityError | sqlite3.IntegrityError):
        return StorageConflict(text)
    if isinstance(error, psycopg.OperationalError | sqlite3.OperationalError):
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
