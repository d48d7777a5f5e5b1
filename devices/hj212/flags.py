"""
The flag byte of a packet (标志位): version of the standard, packet numbers, answer wanted.

    bit   7  6  5  4  3  2  1  0
          V5 V4 V3 V2 V1 V0 D  A

The version bits are a hint. Loggers of 2021 are seen with the bits of 2025, and libraries write 0
for 2017; nothing here is decided by them alone. D and A are reliable.

Source: HJ 212-2017, table 3; HJ 212-2025, table 3 (`Flag=9`: this edition, answer wanted).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from devices.errors import ProtocolError

_ANSWER: Final = 1
_NUMBERED: Final = 2
_VERSION_SHIFT: Final = 2
_MAX: Final = 255


class Edition(IntEnum):
    """Editions of the standard, by their version bits."""

    Y2005 = 0
    Y2017 = 1
    Y2025 = 2


@dataclass(frozen=True, slots=True)
class Flag:
    """The flag of one packet."""

    version_bits: int = Edition.Y2005
    """V5 to V0, as sent; an unknown version is kept, not refused."""
    numbered: bool = False
    """D: the packet is one of several and has PNUM and PNO."""
    answer_wanted: bool = False
    """A: the sender waits for an answer."""

    def to_int(self) -> int:
        """Give the byte."""
        return self.version_bits << _VERSION_SHIFT | self.numbered << 1 | self.answer_wanted


def parse_flag(text: str) -> Flag:
    """
    Read the flag as it stands in a packet, in decimal.

    Raises:
        ProtocolError: If it is no number from 0 to 255.
    """
    if not (text.isascii() and text.isdigit()) or len(text) > 3 or int(text) > _MAX:
        raise ProtocolError(f"Flag is {text!r}, a number from 0 to 255 is needed")
    number = int(text)
    return Flag(number >> _VERSION_SHIFT, bool(number & _NUMBERED), bool(number & _ANSWER))
