"""
How deep calls may go in this process.

Python stops what calls itself too often, long before the C stack ends. One of our dependencies
(`py_ecc`, which comes with the chain's libraries) lifts that limit to 100,000 when it is imported,
and then a few bytes of nested JSON from outside end the process instead of an error. So the limit
is put back once everything is imported.
"""

from __future__ import annotations

import sys
from typing import Final

_DEEPEST: Final = 2_000
"""Twice Python's own default; none of our data is nested deeper than 64."""


def restore_depth() -> None:
    """Put the limit back, after everything is imported."""
    sys.setrecursionlimit(_DEEPEST)
