"""Roll-ups: what may be seen, and no more, and nothing missing is zero."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ledger.analytics.errors import AnalyticsError, UnitsApart
from ledger.analytics.rollups import Grouping, Member, roll_up
from ledger.inventory.amounts import Amount


def member(usc: str, region: str, park: str | None = None, industry: str = "4411") -> Member:
    """Give a member."""
    return Member(usc, f"firm {usc}", region, industry, park)


def tonnes(**amounts: int) -> dict[str, Amount]:
    """Give figures."""
    return {usc: Amount(Decimal(value), "tCO2") for usc, value in amounts.items()}


MEMBERS = [
    member("A", "350211", "harbour"),
    member("B", "350211", "harbour", "3110"),
    member("C", "350203"),
    member("D", "440305", "valley"),
]
FIGURES = tonnes(A=100, B=300, C=50, D=7)


def sums(grouping: Grouping, **options: str) -> dict[str, int]:
    """Give the sums by key."""
    groups = roll_up(MEMBERS, FIGURES, grouping, "tCO2", **options)
    return {group.key: int(group.amount.value) for group in groups}


def test_regions_contain_by_prefix() -> None:
    """Counties in cities, cities in provinces, nothing lost on the way."""
    assert sums(Grouping.COUNTY) == {"350203": 50, "350211": 400, "440305": 7}
    assert sums(Grouping.CITY) == {"3502": 450, "4403": 7}
    assert sums(Grouping.PROVINCE) == {"35": 450, "44": 7}
    assert sums(Grouping.COUNTY, within="3502") == {"350203": 50, "350211": 400}


def test_parks_and_industries() -> None:
    """Who is in no park is in none."""
    assert sums(Grouping.PARK) == {"harbour": 400, "valley": 7}
    assert sums(Grouping.INDUSTRY) == {"3110": 300, "4411": 157}


def test_figure_of_who_is_not_visible_is_in_no_sum() -> None:
    """The figures may hold more than the caller may see."""
    (group,) = roll_up(MEMBERS[:1], FIGURES, Grouping.PROVINCE, "tCO2")
    assert (group.amount.value, group.members) == (100, 1)
    assert [usc for usc, _ in group.ranking] == ["A"]


def test_missing_figure_is_named_and_not_zero() -> None:
    """B has no figure; one of zero is a figure."""
    figures = tonnes(A=100, C=0, D=7)
    east, south = roll_up(MEMBERS, figures, Grouping.PROVINCE, "tCO2")
    assert east.missing == ("B",)
    assert not east.is_whole
    assert south.is_whole
    assert [usc for usc, _ in east.ranking] == ["A", "C"]


def test_ranking_is_by_amount_and_then_by_code() -> None:
    """Equals stand in one order."""
    figures = tonnes(A=5, B=9, C=5)
    (group,) = roll_up(MEMBERS[:3], figures, Grouping.PROVINCE, "tCO2")
    assert [usc for usc, _ in group.ranking] == ["B", "A", "C"]


def test_member_given_twice_counts_once() -> None:
    """As when two permissions reach it."""
    (group,) = roll_up([MEMBERS[3]] * 2, FIGURES, Grouping.PARK, "tCO2")
    assert (group.members, group.amount.value) == (1, 7)


def test_other_units_are_not_added() -> None:
    """Megawatt-hours among tonnes."""
    with pytest.raises(UnitsApart):
        roll_up(MEMBERS, FIGURES | {"A": Amount(Decimal(1), "MWh")}, Grouping.PARK, "tCO2")


@pytest.mark.parametrize("region", ["3502", "035021", "35021x", "3502110"])
def test_region_has_six_digits(region: str) -> None:
    """A code cut short would be in the wrong group."""
    with pytest.raises(AnalyticsError, match="no code of a region"):
        member("A", region)
