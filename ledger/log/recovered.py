"""
Integrating what a recovering log has found, in the order it once had.

Admissions that were never integrated before follow after it. All of it is one transaction: a
recovered log has the checkpoint it once signed, or it has not moved.

Source: DESIGN section 6, going back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from attestation.checkpoints import Checkpoint, sign_checkpoint
from attestation.instants import Instant
from attestation.merkle import hash_leaf
from attestation.notes import NoteSigner
from ledger.errors import ForkDetected
from ledger.log.anchor_requests import AnchorRequests
from ledger.log.opening import require_key
from ledger.log.sequencing import Batch, Receipts, extend_tree, require_last_checkpoint
from ledger.log.telling import tell_checkpoint
from ledger.log.tree import LogTiles
from ledger.repositories.batches import Waiting
from ledger.repositories.logs import Head, Log, LogNumber
from ledger.repositories.tree import TreeRepository
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork

_CHUNK: Final = 4096


@dataclass(frozen=True, slots=True)
class Recovered:
    """What is admitted beyond the head, by leaf hash."""

    admissions: dict[bytes, int]
    """Admission id by leaf hash, 32 bytes."""

    @classmethod
    def load(cls, uow: UnitOfWork, log: LogNumber, head: Head) -> Self:
        """Hash every admitted entry that is not integrated; the bytes are not kept."""
        return cls(
            {
                hash_leaf(entry.content): entry.admission_id
                for entry in uow.messages.stream(log, after=head.last_admission_id)
            }
        )


def integrate_recovered(
    uow: UnitOfWork,
    log: Log,
    head: Head,
    leaf_hashes: Sequence[bytes],
    *,
    root: bytes,
    signer: NoteSigner,
    receipts: Receipts,
    requests: AnchorRequests,
    now: Instant,
) -> None:
    """
    Integrate found entries in the order of their leaf hashes, then what else was admitted.

    The caller holds the log's admission lock and head, and commits.

    Args:
        uow: A writing unit of work.
        log: The log.
        head: Its head before.
        leaf_hashes: Of the entries from `head.size` on; each must have been admitted.
        root: Root hash that the tree must have with them.
        signer: The log's key.
        receipts: Writes what is owed to devices.
        requests: Notes that the log wants to be anchored.
        now: Present time.

    Raises:
        ForkDetected: If another root results; nothing is signed then.
    """
    have = Recovered.load(uow, log.number, head).admissions
    order = [have.pop(leaf_hash) for leaf_hash in leaf_hashes]
    rest = sorted((admission, leaf_hash) for leaf_hash, admission in have.items())
    recovered = extend_head(uow, log, head, leaf_hashes, order) if order else head
    if recovered.root != root:
        raise ForkDetected(f"the entries found do not make the tree of {log.origin}")
    if order:
        _sign(uow, log, head, recovered, signer, receipts, now)
    if rest:
        later = extend_head(
            uow, log, recovered, [leaf for _, leaf in rest], [admission for admission, _ in rest]
        )
        _sign(uow, log, recovered, later, signer, receipts, now)
        recovered = later
    requests.want(uow, recovered, now=now)


def extend_head(
    uow: UnitOfWork, log: Log, head: Head, leaf_hashes: Sequence[bytes], order: Sequence[int]
) -> Head:
    """Append admitted entries in an order and move the head beyond them; nothing is signed."""
    tree = extend_tree(uow, head, leaf_hashes)
    uow.entries.append(log.number, head.size, order)
    new_head = Head(
        log=log.number,
        size=tree.size,
        root=tree.root(),
        compact_range=tree.to_bytes(),
        last_admission_id=max((head.last_admission_id, *order)),
        checkpoint_at=head.checkpoint_at,
    )
    uow.heads.advance(head.size, new_head)
    return new_head


def _sign(
    uow: UnitOfWork,
    log: Log,
    old: Head,
    new: Head,
    signer: NoteSigner,
    receipts: Receipts,
    now: Instant,
) -> None:
    require_key(log, signer)
    require_last_checkpoint(uow, old)
    note = sign_checkpoint(Checkpoint(log.origin, new.size, new.root), signer)
    checkpoint = StoredCheckpoint(log.number, new.size, new.root, note, now)
    uow.checkpoints.add(checkpoint)
    tell_checkpoint(uow, checkpoint)
    reader = LogTiles(TreeRepository(uow.connection), log.number).reader(new.size)
    for first, entries in _chunks(uow, log, old.size, new.size):
        receipts.integrated(uow, Batch(log, first, entries, note, new.size, reader), now=now)


def _chunks(uow: UnitOfWork, log: Log, start: int, end: int) -> Iterator[tuple[int, list[Waiting]]]:
    for first in range(start, end, _CHUNK):
        yield (
            first,
            [
                Waiting(entry.admission_id, entry.kind, entry.content, Instant(0))
                for entry in uow.entries.between(log.number, first, min(end, first + _CHUNK))
            ],
        )
