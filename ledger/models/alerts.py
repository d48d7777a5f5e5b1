"""
Tables of alerts: how each rule stands to each period of a unit, what was done about it, and when.

How a rule stands is derived of the versions of inventories; what people do about it is not. Both
leave a row of history that is never changed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import AutoNumber, Model


class AlertRow(Model):
    """One rule and one period of a unit."""

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("log_number", "unit", "rule", "period"),
        Index(None, "state", "number"),
        Index(None, "enterprise", "number"),
    )

    number: Mapped[AutoNumber]
    log_number: Mapped[int]
    enterprise: Mapped[str]
    unit: Mapped[str]
    """Code of the emission unit; empty where the rule looks at the whole enterprise."""
    rule: Mapped[str]
    period: Mapped[str]
    state: Mapped[str]
    """An `AlertState`."""
    since_ms: Mapped[int]
    """Since when it is in this state."""
    english: Mapped[str]
    """Why, in one sentence."""
    chinese: Mapped[str]
    evidence: Mapped[Any] = mapped_column(JSON)
    """What was compared with what, and where it stands."""
    inventory_id: Mapped[bytes | None]
    version: Mapped[int | None]
    """Of the inventory here that was looked at last."""
    snoozed_until_ms: Mapped[int | None]
    assignee: Mapped[str | None]
    inspection: Mapped[int | None]
    updated_ms: Mapped[int]


class AlertChangeRow(Model):
    """One change of an alert."""

    __tablename__ = "alert_change"
    __table_args__ = (Index(None, "alert", "number"),)

    number: Mapped[AutoNumber]
    alert: Mapped[int] = mapped_column(BigInteger, ForeignKey("alert.number"))
    at_ms: Mapped[int]
    actor: Mapped[str]
    """`rule` where the data did it."""
    what: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    note: Mapped[str]


class InspectionRow(Model):
    """An inspection (检查) that an authority opened because of alerts."""

    __tablename__ = "inspection"

    number: Mapped[AutoNumber]
    enterprise: Mapped[str] = mapped_column(index=True)
    inventory_id: Mapped[bytes | None]
    opened_by: Mapped[str]
    """Code of the authority."""
    title: Mapped[str]
    opened_ms: Mapped[int]
    closed_ms: Mapped[int | None]
    conclusion: Mapped[str | None]
