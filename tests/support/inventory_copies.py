"""Copies of a database with an enterprise in it, so that a test may change what it likes."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from ledger.database import Database
from ledger.ports import RuleEngine
from tests.support.enterprise import Enterprise
from tests.support.inventories import Accounting


@contextmanager
def copied(made: Path, folder: Path, engine: RuleEngine) -> Iterator[Accounting]:
    """Open a copy of a database whose enterprise has accounted."""
    path = folder / "copy.sqlite"
    shutil.copyfile(made, path)
    with Database(f"sqlite:///{path}") as database:
        accounting = Accounting(Enterprise(database), engine)
        # Salts are counted: a copy goes on beyond those that are used.
        used = len(accounting.versions())
        accounting.salts = count(1000 * (used + 1))
        accounting.enterprise.skip_salts(10_000 * (used + 1))
        yield accounting


def edit(accounting: Accounting, table: str, statement: str, *values: object) -> int:
    """Change rows behind the ledger's back, as the database's owner can; gives how many."""
    path = accounting.enterprise.database.engine.url.database
    assert path is not None
    with sqlite3.connect(path) as connection:
        triggers = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
        ).fetchall()
        for (name,) in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        changed = connection.execute(statement, values).rowcount
    connection.close()
    return changed
