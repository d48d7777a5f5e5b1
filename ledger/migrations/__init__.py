"""
How the schema came to be: one line of migrations, run forward on SQLite and PostgreSQL alike.

Each migration is one transaction and works with the release before it. Whoever migrates holds a
lock, so two processes that start together do not migrate together.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from ledger.errors import SchemaMismatch

_MIGRATION_LOCK: Final = 0x4353_0000_0000_0001
"""Name of the advisory lock on PostgreSQL; on SQLite the write lock serves."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to a revision; without effect where it is there already."""
    with _alone(engine) as config:
        command.upgrade(config, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to a revision; refuses nothing, so meant for tests and emergencies."""
    with _alone(engine) as config:
        command.downgrade(config, revision)


def newest_revision() -> str:
    """Give the revision that this code expects."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    if newest is None:
        raise SchemaMismatch("this installation holds no migrations")
    return newest


def require_newest(connection: Connection) -> None:
    """
    Check that the database has the schema that this code expects.

    Raises:
        SchemaMismatch: If it has none, an older or a newer one.
    """
    found = MigrationContext.configure(connection).get_current_revision()
    expected = newest_revision()
    if found != expected:
        raise SchemaMismatch(f"database schema is {found or 'empty'}, {expected} expected")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _alone(engine: Engine) -> Iterator[Config]:
    config = _config()
    with engine.connect() as keeper:
        if engine.dialect.name == "postgresql":
            # Held by a connection of its own, so that each migration can be a transaction.
            keeper = keeper.execution_options(isolation_level="AUTOCOMMIT")
            keeper.execute(text("SELECT pg_advisory_lock(:name)"), {"name": _MIGRATION_LOCK})
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            yield config
        if engine.dialect.name == "postgresql":
            keeper.execute(text("SELECT pg_advisory_unlock(:name)"), {"name": _MIGRATION_LOCK})
