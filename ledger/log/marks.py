"""Marks: what is to be known of a message or a reading beside what it says."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Mark(IntEnum):
    """
    A mark; those up to KEY_INVALID are kept with a message, the others follow when it is read.

    Numbers are stored and never change.
    """

    BROKEN_LINK = 1
    """`previous` is not the id of the message before: the signer signed one we do not have."""
    DISPUTED = 2
    """At or after a place with two statements: does not count by itself."""
    STEEP = 3
    """The value changes faster than the rate limit of its series."""
    KEY_INVALID = 4
    """At its index the key did not speak: never counts."""
    OUT_OF_CALIBRATION = 5
    """No calibration of its instrument covers the interval; what it is worth is the rule's."""
    SUSPECTED = 6
    """The key is suspected since before this index."""
    BACK_FILLED = 7
    IMPORTED = 8
    """From a file; shown as imported everywhere."""
    CORRECTED = 9
    """It counts, or replaces what was measured, because a signed correction says so."""


BARRING: Final = frozenset({Mark.DISPUTED, Mark.KEY_INVALID})
"""Marks of a message whose readings do not count by themselves."""
