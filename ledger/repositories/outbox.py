"""Transactions on their way to the chain: stored before they are sent, one nonce each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from attestation.enums import OutboxState
from attestation.instants import Instant
from ledger.errors import StorageConflict
from ledger.models import OutboxRow


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One transaction that must reach the chain."""

    id: int
    kind: str
    operator: bytes
    """Address of the key that signs, 20 bytes."""
    targets: Any
    """JSON: what it is about."""
    state: OutboxState
    nonce: int | None
    raw_tx: bytes | None
    tx_hash: bytes | None
    block_number: int | None
    block_hash: bytes | None
    attempts: int
    error: str | None
    created_at: Instant
    updated_at: Instant


# Built once: building a statement takes longer than running it.
_ITEM: Final[Select[Any]] = select(OutboxRow.__table__).where(OutboxRow.id == bindparam("id"))
_LOCKED_ITEM: Final = _ITEM.with_for_update()


class OutboxRepository:
    """Reads and moves `outbox`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, *, kind: str, operator: bytes, targets: Any, now: Instant) -> int:
        """Queue a transaction as pending and give its id."""
        statement = (
            insert(OutboxRow)
            .values(
                kind=kind,
                operator=operator,
                targets=targets,
                state=OutboxState.PENDING,
                attempts=0,
                created_at_ms=now,
                updated_at_ms=now,
            )
            .returning(OutboxRow.id)
        )
        return self._connection.execute(statement).scalar_one()

    def get(self, item_id: int) -> OutboxItem | None:
        """Load one item."""
        found = self._load(_ITEM, {"id": item_id})
        return found[0] if found else None

    def lock(self, item_id: int) -> OutboxItem | None:
        """Load one item and keep others from it until the end of the unit of work."""
        found = self._load(_LOCKED_ITEM, {"id": item_id})
        return found[0] if found else None

    def in_states(
        self, states: Sequence[OutboxState], *, operator: bytes, limit: int = 100
    ) -> list[OutboxItem]:
        """Load the oldest items of an operator key that are in one of the states."""
        return self._load(
            select(OutboxRow.__table__)
            .where(OutboxRow.operator == operator, OutboxRow.state.in_(states))
            .order_by(OutboxRow.id)
            .limit(limit)
        )

    def claim(self, states: Sequence[OutboxState], *, operator: bytes) -> OutboxItem | None:
        """
        Load the oldest such item and keep others from it until the end of the unit of work.

        Gives None where there is none or somebody else works on it.
        """
        found = self._load(
            select(OutboxRow.__table__)
            .where(OutboxRow.operator == operator, OutboxRow.state.in_(states))
            .order_by(OutboxRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return found[0] if found else None

    def move(
        self,
        item: OutboxItem,
        state: OutboxState,
        *,
        now: Instant,
        **changes: object,
    ) -> None:
        """
        Move an item to a state, with changes of other columns, if it is still where it was.

        Raises:
            StorageConflict: If somebody else moved it first.
        """
        moved = self._connection.execute(
            update(OutboxRow)
            .where(OutboxRow.id == item.id, OutboxRow.state == item.state)
            .values(state=state, updated_at_ms=now, **changes)
        )
        if moved.rowcount != 1:
            raise StorageConflict(f"outbox item {item.id} is no longer {item.state.name}")

    def _load(
        self, statement: Select[Any], named: Mapping[str, object] | None = None
    ) -> list[OutboxItem]:
        return [
            OutboxItem(
                id=row.id,
                kind=row.kind,
                operator=row.operator,
                targets=row.targets,
                state=OutboxState(row.state),
                nonce=row.nonce,
                raw_tx=row.raw_tx,
                tx_hash=row.tx_hash,
                block_number=row.block_number,
                block_hash=row.block_hash,
                attempts=row.attempts,
                error=row.error,
                created_at=Instant(row.created_at_ms),
                updated_at=Instant(row.updated_at_ms),
            )
            for row in self._connection.execute(statement, named)
        ]
