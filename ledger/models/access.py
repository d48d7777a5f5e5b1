"""
Tables of who may come in and who looked at what: sessions, keys of machines, bindings, reads.

Of every secret only the SHA-256 is kept. What was read of another party's data is written once
and never changed; the rest may be ended by its holder.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import AutoNumber, Model


class LoginSecretRow(Model):
    """A secret that is good for one use and a short time: removed when it is used."""

    __tablename__ = "login_secret"

    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    """What it may be used for."""
    content: Mapped[Any] = mapped_column(JSON)
    """What belongs to it."""
    expires_at_ms: Mapped[int] = mapped_column(index=True)


class SessionRow(Model):
    """A representative who came in, until they leave or are gone too long."""

    __tablename__ = "session"
    __table_args__ = (Index(None, "address"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    address: Mapped[bytes]
    party_id: Mapped[bytes]
    proof: Mapped[str]
    label: Mapped[str]
    created_at_ms: Mapped[int]
    seen_at_ms: Mapped[int]
    expires_at_ms: Mapped[int]
    revoked_at_ms: Mapped[int | None]


class LoginBindingRow(Model):
    """An identity at a provider that stands for a representative's key, by that key's signature."""

    __tablename__ = "login_binding"
    __table_args__ = (Index(None, "address"),)

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[bytes]
    party_id: Mapped[bytes]
    message: Mapped[str]
    signature: Mapped[bytes]
    bound_at_ms: Mapped[int]


class MachineKeyRow(Model):
    """A key by which a machine of a party signs requests or shows a certificate."""

    __tablename__ = "machine_key"
    __table_args__ = (Index(None, "party_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the SubjectPublicKeyInfo, hex."""
    spki: Mapped[bytes]
    party_id: Mapped[bytes]
    address: Mapped[bytes]
    """Of the approver's key that registered it."""
    name: Mapped[str]
    message: Mapped[str]
    signature: Mapped[bytes]
    registered_at_ms: Mapped[int]
    expires_at_ms: Mapped[int]
    revoked_at_ms: Mapped[int | None]


class UsedSignatureRow(Model):
    """A signed request that was answered, until it would be refused for its age."""

    __tablename__ = "used_signature"

    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at_ms: Mapped[int] = mapped_column(index=True)


class AccessReadRow(Model):
    """One read of a party's data by another party."""

    __tablename__ = "access_read"
    __table_args__ = (Index(None, "usc", "id"), Index(None, "reader_code", "id"))

    id: Mapped[AutoNumber]
    at_ms: Mapped[int]
    usc: Mapped[str]
    """Credit code of the party whose data was read."""
    inventory_id: Mapped[bytes | None]
    reader: Mapped[str]
    """Address or name of the grant."""
    reader_code: Mapped[str | None]
    """Credit code of the reader's party."""
    role: Mapped[str]
    proof: Mapped[str]
    relation: Mapped[str]
    action: Mapped[str]
    asked: Mapped[str]
    """Method and path."""
    sealed_by: Mapped[Any] = mapped_column(JSON)
    """Ids of the cases until whose close only the oversight sees the row."""
