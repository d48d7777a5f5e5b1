"""
What alembic runs for each command; the connection comes from `ledger.migrations`.

A migration waits at most five seconds for a lock, so that it fails rather than stop the ledger.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

from ledger.migrations.comparing import is_ours
from ledger.models import Model


def run(connection: Connection) -> None:
    """Run the migrations asked for, each in its own transaction."""
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        transaction_per_migration=True,
        compare_server_default=True,
        include_object=is_ours,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
            connection.execute(text("SET LOCAL statement_timeout = '10min'"))
        context.run_migrations()


run(context.config.attributes["connection"])
