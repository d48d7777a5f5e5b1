"""Fixtures for tests of activity data on both databases."""

from __future__ import annotations

import pytest

from ledger.database import Database
from tests.support.accounts import Accounts


@pytest.fixture
def accounts(database: Database) -> Accounts:
    """An enterprise whose meter says amounts of hours, on each kind of database in turn."""
    return Accounts.open(database)
