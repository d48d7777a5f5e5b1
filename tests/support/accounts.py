"""
An enterprise whose readings are accounted: a structure, a control plan, series and days of data.

Times are days of the reporting zone, UTC+8; everything goes the real way through the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from attestation.enums import (
    DataSide,
    FacilityKind,
    Provenance,
    RevisionReason,
    StreamKind,
    UnitClass,
    WayOfGetting,
)
from attestation.instants import Instant
from attestation.messages import SignedMessage
from attestation.plan_bodies import ControlPlan, PlannedParameter
from attestation.readings import Reading
from attestation.series_bodies import Calibration
from attestation.structure_bodies import MeteringPoint, Site, Stream, Structure, Unit
from ledger.database import Database
from ledger.inventory.activity import ActivityDatum, activity_datum
from ledger.inventory.periods import Period
from tests.support.enterprise import Device, Enterprise

UNIT = "HB-1"
PARAMETER = "electricity-bought"
METER = "em-01"
ENERGY = f"{METER}/energy/total/"
BACKUP = "em-02/energy/total/"
REGISTER = f"{METER}/register/total/"
HOUR_S = 3600
YEAR = 2025
SINCE_S = Period.year(YEAR).from_s
NOW = Instant((Period.month(YEAR, 6).to_s) * 1000)


def hour(number: int, *, month: int = 1) -> int:
    """Give the second at which hour `number` of a month begins in the reporting zone."""
    return Period.month(YEAR, month).from_s + number * HOUR_S


def structure(**changes: object) -> Structure:
    """Give the structure of a small power plant."""
    arguments: dict[str, object] = {
        "from_s": SINCE_S,
        "sites": (
            Site(
                code="S1",
                name="Works",
                region="350211",
                latitude_udeg=24_479_834,
                longitude_udeg=118_089_425,
                altitude_m=12,
            ),
        ),
        "units": (
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
        "streams": (
            Stream(code="E1", unit=UNIT, kind=StreamKind.ELECTRICITY, subject="bought electricity"),
        ),
        "instruments": (
            MeteringPoint(instrument=METER, series=(ENERGY,), level=1),
            MeteringPoint(
                instrument="em-02",
                series=(BACKUP,),
                level=3,
                parent=METER,
                unit=UNIT,
                stream="E1",
            ),
        ),
    }
    return Structure(**(arguments | changes))  # type: ignore[arg-type]


def parameter(**changes: object) -> PlannedParameter:
    """Give how the electricity that the unit buys is got."""
    arguments: dict[str, object] = {
        "unit": UNIT,
        "parameter": PARAMETER,
        "measured_in": "MWh",
        "way": WayOfGetting.MEASURED,
        "side": DataSide.EMISSION,
        "series": (ENERGY,),
        "every_s": HOUR_S,
        "accuracy_class": "0.5S",
        "accuracy_ppm": 5000,
        "calibration_days": 366,
        "department": "metering",
    }
    return PlannedParameter(**(arguments | changes))  # type: ignore[arg-type]


def plan(edition: int = 1, from_s: int = SINCE_S, **changes: object) -> ControlPlan:
    """Give an edition of the control plan; changes are of its one parameter."""
    return ControlPlan(
        plan="plan-1",
        edition=edition,
        from_s=from_s,
        reason=RevisionReason.FIRST if edition == 1 else RevisionReason.MORE_ACCURATE,
        explanation="as the guide asks for",
        parameters=(parameter(**changes),),
    )


def calibration(
    from_s: int = SINCE_S, to_s: int = Period.year(YEAR).to_s, accuracy_class: str = "0.5S"
) -> Calibration:
    """Give the calibration of the meter for a time."""
    return Calibration(
        instrument=METER,
        certificate_number="C-1",
        laboratory="laboratory",
        from_s=from_s,
        to_s=to_s,
        accuracy_class=accuracy_class,
    )


def hourly(
    numbers: Iterable[int], *, series: str = ENERGY, value: int = 1000, **changes: object
) -> list[Reading]:
    """Give the amounts of some hours of January, each of `value` Wh."""
    row = [
        Reading(series=series, end_s=hour(number + 1), interval_s=HOUR_S, value=value, unit="Wh")
        for number in numbers
    ]
    return [replace(each, **changes) for each in row]  # type: ignore[arg-type]


def standing(number: int, value: int | None, *, multiplier: str | None = None) -> Reading:
    """Give where the register stood at the begin of an hour of January."""
    return Reading(
        series=ENERGY,
        end_s=hour(number),
        interval_s=0,
        value=value,
        unit="Wh",
        register=True,
        multiplier=multiplier,
    )


@dataclass
class Accounts:
    """An enterprise with a meter."""

    enterprise: Enterprise
    meter: Device

    @classmethod
    def open(
        cls, database: Database, *, register: bool = False, **expectations: object
    ) -> Accounts:
        """Open its log and enrol its meter, which says amounts of hours or stands of a register."""
        enterprise = Enterprise(database, now=NOW)
        meter = Device(name=METER, series=(ENERGY, BACKUP))
        enterprise.register_authority()
        for series in meter.series:
            is_register = register and series == ENERGY
            arguments = {
                "cadence_s": HOUR_S,
                "since_s": SINCE_S,
                "maximum": 10**12,
                "register": is_register,
            }
            enterprise.file(enterprise.registration(series, **(arguments | expectations)))
        enterprise.file(enterprise.enrolment(meter, instruments=(METER, "em-02")))
        return cls(enterprise, meter)

    def say(
        self, readings: Sequence[Reading], provenance: Provenance = Provenance.BACK_FILL
    ) -> SignedMessage:
        """Let the meter say readings, in one message that is integrated."""
        message = self.meter.sign(*readings, at=NOW, provenance=provenance)
        self.enterprise.accept(message)
        return message

    def datum(
        self, period: Period, *, series: str = ENERGY, parameter: str = PARAMETER
    ) -> ActivityDatum:
        """Give the datum of a period."""
        with self.enterprise.database.reading() as uow:
            return activity_datum(uow, self.enterprise.log, UNIT, parameter, series, period)

    def plan(self, **changes: object) -> int:
        """File structure and first edition of the plan; give the plan's index."""
        self.enterprise.file(structure())
        return self.enterprise.file(plan(**changes))  # type: ignore[arg-type]
