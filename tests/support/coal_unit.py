"""
A coal unit's year 2024 in a log: belt scale, generator, bought power; twelve samples with reports.

Readings are daily amounts in the reporting zone, so that a year is small; everything else is as a
plant files it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from attestation.enums import (
    CarbonBasis,
    CustodyStep,
    DataSide,
    FacilityKind,
    Provenance,
    Quality,
    RevisionReason,
    StreamKind,
    UnitClass,
    WayOfGetting,
)
from attestation.instants import Instant
from attestation.plan_bodies import ControlPlan, PlannedParameter
from attestation.readings import Reading
from attestation.series_bodies import Correction, Replacement
from attestation.structure_bodies import MeteringPoint, Site, Stream, Structure, Unit
from ledger.inventory.identity import Scope
from ledger.inventory.periods import DAY_S, Period
from tests.support.enterprise import APPROVER, LABORATORY, USC, Device, Enterprise
from tests.support.samples import laboratory, report, sample, step

UNIT, COAL, GRID = "unit-1", "coal-1", "grid"
YEAR = Period.year(2024)
SCOPE = Scope.of(USC, UNIT, YEAR)
FUEL = "bituminous coal 烟煤"
BELT = "belt-1/mass/total/"
GENERATOR = "gen-1/energy/export/"
BOUGHT = "em-01/energy/total/"
SERIES = {BELT: "g", GENERATOR: "Wh", BOUGHT: "Wh"}
A_DAY = {BELT: 1_250_370_000, GENERATOR: 2_900_000_000, BOUGHT: 12_345_000}
"""What each says a day: 1250.37 t of coal, 2900 MWh made, 12.345 MWh bought."""
NOW = Instant((YEAR.to_s + 60 * DAY_S) * 1000)


def structure() -> Structure:
    """Give one site with one coal unit, its fuel and its bought electricity."""
    return Structure(
        from_s=YEAR.from_s,
        sites=(
            Site(
                code="S1",
                name="Works",
                region="350211",
                latitude_udeg=24_479_834,
                longitude_udeg=118_089_425,
            ),
        ),
        units=(
            Unit(
                code=UNIT,
                name="Unit 1",
                site="S1",
                kind=FacilityKind.POWER_UNIT,
                unit_class=UnitClass.COAL_UP_TO_300_MW,
                capacity=300_000,
                capacity_unit="kW",
                commissioned_s=1_104_537_600,
            ),
        ),
        streams=(
            Stream(code=COAL, unit=UNIT, kind=StreamKind.FUEL, subject=FUEL),
            Stream(code=GRID, unit=UNIT, kind=StreamKind.ELECTRICITY, subject="electricity"),
        ),
        instruments=tuple(
            MeteringPoint(instrument=name.split("/")[0], series=(name,), level=3, unit=UNIT)
            for name in SERIES
        ),
    )


def plan() -> ControlPlan:
    """Give the control plan of the unit."""
    rows = (
        (f"fuel-consumption:{COAL}", "t", DataSide.EMISSION, BELT),
        ("generation", "MWh", DataSide.PRODUCTION, GENERATOR),
        (f"purchased-electricity:{GRID}", "MWh", DataSide.EMISSION, BOUGHT),
    )
    return ControlPlan(
        plan="quality",
        edition=1,
        from_s=YEAR.from_s,
        reason=RevisionReason.FIRST,
        explanation="first edition",
        parameters=tuple(
            PlannedParameter(
                unit=UNIT,
                parameter=parameter,
                measured_in=measured_in,
                way=WayOfGetting.MEASURED,
                side=side,
                series=(series,),
                department="operations",
            )
            for parameter, measured_in, side, series in rows
        ),
    )


def amount(series: str, day: Period) -> int:
    """Give what a series says of a day: a little more each day of the year."""
    return A_DAY[series] + 1_000 * ((day.from_s - YEAR.from_s) // DAY_S)


def carbon_ppm(month: int) -> int:
    """Give the carbon content as received of a month's coal."""
    return 552_200 + 1_300 * month


@dataclass
class CoalUnit:
    """The enterprise with the unit's year."""

    enterprise: Enterprise
    device: Device

    @classmethod
    def live(
        cls, enterprise: Enterprise, *, months: int = 12, planned: ControlPlan | None = None
    ) -> CoalUnit:
        """File what is registered, and let the first months pass with all their readings."""
        made = cls.registered(enterprise, planned or plan())
        for month in YEAR.months()[:months]:
            made.say(*month.days())
            made.test(month)
        return made

    @classmethod
    def registered(
        cls,
        enterprise: Enterprise,
        planned: ControlPlan,
        *,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> CoalUnit:
        """File what is registered, before the first reading; `more` are further series."""
        series = SERIES | dict(more)
        enterprise.now = NOW
        enterprise.register_authority()
        for name, unit in series.items():
            body = enterprise.registration(
                name,
                unit=unit,
                cadence_s=DAY_S,
                heartbeat_s=DAY_S,
                since_s=YEAR.from_s,
                maximum=10**12,
            )
            enterprise.file(body)
        device = Device(name="plant", series=tuple(series))
        instruments = tuple(name.split("/")[0] for name in series)
        enterprise.file(enterprise.enrolment(device, instruments=instruments))
        enterprise.file(structure())
        enterprise.file(planned)
        enterprise.file(laboratory(from_s=YEAR.from_s - 400 * DAY_S, to_s=YEAR.to_s + 400 * DAY_S))
        return cls(enterprise, device)

    @staticmethod
    def correction(month: Period) -> Correction:
        """Give the record that the scale was wrong on the first day of a month."""
        return Correction(
            series=BELT,
            from_s=month.from_s,
            to_s=month.from_s + DAY_S,
            reason="scale was dirty",
            replacement=Replacement(value=900_000_000, unit="g", quality=Quality.ESTIMATED),
        )

    def say(self, *days: Period) -> None:
        """Let the instruments say some days, in one message; longer periods as one amount each."""
        self.say_readings(
            Reading(
                series=name,
                end_s=day.to_s,
                interval_s=day.length_s,
                value=sum(amount(name, each) for each in day.days()),
                unit=unit,
            )
            for name, unit in SERIES.items()
            for day in days
        )

    def say_readings(self, readings: Iterable[Reading]) -> None:
        """Let the instruments say some readings, in one message."""
        message = self.device.sign(*readings, at=NOW, provenance=Provenance.BACK_FILL)
        self.enterprise.accept(message)

    def test(
        self, month: Period, tag: str | None = None, from_s: int | None = None, **changes: Any
    ) -> None:
        """
        Take, hand on and test the sample of a month or some days.

        Args:
            month: That it stands for.
            tag: Ends the numbers of sample and report; the month where it is None.
            from_s: Begin of what it stands for, where that is no day's.
            changes: Of the report.
        """
        from_s = month.from_s if from_s is None else from_s
        number = month.first_day.month
        tag = tag or f"{number:02}"
        name = f"c-{tag}"
        taken_s, hour = month.to_s + 8 * 3600, 3600
        file = self.enterprise.file
        file(
            replace(
                sample(name),
                unit=UNIT,
                fuel=FUEL,
                taken_s=taken_s,
                from_s=from_s,
                to_s=month.to_s,
            )
        )
        for at, kind in enumerate((CustodyStep.SEALED, CustodyStep.RECEIVED, CustodyStep.TESTED)):
            signer = APPROVER if kind is CustodyStep.SEALED else LABORATORY
            file(step(kind, taken_s + (at + 1) * hour, name), secret=signer)
        body = report(
            name,
            report=f"M-{tag}",
            unit=UNIT,
            fuel=FUEL,
            basis=CarbonBasis.AS_RECEIVED,
            from_s=from_s,
            to_s=month.to_s,
            received_s=taken_s + 2 * hour,
            tested_s=taken_s + 3 * hour,
            reported_s=taken_s + 5 * hour,
            file=sha256(f"report {tag}".encode()).digest(),
            carbon_ppm=carbon_ppm(number),
        )
        file(replace(body, **changes), secret=LABORATORY)
