"""
What a recipe asks of the evidence: numbers with their sources, and why one is not there.

A number that is missing, or may stand in a draft only, says so by its obstacles; it is never zero,
and never silently something else. `ledger/inventory/log_evidence.py` answers from the log.

Source: DESIGN section 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from attestation.enums import CarbonBasis, RuleStatus
from attestation.plan_bodies import PlannedParameter
from attestation.structure_bodies import Stream, Unit
from ledger.inventory.amounts import Amount
from ledger.inventory.correction import MeterParts
from ledger.inventory.departures import DatumDepartures
from ledger.inventory.fuel_ledgers import LedgerMonth
from ledger.inventory.lines import Obstacle, ObstacleKind
from ledger.inventory.periods import Period
from ledger.inventory.sources import Source
from ledger.ports import FactorValue

MISSING_DATUM: Final = ObstacleKind(code="inventory.final_datum")
MISSING_FACTOR: Final = ObstacleKind(code="inventory.final_factor")
MISSING_PLAN: Final = ObstacleKind(code="inventory.final_plan")
DRAFT_RULE: Final = ObstacleKind(code="inventory.final_rule")
MISSING_PART: Final = ObstacleKind(code="inventory.final_part")
MISSING_ANCHOR: Final = ObstacleKind(code="inventory.final_anchor")
MISSING_DIGEST: Final = ObstacleKind(code="inventory.final_digest")
DIGEST_DIFFERS: Final = ObstacleKind(code="inventory.final_digest_differs")
"""What a final version is refused for."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A number drawn from the evidence, or why it is not there."""

    amount: Amount | None
    sources: tuple[Source, ...]
    obstacles: tuple[Obstacle, ...] = ()

    @classmethod
    def missing(cls, kind: ObstacleKind, message: str) -> Drawn:
        """Give the answer that there is no number."""
        return cls(None, (), (kind.of(message),))


@dataclass(frozen=True, slots=True)
class FuelQuality:
    """What is known of a fuel in a month: a measured carbon content, or that there is none."""

    basis: CarbonBasis
    """State in which the carbon was measured; `FROM_HEAT` where the default stands in."""
    carbon: Drawn
    """At that basis; absent with `FROM_HEAT`."""
    moisture_received: Drawn | None = None
    """Wanted with the bases air-dry and dry."""
    moisture_air_dry: Drawn | None = None
    """Wanted with the basis air-dry."""
    reasons: tuple[str, ...] = ()
    """Why the default stands in, in words."""
    heat: Amount | None = None
    """Net calorific value of the same report, in GJ/t; for checks only (DOMAIN section 5)."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A sign of trouble in the evidence that belongs to no single number."""

    code: str
    english: str
    chinese: str
    entries: tuple[int, ...]
    """Entries of the log that give it."""


class Evidence(Protocol):
    """One enterprise's evidence, as of one size of its log: asked twice, it says the same."""

    def unit(self, code: str, period: Period) -> tuple[Unit, tuple[Stream, ...]]:
        """Give a unit and its source streams in the structure in force; else an error."""
        ...

    def planned(self, unit: str, parameter: str, period: Period) -> PlannedParameter | None:
        """Give how the plan in force says a parameter is got; None where it does not name it."""
        ...

    def activity(
        self,
        unit: str,
        parameter: str,
        period: Period,
        *,
        into: str,
        held_by: Period | None = None,
    ) -> Drawn:
        """
        Give the activity datum of a planned parameter, in a unit of the rules.

        Args:
            unit: Code of the power unit or facility.
            parameter: Its name in the control plan.
            period: Of the datum.
            into: Unit of the rules.
            held_by: The longer period, already drawn, whose digest holds it fast; None for its own.
        """
        ...

    def meter_parts(
        self, unit: str, parameter: str, period: Period, *, into: str
    ) -> MeterParts | None:
        """
        Give a complete datum apart by calibration; None where nothing is to be corrected.

        Raises:
            DatumIncomplete: If the plan does not say how accurate the meter must be.
        """
        ...

    def batches(self, unit: str, fuel: str, parameter: str, month: Period) -> tuple[Period, ...]:
        """
        Give the days of a month that one sample each stands for, or none; together the month.

        The month itself where one sample stands for all of it, where samples overlap or begin
        within a day, and where the readings of `parameter` do not divide between them.
        """
        ...

    def quality(self, unit: str, fuel: str, period: Period) -> FuelQuality:
        """Give what the laboratory measured of a fuel, if it may be used."""
        ...

    def alarms(self) -> tuple[Alarm, ...]:
        """Give the signs of made-up reports over all laboratory reports."""
        ...

    def departures(self) -> tuple[DatumDepartures, ...]:
        """Give what departs from the control plan in each datum that was drawn."""
        ...

    def stated(self, unit: str, parameter: str, period: Period) -> Drawn:
        """Give a value that the enterprise states with its document, and the plan names."""
        ...

    def fuel_ledger(self, stream: Stream, month: Period) -> LedgerMonth:
        """Give what the fuel ledger handed in for a month says of a stream's fuel."""
        ...


def factor_obstacles(factor: FactorValue) -> tuple[Obstacle, ...]:
    """Say why a factor may stand in a draft only."""
    if factor.status is RuleStatus.IN_FORCE:
        return ()
    status = factor.status.name.lower().replace("_", " ")
    message = f"{factor.quantity} of {factor.subject} ({factor.guide}) is {status}"
    return (MISSING_FACTOR.of(message),)
