"""
What a verifier takes along to the site: plan, meters with their last readings, samples, findings.

It is what the log says at one size, so that what is seen at the site can be held against it, and
is worked out without the case's chain, so that it serves before an inventory is submitted too.

Source: SCREENS section 2.1 (offline site-visit checklist); 企业温室气体排放报告核查指南, 现场核查.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from attestation.canonical import Json
from attestation.enums import label
from attestation.instants import format_instant, from_seconds
from attestation.messages import parse_message
from attestation.plan_bodies import PlannedParameter
from attestation.sample_bodies import Sample
from attestation.series_bodies import Calibration
from ledger.inventory.facts import facts_about
from ledger.inventory.plan import planned_parameters
from ledger.inventory.samples import open_samples
from ledger.inventory.structure import structure_at
from ledger.inventory.versions import InventoryVersion
from ledger.log.proving import LogProver
from ledger.repositories.logs import Log
from ledger.repositories.series import Series
from ledger.unit_of_work import UnitOfWork


def visit_pack(
    uow: UnitOfWork, log: Log, version: InventoryVersion, *, drawn: Sequence[str] = ()
) -> dict[str, Json]:
    """
    Put together what is to be looked at on a visit about a version of an inventory.

    Args:
        uow: A reading unit of work.
        log: The enterprise's log.
        version: The version that is verified.
        drawn: What the sampling plan drew, in words or names of lines.

    Raises:
        NotStated: If no structure is in force, or it has no such unit.
        NotIntegrated: If the log has no checkpoint.
    """
    scope = version.scope
    structure = structure_at(uow, log, scope.period.to_s - 1)
    site = structure.site_of(structure.unit(scope.unit))
    plan = planned_parameters(uow, log, scope.period.to_s - 1, unit=scope.unit)
    series = uow.series.all(log.number)
    named = sorted({name for each in plan for name in each.parameter.series if name in series})
    newest = LogProver(uow, log).newest
    return {
        "case": f"0x{scope.inventory_id.hex()}",
        "enterprise": scope.usc,
        "unit": scope.unit,
        "period": scope.period.label,
        "version": {
            "number": version.number,
            "sha256": version.sha256,
            "total": None if version.total is None else str(version.total),
        },
        "log": {"origin": log.origin, "size": newest.size, "root": newest.root.hex()},
        "site": {
            "name": site.name,
            "latitude_udeg": site.latitude_udeg,
            "longitude_udeg": site.longitude_udeg,
        },
        "plan": [_planned(each.parameter) for each in plan],
        "meters": [_meter(uow, log, series[name]) for name in named],
        "samples": list(_samples(uow, log, version)),
        "lines": [
            {"line": line.line_id, "value": None if line.amount is None else str(line.amount)}
            for line in version.lines
        ],
        "drawn": list(drawn),
    }


def _planned(parameter: PlannedParameter) -> dict[str, Json]:
    return {
        "parameter": parameter.parameter,
        "way": label(parameter.way),
        "measured_in": parameter.measured_in,
        "series": list(parameter.series),
        "laboratory": parameter.laboratory,
        "every_s": parameter.every_s,
        "accuracy_class": parameter.accuracy_class,
        "calibration_days": parameter.calibration_days,
        "department": parameter.department,
    }


def _meter(uow: UnitOfWork, log: Log, series: Series) -> dict[str, Json]:
    windows = [body for _, body in facts_about(uow, log, Calibration, series.instrument)]
    last = max(windows, key=lambda body: body.to_s, default=None)
    return {
        "series": series.series,
        "instrument": series.instrument,
        "unit": series.unit,
        "register": series.register,
        "calibrated_until": None if last is None else format_instant(from_seconds(last.to_s)),
        "accuracy_class": None if last is None else last.accuracy_class,
        "last": _last_reading(uow, log, series),
    }


def _last_reading(uow: UnitOfWork, log: Log, series: Series) -> dict[str, Json] | None:
    progress = uow.surveys.series(log.number, [series.index]).get(series.index)
    if progress is None or not progress.occupied_until_s:
        return None
    until = progress.occupied_until_s
    spans = uow.spans.between(
        log.number, series.index, until - 1, until + 1, longest_s=progress.longest_span_s
    )
    span = max(spans, key=lambda each: (each.end_s, each.index), default=None)
    if span is None:
        return None
    entry = uow.entries.get(log.number, span.index)
    message = parse_message(entry.content, origin=log.origin)
    said = [each for each in message.readings if each.series == series.series]
    reading = max(said, key=lambda each: each.end_s)
    value = None if reading.value is None else Decimal(reading.value).scaleb(-reading.scale)
    return {
        "index": span.index,
        "end": format_instant(from_seconds(reading.end_s)),
        "value": None if value is None else format(value, "f"),
        "unit": reading.unit,
        "quality": label(reading.quality),
    }


def _samples(uow: UnitOfWork, log: Log, version: InventoryVersion) -> Iterator[dict[str, Json]]:
    book, period = open_samples(uow, log.number), version.scope.period
    for record in uow.stated.listed(log.number, Sample):
        sample = record.body
        is_of_unit = sample.unit == version.scope.unit
        if is_of_unit and sample.from_s < period.to_s and sample.to_s > period.from_s:
            verdict = book.verdict(sample.sample)
            yield {
                "sample": sample.sample,
                "fuel": sample.fuel,
                "taken": format_instant(from_seconds(sample.taken_s)),
                "seal": sample.seal,
                "report_index": verdict.report_index,
                "usable": verdict.usable,
                "faults": [each.text() for each in verdict.faults],
                "faults_zh": [each.text("zh") for each in verdict.faults],
            }
