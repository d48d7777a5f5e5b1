"""Ids of inventories: derived, and the same as the contracts'."""

from __future__ import annotations

import pytest

from attestation.errors import EncodingError
from attestation.ids import keccak256
from chain.abi import encode_arguments
from ledger.inventory.errors import PeriodMalformed
from ledger.inventory.identity import Scope
from ledger.inventory.periods import Period
from tests.support.enterprise import USC


@pytest.mark.parametrize("unit", ["unit-1", "1", "机组一号", "u" * 32, "u" * 64, ""])
def test_id_is_what_a_contract_computes(unit: str) -> None:
    """keccak256(abi.encode("inventory", usc, unit, from, to)), whatever the length of the code."""
    period = Period.year(2024)
    kinds = [{"name": "", "type": each} for each in ("string",) * 3 + ("uint64",) * 2]
    values = ("inventory", USC, unit, period.from_s, period.to_s)

    expected = keccak256(encode_arguments(kinds, values))

    assert Scope.of(USC, unit, period).inventory_id == expected


def test_other_unit_or_period_is_another_inventory() -> None:
    """No two of them share an id."""
    scopes = [
        Scope.of(USC, unit, period)
        for unit in ("1", "2")
        for period in (Period.year(2024), Period.month(2024, 1), Period.year(2023))
    ]

    assert len({scope.inventory_id for scope in scopes}) == 6


def test_period_lies_within_one_report_year() -> None:
    """Rules and factors are those of a year."""
    two_years = Period(Period.month(2023, 12).from_s, Period.month(2024, 1).to_s)
    with pytest.raises(PeriodMalformed):
        Scope.of(USC, "1", two_years)


def test_enterprise_is_named_by_its_credit_code() -> None:
    """With its check character."""
    with pytest.raises(EncodingError):
        Scope.of(USC[:-1] + "7", "1", Period.year(2024))
