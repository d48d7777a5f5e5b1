"""
What becomes of anchors that stand in blocks: noted, final, or taken back.

At finality the storage proofs that bundles need are captured, because nodes prune old state, and
the receipts that devices wait for are written in the same transaction.

Source: DESIGN section 6; FORMATS sections 6 and 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from attestation.enums import EventKind, OutboxState, ReceiptStage
from attestation.errors import Error, Retry
from attestation.instants import Instant
from ledger.log.anchor_requests import AnchorRequests, parse_targets
from ledger.log.anchor_rules import AnchorRules
from ledger.log.telling import tell_anchor
from ledger.ports import Anchorer, TransactionStatus
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.batches import BatchRepository
from ledger.repositories.logs import Log, LogNumber
from ledger.repositories.outbox import OutboxItem
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory

Evidence = dict[str, object]


class AnchorReceipts(Protocol):
    """Whoever tells devices that a checkpoint is anchored, and when that is final."""

    def anchored(
        self, uow: UnitOfWork, log: Log, anchor: StoredAnchor, stage: ReceiptStage, *, now: Instant
    ) -> None:
        """Write the receipts for everything that the anchored checkpoint covers."""
        ...


class AnchorFinality:
    """
    Keeps `anchor` equal to what the chain holds.

    Args:
        units: Makes writing units of work.
        readings: Makes reading units of work.
        anchorer: The chain.
        receipts: Who is to hear of it.
        requests: Where wishes are written for what a transaction left out.
        rules: How long to wait for evidence.
    """

    def __init__(
        self,
        units: UnitOfWorkFactory,
        readings: UnitOfWorkFactory,
        anchorer: Anchorer,
        *,
        receipts: AnchorReceipts,
        requests: AnchorRequests,
        rules: AnchorRules,
    ) -> None:
        self._units = units
        self._readings = readings
        self._anchorer = anchorer
        self._receipts = receipts
        self._requests = requests
        self._rules = rules

    # --- transactions of ours ------------------------------------------------------------------

    def include(self, item: OutboxItem, status: TransactionStatus, now: Instant) -> OutboxItem:
        """Note the anchors that a transaction made, in the block where it stands now."""
        number, block_hash = status.block_number or 0, status.block_hash or b""
        with self._units() as uow:
            made: set[LogNumber] = set()
            for log_id, size, root in status.anchored:
                log = uow.logs.by_log_id(log_id)
                anchor = StoredAnchor(
                    log=log.number,
                    size=size,
                    root=root,
                    block_number=number,
                    block_hash=block_hash,
                    tx_hash=item.tx_hash or b"",
                    outbox_id=item.id,
                )
                self._note(uow, log, anchor, now)
                made.add(log.number)
            reasons = self._left_out(uow, item, status, made, now)
            uow.outbox.move(
                item,
                OutboxState.INCLUDED,
                now=now,
                block_number=number,
                block_hash=block_hash,
                error=reasons,
            )
            included = uow.outbox.get(item.id)
            # Commit point: devices hear that their messages are anchored, not that it is final.
            uow.commit()
        return included or item

    def take_back(self, item: OutboxItem, now: Instant) -> OutboxItem:
        """Forget the anchors of a transaction that a reorganisation put out of its block."""
        with self._units() as uow:
            for log, size, _ in parse_targets(item):
                anchor = uow.anchors.get(log, size)
                if anchor and anchor.outbox_id == item.id and anchor.final_at is None:
                    uow.anchors.forget(log, size)
            uow.outbox.move(
                item, OutboxState.BROADCAST, now=now, block_number=None, block_hash=None
            )
            moved = uow.outbox.get(item.id)
            # Commit point: nothing here claims any more that these checkpoints are anchored.
            uow.commit()
        return moved or item

    def finalise(self, item: OutboxItem, now: Instant) -> bool:
        """
        Capture the evidence of a final transaction's anchors and note that they are final.

        Returns:
            False where the evidence could not be captured yet and there is time to wait for it.
        """
        with self._readings() as uow:
            found = [uow.anchors.get(log, size) for log, size, _ in parse_targets(item)]
        anchors = [
            anchor
            for anchor in found
            if anchor and anchor.outbox_id == item.id and anchor.final_at is None
        ]
        evidence = self._capture_all(anchors, is_patient=self._is_patient(item.updated_at, now))
        if evidence is None:
            return False
        with self._units() as uow:
            for anchor, proof in zip(anchors, evidence, strict=True):
                self._finalise(uow, anchor, proof, now)
            uow.outbox.move(item, OutboxState.FINAL, now=now)
            # Commit point: the gateways may forget what these receipts name.
            uow.commit()
        return True

    def find_transaction(self, item: OutboxItem) -> bytes | None:
        """Find the transaction that anchored what this item was to anchor, 32 bytes."""
        for log, size, _ in parse_targets(item):
            with self._readings() as uow:
                log_id = uow.logs.get(log).log_id
            found = self._anchorer.find(log_id, size)
            if found is not None:
                return found.tx_hash
        return None

    # --- anchors found on the chain ------------------------------------------------------------

    def adopt(self, log: Log, size: int, now: Instant) -> None:
        """Note an anchor that the chain holds and we have no memory of sending."""
        with self._readings() as uow:
            is_known = uow.anchors.get(log.number, size) is not None
            # A recovered log does not have every checkpoint it once signed; its next one will do.
            is_provable = uow.checkpoints.get(log.number, size) is not None
        if is_known or not is_provable:
            return
        found = self._anchorer.find(log.log_id, size)
        if found is None:
            return
        anchor = StoredAnchor(
            log=log.number,
            size=size,
            root=found.root,
            block_number=found.block_number,
            block_hash=found.block_hash,
            tx_hash=found.tx_hash,
        )
        with self._units() as uow:
            if uow.anchors.get(log.number, size) is None:
                self._note(uow, log, anchor, now)
                # Commit point: the anchor is followed like one that was sent from here.
                uow.commit()

    def follow_found(self, now: Instant) -> None:
        """Move adopted anchors to final, or forget those that left the chain."""
        with self._readings() as uow:
            waiting = BatchRepository(uow.connection).found_anchors()
        for number, size in waiting:
            with self._readings() as uow:
                log = uow.logs.get(number)
                anchor = uow.anchors.get(number, size)
            if anchor is not None:
                self._follow_found(log, anchor, now)

    def _follow_found(self, log: Log, anchor: StoredAnchor, now: Instant) -> None:
        found = self._anchorer.find(log.log_id, anchor.size)
        if found is not None and found.block_hash == anchor.block_hash and not found.is_final:
            return
        stays = found is not None and found.block_hash == anchor.block_hash
        evidence = self._capture_all([anchor], is_patient=False) if stays else None
        with self._units() as uow:
            if evidence is None:
                uow.anchors.forget(anchor.log, anchor.size)
            else:
                self._finalise(uow, anchor, evidence[0], now)
            # Commit point: as for an anchor of our own.
            uow.commit()

    # --- parts ------------------------------------------------------------------------------

    def _note(self, uow: UnitOfWork, log: Log, anchor: StoredAnchor, now: Instant) -> None:
        before = uow.anchors.get(anchor.log, anchor.size)
        if before is not None and before.final_at is not None:
            return
        if before is not None:
            uow.anchors.forget(anchor.log, anchor.size)
        uow.anchors.add(anchor)
        tell_anchor(uow, anchor, EventKind.CHECKPOINT_ANCHORED, now)
        self._receipts.anchored(uow, log, anchor, ReceiptStage.ANCHORED, now=now)

    def _left_out(
        self,
        uow: UnitOfWork,
        item: OutboxItem,
        status: TransactionStatus,
        made: set[LogNumber],
        now: Instant,
    ) -> str | None:
        skipped = {uow.logs.by_log_id(log_id).number: why for log_id, _, why in status.skipped}
        for log, _, _ in parse_targets(item):
            if log not in made and log not in skipped:
                # The chain had it already: comparing again finds whose transaction it was.
                self._requests.want(uow, uow.heads.get(log), now=now)
        # What the contract skipped is not wished for again by itself: that would pay for the
        # same refusal every minute. The log's next checkpoint asks anew.
        return "; ".join(f"log {log} skipped: {why}" for log, why in skipped.items()) or None

    def _finalise(
        self, uow: UnitOfWork, anchor: StoredAnchor, evidence: Evidence | None, now: Instant
    ) -> None:
        uow.anchors.finalise(anchor.log, anchor.size, final_at=now, evidence=evidence)
        final = uow.anchors.get(anchor.log, anchor.size)
        if final is not None:
            tell_anchor(uow, final, EventKind.CHECKPOINT_FINAL, now)
            log = uow.logs.get(anchor.log)
            self._receipts.anchored(uow, log, final, ReceiptStage.FINAL, now=now)

    def _is_patient(self, since: Instant, now: Instant) -> bool:
        return now - since < self._rules.evidence_patience_ms

    def _capture_all(
        self, anchors: Sequence[StoredAnchor], *, is_patient: bool
    ) -> list[Evidence | None] | None:
        """Capture the evidence of each anchor; None where it is worth trying again later."""
        captured: list[Evidence | None] = []
        for anchor in anchors:
            log_id, kids = self._subjects(anchor)
            try:
                evidence = self._anchorer.capture(log_id, kids, block_number=anchor.block_number)
            except Error as error:
                if error.retry is Retry.FATAL:
                    raise
                if is_patient:
                    return None
                # Finality is not held up for ever by a node that has pruned: bundles will say
                # that revocation could not be checked.
                captured.append(None)
            else:
                captured.append(evidence)
        return captured

    def _subjects(self, anchor: StoredAnchor) -> tuple[bytes, list[bytes]]:
        """Give the log's id, and the keys of the messages that this anchor is the first over."""
        with self._readings() as uow:
            log = uow.logs.get(anchor.log)
            before = uow.anchors.newest(anchor.log, final=True)
            old_size = min(before.size, anchor.size) if before else 0
            kids = BatchRepository(uow.connection).keys_between(anchor.log, old_size, anchor.size)
        return log.log_id, kids
