"""
Energy of one log, for whoever may read it: curves, balances, anomalies.

Only what rests on published entries is shown. Nothing is stored: the answer is worked out from the
evidence each time, so it passes a gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.auth.policy import Action
from api.auth.principals import Principal
from api.energy import documents
from api.energy.questions import REPORTING_ZONE, Stretch
from api.http.energy_models import AnomalyList, CurveModel, MeteringModel, PowerFactorList
from api.http.limits import gated
from api.http.lookup import (
    PRIVATE,
    Caller,
    Here,
    LogName,
    find_log,
    find_published,
    require_access,
)
from api.services import Services
from ledger.analytics.anomalies import find_anomalies
from ledger.analytics.calendar import Grain
from ledger.analytics.curves import Curve, load_curve
from ledger.analytics.measures import Measure
from ledger.analytics.metering import metering_report, tree_of
from ledger.analytics.power_factor import power_factors
from ledger.analytics.slices import slices_of
from ledger.inventory.structure import structure_at
from ledger.log.counting import find_series
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

router = APIRouter(
    prefix="/v1/logs/{name}/energy",
    tags=["energy"],
    dependencies=[Depends(gated(lambda limits: limits.bundles))],
)

_MOST_PHASES = 3
Series = Annotated[
    str, Query(max_length=200, description="Series id, such as em-01/energy/total/.")
]
Phases = Annotated[
    list[str], Query(max_length=_MOST_PHASES, description="A series, or one for each phase.")
]
OtherPhases = Annotated[
    list[str] | None, Query(max_length=_MOST_PHASES, description="Where they are metered.")
]
Period = Annotated[
    str,
    Query(
        max_length=30,
        description="2024, 2024-Q1, 2024-03, 2024-03-15, or two days with a slash.",
    ),
]
By = Annotated[Grain, Query(description="How finely time is cut.")]
Zone = Annotated[str, Query(max_length=60, description="Whose days these are, as UTC+08:00.")]


@router.get("/curve", operation_id="getLoadCurve")
def get_curve(
    name: LogName,
    series: Series,
    period: Period,
    services: Here,
    caller: Caller,
    response: Response,
    by: By = Grain.DAY,
    zone: Zone = REPORTING_ZONE,
) -> CurveModel:
    """Give how much, how high at most and how steadily a series ran."""
    stretch = Stretch.parse(period, zone)
    with _published(services, caller, name, response) as (uow, log, size):
        found = load_curve(uow, log, series, stretch.cut(by), size=size)
    return CurveModel.model_validate(documents.curve_document(found, stretch, by))


@router.get("/power-factor", operation_id="getPowerFactor")
def get_power_factor(
    name: LogName,
    period: Period,
    active: Phases,
    lagging: Phases,
    services: Here,
    caller: Caller,
    response: Response,
    leading: OtherPhases = None,
    by: By = Grain.MONTH,
    zone: Zone = REPORTING_ZONE,
) -> PowerFactorList:
    """Give the power factor of a connection of one or more phases."""
    stretch = Stretch.parse(period, zone)
    bounds_s = stretch.cut(by)
    with _published(services, caller, name, response) as (uow, log, size):

        def curves(names: list[str]) -> list[Curve]:
            return [load_curve(uow, log, each, bounds_s, size=size) for each in names]

        found = power_factors(curves(active), curves(lagging), curves(leading or []))
    document = documents.power_factor_document(found, stretch, by)
    return PowerFactorList.model_validate(document)


@router.get("/balance", operation_id="getMeteringBalance")
def get_balance(
    name: LogName,
    period: Period,
    services: Here,
    caller: Caller,
    response: Response,
    quantity: Annotated[str, Query(max_length=64)] = "energy",
    channel: Annotated[str, Query(max_length=64)] = "total",
) -> MeteringModel:
    """Compare meters with those below them, by the structure in force when the period begins."""
    stretch = Stretch.parse(period)
    with _published(services, caller, name, response) as (uow, log, size):
        structure = structure_at(uow, log, stretch.from_s, size=size).structure
        tree = tree_of(structure.instruments, quantity, channel)
        found = metering_report(uow, log, tree, stretch.from_s, stretch.to_s, size=size)
    return MeteringModel.model_validate(documents.metering_document(found))


@router.get("/anomalies", operation_id="listAnomalies")
def list_anomalies(
    name: LogName,
    series: Series,
    period: Period,
    services: Here,
    caller: Caller,
    response: Response,
    zone: Zone = REPORTING_ZONE,
) -> AnomalyList:
    """Give what is far from the usual of its hour, and why."""
    stretch = Stretch.parse(period, zone)
    stretch.cut(Grain.DAY)  # refuses a stretch that is too long
    with _published(services, caller, name, response) as (uow, log, size):
        measure = Measure.of(find_series(uow, log, series).unit)
        slices, _ = slices_of(uow, log, series, stretch.from_s, stretch.to_s, size=size)
    report = find_anomalies(slices, measure, offset_s=stretch.offset_s)
    document = documents.anomaly_document(series, report, measure.amount_unit)
    return AnomalyList.model_validate(document)


@contextmanager
def _published(
    services: Services, caller: Principal, name: str, response: Response
) -> Iterator[tuple[UnitOfWork, Log, int]]:
    """Open a log to whoever may read it, with the number of its published entries."""
    require_access(services, caller, name, Action.READ_ENERGY)
    response.headers["cache-control"] = PRIVATE
    with services.ledger.database.reading() as uow:
        log = find_log(uow, services, name)
        checkpoint, _ = find_published(uow, services, log)
        yield uow, log, checkpoint.size
