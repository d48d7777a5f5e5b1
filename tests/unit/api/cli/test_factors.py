"""`carbonseal factors find`: what is prescribed for a report, and what is only a draft."""

from __future__ import annotations

import pytest

from tests.unit.api.cli.conftest import Run


def test_prescribed_comes_first_and_says_so(run: Run) -> None:
    """For a year with a benchmark in force, the consultation's numbers stay behind it."""
    ran = run("factors", "find", "generation benchmark 300MW", "--year", "2024", "--json")

    assert ran.code == 0
    assert [each["values"] for each in ran.document] == [
        ["0.791"],
        ["0.8049"],
        ["0.7822"],
        ["0.7944"],
    ]
    assert [each["prescribed"] for each in ran.document] == [True, True, False, False]
    assert all(each["citation"] and each["confidence"] for each in ran.document)


def test_draft_is_never_prescribed(run: Run) -> None:
    """A year that has only a draft has nothing prescribed."""
    ran = run("factors", "find", "generation benchmark", "--year", "2026", "--json")

    assert {each["status"] for each in ran.document} == {"draft"}
    assert not any(each["prescribed"] for each in ran.document)


def test_text_names_the_source(run: Run) -> None:
    """People see number, unit, standing, document and how sure it is."""
    ran = run("factors", "find", "coal tar 煤焦油 calorific")

    assert "33.453 GJ/t  in force" in ran.out
    assert "CETS-AG-03.01 V01-2024" in ran.out
    assert "next: --year" in ran.out


def test_nothing_found(run: Run) -> None:
    """Finding nothing ends with 1, so that a script notices."""
    ran = run("factors", "find", "wombat")

    assert ran.code == 1
    assert "nothing found" in ran.out


@pytest.mark.parametrize("day", ["2024-13-01", "20240101", "1.1.2024", "2024-1-1"])
def test_day_of_another_form(run: Run, day: str) -> None:
    """A day is written in one way."""
    ran = run("factors", "find", "grid", "--as-of", day)

    assert ran.code == 2
    assert "not a day" in ran.err
