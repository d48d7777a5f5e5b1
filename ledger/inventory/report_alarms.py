"""
Alarms over all laboratory reports of a log: what no single report shows.

A number that stands for two files, a file under two numbers, months of samples that arrive on one
day, and figures that repeat to the last digit were the marks of made-up reports.

Source: DOMAIN section 6.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from attestation.sample_bodies import FIVE_FIGURES, LabReport
from ledger.inventory.custody import Filed
from ledger.inventory.custody_words import Remark, ReportAlarm
from ledger.inventory.periods import day_of

Group = TypeVar("Group", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm and the records that raise it."""

    remark: Remark
    reports: tuple[int, ...]
    """Entry indexes, ascending."""


def report_alarms(reports: Sequence[Filed[LabReport]]) -> tuple[Alarm, ...]:
    """
    Look over all reports of a log.

    Args:
        reports: In the order of the log, superseded ones included: a replaced report is still
            one that was given out.
    """
    return (
        *_same_numbers(reports),
        *_same_files(reports),
        *_months_on_one_day(reports),
        *_repeated_figures(reports),
    )


def reused_numbers(reports: Sequence[Filed[LabReport]]) -> frozenset[tuple[str, str]]:
    """Give laboratory and number of the reports that stand for different files."""
    groups = _grouped(((each.body.laboratory, each.body.report), each) for each in reports)
    return frozenset(name for name, group in groups if len(_files(group)) > 1)


def _same_numbers(reports: Sequence[Filed[LabReport]]) -> Iterator[Alarm]:
    reused = reused_numbers(reports)
    for name, group in _grouped(
        ((each.body.laboratory, each.body.report), each) for each in reports
    ):
        if name in reused:
            yield _alarm(ReportAlarm.SAME_NUMBER, name[1], group)


def _same_files(reports: Sequence[Filed[LabReport]]) -> Iterator[Alarm]:
    for _, group in _grouped((each.body.file, each) for each in reports):
        numbers = {(each.body.laboratory, each.body.report) for each in group}
        if len(numbers) > 1:
            yield _alarm(ReportAlarm.SAME_FILE, _numbers(group), group)


def _months_on_one_day(reports: Sequence[Filed[LabReport]]) -> Iterator[Alarm]:
    by_day = _grouped(((each.body.unit, day_of(each.body.received_s)), each) for each in reports)
    for (unit, day), group in by_day:
        months = {_month(each.body.to_s - 1) for each in group}
        if len(months) > 1:
            detail = f"{unit}, {day.isoformat()}: {', '.join(sorted(months))}"
            yield _alarm(ReportAlarm.MONTHS_ON_ONE_DAY, detail, group)


def _repeated_figures(reports: Sequence[Filed[LabReport]]) -> Iterator[Alarm]:
    whole = [each for each in reports if set(FIVE_FIGURES) <= each.body.solid_figures.keys()]
    for _, group in _grouped(
        (tuple(sorted(each.body.solid_figures.items())), each) for each in whole
    ):
        if len({each.body.samples for each in group}) > 1:
            yield _alarm(ReportAlarm.FIGURES_REPEATED, _numbers(group), group)


def _grouped(
    pairs: Iterable[tuple[Group, Filed[LabReport]]],
) -> list[tuple[Group, list[Filed[LabReport]]]]:
    groups: dict[Group, list[Filed[LabReport]]] = defaultdict(list)
    for name, report in pairs:
        groups[name].append(report)
    return list(groups.items())


def _files(group: Sequence[Filed[LabReport]]) -> set[bytes]:
    return {each.body.file for each in group}


def _numbers(group: Sequence[Filed[LabReport]]) -> str:
    return ", ".join(dict.fromkeys(each.body.report for each in group))


def _month(at_s: int) -> str:
    return day_of(at_s).isoformat()[:7]


def _alarm(alarm: ReportAlarm, detail: str, group: Sequence[Filed[LabReport]]) -> Alarm:
    return Alarm(alarm.remark(detail), tuple(sorted(each.index for each in group)))
