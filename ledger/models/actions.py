"""
The ledger of actions: who did what by way of the operator, from what to what.

An action is written in the transaction of the thing done and never changed. What was changed
stands apart and may be erased: the action keeps the commitment. Which entry of the operator's own
log says it is noted when it stands there.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import AutoNumber, Model


class ActionRow(Model):
    """One thing that somebody did."""

    __tablename__ = "action"
    __table_args__ = (
        Index(None, "actor", "number"),
        Index(None, "subject", "number"),
        Index(None, "enterprise", "number"),
        Index(None, "at_ms"),
    )

    number: Mapped[AutoNumber]
    at_ms: Mapped[int]
    actor: Mapped[str]
    role: Mapped[str]
    on_behalf_of: Mapped[str | None]
    what: Mapped[str]
    subject: Mapped[str]
    enterprise: Mapped[str | None]
    """Credit code of the enterprise it concerns, which may read it."""
    salt: Mapped[bytes]
    """Of the record in the log, 16 bytes; drawn here so that the record is always the same."""
    change_hash: Mapped[bytes | None]
    """Commitment to the row of `action_change`."""
    signature: Mapped[bytes | None]
    chain_reference: Mapped[str | None]


class ActionChangeRow(Model):
    """What an action changed; may be removed, never altered."""

    __tablename__ = "action_change"

    action: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("action.number"), primary_key=True, autoincrement=False
    )
    salt: Mapped[bytes]
    """16 bytes."""
    content: Mapped[Any] = mapped_column(JSON)
    """Object of `before` and `after`."""


class ActionPendingRow(Model):
    """An action that is not in the operator's log yet; removed when it is."""

    __tablename__ = "action_pending"

    action: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("action.number"), primary_key=True, autoincrement=False
    )


class ActionEntryRow(Model):
    """Where an action stands in the operator's log."""

    __tablename__ = "action_entry"

    action: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("action.number"), primary_key=True, autoincrement=False
    )
    log_number: Mapped[int]
    admission_id: Mapped[int]
