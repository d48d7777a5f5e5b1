"""
Exact decimals: the text of a meter or file as a `Decimal`, with no float on the way.

The grammar is narrow on purpose: what a spreadsheet could have changed (`1,234`, `1.2E3` where
none is expected, `#REF!`) is refused with its reason, never guessed.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from attestation.errors import EncodingError

_PLAIN: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_EXPONENT: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)[eE][+-]?\d{1,2}", re.ASCII)
_DIGITS_LIMIT: Final = 30  # a meter has fewer; more is an attack on the arithmetic


def parse_decimal(
    text: str, *, point: str = ".", thousands: str = "", exponent: bool = False
) -> Decimal:
    """
    Read a decimal number exactly.

    Args:
        text: The number, blanks around it allowed.
        point: The decimal mark, `.` or `,`.
        thousands: The mark between groups of three digits; none by default.
        exponent: Whether `1.2E-3` is allowed.

    Raises:
        EncodingError: If the text is no such number, or has more than 30 digits.
    """
    number = text.strip()
    if thousands:
        number = _ungrouped(number, point, thousands)
    if point != ".":
        if "." in number:
            raise EncodingError(f"{text!r} has a '.', but the decimal mark here is {point!r}")
        number = number.replace(point, ".")
    if len(number) > _DIGITS_LIMIT:
        raise EncodingError(f"a number of more than {_DIGITS_LIMIT} characters: {number[:20]!r}…")
    if not (_PLAIN.fullmatch(number) or (exponent and _EXPONENT.fullmatch(number))):
        raise EncodingError(f"{text!r} is not a decimal number")
    return Decimal(number)


def _ungrouped(number: str, point: str, thousands: str) -> str:
    """Take out the marks between groups, if they stand where such marks stand."""
    whole, mark, fraction = number.partition(point)
    head, *groups = whole.lstrip("+-").split(thousands)
    if groups and (not 1 <= len(head) <= 3 or any(len(group) != 3 for group in groups)):
        raise EncodingError(f"{number!r} has {thousands!r} where no group of three digits ends")
    return whole.replace(thousands, "") + mark + fraction
