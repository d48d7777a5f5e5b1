"""Nested JSON from outside is an error, not the end of the process."""

from __future__ import annotations

import json
import sys

import py_ecc
import pytest

from api.depth import restore_depth


def test_limit_that_a_dependency_lifts_is_put_back() -> None:
    """What is nested a hundred thousand times is refused by the parser."""
    assert py_ecc.__name__  # importing it has lifted the limit
    restore_depth()

    assert sys.getrecursionlimit() == 2_000
    with pytest.raises(RecursionError):
        json.loads("[" * 100_000)
