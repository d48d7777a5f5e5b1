"""
What the demonstration's made-up unit files about itself: structure, plan, samples and reports.

The laboratory finds the carbon that the simulated coal has, a little different each month.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Final

from api.demo.cast import Party
from attestation.enums import (
    CarbonBasis,
    CustodyStep,
    DataSide,
    FacilityKind,
    LaboratoryMark,
    RevisionReason,
    SampleKind,
    StreamKind,
    UnitClass,
    WayOfGetting,
)
from attestation.plan_bodies import ControlPlan, PlannedParameter
from attestation.sample_bodies import Laboratory, LabReport, Sample, SampleStep
from attestation.structure_bodies import MeteringPoint, Site, Stream, Structure, Unit
from ledger.inventory.periods import DAY_S, Period

UNIT: Final = "unit-1"
COAL: Final = "coal"
GAS: Final = "gas"
YEAR: Final = Period.year(2024)
_FUEL: Final = "bituminous coal 烟煤"
_HOUR_S: Final = 3600
_CARBON_PPM: Final = 558_000
_HEAT_J_PER_G: Final = 22_150
JUNE: Final = 5
"""Months before it."""
_MISTYPED_PPM: Final = 536_900
"""For 556 900, which is what the sample had."""
_SERIES: Final = {
    "unit-1-coal": ("unit-1-coal/mass/amount/", COAL),
    "unit-1-gas": ("unit-1-gas/volume/amount/", GAS),
    "unit-1-generator": ("unit-1-generator/active-energy/export/", None),
    "stack-1": ("stack-1/carbon-dioxide/day/", None),
}
_MEASURED: Final = (
    (f"fuel-consumption:{COAL}", "t", DataSide.EMISSION, "unit-1-coal"),
    (f"fuel-consumption:{GAS}", "e4Nm3", DataSide.EMISSION, "unit-1-gas"),
    ("generation", "MWh", DataSide.PRODUCTION, "unit-1-generator"),
    ("carbon-dioxide", "t", DataSide.EMISSION, "stack-1"),
)
_STATED: Final = (
    (f"net-calorific-value:{GAS}", "GJ/e4Nm3"),
    (f"carbon-content-per-heat:{GAS}", "tC/GJ"),
    (f"oxidation-rate:{GAS}", "1"),
)


def structure() -> Structure:
    """Give one site with one unit that burns coal and a little gas."""
    return Structure(
        from_s=YEAR.from_s,
        sites=(
            Site(
                code="site-1",
                name="示例电厂",
                region="350100",
                latitude_udeg=26_080_000,
                longitude_udeg=119_300_000,
                altitude_m=10,
            ),
        ),
        units=(
            Unit(
                code=UNIT,
                name="1号机组",
                site="site-1",
                kind=FacilityKind.POWER_UNIT,
                unit_class=UnitClass.COAL_UP_TO_300_MW,
                capacity=330_000,
                capacity_unit="kW",
                commissioned_s=YEAR.from_s - 15 * 365 * DAY_S,
            ),
        ),
        streams=(
            Stream(code=COAL, unit=UNIT, kind=StreamKind.FUEL, subject=_FUEL),
            Stream(code=GAS, unit=UNIT, kind=StreamKind.FUEL, subject="natural gas 天然气"),
        ),
        instruments=tuple(
            MeteringPoint(instrument=name, series=(series,), level=3, unit=UNIT, stream=stream)
            for name, (series, stream) in _SERIES.items()
        ),
    )


def plan() -> ControlPlan:
    """Give the control plan: four series of class 0.5, and three values that are stated."""
    measured = tuple(
        PlannedParameter(
            unit=UNIT,
            parameter=parameter,
            measured_in=unit,
            way=WayOfGetting.MEASURED,
            side=side,
            series=(_SERIES[instrument][0],),
            accuracy_class="0.5",
            accuracy_ppm=5_000,
            department="生产技术部",
        )
        for parameter, unit, side, instrument in _MEASURED
    )
    stated = tuple(
        PlannedParameter(
            unit=UNIT,
            parameter=parameter,
            measured_in=unit,
            way=WayOfGetting.DEFAULT,
            side=DataSide.EMISSION,
            department="生产技术部",
        )
        for parameter, unit in _STATED
    )
    return ControlPlan(
        plan="quality-2024",
        edition=1,
        from_s=YEAR.from_s,
        reason=RevisionReason.FIRST,
        explanation="first edition",
        parameters=(*measured, *stated),
    )


def laboratory(tester: Party) -> Laboratory:
    """Give the laboratory and the key that speaks for it."""
    return Laboratory(
        code=tester.code,
        laboratory=tester.name,
        key="0x" + tester.approver.address.hex(),
        mark=LaboratoryMark.CMA_AND_CNAS,
        accreditation="SIM-2024",
        from_s=YEAR.from_s - 365 * DAY_S,
        to_s=YEAR.to_s + 365 * DAY_S,
    )


def samples() -> Iterator[Sample]:
    """Give the sample of each month, taken on the first morning after it."""
    for month in YEAR.months():
        yield Sample(
            sample=_name(month),
            unit=UNIT,
            fuel=_FUEL,
            kind=SampleKind.BATCH,
            taken_s=_taken_s(month),
            from_s=month.from_s,
            to_s=month.to_s,
            mass_g=3000,
            sampler=sha256(b"sampler of the demonstration").digest(),
            seal=f"SEAL-{_name(month)}",
            standard="GB/T 475",
        )


def steps(kind: CustodyStep) -> Iterator[SampleStep]:
    """Give one step of every month's sample."""
    days = {CustodyStep.SEALED: 0, CustodyStep.RECEIVED: 2, CustodyStep.TESTED: 9}
    for month in YEAR.months():
        has_seal = kind is not CustodyStep.TESTED
        yield SampleStep(
            sample=_name(month),
            step=kind,
            at_s=_taken_s(month) + days[kind] * DAY_S + _HOUR_S,
            holder="示例电厂" if kind is CustodyStep.SEALED else "示例煤质检测有限公司",
            seal=f"SEAL-{_name(month)}" if has_seal else None,
        )


def reports(tester: Party) -> Iterator[LabReport]:
    """Give the report on every month's sample; June's carbon was typed wrong."""
    for number, month in enumerate(YEAR.months()):
        report = _report(tester, number, month)
        yield replace(report, carbon_ppm=_MISTYPED_PPM) if number == JUNE else report


def corrected_report(tester: Party) -> LabReport:
    """Give June's report anew, with what the laboratory's own record says."""
    report = _report(tester, JUNE, YEAR.months()[JUNE])
    return replace(report, report=f"{report.report}-1", file=sha256(b"June, corrected").digest())


def _report(tester: Party, number: int, month: Period) -> LabReport:
    name, taken_s = _name(month), _taken_s(month)
    return LabReport(
        report=f"R-{name}",
        laboratory=tester.code,
        mark=LaboratoryMark.CMA,
        standards=("GB/T 476", "GB/T 213"),
        basis=CarbonBasis.AS_RECEIVED,
        unit=UNIT,
        fuel=_FUEL,
        from_s=month.from_s,
        to_s=month.to_s,
        samples=(name,),
        received_s=taken_s + 2 * DAY_S + _HOUR_S,
        tested_s=taken_s + 9 * DAY_S + _HOUR_S,
        reported_s=taken_s + 11 * DAY_S,
        mass_g=2900,
        instrument="simulated analyser",
        staff=(sha256(b"tester of the demonstration").digest(),),
        file=sha256(f"report of {name}".encode()).digest(),
        carbon_ppm=_CARBON_PPM + 700 * (number % 5) - 1100,
        ncv_j_per_g=_HEAT_J_PER_G + 28 * (number % 5) - 40,
        hydrogen_ppm=35_100 + 100 * (number % 3),
        sulphur_ppm=5_200 + 40 * (number % 4),
        moisture_ppm=96_000 + 900 * (number % 6),
    )


def _name(month: Period) -> str:
    return f"coal-{month.label}"


def _taken_s(month: Period) -> int:
    return month.to_s + 8 * _HOUR_S
