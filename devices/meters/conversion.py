"""
Exact conversion of what an instrument says into the integer that is signed.

An instrument's unit and the evidence unit must measure the same thing; the factor between them is
a ratio of integers. A value that does not come out whole at the declared decimals is refused: a
digit is never rounded away on the way into evidence.

Source: FORMATS section 2 (integers in a fine unit); `attestation.units` for dimensions and factors.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from attestation.errors import EncodingError
from attestation.reading_rules import MAX_VALUE, MIN_VALUE
from attestation.units import UNITS, check_scale, find_unit

# Units that instruments and files use and evidence does not: unit of the list, and how many of it.
_SOURCE_UNITS: Final = {
    "MWh": ("kWh", Fraction(1000)),
    "GWh": ("kWh", Fraction(10**6)),
    "Mvarh": ("kvarh", Fraction(1000)),
    "VAh": ("kVAh", Fraction(1, 1000)),
    "MVA": ("kVA", Fraction(1000)),
    "Mvar": ("kvar", Fraction(1000)),
    "kV": ("V", Fraction(1000)),
    "mg": ("g", Fraction(1, 1000)),
    "10^4m3": ("m3", Fraction(10**4)),
    "10^4m3{NTP}": ("m3{NTP}", Fraction(10**4)),
    "10^4m3{20Cel}": ("m3{20Cel}", Fraction(10**4)),
    "L/s": ("m3/s", Fraction(1, 1000)),
    "ng/m3": ("ug/m3", Fraction(1, 1000)),
    "ug/m3{NTP}": ("mg/m3{NTP}", Fraction(1, 1000)),
    "ng/m3{NTP}": ("mg/m3{NTP}", Fraction(1, 10**6)),
    "mbar": ("hPa", Fraction(1)),
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """From an instrument's unit to an evidence unit with a number of decimals."""

    source_unit: str
    unit: str
    decimals: int
    """Decimal places of the evidence value (`Reading.scale`)."""
    factor: Fraction
    """How many `10**-decimals` of the evidence unit one of the instrument's unit is."""

    def to_integer(self, amount: Decimal | Fraction | int) -> int:
        """
        Give `amount` of the instrument's unit as an evidence value.

        Raises:
            EncodingError: If it is not a whole number of them, or does not fit 64 bits.
        """
        exact = Fraction(amount) * self.factor
        if exact.denominator != 1:
            raise EncodingError(
                f"{amount} {self.source_unit} is not a whole number of 10^-{self.decimals} "
                f"{self.unit}: the instrument gives more digits than are declared"
            )
        if not MIN_VALUE <= exact.numerator <= MAX_VALUE:
            raise EncodingError(f"{amount} {self.source_unit} in {self.unit} exceeds 64 bits")
        return exact.numerator

    def to_amount(self, value: int) -> Fraction:
        """Give an evidence value back in the instrument's unit, exactly."""
        return value / self.factor


def conversion(source_unit: str, unit: str, decimals: int = 0) -> Conversion:
    """
    Find the exact factor between an instrument's unit and a unit of the list.

    Raises:
        EncodingError: If a unit is unknown (case matters: `MW` is not `mW`), the two measure
            different things, or evidence in that unit has fewer decimals.
    """
    target = find_unit(unit)
    check_scale(decimals, target)
    listed, count = _SOURCE_UNITS.get(source_unit, (source_unit, Fraction(1)))
    if listed not in UNITS:
        raise EncodingError(f"unknown unit {source_unit!r}{_hint(source_unit)}")
    source = UNITS[listed]
    if source.dimension != target.dimension:
        raise EncodingError(
            f"{source_unit} measures {source.dimension}, {unit} measures {target.dimension}"
        )
    factor = count * source.factor / target.factor
    return Conversion(source_unit, unit, decimals, factor * 10**decimals)


def _hint(unit: str) -> str:
    near = [known for known in (*UNITS, *_SOURCE_UNITS) if known.lower() == unit.lower()]
    return f"; did you mean {' or '.join(near)}?" if near else ""
