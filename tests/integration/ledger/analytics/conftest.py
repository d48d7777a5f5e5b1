"""Fixtures for tests of analytics on real data in a real log."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.database import Database
from tests.support.steel_works import SteelWorks, import_steel_works


@pytest.fixture(scope="session")
def works(
    shared: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SteelWorks]:
    """The steel works' nine months, once for all tests; nothing may write to it."""
    path = tmp_path_factory.mktemp("steel") / "ledger.sqlite"
    shutil.copyfile(sqlite_template, path)
    with Database(f"sqlite:///{path}") as database:
        yield import_steel_works(database, shared)
