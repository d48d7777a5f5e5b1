"""The checkpoints that the chain holds, with what bundles need of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, or_, select, update

from attestation.instants import Instant
from ledger.errors import StorageConflict
from ledger.models import AnchorRow
from ledger.repositories.logs import LogNumber


@dataclass(frozen=True, slots=True)
class StoredAnchor:
    """A checkpoint that the chain holds."""

    log: LogNumber
    size: int
    root: bytes
    block_number: int
    block_hash: bytes
    tx_hash: bytes
    outbox_id: int | None = None
    """Absent where the anchor was found on the chain rather than sent from here."""
    final_at: Instant | None = None
    evidence: Any | None = None
    """JSON: what `Anchorer.capture` gave at finality."""


class AnchorRepository:
    """Reads and writes `anchor`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, anchor: StoredAnchor) -> None:
        """
        Store an anchor that was included in a block.

        Raises:
            StorageConflict: If there is one of this log and size.
        """
        self._connection.execute(
            insert(AnchorRow).values(
                log_number=anchor.log,
                size=anchor.size,
                root=anchor.root,
                block_number=anchor.block_number,
                block_hash=anchor.block_hash,
                tx_hash=anchor.tx_hash,
                outbox_id=anchor.outbox_id,
                final_at_ms=anchor.final_at,
                evidence=anchor.evidence,
            )
        )

    def finalise(
        self, log: LogNumber, size: int, *, final_at: Instant, evidence: Any | None
    ) -> None:
        """Note that an anchor is final, with what was captured for bundles."""
        self._connection.execute(
            update(AnchorRow)
            .where(AnchorRow.log_number == log, AnchorRow.size == size)
            .values(final_at_ms=final_at, evidence=evidence)
        )

    def forget(self, log: LogNumber, size: int) -> None:
        """
        Remove an anchor that a reorganisation took off the chain.

        Raises:
            StorageConflict: If there is no such anchor or it was final.
        """
        removed = self._connection.execute(
            delete(AnchorRow).where(
                AnchorRow.log_number == log,
                AnchorRow.size == size,
                AnchorRow.final_at_ms.is_(None),
            )
        )
        if removed.rowcount != 1:
            raise StorageConflict(f"log {log} has no anchor at size {size} that may be removed")

    def get(self, log: LogNumber, size: int) -> StoredAnchor | None:
        """Load the anchor of a size."""
        return self._first(_anchors(log).where(AnchorRow.size == size))

    def newest(self, log: LogNumber, *, final: bool = False) -> StoredAnchor | None:
        """Load the anchor of the largest size, of all or of the final ones."""
        return self._first(_only(_anchors(log), final).order_by(AnchorRow.size.desc()).limit(1))

    def covering(self, log: LogNumber, index: int, *, final: bool = False) -> StoredAnchor | None:
        """Load the first anchor that covers an entry, of all or of the final ones."""
        return self._first(
            _only(_anchors(log), final)
            .where(AnchorRow.size > index)
            .order_by(AnchorRow.size)
            .limit(1)
        )

    def all(self, log: LogNumber) -> list[StoredAnchor]:
        """Load every anchor of a log by ascending size."""
        statement = _anchors(log).order_by(AnchorRow.size)
        return [_anchor(row) for row in self._connection.execute(statement)]

    def named(self, name: bytes) -> list[StoredAnchor]:
        """Load the anchors of any log that a root or a transaction names."""
        statement = (
            select(AnchorRow.__table__)
            .where(or_(AnchorRow.root == name, AnchorRow.tx_hash == name))
            .order_by(AnchorRow.log_number, AnchorRow.size)
        )
        return [_anchor(row) for row in self._connection.execute(statement)]

    def _first(self, statement: Select[Any]) -> StoredAnchor | None:
        row = self._connection.execute(statement).first()
        return None if row is None else _anchor(row)


def _anchors(log: LogNumber) -> Select[Any]:
    return select(AnchorRow.__table__).where(AnchorRow.log_number == log)


def _only(statement: Select[Any], final: bool) -> Select[Any]:
    return statement.where(AnchorRow.final_at_ms.is_not(None)) if final else statement


def _anchor(row: Any) -> StoredAnchor:
    return StoredAnchor(
        log=LogNumber(row.log_number),
        size=row.size,
        root=row.root,
        block_number=row.block_number,
        block_hash=row.block_hash,
        tx_hash=row.tx_hash,
        outbox_id=row.outbox_id,
        final_at=None if row.final_at_ms is None else Instant(row.final_at_ms),
        evidence=row.evidence,
    )
