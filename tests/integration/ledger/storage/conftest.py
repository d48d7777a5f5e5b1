"""Fixtures for tests of admission and survey on both databases."""

from __future__ import annotations

import pytest

from ledger.database import Database
from tests.support.enterprise import Device, Enterprise


@pytest.fixture
def enterprise(database: Database) -> Enterprise:
    """An enterprise with an empty log, on each kind of database in turn."""
    return Enterprise(database)


@pytest.fixture
def device(enterprise: Enterprise) -> Device:
    """A device that is enrolled in the enterprise's log."""
    enrolled = Device()
    enterprise.enrol(enrolled)
    return enrolled
