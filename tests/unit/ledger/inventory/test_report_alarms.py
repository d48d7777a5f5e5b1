"""Alarms over all reports: the marks of made-up ones, and what looks like them but is not."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.sample_bodies import LabReport
from ledger.inventory.custody import Filed
from ledger.inventory.periods import Period
from ledger.inventory.report_alarms import report_alarms, reused_numbers
from tests.support.samples import LAB_CODE, MARCH, at, report

FEBRUARY = Period.month(2024, 2)


def other(**changes: Any) -> LabReport:
    """Give a report that shares nothing with the first but its laboratory and unit."""
    fields: dict[str, Any] = {
        "report": "M-0501",
        "samples": ("c-02",),
        "file": bytes(32),
        "received_s": at(3, 5),
        "from_s": FEBRUARY.from_s,
        "to_s": FEBRUARY.to_s,
        "carbon_ppm": 580_000,
    }
    return report(**(fields | changes))


def alarms(*reports: LabReport) -> list[str]:
    """Give the codes of the alarms over reports filed one after the other."""
    found = report_alarms([Filed(index, each) for index, each in enumerate(reports)])
    return [each.remark.code for each in found]


def test_reports_that_share_nothing_raise_nothing() -> None:
    """Two months, two numbers, two files, two days."""
    assert alarms(report(), other()) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"report": "M-0412"}, ["same-number"]),
        ({"report": "M-0412", "laboratory": "91440300MA5EXAMP72"}, []),
        ({"file": report().file}, ["same-file"]),
        ({"received_s": at(4, 3, 23)}, ["months-on-one-day"]),
        ({"received_s": at(4, 4, 0)}, []),
        ({"received_s": at(4, 3, 23), "unit": "u2"}, []),
        ({"carbon_ppm": 576_100}, ["figures-repeated"]),
        ({"carbon_ppm": 576_100, "samples": ("c-03",)}, []),
    ],
    ids=str,
)
def test_each_mark_raises_its_alarm(changes: dict[str, Any], found: list[str]) -> None:
    """One thing shared raises one alarm; its near miss raises none."""
    assert alarms(report(), other(**changes)) == found


def test_one_month_in_two_reports_on_one_day_is_ordinary() -> None:
    """Samples of one month may come together."""
    same_day = other(received_s=at(4, 3), from_s=MARCH.from_s, to_s=MARCH.to_s)

    assert alarms(report(), same_day) == []


def test_same_report_filed_again_is_no_alarm() -> None:
    """The same number with the same file says nothing new."""
    assert alarms(report(), report()) == []


def test_alarm_names_the_reports_and_the_values() -> None:
    """Who looks finds the entries."""
    (alarm,) = report_alarms([Filed(7, other(received_s=at(4, 3))), Filed(4, report())])

    assert alarm.reports == (4, 7)
    assert alarm.remark.text("zh") == "多个月份的样品同日送达 (u1, 2024-04-03: 2024-02, 2024-03)"


def test_number_of_two_files_is_reused() -> None:
    """The number counts with its laboratory."""
    filed = [Filed(1, report()), Filed(2, other(report="M-0412"))]

    assert reused_numbers(filed) == {(LAB_CODE, "M-0412")}
