"""
The units in which people read amounts and loads: kWh and kW, t and t/h, m3 and m3/h.

The log holds integers of fine units; what is shown is exact in a coarser one. The load of an
amount is the amount by the hours it took; a quantity that is no amount (a power, a temperature, a
ratio) is its own load and adds up to nothing.

Source: attestation.units; DESIGN section 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from attestation.units import convert, find_unit
from ledger.analytics.calendar import HOUR_S
from ledger.decimals import ratio

_SHOWN: Final = MappingProxyType(
    {
        "energy": ("kWh", "kW"),
        "reactive energy": ("kvarh", "kvar"),
        "apparent energy": ("kVAh", "kVA"),
        "mass": ("t", "t/h"),
        "volume": ("m3", "m3/h"),
        "volume at 0 Cel and 101.325 kPa": ("m3{NTP}", "m3{NTP}/h"),
        "volume at 20 Cel and 101.325 kPa": ("m3{20Cel}", "m3{20Cel}/h"),
        "count": ("count", "count/h"),
    }
)
"""Dimensions of amounts, and what they are shown in."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a series is shown in."""

    unit: str
    """Of the log."""
    amount_unit: str
    load_unit: str
    is_amount: bool
    """Whether values add up over time."""

    @classmethod
    def of(cls, unit: str) -> Measure:
        """Choose what a unit of the log is shown in; itself where it is none of an amount."""
        shown = _SHOWN.get(find_unit(unit).dimension)
        amount, load = shown or (unit, unit)
        return cls(unit, amount, load, shown is not None)

    def shown(self, value: Fraction) -> Fraction:
        """Give a number of the log's unit in the unit shown, exactly."""
        return value * self._factor

    @property
    def _factor(self) -> Fraction:
        return convert(1, 0, unit=self.unit, into=self.amount_unit)


def hourly(amount: Fraction, seconds: int) -> Fraction:
    """Give the load of an amount that took so many seconds."""
    return ratio(amount * HOUR_S, seconds)
