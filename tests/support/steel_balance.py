"""A made-up steel works in January 2024: coke, coke-oven gas, limestone, electrodes, steel."""

from __future__ import annotations

from attestation.enums import (
    DataSide,
    FacilityKind,
    Provenance,
    RevisionReason,
    StreamKind,
    WayOfGetting,
)
from attestation.plan_bodies import ControlPlan, PlannedParameter
from attestation.readings import Reading
from attestation.structure_bodies import MeteringPoint, Site, Stream, Structure, Unit
from ledger.inventory.identity import Scope
from ledger.inventory.periods import DAY_S, Period
from tests.support.coal_unit import NOW
from tests.support.enterprise import USC, Device, Enterprise

WORKS = "works"
JANUARY = Period.month(2024, 1)
SCOPE = Scope.of(USC, WORKS, JANUARY)
STREAMS = {
    "coke": (StreamKind.FUEL, "coke 焦炭", False, "fuel-consumption", "t", "g", 1_000_000_000),
    "gas": (
        *(StreamKind.FUEL, "coke-oven gas 焦炉煤气", True, "fuel-leaving", "e4Nm3"),
        *("m3{NTP}", 40_000),
    ),
    "stone": (StreamKind.PROCESS, "limestone 石灰石", False, "material-use", "t", "g", 10**8),
    "rods": (StreamKind.PROCESS, "electrode 电极", False, "material-use", "t", "g", 10**6),
    "scrap": (StreamKind.PROCESS, "scrap 废钢", False, "material-use", "t", "g", 2 * 10**8),
    "steel": (StreamKind.PRODUCT, "crude steel 粗钢", True, "product-output", "t", "g", 10**9),
}
"""Code: kind, subject, leaves, parameter, unit of the rules, unit of the log, amount a day."""


def live(
    enterprise: Enterprise, *, without: str | None = None, accurate: str | None = None
) -> None:
    """
    File the works and let January pass.

    Args:
        enterprise: Whose works it is.
        without: The stream that says nothing on the last day.
        accurate: The stream whose meter the plan wants of class 0.5; none has a certificate.
    """
    enterprise.now = NOW
    enterprise.register_authority()
    names = {code: f"{code}/mass/total/" for code in STREAMS}
    for code, series in names.items():
        body = enterprise.registration(
            series,
            unit=STREAMS[code][5],
            cadence_s=DAY_S,
            heartbeat_s=DAY_S,
            since_s=JANUARY.from_s,
            maximum=10**12,
        )
        enterprise.file(body)
    device = Device(name="works", series=tuple(names.values()))
    enterprise.file(enterprise.enrolment(device, instruments=tuple(names)))
    enterprise.file(_structure(names))
    enterprise.file(_plan(names, accurate))
    readings = [
        Reading(
            series=series,
            end_s=day.to_s,
            interval_s=DAY_S,
            value=STREAMS[code][6],
            unit=STREAMS[code][5],
        )
        for code, series in names.items()
        for day in JANUARY.days()
        if code != without or day.to_s != JANUARY.to_s
    ]
    message = device.sign(*readings, at=NOW, provenance=Provenance.BACK_FILL)
    enterprise.accept(message)


def _structure(names: dict[str, str]) -> Structure:
    site = Site(
        code="S1", name="Works", region="350211", latitude_udeg=24_479_834, longitude_udeg=1
    )
    unit = Unit(
        code=WORKS,
        name="steel works",
        site="S1",
        kind=FacilityKind.FACILITY,
        capacity=1,
        capacity_unit="works",
        commissioned_s=JANUARY.from_s,
    )
    streams = tuple(
        Stream(code=code, unit=WORKS, kind=row[0], subject=row[1], leaves=row[2])
        for code, row in STREAMS.items()
    )
    points = tuple(
        MeteringPoint(instrument=code, series=(series,), level=2, unit=WORKS, stream=code)
        for code, series in names.items()
    )
    return Structure(
        from_s=JANUARY.from_s, sites=(site,), units=(unit,), streams=streams, instruments=points
    )


def _plan(names: dict[str, str], accurate: str | None) -> ControlPlan:
    return ControlPlan(
        plan="quality",
        edition=1,
        from_s=JANUARY.from_s,
        reason=RevisionReason.FIRST,
        explanation="first edition",
        parameters=tuple(
            PlannedParameter(
                unit=WORKS,
                parameter=f"{STREAMS[code][3]}:{code}",
                measured_in=STREAMS[code][4],
                way=WayOfGetting.MEASURED,
                side=DataSide.EMISSION,
                series=(series,),
                accuracy_ppm=5_000 if code == accurate else None,
                department="operations",
            )
            for code, series in names.items()
        ),
    )
