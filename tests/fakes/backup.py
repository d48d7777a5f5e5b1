"""
Backups of a test's database: copied as a whole, opened later as if nothing had happened since.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

from sqlalchemy import make_url

from ledger.database import Database

_numbers = count(1)


class Backups:
    """
    Copies databases.

    Args:
        url: Of the database.
        run: Runs a statement on the PostgreSQL server, outside a transaction.
    """

    def __init__(self, url: str, run: Callable[[str], None] | None) -> None:
        self._url = make_url(url)
        self._run = run

    def take(self, database: Database) -> str:
        """Copy the database as it is and give the URL of the copy."""
        database.close()
        name = f"backup_{next(_numbers)}"
        if self._run is None:
            original = Path(self._url.database or "")
            target = original.with_name(name + ".sqlite")
            with (
                closing(sqlite3.connect(original)) as source,
                closing(sqlite3.connect(target)) as copy,
            ):
                source.backup(copy)
            return f"sqlite:///{target}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {self._url.database}")
        return self._url.set(database=name).render_as_string(hide_password=False)
