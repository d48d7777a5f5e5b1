"""
A made-up coal unit of plausible size: what it burns, generates and emits in each quarter hour.

330 MW, subcritical, about 40 % net efficiency; the fuels, energies and flue gas of one slot come
from one load, so that cross-checks between them hold (an efficiency below 46 %, CO2 of the stack
against carbon of the coal). Nothing here describes a real plant.

Source: DOMAIN section 5 (plausibility bounds) for the orders of magnitude.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from devices.meters.noise import jitter
from devices.meters.planted import Event
from devices.meters.simulated import SimulatedMeter, SimulatedQuantity, SimulatedRegister
from devices.zones import REPORTING_ZONE, SECONDS_PER_DAY, SECONDS_PER_HOUR

SLOT_S: Final = 900
_ZONE_OFFSET_S: Final = 8 * SECONDS_PER_HOUR  # the reporting zone has no daylight saving

# Load by hour of the day in thousandths of capacity: a valley at night, peaks at 11 and 19 o'clock.
_HOURS: Final = (
    520, 500, 490, 485, 490, 520, 600, 690, 780, 840, 880, 890,
    850, 820, 830, 840, 850, 880, 920, 930, 890, 800, 690, 590,
)  # fmt: skip
# Share of a year's mean by month, thousandths: winter and summer peaks.
_MONTHS: Final = (1080, 990, 960, 920, 930, 1010, 1090, 1100, 1000, 930, 970, 1070)
_WEEKEND: Final = 930
_DAY_OF_1970: Final = 3  # 1970-01-01 was a Thursday
_LEAST_STABLE: Final = 350  # below this load the flame needs gas
_AT_REST: Final = 0


@dataclass(frozen=True, slots=True)
class Outage:
    """A planned stop."""

    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class CoalUnit:
    """The unit; every method is a pure function of a slot's end, in whole units."""

    seed: int = 330
    outages: tuple[Outage, ...] = ()
    capacity_w: int = 330_000_000
    house_load_w: int = 7_500_000
    """Electric power bought while the unit stands still."""

    def load_permille(self, end_s: int) -> int:
        """Load in the slot that ends at `end_s`, thousandths of capacity; 0 in an outage."""
        if any(outage.start_s < end_s <= outage.end_s for outage in self.outages):
            return _AT_REST
        hour, weekday, month = _place_in_time(end_s - SLOT_S)
        usual = _HOURS[hour] * _MONTHS[month - 1] // 1000
        if weekday >= 5:
            usual = usual * _WEEKEND // 1000
        return min(usual + jitter(self.seed, end_s // SLOT_S, 25), 1000)

    def generated_wh(self, end_s: int) -> int:
        """Active energy at the generator (发电量), Wh."""
        slot_wh = self.capacity_w * SLOT_S // SECONDS_PER_HOUR
        fine = 1000 + jitter(self.seed + 1, end_s // SLOT_S, 3)
        return slot_wh * self.load_permille(end_s) * fine // 1_000_000

    def reactive_varh(self, end_s: int) -> int:
        """Reactive energy at the generator, varh: a power factor of about 0.97."""
        share = 250 + jitter(self.seed + 2, end_s // SLOT_S, 20)
        return self.generated_wh(end_s) * share // 1000

    def bought_wh(self, end_s: int) -> int:
        """Active energy from the grid (外购电量), Wh: only while the unit stands still."""
        if self.load_permille(end_s):
            return 0
        power_w = self.house_load_w + jitter(self.seed + 3, end_s // SLOT_S, 300_000)
        return power_w * SLOT_S // SECONDS_PER_HOUR

    def coal_g(self, end_s: int) -> int:
        """Coal fed to the boiler as fired (入炉煤量), g: 415 to 455 g/kWh, least at full load."""
        per_kwh = 455 - 40 * self.load_permille(end_s) // 1000
        scatter = 1000 + jitter(self.seed + 4, end_s // SLOT_S, 8)
        return self.generated_wh(end_s) * per_kwh * scatter // 1_000_000

    def gas_litres(self, end_s: int) -> int:
        """Ignition and support gas at 20 Cel, L: while starting and below the stable load."""
        load = self.load_permille(end_s)
        if load == _AT_REST:
            return 0
        if self.load_permille(end_s - SLOT_S) == _AT_REST:
            return 1_250_000
        return 400_000 if load < _LEAST_STABLE else 1500 + jitter(self.seed + 5, end_s, 90)

    def carbon_dioxide_g(self, end_s: int) -> int:
        """CO2 in the flue gas, g: carbon as fired 55.8 %, oxidised to 99 %."""
        return self.coal_g(end_s) * 558 * 99 * 44 // (1000 * 100 * 12)

    def flue_gas_litres(self, end_s: int) -> int:
        """Dry flue gas at 0 Cel and 101.325 kPa, L: about 8.1 m3 for each kg of coal."""
        share = 8100 + jitter(self.seed + 6, end_s // SLOT_S, 120)
        return self.coal_g(end_s) * share // 1000


def unit_meters(
    unit: CoalUnit,
    *,
    start_s: int,
    name: str = "unit-1",
    events: Mapping[str, Sequence[Event]] | None = None,
) -> dict[str, SimulatedMeter]:
    """
    Give the unit's meters.

    Args:
        unit: What happens.
        start_s: When the meters were put up, at a whole slot, seconds since 1970 UTC.
        name: First part of the instruments' names.
        events: What goes wrong, by meter.

    Returns:
        `generator` (active register and amounts, reactive amounts), `grid` (import register),
        `gas` (volume register and amounts), `coal` (belt scale: mass register and amounts).
    """
    planted = events or {}
    return {
        "generator": SimulatedMeter(
            (
                SimulatedQuantity(
                    "Wh",
                    unit.generated_wh,
                    f"{name}-generator/active-energy/export/",
                    # Seven digits of MWh, close to its range: it starts again in the first weeks.
                    SimulatedRegister(
                        f"{name}-generator/active-energy/register/", 9_950_000_000_000, 10**13
                    ),
                ),
                SimulatedQuantity(
                    "varh", unit.reactive_varh, f"{name}-generator/reactive-energy/export/"
                ),
            ),
            start_s=start_s,
            events=planted.get("generator", ()),
        ),
        "grid": SimulatedMeter(
            (
                SimulatedQuantity(
                    "Wh",
                    unit.bought_wh,
                    register=SimulatedRegister(
                        f"{name}-grid/active-energy/import-register/", 1_204_880_000, 10**12
                    ),
                ),
            ),
            start_s=start_s,
            events=planted.get("grid", ()),
        ),
        "gas": _one_quantity(
            name, "gas", "volume", "L{20Cel}", unit.gas_litres, start_s, planted.get("gas", ())
        ),
        "coal": _one_quantity(
            name, "coal", "mass", "g", unit.coal_g, start_s, planted.get("coal", ())
        ),
    }


def _one_quantity(
    name: str,
    kind: str,
    quantity: str,
    unit: str,
    amount: Callable[[int], int],
    start_s: int,
    events: Sequence[Event],
) -> SimulatedMeter:
    """Make a meter that shows one quantity as a register and as amounts."""
    return SimulatedMeter(
        (
            SimulatedQuantity(
                unit,
                amount,
                f"{name}-{kind}/{quantity}/amount/",
                SimulatedRegister(f"{name}-{kind}/{quantity}/register/", 0, 10**15),
            ),
        ),
        start_s=start_s,
        events=events,
    )


def _place_in_time(start_s: int) -> tuple[int, int, int]:
    """Give hour, weekday (0 is Monday) and month of the reporting zone."""
    local_s = start_s + _ZONE_OFFSET_S
    day, second = divmod(local_s, SECONDS_PER_DAY)
    return second // SECONDS_PER_HOUR, (day + _DAY_OF_1970) % 7, _month(day)


@lru_cache(maxsize=4096)
def _month(day: int) -> int:
    return REPORTING_ZONE.to_wall(day * SECONDS_PER_DAY - _ZONE_OFFSET_S).month
