"""
Departures: everything in a datum that is not as the control plan in force says.

Each check looks at one thing the plan names and yields what it found, in English and Chinese.
None decides whether the figure may be used.

Source: DOMAIN section 5 (数据质量控制方案; meter rules); `docs/formats/inventory-records.md`,
section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from attestation.entries import EntryKind
from attestation.enums import MissingDataRule, WayOfGetting
from attestation.errors import EncodingError
from attestation.plan_bodies import PlannedParameter
from ledger.inventory.activity import ActivityDatum, amount_of
from ledger.inventory.calibrations import Calibrations, accuracy_ppm_of
from ledger.inventory.errors import AmountError
from ledger.inventory.periods import DAY_S, Period
from ledger.inventory.pieces import Origin, RemarkKind
from ledger.inventory.plan import planned_at
from ledger.log.counting import find_series
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_UNCALIBRATED: Final = "部分时段计量器具未在检定或校准有效期内"


class DepartureKind(StrEnum):
    """What a datum departs from."""

    NOT_PLANNED = "not-planned"
    PLAN_FILED_LATER = "plan-filed-later"
    PLAN_CHANGED = "plan-changed"
    OTHER_SERIES = "other-series"
    OTHER_WAY = "other-way"
    OTHER_QUANTITY = "other-quantity"
    TOO_SELDOM = "too-seldom"
    OUT_OF_CALIBRATION = "out-of-calibration"
    CALIBRATION_TOO_LONG = "calibration-too-long"
    LESS_ACCURATE = "less-accurate"
    NOT_AS_MEASURED = "not-as-measured"
    IMPORTED = "imported"
    LEFT_OUT = "left-out"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Departure:
    """One thing in a datum that is not as planned."""

    kind: DepartureKind
    text: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class DatumDepartures:
    """Everything in one datum that is not as planned."""

    parameter: str
    series: str
    period: Period
    departures: tuple[Departure, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """A datum beside what the plan says of it."""

    uow: UnitOfWork
    log: Log
    datum: ActivityDatum
    planned: PlannedParameter


def check_datum(uow: UnitOfWork, log: Log, datum: ActivityDatum) -> tuple[Departure, ...]:
    """
    Name every departure of a datum from the control plan in force at the begin of its period.

    Args:
        uow: A reading unit of work.
        log: The log the datum is from.
        datum: As `activity_datum` gave it.
    """
    if datum.plan is None:
        text = f"no control plan in force names {datum.parameter} of {datum.unit}"
        return (Departure(DepartureKind.NOT_PLANNED, text, "现行数据质量控制方案未列入该参数"),)
    case = _Case(uow, log, datum, datum.plan.parameter)
    return tuple(departure for check in _CHECKS for departure in check(case))


def _plan_filed_later(case: _Case) -> Iterator[Departure]:
    plan, said = case.datum.plan, _readings_of(case)
    if plan is not None and said and plan.index > said[0]:
        text = f"the plan (entry {plan.index}) was filed after readings it judges (entry {said[0]})"
        yield Departure(
            DepartureKind.PLAN_FILED_LATER, text, "数据质量控制方案在数据产生之后才提交"
        )


def _readings_of(case: _Case) -> list[int]:
    """Give the entries of the datum that are messages, ascending."""
    entries = case.uow.entries.many(case.log.number, case.datum.entries)
    return sorted(index for index, entry in entries.items() if entry.kind is EntryKind.MESSAGE)


def _plan_changed(case: _Case) -> Iterator[Departure]:
    datum = case.datum
    last = planned_at(case.uow, case.log, datum.unit, datum.parameter, datum.period.to_s - 1)
    if datum.plan is not None and (last is None or last.index != datum.plan.index):
        text = f"edition {datum.plan.edition} of the plan does not hold to the end of the period"
        yield Departure(DepartureKind.PLAN_CHANGED, text, "核算期内数据质量控制方案已修订")


def _series(case: _Case) -> Iterator[Departure]:
    if case.datum.series not in case.planned.series:
        names = ", ".join(case.planned.series) or "no series"
        text = f"got from {case.datum.series}, the plan names {names}"
        yield Departure(DepartureKind.OTHER_SERIES, text, "数据来源与方案规定的计量器具不一致")


def _way(case: _Case) -> Iterator[Departure]:
    if case.planned.way is not WayOfGetting.MEASURED:
        way = case.planned.way.name.lower()
        text = f"got from readings, the plan says {way}"
        yield Departure(DepartureKind.OTHER_WAY, text, "数据获取方式与方案不一致")


def _quantity(case: _Case) -> Iterator[Departure]:
    try:
        amount_of(case.datum.total, case.datum.series_unit, case.planned.measured_in)
    except (AmountError, EncodingError):
        text = f"{case.datum.series_unit} is no measure of {case.planned.measured_in}"
        yield Departure(DepartureKind.OTHER_QUANTITY, text, "计量单位与方案不一致")


def _frequency(case: _Case) -> Iterator[Departure]:
    every_s = case.planned.every_s
    cadence_s = find_series(case.uow, case.log, case.datum.series).cadence_s
    if every_s is not None and cadence_s > every_s:
        text = f"read every {cadence_s} s, the plan says every {every_s} s"
        yield Departure(DepartureKind.TOO_SELDOM, text, "监测频次低于方案规定")


def _calibration(case: _Case) -> Iterator[Departure]:
    outside = sum(
        part.covered_s
        for part in case.datum.parts
        if part.calibration is None and part.origin is not Origin.SUBSTITUTED
    )
    if outside:
        text, text_zh = f"{outside} s of the period are out of calibration", _UNCALIBRATED
        if case.planned.accuracy_ppm is None:
            text += "; not corrected, the plan names no accuracy"
            text_zh += "；方案未规定准确度等级，未作保守性修正"
        yield Departure(DepartureKind.OUT_OF_CALIBRATION, text, text_zh)
    days = case.planned.calibration_days
    if days is None:
        return
    instrument = case.datum.series.split("/", 1)[0]
    period = case.datum.period
    calibrations = Calibrations(case.uow, case.log, instrument)
    for index, length_s in calibrations.lengths(period.from_s, period.to_s):
        if length_s > days * DAY_S:
            text = f"calibration of entry {index} runs {length_s // DAY_S} days, {days} are allowed"
            yield Departure(DepartureKind.CALIBRATION_TOO_LONG, text, "检定或校准周期超过方案规定")


def _accuracy(case: _Case) -> Iterator[Departure]:
    allowed = case.planned.accuracy_ppm
    classes = {part.calibration for part in case.datum.parts if part.calibration is not None}
    for accuracy_class in sorted(classes):
        found = accuracy_ppm_of(accuracy_class)
        is_other = found is None and accuracy_class != case.planned.accuracy_class
        if allowed is not None and (is_other or (found is not None and found > allowed)):
            text = f"class {accuracy_class} is not within {allowed} millionths"
            yield Departure(DepartureKind.LESS_ACCURATE, text, "计量器具准确度等级低于方案规定")


def _origin(case: _Case) -> Iterator[Departure]:
    stated = [part for part in case.datum.parts if part.origin is Origin.STATED]
    if stated and case.planned.missing is MissingDataRule.LEAVE_MISSING:
        count = sum(part.count for part in stated)
        text = f"{count} values are stated, not measured, and the plan has no rule for that"
        yield Departure(DepartureKind.NOT_AS_MEASURED, text, "存在非实测数据，方案未规定替代方法")
    imported = [part for part in case.datum.parts if part.origin is Origin.IMPORTED]
    if imported and not case.planned.imports:
        count = sum(part.count for part in imported)
        text = f"{count} values are imported, and the plan does not allow that"
        yield Departure(DepartureKind.IMPORTED, text, "使用了方案未允许的导入数据")


def _left_out(case: _Case) -> Iterator[Departure]:
    for kind in RemarkKind:
        remarks = [remark for remark in case.datum.remarks if remark.kind is kind]
        if remarks:
            first = remarks[0].text
            count = sum(remark.count for remark in remarks)
            text = f"{count} readings are in no sum ({kind.value}), such as: {first}"
            yield Departure(DepartureKind.LEFT_OUT, text, "部分读数未计入")


def _missing(case: _Case) -> Iterator[Departure]:
    if case.datum.missing:
        rule = case.planned.missing.name.lower().replace("_", " ")
        seconds, stretches = case.datum.missing_s, len(case.datum.missing)
        text = f"{seconds} s in {stretches} stretches have no amount; the plan's rule is {rule}"
        yield Departure(DepartureKind.MISSING, text, "核算期内存在缺失数据")


_CHECKS: Final[tuple[Callable[[_Case], Iterator[Departure]], ...]] = (
    _plan_filed_later,
    _plan_changed,
    _series,
    _way,
    _quantity,
    _frequency,
    _calibration,
    _accuracy,
    _origin,
    _left_out,
    _missing,
)
