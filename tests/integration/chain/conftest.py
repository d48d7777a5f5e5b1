"""One development chain for all tests of the chain; what a test does is undone after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.chain import ChainWorld, running_world


@pytest.fixture(scope="session")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChainWorld]:
    """The contracts on a chain, deployed once."""
    with running_world(tmp_path_factory.mktemp("chain")) as world:
        yield world


@pytest.fixture
def world(shared_world: ChainWorld) -> Iterator[ChainWorld]:
    """The contracts as they were deployed; a test's own changes are undone."""
    with shared_world.undone():
        yield shared_world
