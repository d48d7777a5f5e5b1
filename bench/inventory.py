"""A year of quarter hours of 100 meters: from signed readings in the log to an inventory."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from functools import partial
from multiprocessing import get_context

from api.rule_side import chain_rules, seeded_factors
from attestation.entries import EntryKind
from attestation.enums import (
    DataSide,
    FacilityKind,
    Provenance,
    RevisionReason,
    StreamKind,
    WayOfGetting,
)
from attestation.instants import Instant
from attestation.keys import Algorithm
from attestation.messages import parse_message
from attestation.plan_bodies import ControlPlan, PlannedParameter
from attestation.readings import Reading
from attestation.structure_bodies import MeteringPoint, Site, Stream, Structure, Unit
from bench import limits, material
from bench.measuring import Row, Say, spent
from ledger import migrations
from ledger.database import Database
from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import SECRET_LENGTH, Wanted, assemble
from ledger.inventory.identity import Scope
from ledger.inventory.periods import Period
from ledger.inventory.stating import StatedValue
from ledger.inventory.versions import InventoryVersion
from ledger.log.checkers import PooledChecker
from tests.support.enterprise import USC, Device, Enterprise

YEAR = Period.year(2025)
WORKS = "works"
METERS_OF_A_STREAM = 20
"""More than the control plan lets one figure rest on."""
QUARTER_S = 900
A_DAY = 96
_NOW = Instant((YEAR.to_s + 86_400) * 1000)


def run(say: Say, *, quick: bool) -> list[Row]:
    """Measure the survey, the raw scan of the same rows, and a draft of the year."""
    meters = 4 if quick else 100
    devices = [_device(number) for number in range(meters)]
    say(f"signing a year of {meters} meters")
    with ProcessPoolExecutor(limits.CORES, mp_context=get_context("forkserver")) as pool:
        signed = list(pool.map(_sign, range(meters)))
    contents = tuple(message for day in zip(*signed, strict=True) for message in day)
    readings = len(contents) * A_DAY
    rows = []
    with (
        material.postgresql() as cluster,
        material.sqlite_url() as sqlite,
        PooledChecker(limits.CORES) as checker,
    ):
        urls = {"PostgreSQL": material.postgresql_url(cluster, "inventory"), "SQLite": sqlite}
        for kind, url in urls.items():
            with Database(url) as database:
                migrations.upgrade(database.engine)
                made = Enterprise(database, checker=checker, now=_NOW)
                _register(made, devices)
                say(f"{kind}: admitting {readings} readings")
                material.admit(made, contents)
                material.integrate(made)
                what = f"{meters} meters, {readings} readings, {kind}"
                rows += _measure(made, tuple(_grids(devices)), what, say)
    return rows


def _measure(made: Enterprise, grids: tuple[str, ...], what: str, say: Say) -> list[Row]:
    say(f"{what}: surveying")
    survey = spent(partial(made.surveyor.survey_all, made.log.number))
    say(f"{what}: scanning")
    sums: list[int] = []
    scan = spent(partial(_scan, made, sums))
    say(f"{what}: assembling")
    versions: list[InventoryVersion] = []
    draft = spent(partial(_draft, made, grids, versions))
    _require_sum(versions[0], sum(sums))
    limit = (scan.wall_s, "raw scan of the same rows")
    return [
        Row(f"{what}: survey, once", survey.wall_s, "s", *limit),
        Row(f"{what}: draft inventory", draft.wall_s, "s", *limit),
    ]


def _device(number: int) -> Device:
    return Device(f"em-{number:03d}", Algorithm.ED25519, series=(f"em-{number:03d}/energy/total/",))


def _grids(devices: list[Device]) -> dict[str, list[Device]]:
    """Give the meters by the stream they are of."""
    return {
        f"grid-{at // METERS_OF_A_STREAM + 1}": devices[at : at + METERS_OF_A_STREAM]
        for at in range(0, len(devices), METERS_OF_A_STREAM)
    }


def _value(number: int, quarter: int) -> int:
    return 20_000 + (37 * quarter + 11 * number) % 9_000


def _sign(number: int) -> list[bytes]:
    """Sign a meter's year, a day in each message."""
    device, found = _device(number), []
    quarters = YEAR.length_s // QUARTER_S
    for begin in range(0, quarters, A_DAY):
        row = [
            Reading(
                series=device.series[0],
                end_s=YEAR.from_s + (quarter + 1) * QUARTER_S,
                interval_s=QUARTER_S,
                value=_value(number, quarter),
                unit="Wh",
            )
            for quarter in range(begin, begin + A_DAY)
        ]
        found.append(device.sign(*row, at=_NOW, provenance=Provenance.BACK_FILL).encoded)
    return found


def _register(made: Enterprise, devices: list[Device]) -> None:
    made.register_authority()
    for device in devices:
        made.file(made.registration(device.series[0], since_s=YEAR.from_s))
        made.file(made.enrolment(device))
    made.file(_structure(devices))
    made.file(_plan(devices))


def _structure(devices: list[Device]) -> Structure:
    return Structure(
        from_s=YEAR.from_s,
        sites=(
            Site(
                code="site",
                name="works",
                region="350211",
                latitude_udeg=24_479_834,
                longitude_udeg=118_089_425,
            ),
        ),
        units=(
            Unit(
                code=WORKS,
                name="works",
                site="site",
                kind=FacilityKind.FACILITY,
                capacity=1,
                capacity_unit="works",
                commissioned_s=YEAR.from_s,
            ),
        ),
        streams=tuple(
            Stream(code=grid, unit=WORKS, kind=StreamKind.ELECTRICITY, subject="electricity")
            for grid in _grids(devices)
        ),
        instruments=tuple(
            MeteringPoint(
                instrument=device.name, series=device.series, level=1, unit=WORKS, stream=grid
            )
            for grid, row in _grids(devices).items()
            for device in row
        ),
    )


def _plan(devices: list[Device]) -> ControlPlan:
    rows = [
        each
        for grid, row in _grids(devices).items()
        for each in (
            PlannedParameter(
                unit=WORKS,
                parameter=f"purchased-electricity:{grid}",
                measured_in="MWh",
                way=WayOfGetting.MEASURED,
                side=DataSide.EMISSION,
                series=tuple(device.series[0] for device in row),
                stream=grid,
                department="energy office",
            ),
            PlannedParameter(
                unit=WORKS,
                parameter=f"emission-factor:{grid}",
                measured_in="kgCO2e",
                way=WayOfGetting.DEFAULT,
                side=DataSide.EMISSION,
                stream=grid,
                department="energy office",
            ),
        )
    ]
    return ControlPlan(
        plan="quality",
        edition=1,
        from_s=YEAR.from_s,
        reason=RevisionReason.FIRST,
        explanation="first",
        parameters=tuple(rows),
    )


def _scan(made: Enterprise, sums: list[int]) -> None:
    """Read every entry's bytes, decode what is a message, and add its values up."""
    with made.database.reading() as uow:
        log = uow.logs.get(made.log.number)
        for entry in uow.entries.between(log.number, 0, uow.surveys.cursor(log.number)):
            if entry.kind is EntryKind.MESSAGE:
                message = parse_message(entry.content, origin=log.origin)
                sums.append(sum(sum(run.values or ()) for run in message.runs))


def _draft(made: Enterprise, grids: tuple[str, ...], versions: list[InventoryVersion]) -> None:
    factor = Amount(Decimal("570.3"), "kgCO2e")
    stated = tuple(
        StatedValue(f"emission-factor:{grid}", factor, "00" * 32, "page 1") for grid in grids
    )
    wanted = Wanted(Scope.of(USC, WORKS, YEAR), stated=stated)
    with chain_rules() as engine, made.database.reading() as uow:
        log = uow.logs.get(made.log.number)
        assembled = assemble(
            uow,
            log,
            wanted,
            engine=engine,
            factors=seeded_factors(),
            secret=bytes(SECRET_LENGTH),
        )
    versions.append(assembled.version)


def _require_sum(version: InventoryVersion, total_wh: int) -> None:
    """Refuse a figure of a sum that is wrong."""
    expected = (Decimal(total_wh) * Decimal("570.3")).scaleb(-9)
    assert version.total is not None
    assert abs(version.total.value - expected) < 1, (version.total, expected)
