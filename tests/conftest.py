"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings

from api.depth import restore_depth

settings.register_profile("deep", max_examples=5000, deadline=None)
if "HYPOTHESIS_PROFILE" in os.environ:
    settings.load_profile(os.environ["HYPOTHESIS_PROFILE"])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse a run whose groups are not kept together: real parts would be started twice."""
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        if item.get_closest_marker("xdist_group") and "@" not in item.nodeid:
            raise pytest.UsageError("this pytest and this pytest-xdist lose the groups of tests")


def pytest_collection_finish() -> None:
    """Put the limit of nested calls back, which a dependency lifts when it is imported."""
    restore_depth()


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


@pytest.fixture(scope="session")
def rule_chain() -> Iterator[Any]:
    """A chain that runs rules by their committed code (a RuleRunner), one for all tests."""
    # Imported here: most runs need no chain, and web3 takes a second to load.
    from chain.rule_runner import rule_runner
    from tests.support.chain import anvil_binary

    with rule_runner(anvil_binary()) as runner:
        yield runner
