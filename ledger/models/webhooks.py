"""
Tables of webhooks: where a party wants to be called, with which secrets, and every call.

Source: Standard Webhooks 1.0.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import AutoNumber, Model


class WebhookRow(Model):
    """An endpoint of a party."""

    __tablename__ = "webhook"

    number: Mapped[AutoNumber]
    owner: Mapped[str] = mapped_column(index=True)
    """Code of the party."""
    url: Mapped[str]
    kinds: Mapped[Any] = mapped_column(JSON)
    """Kinds that are sent; an empty list is all but checkpoints."""
    note: Mapped[str]
    is_active: Mapped[bool]
    reason: Mapped[str]
    """Why it is not active; empty while it is."""
    last_event: Mapped[int]
    """Id of the last event that was looked at."""
    last_notice: Mapped[int]
    created_ms: Mapped[int]


class WebhookSecretRow(Model):
    """A secret that signs what is sent to an endpoint."""

    __tablename__ = "webhook_secret"

    number: Mapped[AutoNumber]
    webhook: Mapped[int] = mapped_column(BigInteger, ForeignKey("webhook.number"), index=True)
    secret: Mapped[bytes]
    """32 bytes, or what seals them."""
    sealed_under: Mapped[bytes | None]
    """Id of the key that it is encrypted under; absent while it stands in the clear."""
    created_ms: Mapped[int]
    expires_ms: Mapped[int | None]
    """Absent of the newest; those before it sign until then."""


class WebhookCallRow(Model):
    """One message for an endpoint, until it was taken or given up."""

    __tablename__ = "webhook_call"
    __table_args__ = (
        UniqueConstraint("webhook", "message"),
        Index(None, "state", "next_ms"),
        Index(None, "webhook", "number"),
    )

    number: Mapped[AutoNumber]
    webhook: Mapped[int] = mapped_column(BigInteger, ForeignKey("webhook.number"))
    message: Mapped[str]
    """Its id, the same at each attempt."""
    kind: Mapped[str]
    payload: Mapped[bytes]
    """JSON in UTF-8, as it is signed."""
    state: Mapped[str]
    """A `DeliveryState`."""
    attempts: Mapped[int]
    next_ms: Mapped[int]
    status: Mapped[int | None]
    """Of the last answer."""
    error: Mapped[str | None]
    created_ms: Mapped[int]
    updated_ms: Mapped[int]
