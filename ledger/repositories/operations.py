"""Signed acts on their way to the chain: stored before they are sent, one nonce each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from attestation.enums import OperationState
from attestation.instants import Instant
from ledger.errors import StorageConflict
from ledger.models import OperationRow
from ledger.repositories.bulk import table_of


@dataclass(frozen=True, slots=True)
class NewOperation:
    """A signed act that is to be sent."""

    digest: bytes
    """EIP-712 digest of the act, 32 bytes: the operation's name."""
    act: str
    """Name of the act's type."""
    contract: str
    address: bytes
    call_data: bytes
    """What is sent to the contract: the act with its signatures."""
    fields: Any
    """The act as a wallet shows it."""
    deadline_s: int
    sender: bytes
    """Address of the account that pays, 20 bytes."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One act on its way to the chain."""

    number: int
    digest: bytes
    act: str
    contract: str
    address: bytes
    call_data: bytes
    fields: Any
    deadline_s: int
    sender: bytes
    state: OperationState
    nonce: int | None
    raw_tx: bytes | None
    tx_hash: bytes | None
    block_number: int | None
    block_hash: bytes | None
    attempts: int
    error_code: str | None
    error: str | None
    created_at: Instant
    updated_at: Instant


class OperationRepository:
    """Reads and moves `operation`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def queue(self, new: NewOperation, *, now: Instant) -> Operation:
        """
        Queue an act; one that is there already stays as it is, unless it cannot go on.

        What failed is queued again with what is sent now: the contract's state, or the
        signatures, may be others by then. So is what waits for an account that pays no more;
        should its transaction get in after all, the act takes effect once all the same.
        """
        found = self.by_digest(new.digest)
        fresh = {
            "call_data": new.call_data,
            "sender": new.sender,
            "state": int(OperationState.QUEUED),
            "attempts": 0,
            "error_code": None,
            "error": None,
            "nonce": None,
            "raw_tx": None,
            "tx_hash": None,
            "block_number": None,
            "block_hash": None,
            "updated_at_ms": now,
        }
        if found is None:
            named = {
                "digest": new.digest,
                "act": new.act,
                "contract": new.contract,
                "address": new.address,
                "fields": new.fields,
                "deadline_s": new.deadline_s,
                "created_at_ms": now,
            }
            self._connection.execute(insert(OperationRow).values(**named, **fresh))
        elif _is_stuck(found, new.sender):
            self._connection.execute(
                update(OperationRow)
                .where(OperationRow.number == found.number, OperationRow.state == found.state)
                .values(**fresh)
            )
        queued = self.by_digest(new.digest)
        if queued is None:
            raise StorageConflict("an operation that was stored is not there")
        return queued

    def by_digest(self, digest: bytes) -> Operation | None:
        """Load an operation by its name."""
        statement = select(table_of(OperationRow)).where(OperationRow.digest == digest)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _operation(row)

    def in_states(
        self, states: Sequence[OperationState], *, sender: bytes, limit: int = 100
    ) -> list[Operation]:
        """Load the oldest operations of an account that are in one of the states."""
        statement = (
            select(table_of(OperationRow))
            .where(
                OperationRow.sender == sender,
                OperationRow.state.in_([int(state) for state in states]),
            )
            .order_by(OperationRow.number)
            .limit(limit)
        )
        return [_operation(row) for row in self._connection.execute(statement)]

    def move(
        self, operation: Operation, state: OperationState, *, now: Instant, **changes: object
    ) -> None:
        """
        Move an operation to a state, with changes of other columns, if it is still where it was.

        Raises:
            StorageConflict: If somebody else moved it first.
        """
        moved = self._connection.execute(
            update(OperationRow)
            .where(
                OperationRow.number == operation.number,
                OperationRow.state == int(operation.state),
            )
            .values(state=int(state), updated_at_ms=now, **changes)
        )
        if moved.rowcount != 1:
            raise StorageConflict(
                f"operation {operation.digest.hex()} is no longer {operation.state.name}"
            )


def _is_stuck(operation: Operation, sender: bytes) -> bool:
    is_open = operation.state in {OperationState.QUEUED, OperationState.SENT}
    return operation.state is OperationState.FAILED or (is_open and operation.sender != sender)


def _operation(row: Row[Any]) -> Operation:
    return Operation(
        number=row.number,
        digest=row.digest,
        act=row.act,
        contract=row.contract,
        address=row.address,
        call_data=row.call_data,
        fields=row.fields,
        deadline_s=row.deadline_s,
        sender=row.sender,
        state=OperationState(row.state),
        nonce=row.nonce,
        raw_tx=row.raw_tx,
        tx_hash=row.tx_hash,
        block_number=row.block_number,
        block_hash=row.block_hash,
        attempts=row.attempts,
        error_code=row.error_code,
        error=row.error,
        created_at=Instant(row.created_at_ms),
        updated_at=Instant(row.updated_at_ms),
    )
