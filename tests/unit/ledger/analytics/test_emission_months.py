"""Months of emissions out of inventories: known, unknown, and what is in no month."""

from __future__ import annotations

import pytest

from attestation.enums import VersionState
from ledger.analytics.emission_months import emission_months
from ledger.analytics.errors import AnalyticsError
from ledger.inventory.lines import TOTAL
from ledger.inventory.periods import Period
from ledger.inventory.versions import InventoryVersion
from tests.support.emission_lines import line, version

YEAR = Period.year(2024)
MONTHS = YEAR.months()


def year(*, missing: int | None = None) -> InventoryVersion:
    """Give a year of coal and oil by month, and of electricity as a whole."""
    lines = [line(month, "coal", 100 + at) for at, month in enumerate(MONTHS)]
    lines += [line(m, "oil", None if at == missing else 1) for at, m in enumerate(MONTHS)]
    lines += [line(YEAR, "electricity", 50), line(YEAR, TOTAL, 1328)]
    return version(YEAR, *lines)


def test_month_is_the_sum_of_its_sources() -> None:
    """Coal and oil; electricity is accounted for the year and is named."""
    found = emission_months([year()])
    assert found.months[2024, 1] == 101
    assert found.months[2024, 12] == 112
    assert len(found.months) == 12
    assert found.by_year_only == ("electricity",)
    assert (found.unknown, found.drafts) == ((), ())


def test_month_with_a_missing_source_is_unknown() -> None:
    """Coal alone is not the month's emission."""
    found = emission_months([year(missing=2)])
    assert (2024, 3) not in found.months
    assert found.unknown == ("2024-03",)


def test_source_without_a_line_in_a_month_is_missing_too() -> None:
    """Oil has no line in March at all."""
    whole = year()
    kept = tuple(each for each in whole.lines if (each.item, each.period) != ("oil", MONTHS[2]))
    found = emission_months([version(YEAR, *kept)])
    assert found.unknown == ("2024-03",)


def test_years_follow_each_other_and_drafts_are_named() -> None:
    """A final year and a month of the next as a draft."""
    january = Period.month(2025, 1)
    draft = version(january, line(january, "coal", 90), state=VersionState.DRAFT)
    found = emission_months([draft, year()])
    assert found.months[2025, 1] == 90
    assert found.drafts == ("2025-01",)
    assert len(found.months) == 13


def test_two_inventories_of_one_month_are_refused() -> None:
    """A year, and its January again."""
    january = Period.month(2024, 1)
    with pytest.raises(AnalyticsError, match="two inventories speak of 2024-01"):
        emission_months([year(), version(january, line(january, "coal", 90))])


def test_inventory_without_months_knows_none() -> None:
    """A works that is accounted by the year only."""
    found = emission_months([version(YEAR, line(YEAR, "mass balance", 9000))])
    assert found.months == {}
    assert len(found.unknown) == 12
    assert found.by_year_only == ("mass balance",)
