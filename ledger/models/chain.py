"""
Tables between the ledger and the chain: outbox, anchors, and what chain events say.

The outbox is written in the transaction that makes its work necessary and worked off later.
The rest is fed by final events in their order and can be read from the chain again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import AutoNumber, LogNumber, Model, Small


class OutboxRow(Model):
    """One transaction that must reach the chain, from its need to its finality."""

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("operator", "nonce"), Index(None, "state", "id"))

    id: Mapped[AutoNumber]
    kind: Mapped[str]
    """What it does; `anchor` for checkpoints."""
    operator: Mapped[bytes]
    """Address of the key that signs, 20 bytes: one nonce owner each."""
    targets: Mapped[Any] = mapped_column(JSON)
    """What it is about; for `anchor` a list of [log number, size, root in hex]."""
    state: Mapped[Small]
    """An `OutboxState`."""
    nonce: Mapped[int | None]
    raw_tx: Mapped[bytes | None]
    tx_hash: Mapped[bytes | None]
    block_number: Mapped[int | None]
    block_hash: Mapped[bytes | None]
    attempts: Mapped[int]
    error: Mapped[str | None]
    """Code and message of the last failed attempt."""
    created_at_ms: Mapped[int]
    updated_at_ms: Mapped[int]


class AnchorRow(Model):
    """A checkpoint that the chain holds, or held until a reorganisation."""

    __tablename__ = "anchor"
    __table_args__ = (Index(None, "root"), Index(None, "tx_hash"))

    log_number: Mapped[LogNumber]
    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[bytes]
    block_number: Mapped[int]
    block_hash: Mapped[bytes]
    tx_hash: Mapped[bytes]
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    """Absent where the anchor was found on the chain rather than sent from here."""
    final_at_ms: Mapped[int | None]
    evidence: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    """What `Anchorer.capture` gave at finality."""


class ChainCursorRow(Model):
    """How far a follower of chain events has come; moves in the transaction of its effects."""

    __tablename__ = "chain_cursor"

    follower: Mapped[str] = mapped_column(primary_key=True)
    block_number: Mapped[int]
    """Newest block whose events are applied."""
    block_hash: Mapped[bytes]


class KeySlotRow(Model):
    """A key's slot in DeviceRegistry."""

    __tablename__ = "key_slot"

    log_id: Mapped[bytes] = mapped_column(primary_key=True)
    """32 bytes; the log may be kept elsewhere, or be opened here later."""
    kid: Mapped[bytes] = mapped_column(primary_key=True)
    algorithm: Mapped[Small]
    enrolled_index: Mapped[int]
    closed_index: Mapped[int | None]
    """Absent while open."""
    reason: Mapped[Small]
    """A `CloseReason`."""
    compromised_since: Mapped[int | None]
    record_hash: Mapped[bytes]
    """Content hash of the `key` record named in the act, 32 bytes."""
    act_digest: Mapped[bytes]


class PartyRow(Model):
    """A party of PartyRegistry."""

    __tablename__ = "party"

    party_id: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[Small]
    """A `PartyKind`."""
    code: Mapped[str] = mapped_column(index=True)
    """Unified social credit code, or the registry's code."""
    active: Mapped[bool]
    name: Mapped[str]
    """Registered name; empty where it is not known."""


class RepresentativeRow(Model):
    """What a person's key may say for a party from a time on, until its next row begins."""

    __tablename__ = "representative"

    party_id: Mapped[bytes] = mapped_column(primary_key=True)
    address: Mapped[bytes] = mapped_column(primary_key=True, index=True)
    """20 bytes."""
    person: Mapped[bytes] = mapped_column(primary_key=True)
    """Salted identity commitment, 32 bytes; a contract's key stands for several persons."""
    active_from_s: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """May lie in the future: an appointment or a removal that was announced."""
    role: Mapped[Small]
    """A `RepresentativeRole`; NONE where removed."""
