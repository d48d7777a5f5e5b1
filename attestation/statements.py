"""
Statements: bodies of records that accounting rests on, found again by what they are about.

A structure, a plan, a sample or a report is said once, holds for a time, and may be superseded by
a later record of the same type about the same thing. What it is about is a key, in words of its
own type; when it holds is stated in it, not read from when it was signed.

Source: FORMATS section 4; `docs/formats/inventory-records.md`, section 1.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Final

MAX_KEY_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class About:
    """What a statement is about, and from when to when it holds."""

    key: str
    """Name of the thing among those of its record type, 1 to 200 characters."""
    from_s: int
    """First second it holds, or the second at which the thing happened."""
    to_s: int | None = None
    """Second after the last; None where it holds until another takes its place."""


class Statement(ABC):
    """A body of a record that accounting rests on."""

    __slots__ = ()

    record_type: ClassVar[str]

    @property
    @abstractmethod
    def about(self) -> About:
        """What it is about, and when it holds."""
