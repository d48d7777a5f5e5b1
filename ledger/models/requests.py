"""
Tables of the way in: requests that are carried out once, and the secrets of a server.

Neither is derived from a log, and neither is part of what is proven: what expires may be deleted.
"""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import Model


class RequestKeyRow(Model):
    """A request that came with an `Idempotency-Key`, and what was answered."""

    __tablename__ = "request_key"
    __table_args__ = (Index("ix_request_key_expires_at_ms", "expires_at_ms"),)

    caller: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of whatever tells callers apart; nobody meets another's keys."""
    key: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[bytes]
    started_at_ms: Mapped[int]
    expires_at_ms: Mapped[int]
    is_carried_out: Mapped[bool]
    """Set in the transaction of what was done."""
    status: Mapped[int | None]
    """Of the answer; absent while the request is under way."""
    headers: Mapped[str | None]
    """Of the answer, JSON."""
    body: Mapped[bytes | None]
    needs: Mapped[str | None]
    """What the caller had to be allowed, JSON: asked again before the answer is given again."""


class ServerSecretRow(Model):
    """A random secret that all processes of one server share, such as that of cursors."""

    __tablename__ = "server_secret"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes]
    """32 bytes, or what seals them."""
    sealed_under: Mapped[bytes | None]
    """Id of the key that it is encrypted under; absent while it stands in the clear."""
