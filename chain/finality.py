"""
When a block can no longer go away: a rule per chain, and what it says of a transaction.

A receipt is never believed by itself: its block must still be the canonical one of its number,
because a node may serve a receipt of a block it has since left.

Source: `tag:finalized` from the Ethereum consensus specification; Clique has no finality and
needs a depth of at least its number of signers; IBFT and QBFT blocks are final when imported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from chain.client import BlockName
from chain.errors import ChainError
from chain.values import Block, Receipt, TransactionState

_DEPTH = re.compile(r"depth:([1-9]\d{0,4})")


class BlockReader(Protocol):
    """What a finality rule asks of a node."""

    def block(self, name: BlockName) -> Block | None:
        """Fetch a block, or None."""

    def block_number(self) -> int:
        """Fetch the newest block's number."""


class TransactionReader(BlockReader, Protocol):
    """What a transaction's status asks of a node."""

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """Fetch a receipt, or None."""

    def has_transaction(self, tx_hash: bytes) -> bool:
        """Say whether the node knows the transaction."""


@dataclass(frozen=True, slots=True)
class Instant:
    """A block is final once the node has it: IBFT, QBFT, and the development chain."""

    def final_block(self, node: BlockReader) -> int:
        """Give the number of the newest final block."""
        return node.block_number()

    def __str__(self) -> str:
        return "instant"


@dataclass(frozen=True, slots=True)
class Depth:
    """A block is final under this many later ones: Clique."""

    blocks: int

    def final_block(self, node: BlockReader) -> int:
        """Give the number of the newest final block; negative while there is none."""
        return node.block_number() - self.blocks

    def __str__(self) -> str:
        return f"depth:{self.blocks}"


@dataclass(frozen=True, slots=True)
class FinalizedTag:
    """A block is final when the consensus layer says so: proof of stake."""

    def final_block(self, node: BlockReader) -> int:
        """Give the number of the newest final block; negative while there is none."""
        finalized = node.block("finalized")
        return -1 if finalized is None else finalized.number

    def __str__(self) -> str:
        return "tag:finalized"


FinalityPolicy = Instant | Depth | FinalizedTag


def parse_finality(text: str) -> FinalityPolicy:
    """
    Read `instant`, `depth:<1 to 99999>` or `tag:finalized`.

    Raises:
        ChainError: If it is none of these; code `chain.finality_unknown`.
    """
    if text == "instant":
        return Instant()
    if text == "tag:finalized":
        return FinalizedTag()
    if match := _DEPTH.fullmatch(text):
        return Depth(int(match[1]))
    raise ChainError(f"no finality rule {text!r}", code="chain.finality_unknown")


def is_canonical(node: BlockReader, number: int, block_hash: bytes) -> bool:
    """Say whether the node's chain has this very block at this number."""
    block = node.block(number)
    return block is not None and block.hash == block_hash


def locate_transaction(
    node: TransactionReader, tx_hash: bytes, policy: FinalityPolicy
) -> tuple[TransactionState, Receipt | None]:
    """
    Say where a transaction is, with its receipt where a canonical block holds it.

    A transaction whose block was reorganised away is waiting or unknown again, never included.
    """
    receipt = node.receipt(tx_hash)
    # The final block is read before the canonical one is checked: read after it, a
    # reorganisation in between could make an abandoned block look final.
    final_block = policy.final_block(node)
    if receipt is None or not is_canonical(node, receipt.block_number, receipt.block_hash):
        is_known = node.has_transaction(tx_hash)
        return (TransactionState.WAITING if is_known else TransactionState.UNKNOWN), None
    is_final = receipt.block_number <= final_block
    return (TransactionState.FINAL if is_final else TransactionState.INCLUDED), receipt
