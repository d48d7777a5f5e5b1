"""
Tables of what enterprise, verifier and authorities agreed on, as the final events say it.

Rows are only added, each at the place of its event: what held as of a block is what stands at or
below it. All of it can be read from the chain again, so it is forgotten only to be read anew.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import KeyPart, Model, Small


class ChainInventoryRow(Model):
    """An inventory of InventoryRegistry from an event on, until its next row."""

    __tablename__ = "chain_inventory"
    __table_args__ = (
        Index(None, "usc"),
        Index(None, "verifier"),
        Index(None, "regulator"),
        Index(None, "city_regulator"),
    )

    inventory_id: Mapped[bytes] = mapped_column(primary_key=True)
    block_number: Mapped[KeyPart]
    log_index: Mapped[KeyPart]
    at_s: Mapped[int]
    """Block time."""
    enterprise: Mapped[bytes]
    """Party id, 32 bytes; as all parties here."""
    usc: Mapped[str]
    name: Mapped[str]
    unit_code: Mapped[str]
    period_from_s: Mapped[int]
    period_to_s: Mapped[int]
    report_year: Mapped[int]
    sector: Mapped[Small]
    """A `Sector`."""
    area: Mapped[int]
    """Code of GB/T 2260 where the enterprise reported when it drafted."""
    state: Mapped[Small]
    """An `InventoryState`."""
    version: Mapped[int]
    """Newest version, 0 before the first."""
    state_hash: Mapped[bytes]
    """What the next act names."""
    verifier: Mapped[bytes | None]
    regulator: Mapped[bytes | None]
    city_regulator: Mapped[bytes | None]
    lead_verifier: Mapped[bytes | None]
    """Address, 20 bytes."""
    technical_reviewer: Mapped[bytes | None]
    is_reviewed: Mapped[bool]
    accepted_version: Mapped[int]
    """0 while there is none."""
    objections: Mapped[Small]
    """Bit 0 the enterprise, bit 1 the national authority."""
    objectable_until_s: Mapped[int]
    """0 where nothing is accepted."""
    decision_due_s: Mapped[int]
    """0 before the first objection."""
    act: Mapped[str]
    """Name of the act's type that this row comes from."""
    reason: Mapped[str]
    document_hash: Mapped[bytes | None]


class ChainVersionRow(Model):
    """A submitted version from an event on, until its next row."""

    __tablename__ = "chain_version"

    inventory_id: Mapped[bytes] = mapped_column(primary_key=True)
    number: Mapped[KeyPart]
    block_number: Mapped[KeyPart]
    log_index: Mapped[KeyPart]
    at_s: Mapped[int]
    submitted_at_s: Mapped[int]
    inputs_hash: Mapped[bytes]
    lines_root: Mapped[bytes]
    line_count: Mapped[int]
    log_id: Mapped[bytes]
    log_size: Mapped[int]
    log_root: Mapped[bytes]
    total_t: Mapped[int]
    """Whole tonnes of CO2 equivalent."""
    document_hash: Mapped[bytes]
    laboratories: Mapped[Any] = mapped_column(JSON)
    """List of party ids in hexadecimal."""
    reason: Mapped[str]
    restates: Mapped[int]
    """Version whose accepted result it replaced; 0 for none."""
    restated_by: Mapped[int]
    opinion: Mapped[Small]
    """A `VerificationOpinion`."""
    report_hash: Mapped[bytes | None]


class DrawStepRow(Model):
    """A step of the draw of a sample."""

    __tablename__ = "draw_step"

    inventory_id: Mapped[bytes] = mapped_column(primary_key=True)
    block_number: Mapped[KeyPart]
    log_index: Mapped[KeyPart]
    at_s: Mapped[int]
    version: Mapped[int]
    draw: Mapped[int]
    step: Mapped[Small]
    """A `DrawStep`."""
    party: Mapped[bytes | None]
    word: Mapped[bytes | None]
    """Commitment, hash of the plan, of the block, nonce or seed."""
    draw_block: Mapped[int]
    reveal_until_s: Mapped[int]
    is_strict: Mapped[bool]
    reason: Mapped[str]
    act_digest: Mapped[bytes | None]


class ChainActRow(Model):
    """An act that took effect on an inventory."""

    __tablename__ = "chain_act"
    __table_args__ = (Index(None, "digest"),)

    inventory_id: Mapped[bytes] = mapped_column(primary_key=True)
    block_number: Mapped[KeyPart]
    log_index: Mapped[KeyPart]
    at_s: Mapped[int]
    tx_hash: Mapped[bytes]
    name: Mapped[str]
    """Name of the act's type."""
    digest: Mapped[bytes]
    signers: Mapped[Any] = mapped_column(JSON)
    """Address in hexadecimal by role; empty where the call data did not say."""
    state_before: Mapped[Small]
    state_after: Mapped[Small]
    state_hash: Mapped[bytes]
    version: Mapped[int]
    reason: Mapped[str]
    document_hash: Mapped[bytes | None]
    fields: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    """The act as a wallet shows it; absent where the call data did not say."""


class EvidenceBindingRow(Model):
    """A line of an inventory bound to an activity digest of the log."""

    __tablename__ = "evidence_binding"

    inventory_id: Mapped[bytes] = mapped_column(primary_key=True)
    line_id: Mapped[bytes] = mapped_column(primary_key=True)
    block_number: Mapped[KeyPart]
    log_index: Mapped[KeyPart]
    version: Mapped[int]
    use: Mapped[bytes]
    """Period of a series that no other live line may use."""
    entry_index: Mapped[int]
    commitment: Mapped[bytes]
