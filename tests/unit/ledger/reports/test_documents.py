"""The document of a report and its number: what goes in, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from api.cli.output import DID_NOT_HOLD, USAGE, exit_code_of
from attestation.canonical import parse_canonical
from attestation.report_document import ReportDocument
from ledger.inventory.versions import Change
from ledger.reports.document import report_document
from ledger.reports.errors import ReportRefused
from ledger.reports.numbering import report_number
from tests.support.reported import ReportedCase, inventory_version

CASE = ReportedCase()
USC = "91350211M000100Y46"


def document(**changes: Any) -> dict[str, Any]:
    made = parse_canonical(report_document(replace(CASE.inputs, **changes)))
    assert isinstance(made, dict)
    return made


def test_document_repeats_what_will_be_signed() -> None:
    """The statement without the hash of the report, which cannot stand in the report."""
    statement = document()["statement"]

    assert statement["total_tCO2e"] == "14815"
    assert statement["opinion"] == "1"
    assert "reportHash" not in statement
    assert statement == {name: CASE.statement.message[name] for name in statement}


def test_document_shows_lines_without_the_secret() -> None:
    """Each line has its own salt, from which no other follows."""
    made = document()

    assert len({each["salt"] for each in made["lines"]}) == 14
    assert inventory_version().secret.hex() not in str(made)


def test_lines_of_the_document_give_the_root_that_was_submitted() -> None:
    """So that every number on the pages is one that the enterprise signed."""
    assert ReportDocument.parse(CASE.document).require_lines(CASE.submission) == 14


def test_changes_stand_with_before_and_after() -> None:
    """Per line: before, after, difference."""
    change = Change("emissions:2024:coal:emissions", "1 tCO2", "2 tCO2", "1 tCO2")

    assert document(changes=(change,))["changes"] == [
        {
            "line": "emissions:2024:coal:emissions",
            "before": "1 tCO2",
            "after": "2 tCO2",
            "difference": "1 tCO2",
        }
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"languages": ()}, "report.language"),
        ({"languages": ("zh", "zh")}, "report.language"),
        ({"languages": ("fr",)}, "report.language"),
        ({"drawn_on": "10.4.2025"}, "report.day"),
        ({"drawn_on": "2025-02-30"}, "report.day"),
        ({"drawn_on": "1969-12-31"}, "report.day"),
        ({"version": replace(inventory_version(), number=3)}, "report.version"),
        ({"submission": CASE.confirmation}, "report.refused"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], code: str) -> None:
    """Another version than the submitted one above all."""
    with pytest.raises(ReportRefused) as refused:
        document(**changes)
    assert refused.value.stable_code == code


def test_number_of_a_report() -> None:
    """Province, body, last six of the code, year, version."""
    number = report_number(area=350_211, body="ABC", credit_code=USC, year=2025, version=1)

    assert number == "闽-ABC-100Y46-2025-1"


def test_number_takes_chinese_abbreviations() -> None:
    """As bodies have them."""
    number = report_number(area=110_000, body="中创碳投", credit_code=USC, year=2025, version=12)

    assert number == "京-中创碳投-100Y46-2025-12"


@pytest.mark.parametrize("body", ["", "abc", "A B", "A-B", "A" * 13])
def test_abbreviation_is_plain(body: str) -> None:
    """Nothing that could be taken for another part of the number."""
    with pytest.raises(ReportRefused):
        report_number(area=350_211, body=body, credit_code=USC, year=2025, version=1)


def test_what_is_asked_for_in_another_form_is_a_wrong_command() -> None:
    """Another case would not change it, as it would what a report lacks."""
    for act in (
        lambda: document(drawn_on="2025-02-30"),
        lambda: report_number(area=350_211, body="a", credit_code=USC, year=2025, version=1),
    ):
        with pytest.raises(ReportRefused) as refused:
            act()
        assert exit_code_of(refused.value) == USAGE
    with pytest.raises(ReportRefused) as lacking:
        report_number(area=0, body="ABC", credit_code=USC, year=2025, version=1)
    assert exit_code_of(lacking.value) == DID_NOT_HOLD


@pytest.mark.parametrize("area", [0, 160_000, 990_000])
def test_area_lies_in_a_province(area: int) -> None:
    """The nation has no reports of its own."""
    with pytest.raises(ReportRefused):
        report_number(area=area, body="ABC", credit_code=USC, year=2025, version=1)
