"""
Tables of accounting: where the records it rests on stand, and the documents of digests.

`stated_record` is a function of the entries of a log and can be derived again; `digest_document`
is not: it holds what a digest entry only commits to.
"""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import KeyPart, LogNumber, Model


class StatedRecordRow(Model):
    """A record that accounting rests on; what it says is read from its entry."""

    __tablename__ = "stated_record"
    __table_args__ = (
        Index(None, "log_number", "record_type", "key"),
        Index(None, "log_number", "leaf_hash"),
    )

    log_number: Mapped[LogNumber]
    index: Mapped[KeyPart]
    record_type: Mapped[str]
    key: Mapped[str]
    """What it is about, among the records of its type."""
    from_s: Mapped[int]
    to_s: Mapped[int | None]
    """Second after the last it holds; absent where it holds until another takes its place."""
    leaf_hash: Mapped[bytes]
    """By which later records name it."""
    supersedes_index: Mapped[int | None]
    superseded_by_index: Mapped[int | None]


class DigestDocumentRow(Model):
    """What an activity digest commits to; kept by the ledger for the enterprise."""

    __tablename__ = "digest_document"
    __table_args__ = (Index(None, "log_number", "unit", "from_s"),)

    log_number: Mapped[LogNumber]
    content_hash: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of the digest entry's 320 bytes."""
    unit: Mapped[str]
    parameter: Mapped[str]
    series: Mapped[str]
    from_s: Mapped[int]
    to_s: Mapped[int]
    salt: Mapped[bytes]
    document: Mapped[bytes]
    """Canonical JSON."""
    created_at_ms: Mapped[int]
