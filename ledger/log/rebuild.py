"""
Rebuilding the tree of a log from its entries: tiles and head, derived again.

The checkpoints stay; they are signed. Where the tree that results does not have the root of the
newest checkpoint, nothing is stored: the entries themselves were changed, and a rebuilt tree
would only agree with them.

Source: DESIGN section 6; C2SP tlog-tiles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from attestation.ids import HASH_LENGTH
from attestation.merkle import CompactRange, hash_leaf
from attestation.tiles import TILE_WIDTH, tile_growth
from ledger.errors import ForkDetected
from ledger.repositories.logs import Head, Log
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork

_PAGE: Final = 16 * TILE_WIDTH

Progress = Callable[[int, int], None]
"""`progress(done, size)` is told how many entries are done."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was derived again."""

    origin: str
    size: int
    root: bytes
    """32 bytes."""
    tiles: int
    """Hash tiles written."""


def rebuild_tree(uow: UnitOfWork, log: Log, *, progress: Progress | None = None) -> Rebuilt:
    """
    Derive the tiles and the head of a log from its entries; the caller commits.

    Raises:
        ForkDetected: If the entries do not make the tree of the newest checkpoint, or one of
            them is missing.
    """
    # 1. Keep sequencers out.
    # 2. Remove the tiles and write them again from the entries.
    # 3. Compare with the newest checkpoint; move the head.
    head = uow.heads.lock(log.number)
    newest = uow.checkpoints.newest(log.number)
    if newest is None:
        raise ForkDetected(f"{log.origin} has no checkpoint to rebuild towards")
    uow.tiles.clear(log.number)
    tree, tiles = _write_tiles(uow, log, newest.size, progress)
    if (tree.size, tree.root()) != (newest.size, newest.root):
        raise ForkDetected(f"the entries of {log.origin} do not make the tree that was signed")
    _replace_head(uow, log, head, tree, newest)
    return Rebuilt(log.origin, tree.size, tree.root(), tiles)


def _write_tiles(
    uow: UnitOfWork, log: Log, size: int, progress: Progress | None
) -> tuple[CompactRange, int]:
    tree = CompactRange()
    growing: dict[int, tuple[int, bytes]] = {}
    written = 0
    for start in range(0, size, _PAGE):
        leaf_hashes = [
            hash_leaf(entry.content)
            for entry in uow.entries.between(log.number, start, min(start + _PAGE, size))
        ]
        full: list[tuple[int, int, bytes]] = []
        for growth in tile_growth(tree.append_many(leaf_hashes)):
            before = growing.get(growth.level, (growth.number, b""))
            held = before[1] if before[0] == growth.number else b""
            hashes = held + growth.hashes
            growing[growth.level] = growth.number, hashes
            if len(hashes) == TILE_WIDTH * HASH_LENGTH:
                full.append((growth.level, growth.number, hashes))
        uow.tiles.add_full(log.number, full)
        written += len(full)
        if progress is not None:
            progress(tree.size, size)
    partial = [
        (level, number, hashes)
        for level, (number, hashes) in growing.items()
        if len(hashes) < TILE_WIDTH * HASH_LENGTH
    ]
    uow.tiles.add_full(log.number, partial)
    return tree, written + len(partial)


def _replace_head(
    uow: UnitOfWork, log: Log, head: Head, tree: CompactRange, newest: StoredCheckpoint
) -> None:
    last = uow.entries.get(log.number, tree.size - 1).admission_id if tree.size else 0
    uow.heads.advance(
        head.size,
        Head(
            log=log.number,
            size=tree.size,
            root=tree.root(),
            compact_range=tree.to_bytes(),
            last_admission_id=max(head.last_admission_id, last),
            checkpoint_at=newest.signed_at,
        ),
    )
