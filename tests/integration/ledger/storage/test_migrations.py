"""The schema comes from one line of migrations, the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from ledger import migrations
from ledger.database import Database
from ledger.errors import SchemaMismatch
from ledger.migrations.comparing import is_ours
from ledger.models import Model
from tests.support.database import Cluster


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table, of each kind in turn."""
    if request.param == "sqlite":
        with Database(f"sqlite:///{tmp_path / 'empty.sqlite'}") as opened:
            yield opened
        return
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    cluster.execute("CREATE DATABASE empty")
    with Database(cluster.url("empty")) as opened:
        yield opened
    cluster.execute("DROP DATABASE empty WITH (FORCE)")


def _differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": is_ours, "compare_server_default": True},
        )
        return list(compare_metadata(context, Model.metadata))


def _tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_there_is_one_head() -> None:
    """No two migrations continue the same one."""
    folder = Path(migrations.__file__).parent

    assert len(ScriptDirectory(str(folder)).get_heads()) == 1


def test_models_equal_migrations(empty: Database) -> None:
    """Upgrading an empty database makes exactly what the models declare."""
    migrations.upgrade(empty.engine)

    assert _differences(empty) == []


def test_upgrading_twice_has_no_effect(empty: Database) -> None:
    """A second upgrade finds nothing to do."""
    migrations.upgrade(empty.engine)
    migrations.upgrade(empty.engine)

    assert _differences(empty) == []


def test_last_migration_can_be_taken_back_and_applied_again(empty: Database) -> None:
    """One step down and up leads to the same schema."""
    migrations.upgrade(empty.engine)
    migrations.downgrade(empty.engine, "-1")
    migrations.upgrade(empty.engine)

    assert _differences(empty) == []


def test_all_migrations_can_be_taken_back(empty: Database) -> None:
    """Taking everything back leaves no table behind."""
    migrations.upgrade(empty.engine)
    migrations.downgrade(empty.engine, "base")

    assert {name for name in _tables(empty) if "_p0" not in name} == set()


def test_current_schema_is_accepted(database: Database) -> None:
    """A database at the newest revision passes the check at start."""
    with database.reading() as uow:
        migrations.require_newest(uow.connection)
        revision = uow.connection.execute(text("SELECT version_num FROM alembic_version"))

        assert revision.scalar_one() == migrations.newest_revision()


def test_older_schema_is_refused(database: Database) -> None:
    """A database at an older revision is named with both revisions."""
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '2020_01_01_0000'"))
    with database.reading() as uow, pytest.raises(SchemaMismatch, match="2020_01_01_0000"):
        migrations.require_newest(uow.connection)


def test_folder_of_the_data_is_known(database: Database) -> None:
    """Where the data is on this machine, its disk can be looked at."""
    folder = database.data_folder()

    assert folder is not None and folder.is_dir()


def test_empty_database_is_refused(empty: Database) -> None:
    """A database without a schema is not taken for one of ours."""
    with empty.reading() as uow, pytest.raises(SchemaMismatch, match="empty"):
        migrations.require_newest(uow.connection)
