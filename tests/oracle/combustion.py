"""
Fossil fuels burned in a power unit (化石燃料燃烧排放).

Source: domain reference 1.1: formulas (1) to (4), reporting decimals; names of figures from the
rule's documentation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from attestation.enums import RoundingProfile
from tests.oracle.numbers import HUNDRED, ZERO, carbon_dioxide, fraction, over, times, total
from tests.oracle.sheet import Sheet

Plain = Mapping[str, Any]


class Combustion:
    """One calculation under one profile."""

    def __init__(self, profile: RoundingProfile) -> None:
        self.sheet = Sheet()
        self.is_reported = profile is RoundingProfile.REPORTED
        self.has_two_decimals = profile is RoundingProfile.CARBON_TWO_DECIMALS
        self.line = self.month = self.fuel = 0

    def printed(self, decimals: int) -> int | None:
        """Decimals of an intermediate: what a report prints, in the profile of that name only."""
        return decimals if self.is_reported else None

    def weighed(self, fuel: Plain) -> Decimal:
        """Give the burned carbon of a fuel in tonnes, formulas (1) to (4)."""
        months = []
        for _, group in groupby(fuel["lines"], key=lambda line: line["month"]):
            lines = [self._line(line) for line in group]
            months.append(self._mean("month", self.month, lines))
            self.month += 1
        return self._burned(fuel, months)

    def gas(self, fuel: Plain) -> Decimal:
        """Give the burned carbon of a fuel in 10⁴ Nm³: arithmetic means inside a month."""
        months = []
        for month in fuel["months"]:
            content = self._gas_content(month)
            decimals = 2 if self.has_two_decimals else self.printed(4)
            consumed = self.sheet.step(
                "monthConsumed",
                Decimal(month["consumed_e4Nm3"]),
                item=self.month,
                decimals=self.printed(2),
            )
            content = self.sheet.step(
                "monthCarbonContent", content, item=self.month, decimals=decimals
            )
            months.append((consumed, times(consumed, content)))
            self.month += 1
        return self._burned(fuel, months)

    def _burned(self, fuel: Plain, months: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
        _, carbon = self._mean("fuel", self.fuel, months)
        burned = times(carbon, Decimal(fuel["oxidation_1"]))
        emissions = carbon_dioxide(burned)
        self.sheet.step("fuelEmissions", emissions, item=self.fuel, decimals=self.printed(2))
        self.fuel += 1
        return burned

    def _line(self, line: Plain) -> tuple[Decimal, Decimal]:
        content = self.sheet.step(
            "lineCarbonContent",
            self._as_received(line),
            item=self.line,
            decimals=self.printed(4),
        )
        self.line += 1
        consumed = Decimal(line["consumed_t"])
        return consumed, times(consumed, content)

    def _as_received(self, line: Plain) -> Decimal:
        carbon = Decimal(line["carbon_tC_per_t"])
        received = HUNDRED - Decimal(line["moistureAsReceived_pct"])
        match line["basis"]:
            case "AS_RECEIVED":
                return carbon
            case "AIR_DRY":
                return fraction(carbon, received, HUNDRED - Decimal(line["moistureAirDry_pct"]))
            case "DRY":
                return fraction(carbon, received, HUNDRED)
        heat, per_heat = self._heat("line", self.line, Decimal(line["heat_GJ_per_t"]), line)
        self.sheet.step(
            "lineHeat",
            times(Decimal(line["consumed_t"]), heat),
            item=self.line,
            decimals=self.printed(2),
        )
        return times(heat, per_heat)

    def _gas_content(self, month: Plain) -> Decimal:
        measured = [Decimal(each) for each in month["carbon_tC_per_e4Nm3"]]
        if measured:
            return over(total(measured), Decimal(len(measured)))
        heats = [Decimal(each) for each in month["heat_GJ_per_e4Nm3"]]
        mean = over(total(heats), Decimal(len(heats)))
        heat, per_heat = self._heat("month", self.month, mean, month)
        self.sheet.step(
            "monthHeat",
            times(Decimal(month["consumed_e4Nm3"]), heat),
            item=self.month,
            decimals=self.printed(2),
        )
        return times(heat, per_heat)

    def _heat(self, kind: str, item: int, value: Decimal, given: Plain) -> tuple[Decimal, Decimal]:
        heat = self.sheet.step(f"{kind}HeatValue", value, item=item, decimals=self.printed(3))
        per_heat = self.sheet.step(
            f"{kind}CarbonPerHeat",
            Decimal(given["carbonPerHeat_tC_per_GJ"]),
            item=item,
            decimals=self.printed(5),
        )
        return heat, per_heat

    def _mean(
        self, kind: str, item: int, parts: Sequence[tuple[Decimal, Decimal]]
    ) -> tuple[Decimal, Decimal]:
        """Give what was consumed and the carbon in it, for a report from the printed mean."""
        consumed, carbon = (total(part[at] for part in parts) for at in (0, 1))
        printed = self.sheet.step(f"{kind}Consumed", consumed, item=item, decimals=self.printed(2))
        if consumed == ZERO:
            return consumed, carbon
        mean = self.sheet.step(
            f"{kind}CarbonContent", over(carbon, consumed), item=item, decimals=self.printed(4)
        )
        return (printed, times(printed, mean)) if self.is_reported else (consumed, carbon)


def power_combustion(inputs: Plain, profile: RoundingProfile) -> Sheet:
    """E = Σ FC × Car × OF × 44/12."""
    work = Combustion(profile)
    burned = [work.weighed(fuel) for fuel in inputs["weighed"]]
    burned += [work.gas(fuel) for fuel in inputs["gases"]]
    printed = total(value for (name, _), value in work.sheet.steps.items() if name == _EMISSIONS)
    emissions = printed if work.is_reported else carbon_dioxide(total(burned))
    work.sheet.result("emissions", emissions, 2)
    work.sheet.result("emissionsWhole", emissions, 0)
    return work.sheet


_EMISSIONS = "fuelEmissions"
