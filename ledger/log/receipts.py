"""
Receipts: what is integrated of each epoch, and what is anchored and final.

Integration notes, in its own transaction, what each epoch has in the tree of its checkpoint. A
receipt is made of such a note: cumulative ranges, and the proof of their last message. When an
anchor covers a noted size, the same note becomes a receipt of the next stage. The ranges of a
receipt never speak of a message beyond the checkpoint it carries.

Source: FORMATS section 6; `docs/formats/answers.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from attestation.answers import AnchorPlace, Newest, Receipt
from attestation.entries import EntryKind
from attestation.enums import ReceiptStage
from attestation.ids import Kid, MessageId
from attestation.instants import Instant
from attestation.merkle import NodeReader, inclusion_proof
from ledger.errors import NotIntegrated
from ledger.log.places import place_of
from ledger.log.ranges import EMPTY
from ledger.log.sequencing import Batch
from ledger.log.tree import LogTiles
from ledger.log.voice import Voice, closed_ranges
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.deliveries import ReceiptProgress
from ledger.repositories.logs import Log
from ledger.repositories.tree import TreeRepository
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class DeviceReceipts:
    """
    Notes what is integrated, and gives the receipts that anchoring makes true.

    Args:
        voice: Signs.
        chain: CAIP-2 name of the chain.
    """

    voice: Voice
    chain: str

    def integrated(self, uow: UnitOfWork, batch: Batch, *, now: Instant) -> None:
        """Note what each epoch has in the tree; the caller commits, receipts follow later."""
        del now
        arrived: dict[tuple[bytes, int], list[tuple[int, int]]] = {}
        for index, entry in enumerate(batch.entries, batch.first_index):
            if entry.kind is EntryKind.MESSAGE:
                kid, epoch, sequence = place_of(entry.content)
                arrived.setdefault((kid, epoch), []).append((sequence, index))
        if not arrived:
            return
        known = uow.deliveries.newest_progress(batch.log.number, arrived)
        uow.deliveries.add_progress(
            batch.log.number,
            [
                _progress(name, known.get(name), messages, batch)
                for name, messages in arrived.items()
            ],
        )

    def anchored(
        self, uow: UnitOfWork, log: Log, anchor: StoredAnchor, stage: ReceiptStage, *, now: Instant
    ) -> None:
        """Queue receipts for everything the anchored checkpoint covers; the caller commits."""
        checkpoint = uow.checkpoints.get(log.number, anchor.size)
        if checkpoint is None:
            raise NotIntegrated(f"{log.origin} has no checkpoint of size {anchor.size}")
        place = AnchorPlace(self.chain, anchor.block_number)
        owed = uow.deliveries.progress_at(log.number, anchor.size, below=stage)
        give_receipts(uow, self.voice, log, checkpoint, owed, stage, place, now=now)


def make_receipt(
    tiles: NodeReader,
    progress: ReceiptProgress,
    checkpoint: StoredCheckpoint,
    stage: ReceiptStage,
    anchor: AnchorPlace | None,
) -> Receipt:
    """Make the receipt for what an epoch has in the tree of a checkpoint, read from its tiles."""
    index = progress.newest_index
    newest = Newest(
        progress.newest_sequence,
        MessageId(progress.newest_message_id),
        tiles.node(0, index),
        index,
        tuple(inclusion_proof(tiles, index, checkpoint.size)),
    )
    ranges = closed_ranges(progress.ranges)
    return Receipt(
        Kid(progress.kid), progress.epoch, ranges, stage, newest, checkpoint.note, anchor
    )


def _progress(
    name: tuple[bytes, int],
    known: ReceiptProgress | None,
    messages: Sequence[tuple[int, int]],
    batch: Batch,
) -> ReceiptProgress:
    """Give what an epoch has with these messages, as (sequence, index)."""
    kid, epoch = name
    ranges = EMPTY if known is None else known.ranges
    sequence, index = max(messages)
    if known is not None and known.newest_sequence > sequence:
        newest = known.newest_sequence, known.newest_message_id, known.newest_index
    else:
        content = batch.entries[index - batch.first_index].content
        newest = sequence, sha256(content).digest(), index
    return ReceiptProgress(
        kid,
        epoch,
        batch.size,
        ranges.including(each for each, _ in messages),
        *newest,
        stage=None,
    )


def give_receipts(
    uow: UnitOfWork,
    voice: Voice,
    log: Log,
    checkpoint: StoredCheckpoint,
    progress: Sequence[ReceiptProgress],
    stage: ReceiptStage,
    anchor: AnchorPlace | None = None,
    *,
    now: Instant,
) -> None:
    """Queue the receipts of a stage for some epochs, and note it; the caller commits."""
    tiles = LogTiles(TreeRepository(uow.connection), log.number).reader(checkpoint.size)
    admitted = uow.admissions.epochs(log.number, [(each.kid, each.epoch) for each in progress])
    for each in progress:
        epoch = admitted.get((each.kid, each.epoch))
        if epoch is None or epoch.gateway is None:
            continue  # it came another way, and is asked for that way
        receipt = make_receipt(tiles, each, checkpoint, stage, anchor)
        uow.deliveries.queue(
            log.number,
            epoch.gateway,
            subject=b"receipt %s %d" % (each.kid, each.epoch),
            body=voice.say(receipt, log.origin),
            now=now,
        )
    uow.deliveries.reached(log.number, progress, stage)
