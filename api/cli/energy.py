"""
Commands about energy (能源): curves, balances, power factor, cost, anomalies, forecast, savings.

They answer from the evidence of a log that is kept here, and change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from api.bootstrap import open_database
from api.cli import energy_words as words
from api.cli.at_hand import find_log
from api.cli.energy_rollup import rollup
from api.cli.files import Input, read_file
from api.cli.outcomes import leave, worst
from api.cli.output import DID_NOT_HOLD, AsJson, progress, show
from api.cli.places import Config, Usc
from api.energy import documents
from api.energy.files import MOST_BYTES, read_months, read_observations, read_tariff
from api.energy.questions import REPORTING_ZONE, Stretch, parse_grain
from api.errors import BadRequest
from api.settings import load_settings
from ledger.analytics.alerts import WarningLevel, warn
from ledger.analytics.anomalies import find_anomalies
from ledger.analytics.costs import energy_cost
from ledger.analytics.curves import Curve, load_curve
from ledger.analytics.emission_months import EMISSION_UNIT, emission_months, unit_versions
from ledger.analytics.forecast import Months, forecast_year
from ledger.analytics.measures import Measure
from ledger.analytics.metering import metering_report, tree_of
from ledger.analytics.power_factor import power_factors
from ledger.analytics.quantiles import CONFIDENCES
from ledger.analytics.savings import fit_baseline
from ledger.analytics.savings import saving as measure_saving
from ledger.analytics.slices import slices_of
from ledger.inventory.amounts import Amount
from ledger.inventory.structure import structure_at
from ledger.log.counting import find_series
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

app = typer.Typer(help="Energy and carbon of daily work.", no_args_is_help=True)
app.command("rollup")(rollup)

Series = Annotated[str, typer.Argument(help="Series id, such as em-01/energy/total/.")]
PeriodText = Annotated[
    str,
    typer.Option("--period", help="2024, 2024-Q1, 2024-03, 2024-03-15, or two days with a slash."),
]
By = Annotated[str, typer.Option("--by", help="hour, day, week, month, year.")]
Zone = Annotated[str, typer.Option("--zone", help="Whose days these are.")]
Year = Annotated[int, typer.Option("--year", min=1970, max=9999, help="The year.")]
Limit = Annotated[str | None, typer.Option("--limit", help="What is held or allowed, in tCO2.")]
Confidence = Annotated[int, typer.Option("--confidence", help="80 or 95 percent.")]


@app.command("curve")
def curve(
    usc: Usc,
    series: Series,
    period: PeriodText,
    by: By = "day",
    zone: Zone = REPORTING_ZONE,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show how much, how high at most and how steadily a series ran (负荷曲线)."""
    stretch, grain = Stretch.parse(period, zone), parse_grain(by)
    with _log(usc, config) as (uow, log), progress("reading", None):
        found = load_curve(uow, log, series, stretch.cut(grain))
    document = documents.curve_document(found, stretch, grain)
    show(document, as_json, lambda: words.print_curve(document))


@app.command("power-factor")
def power_factor(
    usc: Usc,
    period: PeriodText,
    active: Annotated[
        list[str], typer.Option("--active", help="Active energy; once, or once for each phase.")
    ],
    lagging: Annotated[
        list[str], typer.Option("--lagging", help="Lagging reactive energy, as often.")
    ],
    leading: Annotated[
        list[str] | None, typer.Option("--leading", help="Leading reactive energy, if metered.")
    ] = None,
    by: By = "month",
    zone: Zone = REPORTING_ZONE,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show the power factor (功率因数) of a connection."""
    stretch, grain = Stretch.parse(period, zone), parse_grain(by)
    bounds_s = stretch.cut(grain)
    with _log(usc, config) as (uow, log), progress("reading", None):

        def curves(names: list[str]) -> list[Curve]:
            return [load_curve(uow, log, name, bounds_s) for name in names]

        found = power_factors(curves(active), curves(lagging), curves(leading or []))
    document = documents.power_factor_document(found, stretch, grain)
    show(document, as_json, lambda: words.print_power_factors(document))


@app.command("cost")
def cost(
    usc: Usc,
    series: Series,
    period: PeriodText,
    tariff: Annotated[
        Path, typer.Option("--tariff", exists=True, dir_okay=False, help="Tariff, TOML or JSON.")
    ],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show what energy cost by a time-of-use tariff (分时电价); its table says whose days."""
    table = read_tariff(read_file(tariff, most=MOST_BYTES), tariff.name)
    stretch = Stretch.parse(period, documents.zone_text(table.offset_s))
    with _log(usc, config) as (uow, log), progress("reading", None):
        found = energy_cost(uow, log, series, table, stretch.from_s, stretch.to_s)
    document = documents.cost_document(series, found, table)
    show(document, as_json, lambda: words.print_cost(document))


@app.command("balance")
def balance(
    usc: Usc,
    period: PeriodText,
    quantity: Annotated[
        str, typer.Option("--quantity", help="Second part of the series ids.")
    ] = "energy",
    channel: Annotated[
        str, typer.Option("--channel", help="Third part of the series ids.")
    ] = "total",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Compare meters with those below them, levels 1 to 4 (四级计量); exit 1 on a contradiction."""
    stretch = Stretch.parse(period)
    with _log(usc, config) as (uow, log), progress("reading", None):
        structure = structure_at(uow, log, stretch.from_s).structure
        tree = tree_of(structure.instruments, quantity, channel)
        found = metering_report(uow, log, tree, stretch.from_s, stretch.to_s)
    document = documents.metering_document(found)
    show(document, as_json, lambda: words.print_metering(document))
    leave(worst(each.outcome for each in found.balances))


@app.command("anomalies")
def anomalies(
    usc: Usc,
    series: Series,
    period: PeriodText,
    zone: Zone = REPORTING_ZONE,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show what is far from the usual of its hour (异常检测), and why."""
    stretch = Stretch.parse(period, zone)
    with _log(usc, config) as (uow, log), progress("reading", None):
        measure = Measure.of(find_series(uow, log, series).unit)
        slices, _ = slices_of(uow, log, series, stretch.from_s, stretch.to_s)
    report = find_anomalies(slices, measure, offset_s=stretch.offset_s)
    document = documents.anomaly_document(series, report, measure.amount_unit)
    show(document, as_json, lambda: words.print_anomalies(document))


@app.command("forecast")
def forecast(
    months: Input,
    year: Year,
    limit: Limit = None,
    confidence: Confidence = 80,
    as_json: AsJson = False,
) -> None:
    """Forecast a year from a CSV of month,emission_tCO2 (年度预测); exit 1 if a limit is passed."""
    known = read_months(read_file(months, most=MOST_BYTES), months.name)
    _forecast(known, year, limit, confidence, {}, as_json)


@app.command("outlook")
def outlook(
    usc: Usc,
    unit: Annotated[str, typer.Option("--unit", help="Code of the unit, as in its inventories.")],
    year: Year,
    limit: Limit = None,
    confidence: Confidence = 80,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Forecast a unit's year from the months of its inventories; exit 1 if a limit is passed."""
    with _log(usc, config) as (uow, log):
        found = emission_months(unit_versions(uow, log, unit))
    rests_on = {
        "unit_code": unit,
        "unknown_months": list(found.unknown),
        "by_year_only": list(found.by_year_only),
        "drafts": list(found.drafts),
    }
    _forecast(found.months, year, limit, confidence, rests_on, as_json)


def _forecast(
    known: Months,
    year: int,
    limit: str | None,
    confidence: int,
    rests_on: dict[str, Any],
    as_json: bool,
) -> None:
    _check_confidence(confidence)
    found = forecast_year(known, year, confidence=confidence)
    shortfall = None if limit is None else warn(found, _limit(limit))
    document = documents.forecast_document(found, EMISSION_UNIT, shortfall) | rests_on
    show(document, as_json, lambda: words.print_forecast(document))
    if shortfall is not None and shortfall.warning in (WarningLevel.LIKELY, WarningLevel.PASSED):
        raise typer.Exit(DID_NOT_HOLD)


@app.command("saving")
def saving(
    observations: Input,
    confidence: Confidence = 95,
    as_json: AsJson = False,
) -> None:
    """Show what a measure saved (节能量), from a CSV of part,energy,driver…; exit 1 if nothing."""
    _check_confidence(confidence)
    drivers, before, after = read_observations(
        read_file(observations, most=MOST_BYTES), observations.name
    )
    baseline = fit_baseline(before)
    found = measure_saving(baseline, after, before, confidence=confidence)
    document = documents.saving_document(drivers, baseline, found)
    show(document, as_json, lambda: words.print_saving(document))
    if not (found.is_significant and found.amount > 0):
        raise typer.Exit(DID_NOT_HOLD)


def _check_confidence(confidence: int) -> None:
    if confidence not in CONFIDENCES:
        raise BadRequest(f"{confidence} is none of: {', '.join(map(str, CONFIDENCES))}")


def _limit(text: str) -> Decimal:
    amount = Amount.parse(text, "tCO2").value
    if amount < 0:
        raise BadRequest("a limit is not negative")
    return amount


@contextmanager
def _log(usc: str, config: Path | None) -> Iterator[tuple[UnitOfWork, Log]]:
    settings = load_settings(config)
    with open_database(settings) as database, database.reading() as uow:
        yield uow, find_log(uow, settings, usc)
