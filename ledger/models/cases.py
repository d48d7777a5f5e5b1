"""
Tables of the work on a case that is no record: ticks, comments, approvals.

Rows are only added. What stands is the newest row of its kind; what was taken back stays readable.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import AutoNumber, Model, Small


class CaseTickRow(Model):
    """A party says that it has seen a line, or takes that back."""

    __tablename__ = "case_tick"
    __table_args__ = (Index(None, "inventory_id", "party"),)

    number: Mapped[AutoNumber]
    inventory_id: Mapped[bytes]
    party: Mapped[str]
    """Code of the party for which it was seen."""
    actor: Mapped[str]
    line: Mapped[str]
    version: Mapped[int]
    """As on chain."""
    substance: Mapped[bytes]
    """Hash of the line as it was seen, 32 bytes."""
    is_seen: Mapped[bool]
    at_ms: Mapped[int]


class CaseCommentRow(Model):
    """Something said about a place of a case, or about an earlier comment."""

    __tablename__ = "case_comment"
    __table_args__ = (Index(None, "inventory_id", "number"),)

    number: Mapped[AutoNumber]
    inventory_id: Mapped[bytes]
    root: Mapped[int | None]
    """Number of the comment that began the conversation; absent in that one."""
    kind: Mapped[Small]
    """A `CommentKind`."""
    anchor: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    """What it is about; in the one that begins the conversation, and only there."""
    version: Mapped[int]
    """As on chain, when it was said."""
    party: Mapped[str]
    actor: Mapped[str]
    text: Mapped[str]
    at_ms: Mapped[int]


class CaseApprovalRow(Model):
    """A person of the verifier approves the case as it stands, or takes that back."""

    __tablename__ = "case_approval"
    __table_args__ = (Index(None, "inventory_id", "number"),)

    number: Mapped[AutoNumber]
    inventory_id: Mapped[bytes]
    party: Mapped[str]
    address: Mapped[bytes]
    """Of the person's key, 20 bytes."""
    basis: Mapped[bytes]
    """Hash of what was approved, 32 bytes; it falls when that changes."""
    is_given: Mapped[bool]
    at_ms: Mapped[int]
