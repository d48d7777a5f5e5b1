"""
Tables of documents: files of an enterprise, encrypted, and the draft of a month's evidence.

Not derived from the log: the log names a document by its hash and nothing more. The key is never
in the database; where it is erased, the rows are noise.
"""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import Model, Small


class DocumentRow(Model):
    """A file of an enterprise, encrypted under the enterprise's own key."""

    __tablename__ = "document"

    usc: Mapped[str] = mapped_column(primary_key=True)
    """Unified social credit code of the enterprise; its successor logs share its documents."""
    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    """Of the content."""
    media_type: Mapped[str]
    size: Mapped[int]
    """Bytes of the content."""
    key_id: Mapped[bytes]
    """Which key of the enterprise it is encrypted under, 16 bytes."""
    nonce: Mapped[bytes]
    ciphertext: Mapped[bytes]
    """With the tag."""
    stored_at_ms: Mapped[int]


class EvidenceDraftRow(Model):
    """A file that is to be part of a month's evidence, until its manifest is made."""

    __tablename__ = "evidence_draft"

    usc: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[Small]
    """An `EvidenceKind`."""
    unit: Mapped[str | None]
    """Code of the emission unit; absent where it is about the whole enterprise."""
    sha256: Mapped[bytes]
    """Of a document of the same enterprise."""
