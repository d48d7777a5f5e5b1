"""A gateway in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.gateway import Gateway, MemoryLog


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway whose key is enrolled and has signed nothing."""
    made = Gateway(tmp_path / "gateway.db").begin()
    yield made
    made.close()


@pytest.fixture
def log() -> MemoryLog:
    """The log the gateway writes to."""
    return MemoryLog()
