"""
The units a reading may have: a closed list, case-sensitive, with exact factors.

A unit stands in one of two labels: `u` for units of the SenML registry, `u_` for UCUM units of
our own list. Nothing is folded, guessed or converted on the way in: `mW` is no `MW`, and an
unknown unit is refused. Conversion is exact and stays inside one dimension.

Source: RFC 8428 section 12.1 and RFC 8798 (SenML units, primary and secondary); UCUM 2.1,
case-sensitive; FORMATS section 2; `docs/formats/readings.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from attestation.errors import EncodingError

MAX_SCALE: Final = 9


class UnitList(Enum):
    """Where a unit is registered, and so which label carries it."""

    PRIMARY = "SenML"
    SECONDARY = "SenML, secondary"
    """Usable only in packs that say so by `bver` (RFC 9100)."""
    UCUM = "UCUM"


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of the list."""

    symbol: str
    """Its one spelling."""
    listed: UnitList
    dimension: str
    """What it measures; units of one dimension convert into each other."""
    factor: Fraction
    """How many of the dimension's base unit one of it is."""
    max_scale: int
    """Decimal places a value may have; 0 where the values are counted in a fine unit."""


# One line a unit: symbol, dimension, numerator and denominator of the factor, decimal places.
# Amounts that are added up have no decimal places: they are counted in a unit fine enough.
# SenML units that the registry does not recommend (g, l, l/s, %, deg) are left out of `u`.
_PRIMARY: Final = (
    ("J", "energy", 1, 1, 0),
    ("W", "power", 1, 1, 3),
    ("VA", "apparent power", 1, 1, 3),
    ("VAs", "apparent energy", 1, 1, 0),
    ("var", "reactive power", 1, 1, 3),
    ("vars", "reactive energy", 1, 1, 0),
    ("V", "voltage", 1, 1, 3),
    ("A", "current", 1, 1, 3),
    ("Hz", "frequency", 1, 1, 4),
    ("kg", "mass", 1000, 1, 0),
    ("m3", "volume", 1_000_000, 1, 0),
    ("m3/s", "volume flow", 3600, 1, 6),
    ("kg/m3", "density", 1, 1, 6),
    ("m", "length", 1, 1, 6),
    ("m2", "area", 1, 1, 4),
    ("m/s", "speed", 1, 1, 4),
    ("s", "time", 1, 1, 3),
    ("Pa", "pressure", 1, 1, 2),
    ("Cel", "Celsius temperature", 1, 1, 3),
    ("K", "thermodynamic temperature", 1, 1, 3),
    ("%RH", "relative humidity", 1, 1, 3),
    ("pH", "acidity", 1, 1, 3),
    ("mol", "amount of substance", 1, 1, 6),
    ("W/m2", "irradiance", 1, 1, 3),
    ("1/s", "rate of events", 60, 1, 6),
    ("1/min", "rate of events", 1, 1, 6),
    ("count", "count", 1, 1, 0),
    ("/", "ratio", 1, 1, 9),
)
_SECONDARY: Final = (
    ("Wh", "energy", 3600, 1, 0),
    ("kWh", "energy", 3_600_000, 1, 0),
    ("kW", "power", 1000, 1, 3),
    ("kVA", "apparent power", 1000, 1, 3),
    ("kVAh", "apparent energy", 3_600_000, 1, 0),
    ("kvar", "reactive power", 1000, 1, 3),
    ("varh", "reactive energy", 3600, 1, 0),
    ("kvarh", "reactive energy", 3_600_000, 1, 0),
    ("mV", "voltage", 1, 1000, 3),
    ("mA", "current", 1, 1000, 3),
    ("ms", "time", 1, 1000, 0),
    ("min", "time", 60, 1, 3),
    ("h", "time", 3600, 1, 4),
    ("mm", "length", 1, 1000, 3),
    ("km", "length", 1000, 1, 3),
    ("hPa", "pressure", 100, 1, 4),
    ("ug/m3", "density", 1, 10**9, 3),
    ("/100", "ratio", 1, 100, 6),
    ("/1000", "ratio", 1, 1000, 6),
    ("ppm", "ratio", 1, 1_000_000, 3),
)
_UCUM: Final = (
    ("kJ", "energy", 1000, 1, 0),
    ("MJ", "energy", 10**6, 1, 0),
    ("GJ", "energy", 10**9, 1, 0),
    ("MW.h", "energy", 36 * 10**8, 1, 0),
    ("MW", "power", 10**6, 1, 6),
    ("g", "mass", 1, 1, 0),
    ("t", "mass", 10**6, 1, 0),
    ("kg/h", "mass flow", 1, 1, 6),
    ("t/h", "mass flow", 1000, 1, 6),
    ("g/s", "mass flow", 36, 10, 6),
    ("mL", "volume", 1, 1, 0),
    ("L", "volume", 1000, 1, 0),
    ("m3/h", "volume flow", 1, 1, 6),
    ("L{NTP}", "volume at 0 Cel and 101.325 kPa", 1, 1, 0),
    ("m3{NTP}", "volume at 0 Cel and 101.325 kPa", 1000, 1, 0),
    ("m3{NTP}/h", "volume flow at 0 Cel and 101.325 kPa", 1, 1, 6),
    ("m3{NTP}/s", "volume flow at 0 Cel and 101.325 kPa", 3600, 1, 6),
    ("L{20Cel}", "volume at 20 Cel and 101.325 kPa", 1, 1, 0),
    ("m3{20Cel}", "volume at 20 Cel and 101.325 kPa", 1000, 1, 0),
    ("mg/m3", "density", 1, 10**6, 6),
    ("mg/m3{NTP}", "concentration at 0 Cel and 101.325 kPa", 1, 1, 6),
    ("g/m3{NTP}", "concentration at 0 Cel and 101.325 kPa", 1000, 1, 6),
    ("kPa", "pressure", 1000, 1, 4),
    ("MPa", "pressure", 10**6, 1, 6),
    ("GJ/t", "specific energy", 1, 1, 6),
    ("kJ/kg", "specific energy", 1, 1000, 3),
    ("MJ/m3{NTP}", "energy density at 0 Cel and 101.325 kPa", 1, 1, 6),
    ("GJ/(10*4.m3{NTP})", "energy density at 0 Cel and 101.325 kPa", 1, 10, 6),
    ("t/GJ", "carbon content per heat value", 1, 1, 6),
    ("%", "ratio", 1, 100, 6),
    ("g/g", "ratio", 1, 1, 9),
)


def _listed(kind: UnitList, lines: tuple[tuple[str, str, int, int, int], ...]) -> dict[str, Unit]:
    return {
        symbol: Unit(symbol, kind, dimension, Fraction(numerator, denominator), max_scale)
        for symbol, dimension, numerator, denominator, max_scale in lines
    }


SENML_UNITS: Final[Mapping[str, Unit]] = MappingProxyType(
    _listed(UnitList.PRIMARY, _PRIMARY) | _listed(UnitList.SECONDARY, _SECONDARY)
)
"""Units of the label `u`."""

UCUM_UNITS: Final[Mapping[str, Unit]] = MappingProxyType(_listed(UnitList.UCUM, _UCUM))
"""Units of the label `u_`."""

UNITS: Final[Mapping[str, Unit]] = MappingProxyType({**SENML_UNITS, **UCUM_UNITS})
"""Every unit by its symbol; no symbol is in both lists."""


def find_unit(symbol: str) -> Unit:
    """
    Give the unit with exactly this symbol.

    Raises:
        EncodingError: If the list has no such unit.
    """
    unit = UNITS.get(symbol)
    if unit is None:
        raise EncodingError(f"not a unit of the list: {symbol!r}", code="encoding.unit")
    return unit


def check_scale(scale: int, unit: Unit) -> int:
    """
    Check that values of `unit` may have `scale` decimal places, and give `scale` back.

    Raises:
        EncodingError: If the unit allows fewer, or the scale is negative.
    """
    if not 0 <= scale <= unit.max_scale:
        raise EncodingError(
            f"{scale} decimal places in {unit.symbol}, {unit.max_scale} allowed",
            code="encoding.unit_scale",
        )
    return scale


def convert(value: int, scale: int, *, unit: str, into: str) -> Fraction:
    """
    Give `value` times 10**-scale of `unit` as an exact number of `into`.

    Raises:
        EncodingError: If a unit is unknown or the two measure different things.
    """
    source, target = find_unit(unit), find_unit(into)
    if source.dimension != target.dimension:
        raise EncodingError(
            f"{unit} is {source.dimension}, {into} is {target.dimension}",
            code="encoding.unit_dimension",
        )
    return Fraction(value, 10**scale) * source.factor * target.factor**-1
