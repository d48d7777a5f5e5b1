"""What exists at the start is not searched for garbage while a long process runs."""

from __future__ import annotations

import gc

import pytest

from api.collector import collector_spared


def test_what_exists_is_spared_while_the_block_runs() -> None:
    """It comes back at the end, so that the interpreter can take it down."""
    with collector_spared():
        held = gc.get_freeze_count()

    assert held > 1000
    assert gc.get_freeze_count() == 0


def test_it_comes_back_after_an_error() -> None:
    """Whatever ends the process."""
    with pytest.raises(RuntimeError), collector_spared():
        raise RuntimeError("over")

    assert gc.get_freeze_count() == 0
