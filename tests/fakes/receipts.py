"""Receipts that are only noted."""

from __future__ import annotations

from dataclasses import dataclass, field

from attestation.enums import ReceiptStage
from attestation.instants import Instant
from ledger.log.sequencing import Batch
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


@dataclass
class RecordingReceipts:
    """Remembers what devices would have been told, committed or not."""

    batches: list[tuple[int, int, int]] = field(default_factory=list)
    """(first index, number of entries, tree size)."""
    anchors: list[tuple[int, ReceiptStage]] = field(default_factory=list)
    """(size, stage)."""

    def integrated(self, uow: UnitOfWork, batch: Batch, *, now: Instant) -> None:
        """Note a batch."""
        del uow, now
        self.batches.append((batch.first_index, len(batch.entries), batch.size))

    def anchored(
        self, uow: UnitOfWork, log: Log, anchor: StoredAnchor, stage: ReceiptStage, *, now: Instant
    ) -> None:
        """Note an anchor."""
        del uow, log, now
        self.anchors.append((anchor.size, stage))
