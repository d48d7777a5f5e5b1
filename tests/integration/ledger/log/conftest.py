"""Fixtures for tests of the log engine on both databases."""

from __future__ import annotations

import pytest

from ledger.database import Database
from tests.fakes.anchorer import RecordingAnchorer
from tests.fakes.backup import Backups
from tests.fakes.plant import Plant


@pytest.fixture
def chain() -> RecordingAnchorer:
    """A chain whose blocks are final under two later ones."""
    return RecordingAnchorer(finality_depth=2)


@pytest.fixture
def plant(database: Database, chain: RecordingAnchorer) -> Plant:
    """A log on an empty database, of each kind in turn."""
    return Plant(database, anchorer=chain)


@pytest.fixture
def backups(request: pytest.FixtureRequest, database_url: str) -> Backups:
    """Copies of the test's database."""
    if database_url.startswith("sqlite"):
        return Backups(database_url, None)
    return Backups(database_url, request.getfixturevalue("postgresql_cluster").execute)
