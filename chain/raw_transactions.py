"""
Transactions before their signature, and read back from signed bytes.

Only the two types we sign are read: legacy with a chain id, and EIP-1559.

Source: EIP-155; EIP-1559; EIP-2718.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from attestation.errors import EncodingError
from attestation.evm import rlp
from chain.addresses import ADDRESS_LENGTH
from chain.fees import DynamicFees, Fees, LegacyFees

_DYNAMIC_FEE_TYPE: Final = 2  # EIP-2718 type byte of EIP-1559
_EIP155_OFFSET: Final = 35


@dataclass(frozen=True, slots=True)
class UnsignedTransaction:
    """A transaction before its signature; `to` is None where it creates a contract."""

    chain_id: int
    nonce: int
    to: bytes | None
    data: bytes
    gas: int
    fees: Fees
    value_wei: int = 0


def parse_transaction(raw: bytes, chain_id: int) -> UnsignedTransaction:
    """
    Read a signed transaction of ours back: legacy with EIP-155, or EIP-1559.

    Raises:
        EncodingError: If it is of another type, of another chain, or not a transaction.
    """
    is_dynamic = raw[:1] == bytes([_DYNAMIC_FEE_TYPE])
    fields = rlp.decode(raw[1:] if is_dynamic else raw)
    if isinstance(fields, bytes) or len(fields) != (12 if is_dynamic else 9):
        raise EncodingError("not a transaction of a type we sign", code="encoding.transaction")
    transaction = _read_dynamic(fields) if is_dynamic else _read_legacy(fields)
    if transaction.chain_id != chain_id:
        raise EncodingError(
            f"a transaction of chain {transaction.chain_id}, not {chain_id}",
            code="encoding.transaction",
        )
    return transaction


def _read_dynamic(fields: Sequence[rlp.Item]) -> UnsignedTransaction:
    chain_id, nonce, tip, cap, gas, to, value, data = fields[:8]
    return UnsignedTransaction(
        chain_id=rlp.require_integer(chain_id),
        nonce=rlp.require_integer(nonce),
        to=_receiver(to),
        data=rlp.require_bytes(data),
        gas=rlp.require_integer(gas),
        fees=DynamicFees(rlp.require_integer(cap), rlp.require_integer(tip)),
        value_wei=rlp.require_integer(value),
    )


def _read_legacy(fields: Sequence[rlp.Item]) -> UnsignedTransaction:
    nonce, price, gas, to, value, data, v = fields[:7]
    return UnsignedTransaction(
        chain_id=(rlp.require_integer(v) - _EIP155_OFFSET) // 2,
        nonce=rlp.require_integer(nonce),
        to=_receiver(to),
        data=rlp.require_bytes(data),
        gas=rlp.require_integer(gas),
        fees=LegacyFees(rlp.require_integer(price)),
        value_wei=rlp.require_integer(value),
    )


def _receiver(item: rlp.Item) -> bytes | None:
    """Read the receiver; empty where the transaction creates a contract."""
    return rlp.require_bytes(item, ADDRESS_LENGTH) if item else None
