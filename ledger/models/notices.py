"""
Tables of notices: what a party is told, who of it has read that, and letters on their way.

A mail address is of a person: it stands here and nowhere else, and goes when the person takes it
back, with every letter that still waits.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import AutoNumber, Model


class NoticeRow(Model):
    """One thing that a party is told."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("recipient", "kind", "subject"),
        Index(None, "recipient", "number"),
    )

    number: Mapped[AutoNumber]
    recipient: Mapped[str]
    """Code of a party, or address of a person's key with 0x."""
    kind: Mapped[str]
    subject: Mapped[str]
    """What it is about among the notices of its kind, so that nobody is told twice."""
    body: Mapped[Any] = mapped_column(JSON)
    """Ids, names and numbers; never an amount."""
    at_ms: Mapped[int]


class NoticeReadRow(Model):
    """A person has read a notice."""

    __tablename__ = "notice_read"

    notice: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("notice.number"), primary_key=True, autoincrement=False
    )
    reader: Mapped[str] = mapped_column(primary_key=True)
    """Address of the person's key, with 0x."""
    at_ms: Mapped[int]


class MailAddressRow(Model):
    """Where a person wants letters about a party's notices."""

    __tablename__ = "mail_address"

    reader: Mapped[str] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(primary_key=True)
    """Code of the party whose notices they are."""
    address: Mapped[str]
    language: Mapped[str]
    confirmation: Mapped[bytes | None]
    """SHA-256 of the code that was sent to the address; absent when it was confirmed."""
    asked_ms: Mapped[int]


class MailRow(Model):
    """A letter on its way."""

    __tablename__ = "mail"
    __table_args__ = (Index(None, "state", "next_ms"),)

    number: Mapped[AutoNumber]
    reader: Mapped[str]
    recipient: Mapped[str]
    notice: Mapped[int | None]
    """Absent for a letter with a code of confirmation."""
    code: Mapped[str | None]
    """The code itself, until the letter is sent."""
    state: Mapped[str]
    """A `DeliveryState`."""
    attempts: Mapped[int]
    next_ms: Mapped[int]
    error: Mapped[str | None]
