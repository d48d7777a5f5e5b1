"""
Fuels by their heat value: FC × NCV × CC, for the guides that add and subtract them.

Source: domain reference 1.3 (steel) and 1.1 (reporting decimals).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attestation.enums import RoundingProfile
from tests.oracle.numbers import ONE, ZERO, carbon_dioxide, times
from tests.oracle.sheet import Sheet

Plain = Mapping[str, Any]


class FuelSheet(Sheet):
    """A sheet that counts fuels; amounts of CO2 are sums of carbon until they are asked for."""

    def __init__(self, profile: RoundingProfile) -> None:
        super().__init__()
        self.is_reported = profile is RoundingProfile.REPORTED
        self._fuel = 0

    def printed(self, decimals: int) -> int | None:
        """Decimals of an intermediate: what a report prints, in the profile of that name only."""
        return decimals if self.is_reported else None

    def flows(self, fuels: Plain) -> Flow:
        """Give what is in fuels that cross a boundary, the weighed before the gases."""
        return self._sum(fuels, lambda each: (each, ONE))

    def burned(self, fuels: Plain) -> Flow:
        """Give what becomes of fuels that burn, with their oxidation rates."""
        return self._sum(fuels, lambda each: (each["fuel"], Decimal(each["oxidation_1"])))

    def _sum(self, fuels: Plain, parts: Any) -> Flow:
        flow = Flow(self.is_reported)
        for kind, unit in (("weighed", "t"), ("gases", "e4Nm3")):
            for each in fuels[kind]:
                fuel, oxidation = parts(each)
                flow.add(*self._fuel_figures(fuel, unit, oxidation))
        return flow

    def _fuel_figures(self, fuel: Plain, unit: str, oxidation: Decimal) -> tuple[Decimal, Decimal]:
        item, self._fuel = self._fuel, self._fuel + 1
        amount, heat, per_heat = (
            self.step(name, Decimal(fuel[field]), item=item, decimals=self.printed(decimals))
            for name, field, decimals in (
                ("fuelAmount", f"amount_{unit}", 2),
                ("fuelHeatValue", f"heat_GJ_per_{unit}", 3),
                ("fuelCarbonPerHeat", "carbonPerHeat_tC_per_GJ", 5),
            )
        )
        carbon = times(amount, heat, per_heat)
        if oxidation != ONE:
            carbon = times(carbon, oxidation)
        emissions = self.step(
            "fuelEmissions", carbon_dioxide(carbon), item=item, decimals=self.printed(2)
        )
        return carbon, emissions


class Flow:
    """Carbon of several fuels, or the sum of their printed emissions where a report prints them."""

    def __init__(self, is_reported: bool, carbon: Decimal = ZERO, printed: Decimal = ZERO) -> None:
        self.is_reported = is_reported
        self.carbon = carbon
        self.printed = printed

    def add(self, carbon: Decimal, printed: Decimal) -> None:
        """Add a fuel."""
        self.carbon += carbon
        self.printed += printed

    def less(self, other: Flow) -> Flow:
        """Give what remains after taking another away."""
        carbon, printed = self.carbon - other.carbon, self.printed - other.printed
        return Flow(self.is_reported, carbon, printed)

    def plus(self, other: Flow) -> Flow:
        """Give both together."""
        carbon, printed = self.carbon + other.carbon, self.printed + other.printed
        return Flow(self.is_reported, carbon, printed)

    @property
    def emissions(self) -> Decimal:
        """The CO2: of the summed carbon, or the sum of what a report prints."""
        return self.printed if self.is_reported else carbon_dioxide(self.carbon)
