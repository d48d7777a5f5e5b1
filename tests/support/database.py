"""
Databases for tests: an SQLite file, and a real PostgreSQL cluster with fsync on.

Import the fixtures in a `conftest.py`; `database` runs a test on both. The schema comes from the
migrations, once a session and database; each test gets a copy of its own.
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
from dataclasses import dataclass
from itertools import count
from pathlib import Path

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

    def execute(self, statement: str) -> None:
        """Run one statement outside a transaction."""
        with psycopg.connect(
            host=str(self.socket_folder), user=_SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
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


_numbers = count(1)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database."""
    path = tmp_path / "ledger.sqlite"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql_cluster: Cluster, postgresql_template: str) -> Iterator[str]:
    """A fresh PostgreSQL database."""
    name = f"test_{next(_numbers)}"
    postgresql_cluster.execute(f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
    yield postgresql_cluster.url(name)
    postgresql_cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


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
