"""
Write the vectors of the exponential: `python tests/vectors/generate_exponential.py [--check]`.

Everything here is worked out with the decimal module, whose `exp` and `ln` are correctly rounded,
and shares no code with the contracts: powers of e with 50 decimals, and load correction factors
with 50 decimals before they are rounded. Integers are written as strings, because many readers
of JSON take a number for a float.

A load is searched for each tie: the factor falls with the load, so halving finds the load, to its
last decimal, at which the factor passes a half of a millionth. There a calculation with 18 decimals
must not round; a little beside it, it must.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, getcontext
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "accounting"
FILE = FOLDER / "exponential.json"

UNIT = 10**18
DIGITS = Decimal(10) ** 50
MILLION = Decimal(10) ** 6

getcontext().prec = 90

LN_2 = Decimal(2).ln()
LN_1_015 = Decimal("1.015").ln()

NOTES = {
    "powers": "exponent times 1e18; e to that power times 1e50, rounded half even",
    "loads": "load factor in percent times 1e18; correction factor times 1e50, rounded half even;"
    " the factor in millionths, rounded half up",
    "tie": "nearer to a half of a millionth than 3 units of the eighteenth decimal",
    "nearTie": "so near to a tie that a float cannot tell, and far enough for 18 decimals",
    "border": "where the approximation changes its power of two",
    "worst": "the furthest below and above the true value that a search of the approximation found",
}

WORST = (396633360531720328, 391383007288585159, 942643812590658969, 940067734511142467)

Case = dict[str, Any]


def decimal(integer: int) -> Decimal:
    """Give a number from its integer times 1e18."""
    return Decimal(integer) / UNIT


def integer(number: Decimal, scale: Decimal | int, rounding: str = ROUND_HALF_EVEN) -> str:
    """Give a number times a scale, rounded, as text."""
    return str(int((number * scale).to_integral_value(rounding)))


def drawn(name: str, index: int, low: int, high: int) -> int:
    """Give a number from `low` to below `high` that is the same every time."""
    digest = hashlib.sha256(f"{name} {index}".encode()).digest()
    return low + int.from_bytes(digest, "big") % (high - low)


# --- the curves, as the plans print them -------------------------------------------------


def of_2019(load: Decimal) -> Decimal:
    """1 from 85 %, two straight lines down to 75 %, and a power below."""
    if load >= 85:
        return Decimal(1)
    if load >= 80:
        return 1 + Decimal("0.0014") * (85 - load)
    if load >= 75:
        return Decimal("1.007") + Decimal("0.0016") * (80 - load)
    return (LN_1_015 * (16 - 20 * (load / 100))).exp()


def of_2023(load: Decimal) -> Decimal:
    """A power below 65 %."""
    return (LN_1_015 * (16 - 20 * (load / 100))).exp() if load < 65 else Decimal(1)


def of_2025(load: Decimal) -> Decimal:
    """Two decays below 50 %."""
    if load >= 50:
        return Decimal(1)
    slow = 1 - (-load / Decimal("29.822")).exp()
    fast = 1 - (-load / Decimal("6.871")).exp()
    return Decimal("7.254") - Decimal("0.633") * slow - Decimal("5.643") * fast


# The curve, the load where its exponential ends, and how far from a tie, in units of the eighteenth
# decimal, a calculation must still round: more than twice the error that the contract states.
CURVES: dict[str, tuple[Callable[[Decimal], Decimal], int, int]] = {
    "2019": (of_2019, 75, 8),
    "2023": (of_2023, 65, 8),
    "2025": (of_2025, 50, 40),
}


# --- cases -------------------------------------------------------------------------------


def exponents() -> Iterator[tuple[str, int]]:
    """Give exponents from −42 to 1, with a flag."""
    for quarter in range(-42 * 4, 5):
        yield "", quarter * UNIT // 4
    for index in range(200):
        yield "", drawn("power", index, -8 * UNIT, UNIT)
    for index in range(100):
        yield "", drawn("small power", index, -42 * UNIT, -8 * UNIT)
    for offset in (-1, 0, 1):
        yield "", -41446531673892822312 + offset
        if offset:
            yield "", offset
    yield "", UNIT - 1
    for exponent in WORST:
        yield "worst", exponent
    for k in range(-60, 2):
        border = int((LN_2 * (2 * k - 1) / 2 * UNIT).to_integral_value(ROUND_FLOOR))
        for offset in (0, 1):
            yield "border", border + offset


def powers() -> Iterator[Case]:
    """Give e to each exponent."""
    for flag, exponent in exponents():
        yield {
            "exponent": str(exponent),
            "flag": flag,
            "power": integer(decimal(exponent).exp(), DIGITS),
        }


def passing(curve: Callable[[Decimal], Decimal], target: Decimal, low: int, high: int) -> int:
    """Give the last load, times 1e18, at which the falling curve is not below the target."""
    while high - low > 1:
        middle = (low + high) // 2
        if curve(decimal(middle)) >= target:
            low = middle
        else:
            high = middle
    return low


def loads_of(
    curve: Callable[[Decimal], Decimal], end: int, distance: int
) -> Iterator[tuple[str, int]]:
    """Give loads, with a flag."""
    for percent in range(101):
        yield "", percent * UNIT
    for threshold in (50, 65, 75, 80, 85):
        for offset in (-(UNIT // 100), -1, 1):
            yield "", threshold * UNIT + offset
    for index in range(40):
        yield "", drawn("load", index, 0, end * UNIT)
        yield "", drawn("hundredth", index, 0, end * 100) * UNIT // 100
    for index in range(12):
        near = curve(decimal(drawn("tie", index, 0, (end - 1) * UNIT)))
        half = ((near * MILLION).to_integral_value(ROUND_FLOOR) + Decimal("0.5")) / MILLION
        at = passing(curve, half, 0, end * UNIT - 1)
        if abs(curve(decimal(at)) - half) * UNIT < 3:
            yield "tie", at
        yield "nearTie", passing(curve, half + decimal(distance), 0, end * UNIT - 1)
        yield "nearTie", passing(curve, half - decimal(distance + 1), 0, end * UNIT - 1)


def loads() -> Iterator[Case]:
    """Give the correction factor of each load under each curve."""
    for name, (curve, end, distance) in CURVES.items():
        for flag, load in loads_of(curve, end, distance):
            factor = curve(decimal(load))
            yield {
                "curve": name,
                "factor": integer(factor, DIGITS),
                "flag": flag,
                "load": str(load),
                "millionths": integer(factor, MILLION, ROUND_HALF_UP),
            }


# --- the file ----------------------------------------------------------------------------


def document() -> str:
    """Give the text of the file."""
    content = {
        "description": "e to powers, and load correction factors, with 50 decimals",
        "notes": NOTES,
        "powers": list(powers()),
        "loads": list(loads()),
    }
    return json.dumps(content, indent=1) + "\n"


def main() -> int:
    """Write the file, or with `--check` say whether it is fresh."""
    text = document()
    if "--check" not in sys.argv[1:]:
        FOLDER.mkdir(exist_ok=True)
        FILE.write_text(text, encoding="utf-8")
        return 0
    if not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{FILE.name} is not what this script writes\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
