"""
How far one epoch has come: what of it is integrated, anchored and final.

A key that keeps sending is ahead of its anchors: of each stage there is the newest checkpoint that
has reached it, and what the epoch had in the tree of that checkpoint. Nothing is left out because
something newer is on its way.

Source: FORMATS section 6; `docs/formats/answers.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from attestation.enums import ReceiptStage
from attestation.witness_policy import WitnessPolicy
from ledger.errors import WitnessesMissing
from ledger.log.witnessing import published
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.deliveries import ReceiptProgress
from ledger.repositories.logs import Log
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Covered:
    """What one checkpoint has of an epoch."""

    progress: ReceiptProgress
    checkpoint: StoredCheckpoint
    anchor: StoredAnchor | None = None
    """Where the chain holds the checkpoint; None where it does not, or not yet."""


@dataclass(frozen=True, slots=True)
class EpochStages:
    """The stages of one epoch; what has reached a stage has reached those before it."""

    integrated: Covered | None
    anchored: Covered | None
    final: Covered | None

    def receipts(self) -> Iterator[tuple[ReceiptStage, Covered]]:
        """Give what there is to say, the furthest stage last and the same thing once."""
        if self.integrated is not None:
            yield ReceiptStage.INTEGRATED, self.integrated
        if self.anchored is not None and self.anchored != self.final:
            yield ReceiptStage.ANCHORED, self.anchored
        if self.final is not None:
            yield ReceiptStage.FINAL, self.final


def stages_of(
    uow: UnitOfWork, log: Log, kid: bytes, epoch: int, *, policy: WitnessPolicy
) -> EpochStages:
    """
    Find how far an epoch has come.

    Args:
        uow: A unit of work: one snapshot.
        log: The log.
        kid: Key id, 32 bytes.
        epoch: Epoch of the key.
        policy: Which checkpoint is public; nothing is said of what is beyond it.
    """
    try:
        checkpoint, _ = published(uow, log, policy)
    except WitnessesMissing:
        return EpochStages(None, None, None)
    progress = uow.deliveries.progress_within(log.number, kid, epoch, checkpoint.size)
    return EpochStages(
        integrated=None if progress is None else Covered(progress, checkpoint),
        anchored=_covered(uow, log, kid, epoch, uow.anchors.newest(log.number)),
        final=_covered(uow, log, kid, epoch, uow.anchors.newest(log.number, final=True)),
    )


def _covered(
    uow: UnitOfWork, log: Log, kid: bytes, epoch: int, anchor: StoredAnchor | None
) -> Covered | None:
    if anchor is None:
        return None
    progress = uow.deliveries.progress_within(log.number, kid, epoch, anchor.size)
    checkpoint = uow.checkpoints.get(log.number, anchor.size)
    if progress is None or checkpoint is None:
        return None
    return Covered(progress, checkpoint, anchor)
