"""
Somebody who owns the database and changes it past every guard.
"""

from __future__ import annotations

from sqlalchemy import text

from ledger.database import Database
from ledger.unit_of_work import UnitOfWork


class Vandal:
    """
    Changes rows with the rights of the database's owner.

    Args:
        database: The victim's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def execute(self, statement: str, **parameters: object) -> int:
        """Run one statement with no trigger in the way; give the number of rows it changed."""
        with self._database.unit_of_work() as uow:
            if self._database.engine.dialect.name == "postgresql":
                uow.connection.execute(text("SET LOCAL session_replication_role = replica"))
            else:
                _drop_guards(uow)
            changed = uow.connection.execute(text(statement), parameters)
            uow.commit()
        return changed.rowcount


def _drop_guards(uow: UnitOfWork) -> None:
    names = uow.connection.execute(
        text("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
    ).scalars()
    for name in list(names):
        uow.connection.execute(text(f"DROP TRIGGER {name}"))
