"""
What the chain's side gives and takes: bytes and integers only, no type of an Ethereum library.

Hashes are 32 bytes, addresses 20 bytes, amounts integers of wei, times whole seconds.
What the ledger asks for has the names and fields of `ledger/ports.py`; neither side imports the
other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


@dataclass(frozen=True, slots=True)
class Block:
    """A block as a node names it."""

    number: int
    hash: bytes
    parent_hash: bytes
    timestamp_s: int
    gas_limit: int
    base_fee_wei: int | None
    """None on a chain without EIP-1559."""


@dataclass(frozen=True, slots=True)
class RawLog:
    """A contract's log record, not yet read."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    block_hash: bytes
    transaction_hash: bytes
    log_index: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a transaction in a block."""

    transaction_hash: bytes
    block_number: int
    block_hash: bytes
    succeeded: bool
    gas_used: int
    contract_address: bytes | None
    """Where a contract was created, its address."""
    logs: tuple[RawLog, ...]


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """A transaction as it will be sent, every time with the same bytes."""

    raw: bytes
    tx_hash: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Call:
    """What a transaction does: call data for a contract, or creation code for a new one."""

    to: bytes | None
    data: bytes


class TransactionState(IntEnum):
    """What the chain knows of a transaction."""

    UNKNOWN = 0
    """Neither in a block nor in the node's pool."""
    WAITING = 1
    """In the pool."""
    INCLUDED = 2
    """In a canonical block that may still be reorganised away."""
    FINAL = 3
    """In a block that is final by the chain's rule."""
    REPLACED = 4
    """Another transaction has its nonce."""


@dataclass(frozen=True, slots=True)
class TransactionStatus:
    """Where a transaction stands; block and outcome from `INCLUDED` on."""

    state: TransactionState
    block_number: int | None = None
    block_hash: bytes | None = None
    succeeded: bool = False
    """False where the transaction reverted as a whole."""
    anchored: tuple[tuple[bytes, int, bytes], ...] = ()
    """Log id, size and root of each `Anchored` event in it."""
    skipped: tuple[tuple[bytes, int, str], ...] = ()
    """Log id, size and the contract's error name of each `AnchorSkipped` event in it."""


@dataclass(frozen=True, slots=True)
class AnchorTarget:
    """A checkpoint to anchor: the log's tree and its consistency with what is anchored."""

    log_id: bytes
    size: int
    root: bytes
    proof: tuple[bytes, ...]
    """RFC 9162 consistency proof from the anchored size; empty for the first anchor."""


@dataclass(frozen=True, slots=True)
class LatestAnchor:
    """The newest checkpoint that CheckpointRegistry holds for a log."""

    size: int
    root: bytes
    block_number: int


@dataclass(frozen=True, slots=True)
class FoundAnchor:
    """An `Anchored` event in the canonical chain."""

    size: int
    root: bytes
    tx_hash: bytes
    block_number: int
    block_hash: bytes
    is_final: bool


@dataclass(frozen=True, slots=True)
class SlotProof:
    """A storage slot's value with its Merkle-Patricia proof; value 0 for an absent slot."""

    slot: bytes
    value: int
    proof: tuple[bytes, ...]
    """RLP nodes from the storage root down."""


@dataclass(frozen=True, slots=True)
class AccountProof:
    """A contract's account and some of its storage, as of one block."""

    address: bytes
    nonce: int
    balance_wei: int
    storage_hash: bytes
    code_hash: bytes
    account_proof: tuple[bytes, ...]
    """RLP nodes from the state root down."""
    slots: tuple[SlotProof, ...]
