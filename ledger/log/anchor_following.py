"""
Following what was signed for the chain: send it, find it in a block, notice that it left.

What to do with an item depends on what the chain says of its transaction at this moment and on
nothing remembered, so that a crash between any two lines costs one more question.

Source: DESIGN section 6; EIP-1559 and EIP-155 for what a nonce allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attestation.enums import OutboxState
from attestation.errors import Error, Retry
from attestation.instants import Instant
from ledger.errors import StorageConflict
from ledger.log.anchor_finality import AnchorFinality
from ledger.log.anchor_rules import AnchorRules
from ledger.ports import Anchorer, TransactionState, TransactionStatus
from ledger.repositories.outbox import OutboxItem
from ledger.unit_of_work import UnitOfWorkFactory

UNDER_WAY: Final = (OutboxState.SIGNED, OutboxState.BROADCAST, OutboxState.INCLUDED)


class AnchorFollowing:
    """
    Moves items that have a transaction.

    Args:
        units: Makes writing units of work.
        readings: Makes reading units of work.
        anchorer: The chain.
        finality: What becomes of anchors that stand in blocks.
        rules: How patiently.
    """

    def __init__(
        self,
        units: UnitOfWorkFactory,
        readings: UnitOfWorkFactory,
        anchorer: Anchorer,
        *,
        finality: AnchorFinality,
        rules: AnchorRules,
    ) -> None:
        self._units = units
        self._readings = readings
        self._anchorer = anchorer
        self._finality = finality
        self._rules = rules

    def follow(self, now: Instant) -> list[OutboxState]:
        """Move every item as far as the chain says, by nonce; give the states they came to."""
        moves = [self._advance(item, now) for item in self._under_way()]
        return [state for state in moves if state is not None]

    def send(self, item: OutboxItem, now: Instant) -> None:
        """
        Hand a stored transaction to the node; harmless if it was sent before.

        Raises:
            Error: If no node answers; the item stays signed and is sent by the next step.
        """
        refusal = None
        try:
            self._anchorer.send(_require(item.raw_tx))
        except Error as error:
            if error.retry is not Retry.NEVER:
                raise
            # The node will not take these bytes. What the chain says of them, in the next step,
            # decides whether they got in already or never will.
            refusal = f"{error.stable_code}: {error.message}"
        self._move(item, OutboxState.BROADCAST, now, error=refusal)

    def _under_way(self) -> Sequence[OutboxItem]:
        with self._readings() as uow:
            items = uow.outbox.in_states(UNDER_WAY, operator=self._anchorer.operator)
        return sorted(items, key=lambda item: item.nonce or 0)

    def _advance(self, item: OutboxItem, now: Instant) -> OutboxState | None:
        if item.state is OutboxState.SIGNED:
            self.send(item, now)
            return None
        status = self._anchorer.status(_require(item.tx_hash))
        match status.state:
            case TransactionState.INCLUDED | TransactionState.FINAL:
                return self._in_block(item, status, now)
            case TransactionState.REPLACED:
                return self._replaced(item, now)
            case TransactionState.UNKNOWN | TransactionState.WAITING:
                return self._not_in_block(item, status, now)

    def _in_block(
        self, item: OutboxItem, status: TransactionStatus, now: Instant
    ) -> OutboxState | None:
        if not status.succeeded:
            return self._give_up(item, now, "the transaction failed as a whole")
        is_new = item.state is not OutboxState.INCLUDED or item.block_hash != status.block_hash
        if is_new:
            item = self._finality.include(item, status, now)
        if status.state is TransactionState.FINAL and self._finality.finalise(item, now):
            return OutboxState.FINAL
        return OutboxState.INCLUDED if is_new else None

    def _not_in_block(
        self, item: OutboxItem, status: TransactionStatus, now: Instant
    ) -> OutboxState | None:
        if item.state is OutboxState.INCLUDED:
            self._resend(self._finality.take_back(item, now))
            return OutboxState.BROADCAST
        if now - item.updated_at >= self._rules.replace_after_ms:
            self._resend(self._replace(item, now))
        elif status.state is TransactionState.UNKNOWN:
            self._resend(item)
        return None

    def _replace(self, item: OutboxItem, now: Instant) -> OutboxItem:
        prepared = self._anchorer.replace(_require(item.raw_tx))
        # The replacement is stored before it is sent. If it is the old one that gets in after
        # all, the chain will say that this one was replaced, and our event is found by itself.
        return self._move(
            item,
            OutboxState.BROADCAST,
            now,
            raw_tx=prepared.raw,
            tx_hash=prepared.tx_hash,
            attempts=item.attempts + 1,
        )

    def _resend(self, item: OutboxItem) -> None:
        try:
            self._anchorer.send(_require(item.raw_tx))
        except Error as error:
            if error.retry is not Retry.NEVER:
                raise
            # It was sent before; the next step asks the chain again.

    def _replaced(self, item: OutboxItem, now: Instant) -> OutboxState:
        """Another transaction has the nonce: an earlier version of ours, or a stranger's."""
        if item.state is OutboxState.INCLUDED:
            item = self._finality.take_back(item, now)
        found = self._finality.find_transaction(item)
        if found is not None and found != item.tx_hash:
            self._move(item, OutboxState.BROADCAST, now, tx_hash=found)
            return OutboxState.BROADCAST
        return self._give_up(item, now, "another transaction has its nonce")

    def _give_up(self, item: OutboxItem, now: Instant, reason: str) -> OutboxState:
        """Give the nonce back; the checkpoints, by then newer ones, are signed again later."""
        if item.state is OutboxState.INCLUDED:
            item = self._finality.take_back(item, now)
        self._move(
            item,
            OutboxState.PENDING,
            now,
            nonce=None,
            raw_tx=None,
            tx_hash=None,
            block_number=None,
            block_hash=None,
            attempts=item.attempts + 1,
            error=reason,
        )
        return OutboxState.PENDING

    def _move(
        self, item: OutboxItem, state: OutboxState, now: Instant, **changes: object
    ) -> OutboxItem:
        with self._units() as uow:
            uow.outbox.move(item, state, now=now, **changes)
            moved = uow.outbox.get(item.id)
            # Commit point: the item is where the chain, or what was handed to it, says it is.
            uow.commit()
        return moved or item


def _require(content: bytes | None) -> bytes:
    if content is None:
        raise StorageConflict("an outbox item that is under way has no transaction")
    return content
