"""
Tables of operations: signed acts that were handed in to be sent to the chain.

A raw transaction is stored before it is sent. The same act handed in twice is one operation.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import AutoNumber, Model, Small


class OperationRow(Model):
    """One act on its way to the chain."""

    __tablename__ = "operation"
    __table_args__ = (
        UniqueConstraint("digest"),
        UniqueConstraint("sender", "nonce"),
        Index(None, "state", "number"),
    )

    number: Mapped[AutoNumber]
    digest: Mapped[bytes]
    """EIP-712 digest of the act, 32 bytes: the operation's name."""
    act: Mapped[str]
    """Name of the act's type."""
    contract: Mapped[str]
    """Name of the contract."""
    address: Mapped[bytes]
    """The contract, 20 bytes."""
    call_data: Mapped[bytes]
    """What is sent to it: the act with its signatures."""
    fields: Mapped[Any] = mapped_column(JSON)
    """The act as a wallet shows it."""
    deadline_s: Mapped[int]
    sender: Mapped[bytes]
    """Address of the account that pays, 20 bytes: one nonce owner each."""
    state: Mapped[Small]
    """An `OperationState`."""
    nonce: Mapped[int | None]
    raw_tx: Mapped[bytes | None]
    tx_hash: Mapped[bytes | None]
    block_number: Mapped[int | None]
    block_hash: Mapped[bytes | None]
    attempts: Mapped[int]
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    """Message of the last fault, or of the contract's refusal."""
    created_at_ms: Mapped[int]
    updated_at_ms: Mapped[int]
