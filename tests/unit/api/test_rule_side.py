"""Rules and factors through the ledger's ports: prescribed for a year is not newest."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from api.rule_side import ListedFactors, seeded_factors
from attestation.enums import RuleStatus
from chain import rule_outcomes
from chain.bindings.standing import StatusAct
from chain.factors import Factor, seed_factors
from ledger import ports

NATIONAL = ("CETS-AG-01.01", "grid emission factor", "national grid 全国电网")


@pytest.mark.parametrize(
    ("year", "value"),
    [(2019, "0.6101"), (2020, "0.6101"), (2021, "0.581"), (2022, "0.5703"), (2025, "0.5703")],
)
def test_factor_is_the_year_s(year: int, value: str) -> None:
    """2022 had two; the one that was replaced is not prescribed."""
    found = seeded_factors().prescribed(*NATIONAL, year)

    assert found is not None
    assert (found.values, found.status) == ((value,), RuleStatus.IN_FORCE)


@pytest.mark.parametrize("year", [2018, 2026])
def test_year_without_a_factor_has_none(year: int) -> None:
    """Neither the year before the first nor the year after the last takes a neighbour's."""
    assert seeded_factors().prescribed(*NATIONAL, year) is None


def test_factor_is_found_by_its_id_with_the_year_s_status() -> None:
    """Also where it is no longer in force, so that old records can be checked."""
    old = next(
        each
        for each in seed_factors()
        if each.values == ("0.581",) and each.entry.status is RuleStatus.SUPERSEDED
    )
    found = seeded_factors().factor(old.entry.factor_id, 2022)

    assert found is not None and found.status is RuleStatus.SUPERSEDED
    assert seeded_factors().factor(bytes(32), 2022) is None


def test_draft_stands_in_only_where_nothing_is_in_force() -> None:
    """And says that it is one."""
    entry = next(each.entry for each in seed_factors() if each.entry.subject == NATIONAL[2])
    draft = Factor(replace(entry, status=RuleStatus.DRAFT, values=(10**18,)))
    alone = ListedFactors([draft]).prescribed(*NATIONAL, 2019)
    beside = ListedFactors([Factor(entry), draft]).prescribed(*NATIONAL, 2019)

    assert alone is not None and alone.status is RuleStatus.DRAFT
    assert beside is not None and beside.values == ("0.6101",)


def test_repealed_factor_is_not_prescribed() -> None:
    """From the year on for which the book says so."""
    entry = next(each.entry for each in seed_factors() if each.entry.subject == NATIONAL[2])
    repealed = Factor(entry, later=(StatusAct(RuleStatus.REPEALED, 2020, 1),))
    book = ListedFactors([repealed])

    assert book.prescribed(*NATIONAL, 2019) is not None
    assert book.prescribed(*NATIONAL, 2020) is None


def test_figures_have_the_same_fields_on_both_sides() -> None:
    """What the ledger keeps of a figure is all that the rule gives."""
    ours, theirs = (
        [each.name for each in fields(kind)]
        for kind in (ports.CalculatedFigure, rule_outcomes.Figure)
    )

    assert ours == theirs
