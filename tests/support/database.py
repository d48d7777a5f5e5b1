"""
Databases for tests: an SQLite file, and a real PostgreSQL cluster with fsync on.

Import the fixtures in a `conftest.py`; `database` runs a test on both. The schema comes from the
migrations, once a session and database; each test gets an empty one. On PostgreSQL that is one
used before, whose rows were taken out again: to copy a hundred tables takes longer than most tests.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger import migrations
from ledger.database import Database

_BINARIES = Path("/usr/lib/postgresql/15/bin")
_SUPERUSER = "postgres"
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running PostgreSQL server, reached through a Unix socket only."""

    socket_folder: Path
    process: subprocess.Popen[bytes]

    def url(self, name: str) -> str:
        """Give the URL of one of its databases."""
        return f"postgresql+psycopg://{_SUPERUSER}@/{name}?host={self.socket_folder}&port=5432"

    def connect(self, name: str) -> psycopg.Connection[tuple[Any, ...]]:
        """Open one of its databases as its superuser, outside transactions."""
        return psycopg.connect(
            host=str(self.socket_folder), user=_SUPERUSER, dbname=name, autocommit=True
        )

    def execute(self, statement: str) -> None:
        """Run one statement outside a transaction."""
        with self.connect("postgres") as connection:
            connection.execute(statement.encode())


def _server_user() -> dict[str, object]:
    # PostgreSQL refuses to run as root; in a container the tests often do.
    return {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def start_cluster(folder: Path) -> Cluster:
    """Make a cluster in an empty folder and start it, with fsync on."""
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    folder.chmod(0o700)
    data = folder / "data"
    subprocess.run(
        [_BINARIES / "initdb", "-D", data, "-U", _SUPERUSER, "-A", "trust", "-E", "UTF8"],
        check=True,
        capture_output=True,
        cwd="/",
        **_server_user(),
    )
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(_BINARIES / "postgres", "-D", data, "-k", folder),
                *("-c", "listen_addresses=", "-c", "max_connections=60"),
                *("-c", "max_wal_size=4GB"),
            ],
            stdout=log,
            stderr=log,
            cwd="/",
            preexec_fn=_die_with_parent,
            **_server_user(),
        )
    cluster = Cluster(folder, process)
    for _ in range(300):
        try:
            cluster.execute("SELECT 1")
        except psycopg.OperationalError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return cluster
    raise RuntimeError((folder / "server.log").read_text())


def stop_cluster(cluster: Cluster) -> None:
    """Stop the server at once, without waiting for clients."""
    cluster.process.send_signal(signal.SIGINT)
    cluster.process.wait(timeout=30)


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Cluster]:
    """A PostgreSQL 15 server for the session."""
    # Not pytest's folder: the server's user could not enter it.
    folder = Path(tempfile.mkdtemp(prefix="carbonseal-postgresql-"))
    try:
        cluster = start_cluster(folder)
        try:
            yield cluster
        finally:
            stop_cluster(cluster)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_cluster: Cluster) -> str:
    """A migrated database to copy, on PostgreSQL."""
    postgresql_cluster.execute("CREATE DATABASE migrated")
    with Database(postgresql_cluster.url("migrated")) as database:
        migrations.upgrade(database.engine)
    return "migrated"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy, on SQLite."""
    path = tmp_path_factory.mktemp("template") / "ledger.sqlite"
    with Database(f"sqlite:///{path}") as database:
        migrations.upgrade(database.engine)
    return path


_END_OTHERS = """
SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SCHEMA = """
SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
  SELECT concat_ws(' ', 'relation', relname, relkind, relpersistence, relispartition) AS line
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL
  SELECT concat_ws(' ', 'column', attrelid::regclass, attname, atttypid, attnotnull, attisdropped)
    FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
    WHERE relnamespace = 'public'::regnamespace
  UNION ALL
  SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled, tgfoid) FROM pg_trigger
    WHERE NOT tgisinternal
  UNION ALL
  SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL
  SELECT concat_ws(' ', 'function', proname, md5(prosrc)) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
  UNION ALL
  SELECT concat_ws(' ', 'setting', setconfig) FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
  UNION ALL
  SELECT concat_ws(' ', 'version', version_num) FROM alembic_version
) AS schema
"""
_TAKE_ROWS_OUT = """
DO $$
DECLARE
  named regclass;
  found boolean;
  filled text[] := '{}';
BEGIN
  SET LOCAL session_replication_role = replica;  -- the guards of append-only tables do not fire
  FOR named IN SELECT oid::regclass FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM ONLY %s)', named) INTO found;
    IF found THEN
      filled := filled || named::text;
    END IF;
  END LOOP;
  IF filled <> '{}' THEN
    EXECUTE 'TRUNCATE ' || array_to_string(filled, ', ') || ' CASCADE';
  END IF;
  FOR named IN SELECT format('%I.%I', schemaname, sequencename)::regclass FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL
  LOOP
    EXECUTE format('ALTER SEQUENCE %s RESTART', named);
  END LOOP;
END $$
"""
_numbers = count(1)


@dataclass(slots=True)
class EmptyDatabases:
    """
    Migrated databases without rows, given out one after the other.

    One that comes back is emptied and given out again, unless a test changed its schema or its
    alembic version: such a database is dropped.
    """

    cluster: Cluster
    template: str
    schema: str = field(init=False)
    _free: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.cluster.connect(self.template) as connection:
            self.schema = _schema(connection)

    def take(self) -> str:
        """Give the name of an empty database."""
        if self._free:
            return self._free.pop()
        name = f"test_{next(_numbers)}"
        self.cluster.execute(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        return name

    def give_back(self, name: str) -> None:
        """End who still uses a database, and empty or drop it."""
        with self.cluster.connect(name) as connection:
            connection.execute(_END_OTHERS.encode())
            is_as_made = _schema(connection) == self.schema
            if is_as_made:
                connection.execute(_TAKE_ROWS_OUT.encode())
        if is_as_made:
            self._free.append(name)
        else:
            self.cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _schema(connection: psycopg.Connection[tuple[Any, ...]]) -> str:
    row = connection.execute(_SCHEMA.encode()).fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture(scope="session")
def empty_postgresql(postgresql_cluster: Cluster, postgresql_template: str) -> EmptyDatabases:
    """Empty databases of the session's PostgreSQL."""
    return EmptyDatabases(postgresql_cluster, postgresql_template)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database."""
    path = tmp_path / "ledger.sqlite"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(empty_postgresql: EmptyDatabases) -> Iterator[str]:
    """A fresh PostgreSQL database."""
    name = empty_postgresql.take()
    yield empty_postgresql.cluster.url(name)
    empty_postgresql.give_back(name)


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)],
)
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database, of each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The ledger's door to a fresh database, of each kind in turn."""
    with Database(database_url) as opened:
        yield opened
