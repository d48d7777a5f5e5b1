"""
What a transaction pays, on chains with and without EIP-1559 and on chains where gas is free.

The node's own suggestion is followed, with a floor and a ceiling of ours.
A replacement pays an eighth more than what it replaces, because nodes ask for a tenth more.

Source: EIP-1559; geth's txpool price bump of 10 %; Besu's `--tx-pool-price-bump` of 10 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chain.errors import FeeTooHigh
from chain.values import Block

WEI_PER_GWEI: Final = 10**9
# A base fee rises by at most an eighth a block: twice it holds for six full blocks.
_BASE_FEE_FACTOR: Final = 2


@dataclass(frozen=True, slots=True)
class LegacyFees:
    """One price for a unit of gas (transaction type 0)."""

    gas_price_wei: int


@dataclass(frozen=True, slots=True)
class DynamicFees:
    """A ceiling, and within it what the block's maker gets (transaction type 2)."""

    max_fee_wei: int
    priority_fee_wei: int


Fees = LegacyFees | DynamicFees


@dataclass(frozen=True, slots=True)
class FeeRules:
    """
    The bounds a deployment sets.

    A network with free gas needs a floor of 0; wherever accounts are funded a small floor is
    wiser, because some nodes cannot replace a stuck transaction that pays nothing.
    """

    floor_wei: int = 0
    """At least this much goes to the block's maker for a unit of gas."""
    ceiling_wei: int = 1000 * WEI_PER_GWEI
    """Never more than this for a unit of gas, base fee included."""

    def suggest(self, latest: Block, gas_price_wei: int) -> Fees:
        """
        Choose fees for the next block.

        Args:
            latest: The newest block; its base fee says which type of transaction fits.
            gas_price_wei: What the node suggests for a unit of gas, base fee included.

        Raises:
            FeeTooHigh: If it would be above the ceiling.
        """
        if latest.base_fee_wei is None:
            return self._bounded(LegacyFees(max(gas_price_wei, self.floor_wei)))
        tip = max(gas_price_wei - latest.base_fee_wei, self.floor_wei)
        return self._bounded(DynamicFees(_BASE_FEE_FACTOR * latest.base_fee_wei + tip, tip))

    def bump(self, paid: Fees, suggested: Fees) -> Fees:
        """
        Choose fees for a replacement: an eighth above the old, or the suggestion if higher.

        Raises:
            FeeTooHigh: If it would be above the ceiling.
        """
        match paid:
            case LegacyFees(gas_price_wei=old):
                new = suggested.gas_price_wei if isinstance(suggested, LegacyFees) else 0
                return self._bounded(LegacyFees(max(_an_eighth_more(old), new)))
            case DynamicFees(max_fee_wei=old_cap, priority_fee_wei=old_tip):
                cap, tip = _an_eighth_more(old_cap), _an_eighth_more(old_tip)
                if isinstance(suggested, DynamicFees):
                    cap = max(cap, suggested.max_fee_wei)
                    tip = max(tip, suggested.priority_fee_wei)
                return self._bounded(DynamicFees(cap, tip))

    def _bounded(self, fees: Fees) -> Fees:
        highest = fees.gas_price_wei if isinstance(fees, LegacyFees) else fees.max_fee_wei
        if highest > self.ceiling_wei:
            raise FeeTooHigh(f"gas would cost {highest} wei, the ceiling is {self.ceiling_wei}")
        return fees


def _an_eighth_more(price_wei: int) -> int:
    return price_wei + max(1, -(-price_wei // 8))
