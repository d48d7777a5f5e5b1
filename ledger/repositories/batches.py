"""
What one step of the sequencer or of anchoring takes in hand, chosen by the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, func, select, text

from attestation.enums import OutboxState
from attestation.instants import Instant
from ledger.models import AnchorRow, OutboxRow, ReceiptProgressRow
from ledger.repositories.binary import fetch_binary
from ledger.repositories.bulk import is_postgresql
from ledger.repositories.logs import LogNumber
from ledger.repositories.messages import EntryKind

_KINDS: Final = tuple(EntryKind)
"""By number; a look-up costs a tenth of `EntryKind(number)`."""


_WAITING: Final = """
SELECT admission_id, kind, content, received_at_ms FROM (
  SELECT *, sum(length(content)) OVER (ORDER BY admission_id) - length(content) AS before FROM (
    SELECT admission_id, kind, content, received_at_ms FROM message
    WHERE log_number = {log} AND admission_id > {after}
    ORDER BY admission_id LIMIT {entries}
  ) AS oldest
) AS summed
WHERE before < {bytes} ORDER BY admission_id
"""
_NAMES: Final = ("log", "after", "entries", "bytes")
_ON_POSTGRESQL: Final = _WAITING.format(**{name: f"%({name})s" for name in _NAMES})
_ON_SQLITE: Final = text(_WAITING.format(**{name: f":{name}" for name in _NAMES}))
_INDEXES_ONLY: Final = text(
    "SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)"
)


class Waiting(NamedTuple):
    """
    One admitted entry that is not integrated yet.

    A named tuple, not a data class: a hundred thousand a second are made.
    """

    admission_id: int
    kind: EntryKind
    content: bytes
    received_at: Instant


class BatchRepository:
    """Chooses from `message` and `outbox`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(
        self, log: LogNumber, after: int, *, max_entries: int, max_bytes: int
    ) -> list[Waiting]:
        """
        Load the next entries of a log in order of admission.

        The entry that reaches `max_bytes` is the last, so there is always one where any waits.
        """
        bounds = {"log": log, "after": after, "entries": max_entries, "bytes": max_bytes}
        rows: Sequence[Sequence[Any]]
        if is_postgresql(self._connection):
            self._walk_indexes()
            rows = fetch_binary(self._connection, _ON_POSTGRESQL, bounds)
        else:
            rows = self._connection.execute(_ON_SQLITE, bounds).all()
        return [
            Waiting(number, _KINDS[kind], content, Instant(received_at))
            for number, kind, content, received_at in rows
        ]

    def _walk_indexes(self) -> None:
        # The cursor moves along an index. Where its statistics are old, PostgreSQL would read and
        # sort the whole backlog for each batch, the slower the longer the backlog.
        self._connection.execute(_INDEXES_ONLY)

    def drop_pending(self, item_ids: Sequence[int]) -> None:
        """Remove outbox items that are still pending: another one carries their targets."""
        self._connection.execute(
            delete(OutboxRow).where(
                OutboxRow.id.in_(item_ids), OutboxRow.state == OutboxState.PENDING
            )
        )

    def highest_nonce(self, operator: bytes) -> int | None:
        """Give the highest nonce that a stored transaction of an operator key has."""
        return self._connection.execute(
            select(func.max(OutboxRow.nonce)).where(OutboxRow.operator == operator)
        ).scalar()

    def updated_since(self, operator: bytes, since: Instant) -> list[Any]:
        """Load (targets, time of the last move) of items that are beyond pending."""
        statement = select(OutboxRow.targets, OutboxRow.updated_at_ms).where(
            OutboxRow.operator == operator,
            OutboxRow.state != OutboxState.PENDING,
            OutboxRow.updated_at_ms >= since,
        )
        return list(self._connection.execute(statement))

    def found_anchors(self) -> list[tuple[LogNumber, int]]:
        """List (log, size) of anchors found on the chain, not sent from here, and not final."""
        statement = (
            select(AnchorRow.log_number, AnchorRow.size)
            .where(AnchorRow.outbox_id.is_(None), AnchorRow.final_at_ms.is_(None))
            .order_by(AnchorRow.log_number, AnchorRow.size)
        )
        rows = self._connection.execute(statement)
        return [(LogNumber(log), size) for log, size in rows]

    def keys_between(self, log: LogNumber, old_size: int, size: int) -> list[bytes]:
        """List the keys with messages that became part of the tree between two sizes, sorted."""
        statement = (
            select(ReceiptProgressRow.kid)
            .where(
                ReceiptProgressRow.log_number == log,
                ReceiptProgressRow.size > old_size,
                ReceiptProgressRow.size <= size,
            )
            .distinct()
            .order_by(ReceiptProgressRow.kid)
        )
        return list(self._connection.execute(statement).scalars())
