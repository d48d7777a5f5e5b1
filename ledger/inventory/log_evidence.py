"""
Evidence of the log: activity data, laboratory reports, structure and plan, as recipes ask for it.

Source: DESIGN section 8; `docs/formats/inventory-records.md`; `docs/formats/sample-records.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType

from attestation.plan_bodies import PlannedParameter
from attestation.sample_bodies import LabReport
from attestation.structure_bodies import Stream, Unit
from ledger.inventory import evidence
from ledger.inventory.activity import ActivityDatum, activity_datum
from ledger.inventory.amounts import total
from ledger.inventory.correction import MeterParts, in_unit, meter_parts
from ledger.inventory.departures import DatumDepartures, check_datum
from ledger.inventory.digests import Subject, digests_within
from ledger.inventory.documents import DocumentStore
from ledger.inventory.evidence import Alarm, Drawn, FuelQuality
from ledger.inventory.fuel_ledgers import FuelLedgers, LedgerMonth
from ledger.inventory.fuel_quality import measured_quality
from ledger.inventory.lines import Obstacle
from ledger.inventory.periods import Period, begin_of_day, day_of
from ledger.inventory.pieces import Origin
from ledger.inventory.plan import InForce, planned_at
from ledger.inventory.samples import SampleBook, open_samples
from ledger.inventory.sources import Source, SourceKind
from ledger.inventory.stating import StatedValue
from ledger.inventory.structure import structure_at
from ledger.repositories.logs import Log
from ledger.repositories.stated import StatedRecord
from ledger.unit_of_work import UnitOfWork


class LogEvidence:
    """
    The evidence of one enterprise's log, as the survey has derived it.

    Args:
        uow: A reading unit of work; what is asked later is of the same snapshot.
        log: The log.
        stated: Values that the enterprise states.
        known: Data that were drawn from the same snapshot already.
        documents: Decrypts the documents of the monthly evidence; None where that cannot be done.
    """

    def __init__(
        self,
        uow: UnitOfWork,
        log: Log,
        stated: tuple[StatedValue, ...] = (),
        known: Mapping[Subject, ActivityDatum] = MappingProxyType({}),
        documents: DocumentStore | None = None,
    ) -> None:
        self._uow = uow
        self._log = log
        self._stated: Mapping[str, StatedValue] = {each.parameter: each for each in stated}
        self.size = uow.surveys.cursor(log.number)
        """Entries that were looked at."""
        self.data: list[ActivityDatum] = []
        """The activity data that were drawn, each once, in order."""
        self._ledgers = FuelLedgers(uow, log, documents, size=self.size)
        self._known = dict(known)
        self._drawn: set[Subject] = set()
        self._plans: dict[tuple[str, str, Period], InForce | None] = {}

    @cached_property
    def samples(self) -> SampleBook:
        """What the log says of samples."""
        return open_samples(self._uow, self._log.number, size=self.size)

    @cached_property
    def _reports(self) -> tuple[StatedRecord[LabReport], ...]:
        """Laboratory reports, superseded ones included."""
        return self._uow.stated.listed(self._log.number, LabReport, size=self.size)

    def unit(self, code: str, period: Period) -> tuple[Unit, tuple[Stream, ...]]:
        """
        Give a unit and its source streams in the structure in force.

        Raises:
            NotStated: If no structure is in force, or it has no such unit.
        """
        structure = structure_at(self._uow, self._log, period.from_s, size=self.size)
        return structure.unit(code), structure.streams_of(code)

    def planned(self, unit: str, parameter: str, period: Period) -> PlannedParameter | None:
        """Give how the plan in force says a parameter is got."""
        found = self._planned(unit, parameter, period)
        return None if found is None else found.parameter

    def activity(
        self,
        unit: str,
        parameter: str,
        period: Period,
        *,
        into: str,
        held_by: Period | None = None,
    ) -> Drawn:
        """Give the activity datum of a planned parameter, in a unit of the rules."""
        plan = self._planned(unit, parameter, period)
        if plan is None:
            return Drawn.missing(
                evidence.MISSING_PLAN, f"no plan in force names {parameter} of {unit}"
            )
        # The departures of a part are those of the whole.
        draw = self._datum if held_by is None else self._known_datum
        data = tuple(
            draw(Subject(unit, parameter, series, period)) for series in plan.parameter.series
        )
        if not data:
            return Drawn.missing(
                evidence.MISSING_DATUM, f"the plan names no series for {parameter} of {unit}"
            )
        named = Source.of_entry(SourceKind.PLAN, plan.index, f"{plan.plan} edition {plan.edition}")
        obstacles = [obstacle for datum in data for obstacle in _incomplete(datum)]
        sources = [named]
        for datum in data:
            held = datum
            if held_by is not None:
                held = self._known_datum(Subject(unit, parameter, datum.series, held_by))
            digests, faults = self._digests(held)
            sources += digests
            obstacles += faults
        if not all(datum.is_complete for datum in data):
            return Drawn(None, tuple(sources), tuple(obstacles))
        amount = total(tuple(in_unit(datum.total, datum.series_unit, into) for datum in data), into)
        return Drawn(amount, tuple(sources), tuple(obstacles))

    def meter_parts(
        self, unit: str, parameter: str, period: Period, *, into: str
    ) -> MeterParts | None:
        """
        Give a complete datum apart by calibration; None where nothing is to be corrected.

        Raises:
            DatumIncomplete: If the plan does not say how accurate the meter must be.
        """
        plan = self._planned(unit, parameter, period)
        series = () if plan is None else plan.parameter.series
        data = [self._known_datum(Subject(unit, parameter, each, period)) for each in series]
        is_covered = all(
            part.calibration is not None or part.origin is Origin.SUBSTITUTED
            for datum in data
            for part in datum.parts
        )
        if is_covered and (plan is None or plan.parameter.accuracy_ppm is None):
            return None
        parts = meter_parts(data, into)
        return parts if parts.is_needed else None

    def batches(self, unit: str, fuel: str, parameter: str, month: Period) -> tuple[Period, ...]:
        """Give the days of a month that one sample each stands for, or none; else the month."""
        parts = self.samples.quality(unit, fuel, month).parts
        ends = (month.from_s, *(part.to_s for part in parts[:-1]))
        follow = all(part.from_s == end for part, end in zip(parts, ends, strict=True))
        if len(parts) < 2 or not follow or any(at != begin_of_day(day_of(at)) for at in ends):
            return (month,)
        plan = self._planned(unit, parameter, month)
        series = () if plan is None else plan.parameter.series
        found = tuple(Period(part.from_s, part.to_s) for part in parts)
        subjects = [Subject(unit, parameter, name, each) for name in series for each in found]
        divide = all(self._known_datum(subject).is_complete for subject in subjects)
        return found if divide else (month,)

    def quality(self, unit: str, fuel: str, period: Period) -> FuelQuality:
        """Give what the laboratory measured of a fuel, if it may be used."""
        return measured_quality(
            self.samples, self.samples.quality(unit, fuel, period), self._reports, size=self.size
        )

    def alarms(self) -> tuple[Alarm, ...]:
        """Give the signs of made-up reports over all laboratory reports."""
        return tuple(
            Alarm(each.remark.code, each.remark.text("en"), each.remark.text("zh"), each.reports)
            for each in self.samples.alarms
        )

    def departures(self) -> tuple[DatumDepartures, ...]:
        """Give what departs from the control plan in each datum that was drawn."""
        return tuple(
            DatumDepartures(
                each.parameter, each.series, each.period, check_datum(self._uow, self._log, each)
            )
            for each in self.data
        )

    def stated(self, unit: str, parameter: str, period: Period) -> Drawn:
        """Give a value that the enterprise states with its document, and the plan names."""
        value = self._stated.get(parameter)
        if value is None:
            return Drawn.missing(evidence.MISSING_DATUM, f"{parameter} of {unit} is not stated")
        plan = self._planned(unit, parameter, period)
        if plan is None:
            return value.drawn(None, 0)
        return value.drawn(plan.parameter, plan.index)

    def fuel_ledger(self, stream: Stream, month: Period) -> LedgerMonth:
        """Give what the fuel ledger handed in for a month says of a stream's fuel."""
        return self._ledgers.month(stream, month)

    def _datum(self, subject: Subject) -> ActivityDatum:
        """Draw a datum, and list it among what was drawn."""
        if subject not in self._drawn:
            self._drawn.add(subject)
            self.data.append(self._known_datum(subject))
        return self._known[subject]

    def _known_datum(self, subject: Subject) -> ActivityDatum:
        if subject not in self._known:
            self._known[subject] = activity_datum(
                self._uow,
                self._log,
                subject.unit,
                subject.parameter,
                subject.series,
                subject.period,
            )
        return self._known[subject]

    def _planned(self, unit: str, parameter: str, period: Period) -> InForce | None:
        wanted = (unit, parameter, period)
        if wanted not in self._plans:
            self._plans[wanted] = planned_at(
                self._uow, self._log, unit, parameter, period.from_s, size=self.size
            )
        return self._plans[wanted]

    def _digests(self, datum: ActivityDatum) -> tuple[list[Source], list[Obstacle]]:
        """Find the newest digest that holds a datum fast, and whether it still says the same."""
        words = f"{datum.parameter} of {datum.unit} in {datum.period.label}"
        subject = Subject(datum.unit, datum.parameter, datum.series, datum.period)
        found = [
            each
            for each in digests_within(self._uow, self._log, datum.period, unit=datum.unit)
            if each.subject == subject and each.index < self.size
        ]
        if not found:
            message = f"no digest holds {words} fast"
            return [], [evidence.MISSING_DIGEST.of(message)]
        newest = found[-1]
        source = Source.of_entry(SourceKind.DIGEST, newest.index, f"{words}{_provenance(datum)}")
        now = datum.document()
        differing = [
            name
            for name in sorted(now.keys() | newest.document.keys())
            if name != "size" and now.get(name) != newest.document.get(name)
        ]
        if not differing:
            return [source], []
        message = (
            f"the digest of {words} in entry {newest.index} states another "
            f"{', '.join(differing)} than the log now gives"
        )
        return [source], [evidence.DIGEST_DIFFERS.of(message)]


def _incomplete(datum: ActivityDatum) -> Iterator[Obstacle]:
    if not datum.is_complete:
        words = f"{datum.parameter} of {datum.unit} in {datum.period.label}"
        yield evidence.MISSING_DATUM.of(f"{words} misses {datum.missing_s} s of {datum.series}")


def _provenance(datum: ActivityDatum) -> str:
    """Say of a datum what is not simply metered: imported, stated, substituted, uncalibrated."""
    named = {part.origin.value for part in datum.parts if part.origin is not Origin.METERED} | {
        "out of calibration" for part in datum.parts if part.calibration is None
    }
    return f"; {', '.join(sorted(named))}" if named else ""
