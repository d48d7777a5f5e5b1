"""
A node's answers, read into our values.

A field that is missing or of another form raises, and the client translates that once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chain.values import AccountProof, Block, Call, RawLog, Receipt, SlotProof

Fields = Mapping[str, Any]


def read_block(fields: Fields) -> Block:
    """Read a block's header fields."""
    base_fee = fields.get("baseFeePerGas")
    return Block(
        number=int(fields["number"]),
        hash=bytes(fields["hash"]),
        parent_hash=bytes(fields["parentHash"]),
        timestamp_s=int(fields["timestamp"]),
        gas_limit=int(fields["gasLimit"]),
        base_fee_wei=None if base_fee is None else int(base_fee),
    )


def read_log(fields: Fields) -> RawLog:
    """Read a log record."""
    return RawLog(
        address=_address(fields["address"]),
        topics=tuple(bytes(topic) for topic in fields["topics"]),
        data=bytes(fields["data"]),
        block_number=int(fields["blockNumber"]),
        block_hash=bytes(fields["blockHash"]),
        transaction_hash=bytes(fields["transactionHash"]),
        log_index=int(fields["logIndex"]),
    )


def read_receipt(fields: Fields) -> Receipt:
    """Read a receipt, with the status field of EIP-658."""
    created = fields.get("contractAddress")
    return Receipt(
        transaction_hash=bytes(fields["transactionHash"]),
        block_number=int(fields["blockNumber"]),
        block_hash=bytes(fields["blockHash"]),
        succeeded=int(fields["status"]) == 1,
        gas_used=int(fields["gasUsed"]),
        contract_address=_address(created) if created else None,
        logs=tuple(read_log(entry) for entry in fields["logs"]),
    )


def read_call(fields: Fields) -> Call:
    """Read what a transaction says: to whom, and its data."""
    to = fields.get("to")
    return Call(_address(to) if to else None, bytes(fields["input"]))


def read_account_proof(fields: Fields, address: bytes, slots: Sequence[bytes]) -> AccountProof:
    """Read an answer of eth_getProof for these slots, in their order."""
    return AccountProof(
        address=address,
        nonce=int(fields["nonce"]),
        balance_wei=int(fields["balance"]),
        storage_hash=bytes(fields["storageHash"]),
        code_hash=bytes(fields["codeHash"]),
        account_proof=tuple(bytes(node) for node in fields["accountProof"]),
        slots=tuple(
            SlotProof(
                slot=slot,
                value=int.from_bytes(bytes(entry["value"]), "big"),
                proof=tuple(bytes(node) for node in entry["proof"]),
            )
            for slot, entry in zip(slots, fields["storageProof"], strict=True)
        ),
    )


def _address(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
