"""
Carrying signed acts to the chain: one account, one transaction on its way, each to its end.

What to do with an operation depends on what the chain says of its transaction at this moment, so
that a crash between any two lines costs one more question. The raw transaction is stored before it
is sent. An act that somebody else has sent meanwhile is as final as one that was sent from here.

Source: DESIGN section 6 (the outbox) and section 9 (operations).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attestation.enums import OperationState
from attestation.errors import Error, Retry
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from ledger.errors import StorageConflict
from ledger.ports import Relay, TransactionState, TransactionStatus
from ledger.repositories.operations import Operation
from ledger.unit_of_work import UnitOfWorkFactory

EXPIRED: Final = "signing.expired"
REFUSED: Final = "chain.reverted"
_REPLACE_AFTER_MS: Final = 60_000
_MAX_BACKOFF_MS: Final = 60_000
_FIRST_BACKOFF_MS: Final = 500
_DOUBLINGS: Final = 7


@dataclass(frozen=True, slots=True)
class Moved:
    """An operation that came further."""

    digest: bytes
    state: OperationState


class Relaying:
    """
    Moves the operations of one account.

    Args:
        units: Makes writing units of work.
        readings: Makes reading units of work.
        relay: The chain and the account.
    """

    def __init__(self, units: UnitOfWorkFactory, readings: UnitOfWorkFactory, relay: Relay) -> None:
        self._units = units
        self._readings = readings
        self._relay = relay

    def step(self, now: Instant) -> list[Moved]:
        """
        Move every operation as far as the chain says, and send the next one.

        Raises:
            Error: Of the chain, if no node answers; nothing is lost.
            StorageConflict: If another worker owns the account too.
        """
        under_way = (OperationState.SENT, OperationState.INCLUDED)
        moved = [self._follow(each, now) for each in self._in(*under_way)]
        # One account has one transaction on its way, so that no pipeline of nonces can tear.
        if not self._in(OperationState.SENT):
            moved += [self._send_next(now)]
        return [each for each in moved if each is not None]

    # --- sending -------------------------------------------------------------------------------

    def _send_next(self, now: Instant) -> Moved | None:
        for operation in self._in(OperationState.QUEUED):
            if now - operation.updated_at < _backoff_ms(operation.attempts):
                continue
            return self._begin(operation, now)
        return None

    def _begin(self, operation: Operation, now: Instant) -> Moved | None:
        is_used = self._relay.is_used(operation.contract, operation.address, operation.digest)
        if is_used:
            return self._move(operation, OperationState.FINAL, now)
        if is_used is None:
            self._wait(operation, now)
            return None
        if operation.deadline_s < now // MILLISECONDS_PER_SECOND:
            return self._fail(operation, now, EXPIRED, "the deadline passed before it was sent")
        nonce = self._relay.next_nonce()
        try:
            prepared = self._relay.prepare(operation.address, operation.call_data, nonce=nonce)
        except Error as error:
            if error.retry is not Retry.NEVER:
                raise
            return self._fail(operation, now, error.stable_code, error.message)
        with self._units() as uow:
            uow.operations.move(
                operation,
                OperationState.SENT,
                now=now,
                nonce=prepared.nonce,
                raw_tx=prepared.raw,
                tx_hash=prepared.tx_hash,
            )
            # Commit point: the raw transaction is stored before it is sent.
            uow.commit()
        self._send(prepared.raw)
        return Moved(operation.digest, OperationState.SENT)

    def _send(self, raw: bytes) -> None:
        try:
            self._relay.send(raw)
        except Error as error:
            if error.retry is not Retry.NEVER:
                raise
            # What the chain says of it, in the next step, decides whether it got in.

    def _wait(self, operation: Operation, now: Instant) -> None:
        """Somebody else sent it: look again when that block may be final."""
        self._move(operation, OperationState.QUEUED, now, attempts=operation.attempts + 1)

    # --- following -------------------------------------------------------------------------------

    def _follow(self, operation: Operation, now: Instant) -> Moved | None:
        if operation.tx_hash is None or operation.nonce is None:
            raise StorageConflict("an operation that is under way has no transaction")
        status = self._relay.status(operation.tx_hash, nonce=operation.nonce)
        match status.state:
            case TransactionState.INCLUDED | TransactionState.FINAL:
                return self._in_block(operation, status, now)
            case TransactionState.REPLACED:
                return self._again(operation, now)
            case TransactionState.UNKNOWN | TransactionState.WAITING:
                return self._not_in_block(operation, status, now)

    def _in_block(
        self, operation: Operation, status: TransactionStatus, now: Instant
    ) -> Moved | None:
        number = status.block_number or 0
        is_final = status.state is TransactionState.FINAL
        place = {"block_number": number, "block_hash": status.block_hash}
        if not status.succeeded:
            if not is_final:
                return None
            why = self._relay.refusal(operation.raw_tx or b"", block_number=number)
            return self._fail(operation, now, REFUSED, why, **place)
        state = OperationState.FINAL if is_final else OperationState.INCLUDED
        if operation.state is state and operation.block_hash == status.block_hash:
            return None
        return self._move(operation, state, now, **place)

    def _not_in_block(
        self, operation: Operation, status: TransactionStatus, now: Instant
    ) -> Moved | None:
        raw = operation.raw_tx or b""
        if operation.state is OperationState.INCLUDED:
            # A reorganisation put it out of its block.
            nowhere = {"block_number": None, "block_hash": None}
            moved = self._move(operation, OperationState.SENT, now, **nowhere)
            self._send(raw)
            return moved
        if now - operation.updated_at >= _REPLACE_AFTER_MS:
            prepared = self._relay.replace(raw)
            # The replacement is stored before it is sent; either gets in, never both.
            changes = {"raw_tx": prepared.raw, "tx_hash": prepared.tx_hash}
            self._move(operation, OperationState.SENT, now, **changes)
            self._send(prepared.raw)
        elif status.state is TransactionState.UNKNOWN:
            self._send(raw)
        return None

    def _again(self, operation: Operation, now: Instant) -> Moved:
        """Another transaction has its nonce: an earlier one of the same act, or a stranger's."""
        nothing = dict.fromkeys(("nonce", "raw_tx", "tx_hash", "block_number", "block_hash"))
        attempts = operation.attempts + 1
        return self._move(operation, OperationState.QUEUED, now, attempts=attempts, **nothing)

    # --- parts -----------------------------------------------------------------------------------

    def _in(self, *states: OperationState) -> list[Operation]:
        with self._readings() as uow:
            return uow.operations.in_states(states, sender=self._relay.sender)

    def _fail(
        self, operation: Operation, now: Instant, code: str, message: str, **changes: object
    ) -> Moved:
        failed = {"error_code": code, "error": message, **changes}
        return self._move(operation, OperationState.FAILED, now, **failed)

    def _move(
        self, operation: Operation, state: OperationState, now: Instant, **changes: object
    ) -> Moved:
        with self._units() as uow:
            uow.operations.move(operation, state, now=now, **changes)
            # Commit point: the operation is where the chain says it is.
            uow.commit()
        return Moved(operation.digest, state)


def _backoff_ms(attempts: int) -> int:
    if not attempts:
        return 0
    return min(_MAX_BACKOFF_MS, _FIRST_BACKOFF_MS << min(attempts, _DOUBLINGS))
