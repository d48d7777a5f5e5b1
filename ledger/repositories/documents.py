"""
Encrypted documents of enterprises, and the drafts of monthly evidence.

Nothing here knows a key: what comes and goes is ciphertext.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from attestation.enums import EvidenceKind
from attestation.instants import Instant
from ledger.models import DocumentRow, EvidenceDraftRow
from ledger.repositories.bulk import table_of, upsert


@dataclass(frozen=True, slots=True)
class Document:
    """What is known of a document without its key."""

    sha256: bytes
    """Of the content, 32 bytes."""
    media_type: str
    size: int
    """Bytes of the content."""
    key_id: bytes
    """Key it is encrypted under, 16 bytes."""
    stored_at: Instant


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """A document as it lies in the database."""

    document: Document
    nonce: bytes
    """12 bytes."""
    ciphertext: bytes
    """With the tag."""


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file that is to be part of a month's evidence."""

    name: str
    kind: EvidenceKind
    unit: str | None
    """Code of the emission unit; None where it is about the whole enterprise."""
    sha256: bytes


class DocumentRepository:
    """Reads and writes `document` and `evidence_draft`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, usc: str, sealed: SealedDocument) -> None:
        """Store a document; one that is there under another key is encrypted anew."""
        document = sealed.document
        changing = ("media_type", "size", "key_id", "nonce", "ciphertext", "stored_at_ms")
        upsert(
            self._connection,
            DocumentRow,
            ("usc", "sha256", *changing),
            [
                (
                    usc,
                    document.sha256,
                    document.media_type,
                    document.size,
                    document.key_id,
                    sealed.nonce,
                    sealed.ciphertext,
                    document.stored_at,
                )
            ],
            changes=changing,
        )

    def get(self, usc: str, sha256: bytes) -> Document | None:
        """Load what is known of a document; None where the enterprise has none with this hash."""
        return next(self._described(usc, sha256), None)

    def listed(self, usc: str) -> list[Document]:
        """List what is known of an enterprise's documents, oldest first."""
        return list(self._described(usc, None))

    def sealed(self, usc: str, sha256: bytes) -> SealedDocument | None:
        """Load a document as it is encrypted."""
        document = self.get(usc, sha256)
        if document is None:
            return None
        row = self._connection.execute(
            select(DocumentRow.nonce, DocumentRow.ciphertext).where(
                DocumentRow.usc == usc, DocumentRow.sha256 == sha256
            )
        ).one()
        return SealedDocument(document, row.nonce, row.ciphertext)

    def put_draft(self, usc: str, month: str, file: DraftFile) -> None:
        """Make a file part of a month's draft, or change the one of its name."""
        changing = ("kind", "unit", "sha256")
        upsert(
            self._connection,
            EvidenceDraftRow,
            ("usc", "month", "name", *changing),
            [(usc, month, file.name, int(file.kind), file.unit, file.sha256)],
            changes=changing,
        )

    def draft(self, usc: str, month: str) -> list[DraftFile]:
        """List the files of a month's draft by name."""
        statement = (
            select(
                EvidenceDraftRow.name,
                EvidenceDraftRow.kind,
                EvidenceDraftRow.unit,
                EvidenceDraftRow.sha256,
            )
            .where(EvidenceDraftRow.usc == usc, EvidenceDraftRow.month == month)
            .order_by(EvidenceDraftRow.name)
        )
        return [
            DraftFile(name, EvidenceKind(kind), unit, sha256)
            for name, kind, unit, sha256 in self._connection.execute(statement)
        ]

    def drop_draft(self, usc: str, month: str, name: str | None = None) -> int:
        """Take one file, or all, out of a month's draft, and give how many; documents stay."""
        table = table_of(EvidenceDraftRow)
        statement = delete(table).where(table.c.usc == usc, table.c.month == month)
        if name is not None:
            statement = statement.where(table.c.name == name)
        return self._connection.execute(statement).rowcount

    def _described(self, usc: str, sha256: bytes | None) -> Iterator[Document]:
        statement = (
            select(
                DocumentRow.sha256,
                DocumentRow.media_type,
                DocumentRow.size,
                DocumentRow.key_id,
                DocumentRow.stored_at_ms,
            )
            .where(DocumentRow.usc == usc)
            .order_by(DocumentRow.stored_at_ms, DocumentRow.sha256)
        )
        if sha256 is not None:
            statement = statement.where(DocumentRow.sha256 == sha256)
        for name, media_type, size, key_id, stored_at_ms in self._connection.execute(statement):
            yield Document(name, media_type, size, key_id, Instant(stored_at_ms))
