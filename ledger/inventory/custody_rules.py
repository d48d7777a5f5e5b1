"""
The rules of the chain of custody, each yielding what it finds.

Source: DOMAIN section 5 (coal sample chain); `docs/formats/sample-records.md`, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final

from attestation.enums import CustodyStep, LaboratoryMark
from attestation.sample_bodies import FIVE_FIGURES, Laboratory, LabReport, Sample
from ledger.inventory.custody_chain import Custody, Filed
from ledger.inventory.custody_words import CustodyFault, CustodyNote, Remark
from ledger.inventory.periods import day_of, end_of_day

TEST_WITHIN_DAYS: Final = 40
"""Natural days from sampling to the test, both in the reporting zone (DOMAIN section 5)."""
FILED_WITHIN_DAYS: Final = 1
"""
Natural days after the one of sampling within which a sample's record is on the chain: it is filed
on the day it is taken (DOMAIN section 6), and a log that has changed is anchored at least daily.
"""
KEPT_MASS_G: Final = 700
KEPT_PARTICLE_UM: Final = 3000
"""A kept sample is about 700 g at 3 mm (DOMAIN section 5)."""
_BEFORE_TEST: Final = (CustodyStep.SEALED, CustodyStep.RECEIVED, CustodyStep.TESTED)


def find_faults(custody: Custody) -> Iterator[Remark]:
    """Give each break in a chain of custody; one is enough for the prescribed factor."""
    yield from _judge_sample(custody)
    yield from _judge_steps(custody)
    if custody.report is None:
        yield CustodyFault.NO_REPORT.remark()
    else:
        yield from _judge_report(custody, custody.report)


def days_between(first_s: int, last_s: int) -> int:
    """Count the natural days of the reporting zone from one moment to another."""
    return (day_of(last_s) - day_of(first_s)).days


def _judge_sample(custody: Custody) -> Iterator[Remark]:
    sample = custody.sample.body
    if custody.is_twice:
        yield CustodyFault.FILED_TWICE.remark(sample.sample)
    late = [
        f"{each.body.sample}: {_days_of_filing(custody, each)}"
        for each in _sample_and_parts(custody)
        if _was_filed_in_time(custody, each) is False
    ]
    if late:
        yield CustodyFault.FILED_LATE.remark("; ".join(late))
    missing = [each for each in sample.parts if each not in custody.parts]
    if missing:
        yield CustodyFault.PART_UNKNOWN.remark(", ".join(missing))
    later = [name for name, part in custody.parts.items() if part.body.taken_s > sample.taken_s]
    if later:
        yield CustodyFault.PART_LATER.remark(", ".join(later))
    foreign = [
        name
        for name, part in custody.parts.items()
        if (part.body.unit, part.body.fuel) != (sample.unit, sample.fuel)
    ]
    if foreign:
        yield CustodyFault.OTHER_FUEL.remark(", ".join(foreign))


def _sample_and_parts(custody: Custody) -> list[Filed[Sample]]:
    return [custody.sample, *custody.parts.values()]


def _was_filed_in_time(custody: Custody, sample: Filed[Sample]) -> bool | None:
    """Say whether a sample was on the chain by the day after; None where no block shows it."""
    time = custody.filed.get(sample.index)
    if time is None:
        return None
    last_day = day_of(sample.body.taken_s) + timedelta(days=FILED_WITHIN_DAYS)
    return time.was_before(end_of_day(last_day))


def _days_of_filing(custody: Custody, sample: Filed[Sample]) -> str:
    taken_s, filed_s = sample.body.taken_s, custody.filed[sample.index].at_s
    return f"{day_of(taken_s).isoformat()} / {day_of(filed_s).isoformat()}"


def _judge_steps(custody: Custody) -> Iterator[Remark]:
    for step in _BEFORE_TEST:
        count = sum(each.body.step is step for each in custody.steps)
        if count != 1:
            fault = CustodyFault.FILED_TWICE if count else CustodyFault.STEP_MISSING
            yield fault.remark(step.name.lower())
    yield from _judge_order(custody)
    yield from _judge_seal(custody)
    tested = custody.step(CustodyStep.TESTED)
    if tested is not None:
        days = days_between(custody.sample.body.taken_s, tested.body.at_s)
        if days > TEST_WITHIN_DAYS:
            yield CustodyFault.TESTED_LATE.remark(f"{days} > {TEST_WITHIN_DAYS}")


def _judge_order(custody: Custody) -> Iterator[Remark]:
    """Compare each event with the one before it, by the clock and by the log."""
    events: list[tuple[str, int, int]] = [
        ("taken", custody.sample.body.taken_s, custody.sample.index)
    ]
    for step in _BEFORE_TEST:
        found = custody.step(step)
        if found is not None:
            events.append((step.name.lower(), found.body.at_s, found.index))
    if custody.report is not None:
        report = custody.report
        events.append(("reported", report.body.reported_s, report.index))
    for (name, at_s, index), (next_name, next_s, next_index) in pairwise(events):
        if next_s <= at_s:
            yield CustodyFault.OUT_OF_ORDER.remark(f"{next_name} <= {name}")
        if next_index <= index:
            yield CustodyFault.FILED_AFTERWARDS.remark(
                f"{name}: {index} > {next_name}: {next_index}"
            )


def _judge_seal(custody: Custody) -> Iterator[Remark]:
    seal = custody.sample.body.seal
    for each in custody.steps:
        if each.body.seal is not None and each.body.seal != seal:
            yield CustodyFault.OTHER_SEAL.remark(f"{each.body.seal} / {seal}")
    received = custody.step(CustodyStep.RECEIVED)
    if received is None:
        return
    if received.body.broken:
        yield CustodyFault.SEAL_BROKEN.remark(seal)
    if received.body.mass_g is not None and received.body.mass_g > custody.sample.body.mass_g:
        yield CustodyFault.MASS_GREW.remark(
            f"{received.body.mass_g} g > {custody.sample.body.mass_g} g"
        )


def _judge_report(custody: Custody, filed: Filed[LabReport]) -> Iterator[Remark]:
    report, sample = filed.body, custody.sample.body
    rivals = [
        each.body.report
        for each in custody.reports
        if each is filed or not each.body.is_moisture_alone
    ]
    if len(rivals) > 1:
        yield CustodyFault.REPORTED_TWICE.remark(", ".join(rivals))
    if (report.laboratory, report.report) in custody.reused_numbers:
        yield CustodyFault.NUMBER_REUSED.remark(report.report)
    if (report.unit, report.fuel) != (sample.unit, sample.fuel):
        yield CustodyFault.OTHER_FUEL.remark(f"{report.unit} {report.fuel}")
    if sample.from_s < report.from_s or report.to_s < sample.to_s:
        yield CustodyFault.OTHER_PERIOD.remark(report.report)
    missing = _missing_figures(report)
    if missing:
        yield CustodyFault.FIGURES_MISSING.remark(", ".join(missing))
    yield from _judge_times(custody, report)
    yield from _judge_laboratory(custody.laboratories, report)


def _missing_figures(report: LabReport) -> list[str]:
    if report.gas_figures:
        return []
    return [name for name in FIVE_FIGURES if name not in report.solid_figures]


def _judge_times(custody: Custody, report: LabReport) -> Iterator[Remark]:
    """Compare what the report says of its times with what was filed at the time."""
    for step, at_s in (
        (CustodyStep.RECEIVED, report.received_s),
        (CustodyStep.TESTED, report.tested_s),
    ):
        filed = custody.step(step)
        if filed is not None and filed.body.at_s != at_s:
            yield CustodyFault.TIMES_DIFFER.remark(step.name.lower())


def _judge_laboratory(
    laboratories: Sequence[Filed[Laboratory]], report: LabReport
) -> Iterator[Remark]:
    if report.mark is LaboratoryMark.NONE:
        yield CustodyFault.NO_MARK.remark(report.report)
        return
    known = [each.body for each in laboratories if each.body.code == report.laboratory]
    if not any(each.from_s <= report.tested_s < each.to_s for each in known):
        yield CustodyFault.NOT_ACCREDITED.remark(report.laboratory)
    elif not any(_covers(each, report) for each in known):
        yield CustodyFault.MARK_NOT_HELD.remark(report.mark.name.replace("_", " "))


def _covers(laboratory: Laboratory, report: LabReport) -> bool:
    in_force = laboratory.from_s <= report.tested_s < laboratory.to_s
    return in_force and laboratory.mark in (report.mark, LaboratoryMark.CMA_AND_CNAS)


def find_notes(custody: Custody) -> Iterator[Remark]:
    """Give what is worth a look and decides nothing."""
    unknown = [
        each.body.sample
        for each in _sample_and_parts(custody)
        if _was_filed_in_time(custody, each) is None
    ]
    if unknown:
        yield CustodyNote.FILING_UNKNOWN.remark(", ".join(unknown))
    kept = custody.step(CustodyStep.KEPT)
    if kept is None:
        yield CustodyNote.NOTHING_KEPT.remark()
    elif kept.body.mass_g is not None and kept.body.mass_g < KEPT_MASS_G:
        yield CustodyNote.KEPT_LITTLE.remark(f"{kept.body.mass_g} g < {KEPT_MASS_G} g")
    if kept is not None and (kept.body.particle_um or KEPT_PARTICLE_UM) > KEPT_PARTICLE_UM:
        yield CustodyNote.KEPT_COARSE.remark(f"{kept.body.particle_um} µm")
    discarded = custody.step(CustodyStep.DISCARDED)
    report = custody.report
    is_early = (
        discarded is not None
        and report is not None
        and discarded.body.at_s < report.body.reported_s
    )
    if is_early:
        yield CustodyNote.DISCARDED_EARLY.remark()
    yield from _note_parts(custody)


def _note_parts(custody: Custody) -> Iterator[Remark]:
    tested = custody.step(CustodyStep.TESTED)
    if custody.parts and tested is not None:
        oldest_s = min(part.body.taken_s for part in custody.parts.values())
        days = days_between(oldest_s, tested.body.at_s)
        if days > TEST_WITHIN_DAYS:
            yield CustodyNote.OLD_PARTS.remark(f"{days} > {TEST_WITHIN_DAYS}")
