"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of third-party vectors and data, named by CARBONSEAL_SHARED."""
    root = Path(__file__).resolve().parent.parent
    folder = Path(os.environ.get("CARBONSEAL_SHARED", str(root.parent / "shared")))
    if not (folder / "vectors").is_dir():
        pytest.fail(f"no third-party vectors in {folder}: set CARBONSEAL_SHARED", pytrace=False)
    return folder
