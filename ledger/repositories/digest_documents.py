"""
The documents of activity digests: what the entries only commit to.

They are kept for the enterprise and shown to those it shows them to; a digest without its
document proves nothing to anybody.

Source: FORMATS sections 4 and 9; `docs/formats/activity-digest.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, insert, select

from attestation.instants import Instant
from ledger.models import DigestDocumentRow
from ledger.repositories.bulk import table_of
from ledger.repositories.logs import LogNumber

_COLUMNS: Final = (
    "content_hash",
    "unit",
    "parameter",
    "series",
    "from_s",
    "to_s",
    "salt",
    "document",
    "created_at_ms",
)


@dataclass(frozen=True, slots=True)
class DigestDocument:
    """What one digest entry commits to."""

    content_hash: bytes
    """SHA-256 of the entry's bytes, 32 bytes."""
    unit: str
    parameter: str
    series: str
    from_s: int
    to_s: int
    salt: bytes
    """16 bytes."""
    document: bytes
    """Canonical JSON."""
    created_at: Instant


class DigestDocumentRepository:
    """Reads and writes `digest_document`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, log: LogNumber, document: DigestDocument) -> None:
        """Store a document; once stored it does not change."""
        values = {name: getattr(document, name) for name in _COLUMNS[:-1]}
        self._connection.execute(
            insert(DigestDocumentRow).values(
                log_number=log, created_at_ms=document.created_at, **values
            )
        )

    def get(self, log: LogNumber, content_hash: bytes) -> DigestDocument | None:
        """Load the document of a digest entry, by the SHA-256 of its bytes."""
        table = table_of(DigestDocumentRow)
        found = self._fetch(_documents(log).where(table.c.content_hash == content_hash))
        return found[0] if found else None

    def all(self, log: LogNumber) -> list[DigestDocument]:
        """Load every document of a log's digests, oldest first."""
        return self._fetch(_documents(log))

    def within(
        self, log: LogNumber, from_s: int, to_s: int, *, unit: str | None = None
    ) -> list[DigestDocument]:
        """Load the documents whose periods lie in `[from_s, to_s)`, oldest first."""
        table = table_of(DigestDocumentRow)
        statement = _documents(log).where(table.c.from_s >= from_s, table.c.to_s <= to_s)
        if unit is not None:
            statement = statement.where(table.c.unit == unit)
        return self._fetch(statement)

    def _fetch(self, statement: Select[Any]) -> list[DigestDocument]:
        return [
            DigestDocument(
                content_hash, unit, parameter, series, from_s, to_s, salt, document, Instant(at_ms)
            )
            for (
                content_hash,
                unit,
                parameter,
                series,
                from_s,
                to_s,
                salt,
                document,
                at_ms,
            ) in self._connection.execute(statement)
        ]


def _documents(log: LogNumber) -> Select[Any]:
    table = table_of(DigestDocumentRow)
    return (
        select(*(table.c[name] for name in _COLUMNS))
        .where(table.c.log_number == log)
        .order_by(table.c.created_at_ms, table.c.content_hash)
    )
