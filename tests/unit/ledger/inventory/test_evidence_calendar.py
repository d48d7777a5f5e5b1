"""Due dates of the monthly evidence: forty natural days, years as data, nothing guessed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ledger.inventory.errors import CalendarUnknown
from ledger.inventory.evidence_calendar import EvidenceCalendar, evidence_calendar
from ledger.inventory.periods import Period
from tests.support.samples import at


def calendar(**rule: Any) -> EvidenceCalendar:
    """Give a calendar of 2024 alone."""
    year = {"first_month": "2024-01", "natural_days": 40, "moved": {}} | rule
    return EvidenceCalendar.parse(json.dumps({"version": 7, "years": {"2024": year}}).encode())


@pytest.mark.parametrize(
    ("month", "last"),
    [
        ("2024-01", "2024-03-11"),
        ("2023-01", "2023-03-12"),
        ("2024-03", "2024-05-10"),
        ("2024-12", "2025-02-09"),
        ("2022-04", "2022-06-09"),
    ],
)
def test_forty_natural_days_after_the_end_of_the_month(month: str, last: str) -> None:
    """Leap years, year ends and holidays make no difference to natural days."""
    assert evidence_calendar().last_day(Period.parse(month)).isoformat() == last


def test_last_day_counts_whole() -> None:
    """Late is the first second of the next day, in the reporting zone."""
    assert evidence_calendar().due_s(Period.month(2024, 3)) == at(5, 11, 0)


def test_month_that_the_authority_moved_is_due_then() -> None:
    """An exception takes the place of the rule for its month alone."""
    moved = calendar(moved={"2024-01": "2024-03-31"})

    assert moved.last_day(Period.month(2024, 1)).isoformat() == "2024-03-31"
    assert moved.last_day(Period.month(2024, 2)).isoformat() == "2024-04-09"


@pytest.mark.parametrize("month", ["2022-03", "2021-12", "2035-01"])
def test_month_without_a_rule_is_an_error(month: str) -> None:
    """Neither before the rule began nor in a year that nobody has entered."""
    with pytest.raises(CalendarUnknown, match=f"no due date for {month}"):
        evidence_calendar().due_s(Period.parse(month))


@pytest.mark.parametrize("period", ["2024", "2024-Q1", "2024-03-01"])
def test_only_months_are_due(period: str) -> None:
    """A quarter has no due date."""
    with pytest.raises(CalendarUnknown, match="no calendar month"):
        evidence_calendar().due_s(Period.parse(period))


def test_months_begin_with_the_rule() -> None:
    """2022 has nine months of evidence."""
    assert evidence_calendar().months(2022)[0].label == "2022-04"
    assert len(evidence_calendar().months(2022)) == 9


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"version": 1}',
        b'{"version": 1, "years": {"2024": 40}}',
        b'{"version": 1, "years": {"MMXXIV": {}}}',
        b'{"version": 1, "years": {"2024": {"first_month": "2024-01", "natural_days": 0,'
        b' "moved": {}}}}',
        b'{"version": 1, "years": {"2024": {"first_month": "2024-01", "natural_days": 40,'
        b' "moved": {"2024-01": "soon"}}}}',
    ],
)
def test_file_that_is_no_calendar_is_refused(content: bytes) -> None:
    """A calendar that cannot be read gives no due date."""
    with pytest.raises(CalendarUnknown, match=r"calendar|rule"):
        EvidenceCalendar.parse(content)
