"""
Proving: what a log says, with the hashes that lead to a checkpoint everybody can see.

Proofs are made from tiles; the log is never walked. Nothing is proved against a tree larger than
the newest checkpoint.

Source: RFC 9162, section 2.1; C2SP tlog-tiles; `docs/formats/log.md` for range proofs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from attestation.merkle import consistency_proof, hash_leaf, inclusion_proof, range_proof
from attestation.tiles import TileCoordinate
from ledger.errors import NotIntegrated
from ledger.log.tile_cache import TileCache
from ledger.log.tree import LogTiles, root_at
from ledger.repositories.entries import Entry
from ledger.repositories.logs import Log
from ledger.repositories.tree import TreeRepository
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ProvedEntry:
    """An entry and why it is in the tree of a checkpoint."""

    entry: Entry
    leaf_hash: bytes
    """32 bytes."""
    checkpoint: StoredCheckpoint
    proof: tuple[bytes, ...]
    """Sibling hashes from the leaf up, 32 bytes each."""


@dataclass(frozen=True, slots=True)
class ProvedRange:
    """Where entries `[start, end)` lie in the tree of a checkpoint."""

    start: int
    end: int
    checkpoint: StoredCheckpoint
    proof: tuple[bytes, ...]
    """Hashes of the subtrees outside the range, in tree order."""


class LogProver:
    """
    Proofs of one log, within one snapshot.

    Args:
        uow: A reading unit of work.
        log: The log.
        cache: Full tiles, shared between provers.

    Raises:
        NotIntegrated: If the log has no checkpoint.
    """

    def __init__(self, uow: UnitOfWork, log: Log, *, cache: TileCache | None = None) -> None:
        self._uow = uow
        self.log = log
        self._tiles = LogTiles(TreeRepository(uow.connection), log.number, cache=cache)
        newest = uow.checkpoints.newest(log.number)
        if newest is None:
            raise NotIntegrated(f"{log.origin} has no checkpoint yet")
        self.newest = newest
        """The newest checkpoint; no proof goes beyond it."""

    def entry(self, index: int, *, checkpoint: StoredCheckpoint | None = None) -> ProvedEntry:
        """
        Prove that an entry is in the tree of a checkpoint, by default the newest.

        Raises:
            NotIntegrated: If the tree has no such entry.
        """
        under = checkpoint or self.newest
        if not 0 <= index < under.size:
            raise NotIntegrated(f"{self.log.origin} has no entry {index} below {under.size}")
        entry = self._uow.entries.get(self.log.number, index)
        proof = inclusion_proof(self._tiles.reader(under.size), index, under.size)
        return ProvedEntry(entry, hash_leaf(entry.content), under, tuple(proof))

    def message(self, kid: bytes, epoch: int, sequence: int) -> ProvedEntry:
        """
        Prove that a device message is in the tree of the newest checkpoint.

        Raises:
            NotIntegrated: If no such message was admitted, or it is not integrated yet.
        """
        return self.entry(self.index_of(kid, epoch, sequence))

    def index_of(self, kid: bytes, epoch: int, sequence: int) -> int:
        """
        Find a device message by its numbers.

        Raises:
            NotIntegrated: If no such message was admitted, or it is not integrated yet.
        """
        tree = TreeRepository(self._uow.connection)
        admission = tree.admission_of(self.log.number, kid, epoch, sequence)
        index = None if admission is None else self._index_of_admission(admission)
        if index is None:
            raise NotIntegrated(f"no message {sequence} of epoch {epoch} of key {kid.hex()}")
        return index

    def consistency(self, old_size: int, new_size: int) -> tuple[bytes, ...]:
        """
        Prove that the tree of `old_size` entries is a prefix of that of `new_size` entries.

        Raises:
            NotIntegrated: If a size is beyond the newest checkpoint, or the old above the new.
        """
        if not 0 <= old_size <= new_size <= self.newest.size:
            raise NotIntegrated(f"no sizes {old_size} and {new_size} below {self.newest.size}")
        return tuple(consistency_proof(self._tiles.reader(new_size), old_size, new_size))

    def range(
        self, start: int, end: int, *, checkpoint: StoredCheckpoint | None = None
    ) -> ProvedRange:
        """
        Prove where entries `[start, end)` lie, with one proof for all of them.

        Raises:
            NotIntegrated: If the range is empty or beyond the checkpoint.
        """
        under = checkpoint or self.newest
        if not 0 <= start < end <= under.size:
            raise NotIntegrated(f"no range [{start}, {end}) below {under.size}")
        proof = range_proof(self._tiles.reader(under.size), start, end, under.size)
        return ProvedRange(start, end, under, tuple(proof))

    def entries(self, start: int, end: int) -> Iterator[Entry]:
        """Give entries `[start, end)` in order, at most up to the newest checkpoint."""
        return self._uow.entries.between(self.log.number, start, min(end, self.newest.size))

    def root(self, size: int) -> bytes:
        """
        Give the root hash of the tree of `size` entries, 32 bytes.

        Raises:
            NotIntegrated: If the size is beyond the newest checkpoint.
        """
        if not 0 <= size <= self.newest.size:
            raise NotIntegrated(f"no tree of {size} entries in {self.log.origin}")
        return root_at(self._tiles.reader(size), size)

    def resource(self, coordinate: TileCoordinate) -> bytes:
        """
        Give a tile or entry bundle as C2SP tlog-tiles serves it.

        Raises:
            NotIntegrated: If the newest checkpoint does not cover it.
        """
        return self._tiles.resource(coordinate, self.newest.size)

    def _index_of_admission(self, admission_id: int) -> int | None:
        index = self._uow.entries.index_of(self.log.number, admission_id)
        return index if index is not None and index < self.newest.size else None
