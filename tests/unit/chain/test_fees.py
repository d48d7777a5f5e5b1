"""Fees on chains with and without EIP-1559, and where gas is free."""

from __future__ import annotations

import pytest

from chain.errors import FeeTooHigh
from chain.fees import WEI_PER_GWEI, DynamicFees, FeeRules, LegacyFees
from chain.values import Block

GWEI = WEI_PER_GWEI


def block(base_fee_wei: int | None) -> Block:
    return Block(7, bytes(32), bytes(32), 1_700_000_000, 30_000_000, base_fee_wei)


def test_chain_without_a_base_fee_gets_one_price() -> None:
    """Before EIP-1559 the node's suggestion is the price."""
    assert FeeRules().suggest(block(None), 2 * GWEI) == LegacyFees(2 * GWEI)


def test_base_fee_is_covered_twice() -> None:
    """The ceiling of a transaction holds while the base fee doubles."""
    fees = FeeRules().suggest(block(10 * GWEI), 11 * GWEI)

    assert fees == DynamicFees(max_fee_wei=21 * GWEI, priority_fee_wei=GWEI)


def test_suggestion_below_the_base_fee_gives_no_negative_tip() -> None:
    """A node that suggests less than the base fee does not make the tip negative."""
    assert FeeRules().suggest(block(10), 7) == DynamicFees(20, 0)


@pytest.mark.parametrize(
    ("base_fee_wei", "expected"),
    [(None, LegacyFees(0)), (0, DynamicFees(0, 0))],
    ids=["legacy", "dynamic"],
)
def test_free_gas_stays_free(base_fee_wei: int | None, expected: LegacyFees | DynamicFees) -> None:
    """Where gas is free nothing is offered, so an account without funds can send."""
    assert FeeRules().suggest(block(base_fee_wei), 0) == expected


def test_floor_is_paid_where_the_node_asks_for_nothing() -> None:
    """A floor makes a transaction replaceable even where gas is free."""
    assert FeeRules(floor_wei=5).suggest(block(0), 0) == DynamicFees(5, 5)


def test_ceiling_refuses() -> None:
    """Gas above the ceiling is not bought."""
    with pytest.raises(FeeTooHigh, match="ceiling is 20"):
        FeeRules(ceiling_wei=20).suggest(block(10), 11)


@pytest.mark.parametrize(
    ("paid", "suggested", "expected"),
    [
        (LegacyFees(800), LegacyFees(100), LegacyFees(900)),
        (LegacyFees(800), LegacyFees(5000), LegacyFees(5000)),
        (DynamicFees(8000, 16), DynamicFees(9500, 1), DynamicFees(9500, 18)),
        (DynamicFees(8, 0), DynamicFees(8, 0), DynamicFees(9, 1)),
        (LegacyFees(0), LegacyFees(0), LegacyFees(1)),
        (LegacyFees(7), LegacyFees(0), LegacyFees(8)),
    ],
    ids=["an eighth", "the suggestion", "each part", "at least one wei", "free gas", "rounded up"],
)
def test_replacement_pays_more(
    paid: LegacyFees | DynamicFees,
    suggested: LegacyFees | DynamicFees,
    expected: LegacyFees | DynamicFees,
) -> None:
    """A replacement pays an eighth more, or what is suggested where that is higher."""
    assert FeeRules().bump(paid, suggested) == expected


def test_replacement_stops_at_the_ceiling() -> None:
    """Replacing again and again ends at the ceiling."""
    with pytest.raises(FeeTooHigh, match="1125"):
        FeeRules(ceiling_wei=1124).bump(LegacyFees(1000), LegacyFees(0))
