"""Answers about energy as JSON-ready documents: decimal strings, RFC 3339 instants, words."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from api.energy.questions import Stretch
from attestation.enums import Outcome, label
from attestation.instants import format_instant, from_seconds
from ledger.analytics.alerts import Shortfall
from ledger.analytics.anomalies import Anomaly, AnomalyReport
from ledger.analytics.calendar import Grain, label_of
from ledger.analytics.costs import Cost
from ledger.analytics.curves import Curve, Load, Peak
from ledger.analytics.forecast import YearForecast
from ledger.analytics.metering import Balance, LevelTotal, MeteringReport
from ledger.analytics.power_factor import PowerFactor
from ledger.analytics.savings import Baseline, Saving
from ledger.analytics.tariffs import Tariff
from ledger.decimals import plain, rounded

SHOWN_PLACES: Final = 6
"""Decimals that an answer shows at most; what has fewer is shown with fewer."""


def curve_document(curve: Curve, stretch: Stretch, grain: Grain) -> dict[str, Any]:
    """Describe a load curve."""
    measure = curve.measure
    return {
        "series": curve.series,
        "unit": measure.amount_unit,
        "load_unit": measure.load_unit,
        "zone": stretch.zone,
        "by": grain.value,
        "loads": [_load(load, stretch, grain) for load in curve.loads],
    }


def power_factor_document(
    factors: list[PowerFactor], stretch: Stretch, grain: Grain
) -> dict[str, Any]:
    """Describe power factors."""
    return {
        "zone": stretch.zone,
        "by": grain.value,
        "power_factors": [
            {
                "label": label_of(grain, each.from_s, stretch.offset_s),
                "from": _moment(each.from_s),
                "to": _moment(each.to_s),
                "active_kWh": number(each.active_kwh),
                "lagging_kvarh": number(each.lagging_kvarh),
                "leading_kvarh": number(each.leading_kvarh),
                "lagging": number(each.lagging),
                "leading": number(each.leading),
                "billed": number(each.billed),
                "comparable": each.is_comparable,
                "missing_s": each.to_s - each.from_s - each.covered_s,
            }
            for each in factors
        ],
    }


def cost_document(series: str, cost: Cost, tariff: Tariff) -> dict[str, Any]:
    """Describe what energy cost."""
    return {
        "series": series,
        "tariff": tariff.name,
        "source": tariff.source,
        "currency": tariff.currency,
        "unit": tariff.unit,
        "from": _moment(cost.from_s),
        "to": _moment(cost.to_s),
        "bands": [
            {
                "band": each.band,
                "price": f"{each.price:f}",
                "energy": number(each.energy),
                "cost": f"{each.cost:f}",
            }
            for each in cost.bands
        ],
        "energy": number(cost.energy),
        "cost": f"{cost.cost:f}",
        "mean_price": number(cost.mean_price),
        "unpriced": number(cost.unpriced),
        "unpriced_count": cost.unpriced_count,
        "missing_s": cost.missing_s,
        "complete": cost.is_complete,
    }


def metering_document(report: MeteringReport) -> dict[str, Any]:
    """Describe the balances of a tree of meters."""
    return {
        "from": _moment(report.from_s),
        "to": _moment(report.to_s),
        "unit": report.unit,
        "levels": [_level(each) for each in report.levels],
        "balances": [_balance(each) for each in report.balances],
    }


def anomaly_document(series: str, report: AnomalyReport, unit: str) -> dict[str, Any]:
    """Describe what was found in a stream."""
    return {
        "series": series,
        "unit": unit,
        "judged": report.judged,
        "not_judged": report.not_judged,
        "early_share": number(report.early_share),
        "late_share": number(report.late_share),
        "drifted": report.has_drifted,
        "anomalies": [_anomaly(each, unit) for each in report.anomalies],
    }


def forecast_document(
    forecast: YearForecast, unit: str, shortfall: Shortfall | None
) -> dict[str, Any]:
    """Describe a forecast, and how it stands to a limit."""
    return {
        "year": forecast.year,
        "unit": unit,
        "confidence_pct": forecast.confidence,
        "known": number(forecast.known, 2),
        "expected": number(forecast.expected, 2),
        "low": number(forecast.low, 2),
        "high": number(forecast.high, 2),
        "months": [
            {"month": each.month, "amount": number(each.amount, 2), "known": each.is_known}
            for each in forecast.months
        ],
        "base_years": list(forecast.base_years),
        "explanation": forecast.explanation(unit),
        "explanation_zh": forecast.explanation_zh(unit),
        "limit": None if shortfall is None else _shortfall(shortfall),
    }


def saving_document(drivers: tuple[str, ...], baseline: Baseline, found: Saving) -> dict[str, Any]:
    """Describe what a measure saved, and the line it is measured against."""
    return {
        "fixed": number(baseline.fixed),
        "per_driver": {
            name: number(each) for name, each in zip(drivers, baseline.per_driver, strict=True)
        },
        "observations": baseline.observations,
        "explained": number(baseline.explained, 4),
        "good_enough": baseline.is_good,
        "baseline": number(found.baseline),
        "actual": number(found.actual),
        "saving": number(found.amount),
        "reach": number(found.reach),
        "confidence_pct": found.confidence,
        "significant": found.is_significant,
        "outside": found.is_outside,
    }


def number(value: Fraction | Decimal | None, places: int = SHOWN_PLACES) -> str | None:
    """Write a number without needless zeros; nothing where there is none."""
    return None if value is None else plain(rounded(value, places))


def zone_text(offset_s: int) -> str:
    """Name a zone by its offset, such as `UTC+09:00`."""
    hours, rest = divmod(abs(offset_s), 3600)
    return f"UTC{'-' if offset_s < 0 else '+'}{hours:02d}:{rest // 60:02d}"


def word_of(outcome: Outcome) -> str:
    """Give an outcome as programs read it."""
    return outcome.name.lower()


def _load(load: Load, stretch: Stretch, grain: Grain) -> dict[str, Any]:
    return {
        "label": label_of(grain, load.from_s, stretch.offset_s),
        "from": _moment(load.from_s),
        "to": _moment(load.to_s),
        "total": number(load.total),
        "mean": number(load.mean),
        "highest": _peak(load.highest),
        "lowest": _peak(load.lowest),
        "load_factor": number(load.load_factor),
        "spread": number(load.spread),
        "count": load.count,
        "missing_s": load.missing_s,
        "left_out": {kind.value: count for kind, count in sorted(load.left_out.items())},
        "marked": {mark.name.lower(): count for mark, count in sorted(load.marked.items())},
    }


def _peak(peak: Peak | None) -> dict[str, Any] | None:
    if peak is None:
        return None
    return {
        "load": number(peak.load),
        "from": _moment(peak.start_s),
        "to": _moment(peak.end_s),
        "entries": list(peak.entries),
    }


def _level(level: LevelTotal) -> dict[str, Any]:
    return {
        "level": level.level,
        "meters": level.meters,
        "amount": number(level.amount),
        "incomplete": list(level.incomplete),
    }


def _balance(balance: Balance) -> dict[str, Any]:
    return {
        "meter": balance.meter.name,
        "level": balance.meter.level,
        "amount": number(balance.counted.amount),
        "children": list(balance.children),
        "below": number(balance.below),
        "rest": number(balance.rest),
        "rest_share": number(balance.rest_share),
        "incomplete": list(balance.incomplete),
        "outcome": word_of(balance.outcome),
        "outcome_zh": label(balance.outcome, "zh"),
    }


def _anomaly(anomaly: Anomaly, unit: str) -> dict[str, Any]:
    return {
        "kind": anomaly.kind.value,
        "from": _moment(anomaly.start_s),
        "to": _moment(anomaly.end_s),
        "value": number(anomaly.value),
        "usual": number(anomaly.usual),
        "score": number(anomaly.score, 2),
        "entries": list(anomaly.entries),
        "explanation": anomaly.explanation(unit),
        "explanation_zh": anomaly.explanation_zh(unit),
    }


def _shortfall(shortfall: Shortfall) -> dict[str, Any]:
    return {
        "amount": plain(shortfall.limit),
        "warning": shortfall.warning.value,
        "expected_lack": number(shortfall.expected, 2),
        "lack_at_most": number(shortfall.at_most, 2),
        "passed_in_month": shortfall.month,
    }


def _moment(seconds: int) -> str:
    return format_instant(from_seconds(seconds))
