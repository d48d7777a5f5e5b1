"""Finding factors: by words, by report year, as of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from attestation.enums import RuleStatus
from chain.bindings.factor_book import FactorEntry
from chain.bindings.standing import StatusAct
from chain.factors import Factor, end_of_day_s, find_factors, seed_factors

GRID = FactorEntry(
    guide="CETS-AG-01.01",
    edition="2022",
    quantity="grid emission factor",
    subject="national grid 全国电网",
    unit="tCO2/MWh",
    values=(581 * 10**15,),
    report_from=2021,
    report_to=2022,
    valid_from_s=0,
    valid_to_s=0,
    table_row="1",
    source_hash=bytes(32),
    confidence="read",
    status=RuleStatus.IN_FORCE,
)
LATER = replace(GRID, edition="2023", values=(5703 * 10**14,), report_from=2023, report_to=0)
DRAFT = replace(LATER, edition="draft", values=(5306 * 10**14,), status=RuleStatus.DRAFT)
FACTORS = (Factor(DRAFT), Factor(GRID), Factor(LATER))


def editions(text: str = "", year: int | None = None, as_of: date | None = None) -> list[str]:
    found = find_factors(FACTORS, text, year=year, as_of=as_of)
    return [each.factor.entry.edition for each in found]


def test_values_are_exact_decimals() -> None:
    """Numbers are given as they were published, without rounding."""
    assert Factor(LATER).values == ("0.5703",)


@pytest.mark.parametrize("text", ["grid", "GRID national", "全国电网", "cets emission", ""])
def test_words_in_any_order_and_case(text: str) -> None:
    """All words must occur somewhere in guide, quantity and subject."""
    assert len(editions(text)) == 3


@pytest.mark.parametrize("text", ["grid heat", "tCO2/MWh", "2022"])
def test_words_that_do_not_occur(text: str) -> None:
    """One word that is nowhere finds nothing; unit and edition are not searched."""
    assert editions(text) == []


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2020, []),
        (2021, ["2022"]),
        (2022, ["2022"]),
        (2023, ["2023", "draft"]),
        (2030, ["2023", "draft"]),
    ],
)
def test_year_has_what_stands_for_it(year: int, expected: list[str]) -> None:
    """Both ends of the years are among them; what is in force comes before a draft."""
    assert editions(year=year) == expected


def test_status_that_was_recorded_later() -> None:
    """A status counts from its report year on, and earlier years keep theirs."""
    act = StatusAct(RuleStatus.SUPERSEDED, 2024, 1_800_000_000)
    factor = Factor(LATER, published_at_s=1_700_000_000, later=(act,))

    assert factor.status_for(2023) is RuleStatus.IN_FORCE
    assert factor.status_for(2024) is RuleStatus.SUPERSEDED
    assert factor.status_for(2022) is RuleStatus.NONE


@pytest.mark.parametrize(
    ("moment_s", "status"),
    [
        (1_699_999_999, RuleStatus.NONE),
        (1_700_000_000, RuleStatus.IN_FORCE),
        (1_799_999_999, RuleStatus.IN_FORCE),
        (1_800_000_000, RuleStatus.SUPERSEDED),
    ],
)
def test_what_the_book_had_recorded(moment_s: int, status: RuleStatus) -> None:
    """As of a moment only what was recorded by then counts, that second included."""
    act = StatusAct(RuleStatus.SUPERSEDED, 2024, 1_800_000_000)
    factor = Factor(LATER, published_at_s=1_700_000_000, later=(act,))

    assert factor.status_for(2024, moment_s) is status


def test_day_ends_in_the_reporting_zone() -> None:
    """The last second of a day is 16 hours into the UTC day, less one second."""
    assert end_of_day_s(date(1970, 1, 2)) == 86_400 + 16 * 3600 - 1


@pytest.mark.parametrize(
    ("day", "is_found"),
    [
        (date(2022, 12, 31), False),
        (date(2023, 1, 1), True),
        (date(2023, 12, 31), True),
        (date(2024, 1, 1), False),
    ],
)
def test_document_has_force_on_the_day(day: date, is_found: bool) -> None:
    """Where the document's own dates are known, the day must lie within them."""
    start, end = end_of_day_s(date(2022, 12, 31)) + 1, end_of_day_s(date(2023, 12, 31)) + 1
    dated = Factor(replace(LATER, valid_from_s=start, valid_to_s=end))

    assert bool(find_factors([dated], "grid", year=2023, as_of=day)) is is_found


def test_document_without_dates_is_not_left_out() -> None:
    """Dates that are not known exclude nothing."""
    assert editions(year=2023, as_of=date(2023, 6, 1)) == ["2023", "draft"]


def test_seed_has_its_citations() -> None:
    """Each factor of the seed says what was read."""
    factors = seed_factors()

    assert len(factors) > 200
    assert all(factor.citation for factor in factors)
