"""Databases that a whole module of tests shares, or copies from one that was filled once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest

from ledger.database import Database

_numbers = count(1)


@contextmanager
def module_database(
    request: pytest.FixtureRequest, folders: pytest.TempPathFactory
) -> Iterator[Database]:
    """Open a fresh database of the kind that the fixture's parameter names."""
    name = f"module_{next(_numbers)}"
    if request.param == "sqlite":
        path = folders.mktemp(name) / "ledger.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        cluster = request.getfixturevalue("postgresql_cluster")
        template = request.getfixturevalue("postgresql_template")
        cluster.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        url = cluster.url(name)
    with Database(url) as database:
        yield database
