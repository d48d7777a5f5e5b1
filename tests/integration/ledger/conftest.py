"""Fixtures for tests of the ledger on real databases."""

from tests.support.database import (
    database,
    database_url,
    empty_postgresql,
    postgresql_cluster,
    postgresql_template,
    postgresql_url,
    sqlite_template,
    sqlite_url,
)

__all__ = [
    "database",
    "database_url",
    "empty_postgresql",
    "postgresql_cluster",
    "postgresql_template",
    "postgresql_url",
    "sqlite_template",
    "sqlite_url",
]
