"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

settings.register_profile("deep", max_examples=5000, deadline=None)
if "HYPOTHESIS_PROFILE" in os.environ:
    settings.load_profile(os.environ["HYPOTHESIS_PROFILE"])


@pytest.fixture(autouse=True)
def _logs_as_found() -> Iterator[None]:
    """Undo what a command configured of logs, which would silence the events of later tests."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of third-party vectors and data, named by CARBONSEAL_SHARED."""
    root = Path(__file__).resolve().parent.parent
    folder = Path(os.environ.get("CARBONSEAL_SHARED", str(root.parent / "shared")))
    if not (folder / "vectors").is_dir():
        pytest.fail(f"no third-party vectors in {folder}: set CARBONSEAL_SHARED", pytrace=False)
    return folder
