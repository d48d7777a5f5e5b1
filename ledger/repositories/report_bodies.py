"""
Bodies of reports that verifiers signed: the bytes whose hash is on chain.

Source: FORMATS section 12.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from attestation.instants import Instant
from ledger.models import ReportBodyRow
from ledger.repositories.bulk import table_of


@dataclass(frozen=True, slots=True)
class ReportBody:
    """The body of a report that is kept here."""

    sha256: bytes
    inventory_id: bytes
    version: int
    content: bytes
    stored_at: Instant


class ReportBodyRepository:
    """Reads and writes `report_body`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, body: ReportBody) -> None:
        """Keep a body that is not kept yet."""
        self._connection.execute(
            insert(ReportBodyRow).values(
                sha256=body.sha256,
                inventory_id=body.inventory_id,
                version=body.version,
                content=body.content,
                stored_at_ms=body.stored_at,
            )
        )

    def get(self, sha256: bytes) -> ReportBody | None:
        """Give a body by its hash."""
        table = table_of(ReportBodyRow)
        row = self._connection.execute(select(table).where(table.c.sha256 == sha256)).one_or_none()
        if row is None:
            return None
        return ReportBody(
            bytes(row.sha256),
            bytes(row.inventory_id),
            row.version,
            bytes(row.content),
            Instant(row.stored_at_ms),
        )
