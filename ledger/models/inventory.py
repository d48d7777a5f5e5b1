"""
Tables of inventories: their versions and the calculation records these rest on.

Rows are written once. What a version or a record says is in its bytes; the other columns only find
it.
"""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import KeyPart, LogNumber, Model, Small


class InventoryVersionRow(Model):
    """One version of an inventory."""

    __tablename__ = "inventory_version"
    __table_args__ = (Index(None, "log_number", "unit", "from_s"),)

    log_number: Mapped[LogNumber]
    inventory_id: Mapped[bytes] = mapped_column(primary_key=True)
    number: Mapped[KeyPart]
    unit: Mapped[str]
    from_s: Mapped[int]
    to_s: Mapped[int]
    state: Mapped[Small]
    """A `VersionState`."""
    sha256: Mapped[bytes]
    lines_root: Mapped[bytes]
    content: Mapped[bytes]
    """Canonical JSON."""
    created_at_ms: Mapped[int]


class CalculationRow(Model):
    """One calculation record."""

    __tablename__ = "calculation"

    log_number: Mapped[LogNumber]
    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    content: Mapped[bytes]
    """Canonical JSON."""
    created_at_ms: Mapped[int]
