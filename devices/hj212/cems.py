"""
A simulated emission monitor (CEMS) on the stack of the made-up coal unit.

It words what the unit emits as a data logger sends it: means and totals with decimals, a mark for
each factor. The totals of CO2 agree with the carbon of the coal that the unit's belt scale shows.

Source: HJ 212-2017, annex B.1 and C.16 to C.18; HJ 75-2017 for what a monitor reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from devices.hj212.commands import Command
from devices.hj212.regions import format_region
from devices.hj212.times import format_time
from devices.meters.coal_unit import SLOT_S, CoalUnit
from devices.meters.noise import jitter
from devices.zones import SECONDS_PER_DAY, SECONDS_PER_HOUR

MINUTE_INTERVAL_MIN: Final = SLOT_S // 60
"""Interval of the monitor's minute data, in minutes."""

_INTERVALS: Final = {
    Command.MINUTES: SLOT_S,
    Command.HOUR: SECONDS_PER_HOUR,
    Command.DAY: SECONDS_PER_DAY,
}
_ZONE_OFFSET_S: Final = 8 * SECONDS_PER_HOUR
_SULPHUR_MG: Final = 22_000  # mg/m3 in thousandths, after desulphurisation
_NITROGEN_MG: Final = 36_000
_DUST_MG: Final = 3_100


@dataclass(frozen=True, slots=True)
class Marked:
    """A time in which the monitor marks all that it says."""

    start_s: int
    end_s: int
    mark: str
    """`C` in calibration, `M` maintenance, `D` fault …"""


class Cems:
    """
    The monitor.

    Args:
        unit: What happens.
        marked: When the monitor marks what it says; `N` otherwise.
    """

    def __init__(self, unit: CoalUnit, *, marked: Sequence[Marked] = ()) -> None:
        self._unit = unit
        self._marked = tuple(marked)

    def interval_region(self, command: str, start_s: int) -> bytes:
        """Give the data region of minute, hour or day data that start at `start_s`."""
        length_s = _INTERVALS[Command(command)]
        slots = range(start_s + SLOT_S, start_s + length_s + 1, SLOT_S)
        litres = sum(self._unit.flue_gas_litres(end_s) for end_s in slots)
        carbon_dioxide_g = sum(self._unit.carbon_dioxide_g(end_s) for end_s in slots)
        mark = self._mark(start_s, start_s + length_s)
        flow = [("Cou", _decimal(litres, 3)), ("Avg", _decimal(litres // length_s, 3))]
        factors = [("a00000", [*flow, ("Flag", mark)])]
        amounts = [("a05001", carbon_dioxide_g)]
        amounts += [(code, litres * mean // 10**9) for code, mean in self._trace_gases(start_s)]
        for code, grams in amounts:
            # g and L to mg/m3 with three decimals: 10**6 and 10**3.
            mean = grams * 10**9 // litres if litres else 0
            fields = [("Cou", _decimal(grams, 3)), ("Avg", _decimal(mean, 3)), ("Flag", mark)]
            factors.append((code, fields))
        factors += [
            (code, [("Avg", text), ("Flag", mark)]) for code, text in self._conditions(start_s)
        ]
        return format_region([("DataTime", format_time(start_s))], factors)

    def moment_region(self, at_s: int) -> bytes:
        """Give the data region of real-time data of a moment."""
        slot_end_s = at_s - at_s % SLOT_S + SLOT_S
        litres = self._unit.flue_gas_litres(slot_end_s)
        grams = self._unit.carbon_dioxide_g(slot_end_s)
        mark = self._mark(at_s, at_s + 1)
        values = [
            ("a00000", _decimal(litres // SLOT_S, 3)),
            ("a05001", _decimal(grams * 10**9 // litres if litres else 0, 3)),
            *((code, _decimal(mean, 3)) for code, mean in self._trace_gases(at_s)),
            *self._conditions(at_s),
        ]
        return format_region(
            [("DataTime", format_time(at_s))],
            [(code, [("Rtd", text), ("Flag", mark)]) for code, text in values],
        )

    def history(self, command: str, begin_s: int, end_s: int) -> Iterator[bytes]:
        """Give the data regions of a command whose intervals start in `[begin_s, end_s)`."""
        length_s = _INTERVALS[Command(command)]
        first_s = begin_s + -(begin_s + _ZONE_OFFSET_S) % length_s
        for start_s in range(first_s, end_s, length_s):
            yield self.interval_region(command, start_s)

    def _trace_gases(self, at_s: int) -> list[tuple[str, int]]:
        """Concentrations after cleaning, mg/m3 in thousandths."""
        return [
            (code, mean + jitter(self._unit.seed + place, at_s, mean // 10))
            for place, (code, mean) in enumerate(
                [("a21026", _SULPHUR_MG), ("a21002", _NITROGEN_MG), ("a34013", _DUST_MG)], start=20
            )
        ]

    def _conditions(self, at_s: int) -> list[tuple[str, str]]:
        """Oxygen, temperature, pressure and moisture of the gas."""
        seed = self._unit.seed
        return [
            ("a19001", _decimal(6100 + jitter(seed + 30, at_s, 150), 3)),
            ("a01012", _decimal(512 + jitter(seed + 31, at_s, 14), 1)),
            ("a01013", _decimal(-120 + jitter(seed + 32, at_s, 40), 3)),
            ("a01014", _decimal(118 + jitter(seed + 33, at_s, 9), 1)),
        ]

    def _mark(self, start_s: int, end_s: int) -> str:
        for marked in self._marked:
            if marked.start_s < end_s and start_s < marked.end_s:
                return marked.mark
        return "N"


def _decimal(value: int, decimals: int) -> str:
    """Write `value` times 10**-decimals."""
    whole, part = divmod(abs(value), 10**decimals)
    return f"{'-' if value < 0 else ''}{whole}.{part:0{decimals}d}"
