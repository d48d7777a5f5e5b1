"""Taking finality back: only for a development chain that lost its last blocks."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from attestation.enums import OutboxState
from attestation.instants import Instant
from ledger.models import AnchorRow, OutboxRow
from ledger.repositories.logs import LogNumber


class ReopeningRepository:
    """Moves final anchors and outbox items back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def reopen_anchor(self, log: LogNumber, size: int) -> None:
        """Take an anchor's finality back, which is the only change a final anchor allows."""
        self._connection.execute(
            update(AnchorRow)
            .where(AnchorRow.log_number == log, AnchorRow.size == size)
            .values(final_at_ms=None, evidence=None)
        )

    def rebroadcast(self, item_id: int, *, now: Instant) -> None:
        """Move an item that was final or included back to broadcast, to be sent again."""
        self._connection.execute(
            update(OutboxRow)
            .where(
                OutboxRow.id == item_id,
                OutboxRow.state.in_([OutboxState.INCLUDED, OutboxState.FINAL]),
            )
            .values(
                state=OutboxState.BROADCAST,
                block_number=None,
                block_hash=None,
                updated_at_ms=now,
            )
        )

    def final_above(self, log: LogNumber, size: int) -> list[tuple[int, int | None]]:
        """List (size, outbox id) of final anchors above a size, largest first."""
        statement = (
            select(AnchorRow.size, AnchorRow.outbox_id)
            .where(
                AnchorRow.log_number == log,
                AnchorRow.size > size,
                AnchorRow.final_at_ms.is_not(None),
            )
            .order_by(AnchorRow.size.desc())
        )
        return [(found, item_id) for found, item_id in self._connection.execute(statement)]
