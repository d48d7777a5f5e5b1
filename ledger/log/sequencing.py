"""
Sequencing: admitted entries become entries of the tree, and the tree gets its next checkpoint.

One writer a log, by the lock on its head. Indexes, tiles, checkpoint, receipts, outbox and head
change in one transaction or not at all, so that a step may be repeated after any failure, also
after one that happened and was reported as failed. A checkpoint is signed only over a tree that
extends the last one signed.

Source: RFC 9162, section 2.1; C2SP tlog-checkpoint; DESIGN section 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from attestation.checkpoints import Checkpoint, sign_checkpoint
from attestation.enums import LogState
from attestation.instants import MILLISECONDS_PER_DAY, Instant
from attestation.merkle import CompactRange, hash_leaves
from attestation.notes import NoteSigner
from attestation.tiles import TileReader
from ledger.errors import ForkDetected, Frozen
from ledger.log.anchor_requests import AnchorRequests
from ledger.log.opening import require_key
from ledger.log.telling import tell_checkpoint
from ledger.log.tree import LogTiles, frontier, grow, require_frontier
from ledger.repositories.batches import BatchRepository, Waiting
from ledger.repositories.logs import Head, Log, LogNumber
from ledger.repositories.tree import TreeRepository
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory

MAX_BATCH_ENTRIES: Final = 4096
MAX_BATCH_BYTES: Final = 4 * 2**20
"""Bounds the memory of a step: entries may be 65 535 bytes long."""
LINGER_MS: Final = 500
"""A quiet log waits this long for company; with the worker's round it stays below a second."""


@dataclass(frozen=True, slots=True)
class BatchRules:
    """When a batch is closed: full by number, full by bytes, or waited for long enough."""

    max_entries: int = MAX_BATCH_ENTRIES
    max_bytes: int = MAX_BATCH_BYTES
    linger_ms: int = LINGER_MS
    heartbeat_ms: int = MILLISECONDS_PER_DAY
    """A log without new entries confirms its checkpoint after this long."""

    def is_due(self, batch: Sequence[Waiting], now: Instant) -> bool:
        """Say whether a batch that begins with these entries is to be integrated now."""
        return (
            len(batch) >= self.max_entries
            or sum(len(entry.content) for entry in batch) >= self.max_bytes
            or now - batch[0].received_at >= self.linger_ms
        )


@dataclass(frozen=True, slots=True)
class Integrated:
    """What one step made of a log."""

    log: LogNumber
    origin: str
    old_size: int
    size: int
    """Equal to `old_size` where the step only confirmed the checkpoint."""
    root: bytes
    note: str
    """The signed checkpoint of `size`."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that have just got their indexes, for whoever answers for them."""

    log: Log
    first_index: int
    entries: Sequence[Waiting]
    """In the order of their indexes."""
    note: str
    """The signed checkpoint that first covers them."""
    size: int
    tree: TileReader
    """Nodes of the tree of `size` entries."""


class Receipts(Protocol):
    """Whoever writes the receipts that integration owes to devices."""

    def integrated(self, uow: UnitOfWork, batch: Batch, *, now: Instant) -> None:
        """Write the receipts of a batch, in the unit of work that integrates it."""
        ...


class Sequencer:
    """
    The writer of logs.

    Args:
        units: Makes writing units of work.
        signer_of: Gives a log's key by its origin.
        receipts: Writes what is owed to devices.
        requests: Notes that a log wants to be anchored.
        rules: When a batch is closed.
    """

    def __init__(
        self,
        units: UnitOfWorkFactory,
        signer_of: Callable[[str], NoteSigner],
        *,
        receipts: Receipts,
        requests: AnchorRequests,
        rules: BatchRules | None = None,
    ) -> None:
        self._units = units
        self._signer_of = signer_of
        self._receipts = receipts
        self._requests = requests
        self._rules = rules or BatchRules()

    def integrate(self, number: LogNumber, *, now: Instant, wait: bool = True) -> Integrated | None:
        """
        Integrate one batch of a log, if one is due; may be repeated at any time.

        Args:
            number: The log.
            now: Present time.
            wait: False to close the batch at once, whatever it holds.

        Returns:
            None where nothing is due or another sequencer holds the log.

        Raises:
            Frozen: If the log is recovering, frozen or closed.
            ForkDetected: If what is stored of the tree contradicts itself, or the key is not
                the log's. Nothing may be signed then, so the sequencer stops.
            HeadMoved: If another sequencer was faster; repeat.
        """
        # 1. Lock the head: one writer a log.
        # 2. Take admitted entries in order of admission.
        # 3. Check that head, newest checkpoint and tiles are one tree.
        # 4. Grow the tree, sign its checkpoint.
        # 5. Store indexes, tiles, checkpoint, receipts, outbox and head; commit.
        with self._units() as uow:
            head = uow.heads.try_lock(number)
            if head is None:
                return None
            log = uow.logs.get(number)
            if log.state is not LogState.ACTIVE:
                raise Frozen(f"{log.origin} is {log.state.name.lower()}", state=log.state.name)
            batch = self._take(uow, head, now, wait)
            if not batch:
                return self._confirm(uow, log, head, now)
            integrated = self._integrate(uow, log, head, batch, now)
            # Commit point: the entries have their indexes and the checkpoint is public.
            uow.commit()
        return integrated

    def _take(self, uow: UnitOfWork, head: Head, now: Instant, wait: bool) -> list[Waiting]:
        batch = BatchRepository(uow.connection).waiting(
            head.log,
            head.last_admission_id,
            max_entries=self._rules.max_entries,
            max_bytes=self._rules.max_bytes,
        )
        is_due = batch and (not wait or self._rules.is_due(batch, now))
        return batch if is_due else []

    def _integrate(
        self, uow: UnitOfWork, log: Log, head: Head, batch: list[Waiting], now: Instant
    ) -> Integrated:
        require_last_checkpoint(uow, head)
        leaf_hashes = hash_leaves([entry.content for entry in batch])
        tree = extend_tree(uow, head, leaf_hashes)
        uow.entries.append(log.number, head.size, [entry.admission_id for entry in batch])
        note = self._sign(uow, log, tree, now)
        reader = LogTiles(TreeRepository(uow.connection), log.number).reader(tree.size)
        self._receipts.integrated(
            uow, Batch(log, head.size, batch, note, tree.size, reader), now=now
        )
        new_head = Head(
            log=log.number,
            size=tree.size,
            root=tree.root(),
            compact_range=tree.to_bytes(),
            last_admission_id=batch[-1].admission_id,
            checkpoint_at=now,
        )
        uow.heads.advance(head.size, new_head)
        # Last, because it may wait for an anchoring that holds the outbox item for a moment.
        self._requests.want(uow, new_head, now=now)
        return Integrated(log.number, log.origin, head.size, tree.size, new_head.root, note)

    def _sign(self, uow: UnitOfWork, log: Log, tree: CompactRange, now: Instant) -> str:
        signer = self._signer_of(log.origin)
        require_key(log, signer)
        root = tree.root()
        note = sign_checkpoint(Checkpoint(log.origin, tree.size, root), signer)
        # The primary key (log, size) is the guard: no second root is ever stored for a size.
        checkpoint = StoredCheckpoint(log.number, tree.size, root, note, now)
        uow.checkpoints.add(checkpoint)
        tell_checkpoint(uow, checkpoint)
        return note

    def _confirm(self, uow: UnitOfWork, log: Log, head: Head, now: Instant) -> Integrated | None:
        """Confirm the newest checkpoint of a log that has been quiet for a day."""
        if now - head.checkpoint_at < self._rules.heartbeat_ms:
            return None
        newest = require_last_checkpoint(uow, head)
        confirmed = Head(
            log=head.log,
            size=head.size,
            root=head.root,
            compact_range=head.compact_range,
            last_admission_id=head.last_admission_id,
            checkpoint_at=now,
        )
        uow.heads.advance(head.size, confirmed)
        if head.size:
            self._requests.want(uow, confirmed, now=now)
        # Commit point: witnesses and the chain are asked once more for the same checkpoint.
        uow.commit()
        return Integrated(log.number, log.origin, head.size, head.size, head.root, newest.note)


def extend_tree(uow: UnitOfWork, head: Head, leaf_hashes: Sequence[bytes]) -> CompactRange:
    """
    Append leaf hashes to a log's tree: tiles are stored, the head is not.

    Returns:
        The compact range of the tree after the append.

    Raises:
        ForkDetected: If the stored tree contradicts itself.
    """
    edge = TreeRepository(uow.connection).tiles(head.log, frontier(head.size))
    tree = require_frontier(head, edge)
    runs = tree.append_many(leaf_hashes)
    grow(uow.tiles, head.log, runs, edge)
    return tree


def require_last_checkpoint(uow: UnitOfWork, head: Head) -> StoredCheckpoint:
    """
    Check that the newest checkpoint signed is the head's.

    Raises:
        ForkDetected: If it has another size or root: one of them was changed or set back.
    """
    newest = uow.checkpoints.newest(head.log)
    if newest is None or (newest.size, newest.root) != (head.size, head.root):
        raise ForkDetected(
            f"the newest checkpoint of log {head.log} is not that of its head, size {head.size}"
        )
    return newest
