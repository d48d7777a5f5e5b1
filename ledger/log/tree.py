"""
The tree of a log as it is kept: hash tiles in the database, grown at their right edge.

A full tile never changes; the last tile of each level grows. The compact range in the head is a
second memory of the same edge, and whoever appends first checks that the two agree: a tree that
was damaged at rest is never signed over.

Source: C2SP tlog-tiles; RFC 9162, section 2.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from attestation.ids import HASH_LENGTH
from attestation.merkle import CompactRange, NodeRun
from attestation.tiles import (
    ENTRIES,
    TILE_HEIGHT,
    TILE_WIDTH,
    TileCoordinate,
    TileReader,
    encode_entry_bundle,
    tile_growth,
    tile_width,
)
from ledger.errors import ForkDetected, NotIntegrated
from ledger.log.tile_cache import TileCache
from ledger.repositories.logs import Head, LogNumber
from ledger.repositories.tree import TreeRepository
from ledger.repositories.trees import TileRepository

FULL_TILE_LENGTH = TILE_WIDTH * HASH_LENGTH
"""Bytes of a full hash tile: 8 192."""

FrontierTiles = dict[tuple[int, int], bytes]
"""Hashes of the last, unfinished tile of each level, by (level, number)."""


def frontier(size: int) -> list[tuple[int, int]]:
    """Give (level, number) of the tiles that a tree of `size` entries has begun, not filled."""
    unfinished: list[tuple[int, int]] = []
    level = 0
    while hashes := size >> TILE_HEIGHT * level:
        if hashes % TILE_WIDTH:
            unfinished.append((level, hashes // TILE_WIDTH))
        level += 1
    return unfinished


def require_frontier(head: Head, tiles: FrontierTiles) -> CompactRange:
    """
    Check that the head's root, its compact range and the tiles at the right edge are one tree.

    Returns:
        The compact range, ready to append to.

    Raises:
        ForkDetected: If one of the three was changed.
    """
    edge = CompactRange.from_bytes(head.size, head.compact_range)
    if edge.root() != head.root:
        raise ForkDetected(f"the head of log {head.log} does not have its root", size=head.size)
    for level, number in frontier(head.size):
        stored = len(tiles.get((level, number), b""))
        expected = tile_width(level, number, head.size) * HASH_LENGTH
        if stored != expected:
            raise ForkDetected(
                f"tile {number} of level {level} has {stored} bytes, {expected} expected",
                log=head.log,
            )
    reader = TileReader(lambda level, number, _width: tiles[level, number], head.size)
    if edge.hashes != edge_nodes(reader, head.size):
        raise ForkDetected(f"the tiles of log {head.log} are not those of its head", size=head.size)
    return edge


def edge_nodes(reader: TileReader, size: int) -> tuple[bytes, ...]:
    """Give the roots of the complete subtrees of a tree, largest first, computed from its tiles."""
    return tuple(
        reader.node(level, (size >> level) - 1)
        for level in range(size.bit_length() - 1, -1, -1)
        if size >> level & 1
    )


def root_at(reader: TileReader, size: int) -> bytes:
    """Give the root hash of the tree of the first `size` entries, computed from tiles."""
    return CompactRange(size, edge_nodes(reader, size)).root()


def grow(
    tiles: TileRepository, log: LogNumber, runs: Sequence[NodeRun], before: FrontierTiles
) -> None:
    """
    Store the nodes that an append made, each in its tile.

    Args:
        tiles: Where tiles are kept.
        log: Log that was appended to.
        runs: From `CompactRange.append_many`.
        before: The unfinished tiles as they stood before the append.
    """
    full: list[tuple[int, int, bytes]] = []
    changed: list[tuple[int, int, bytes]] = []
    for growth in tile_growth(runs):
        held = before[growth.level, growth.number] if growth.offset else b""
        row = (growth.level, growth.number, held + growth.hashes)
        is_new_and_full = not growth.offset and len(growth.hashes) == FULL_TILE_LENGTH
        (full if is_new_and_full else changed).append(row)
    tiles.add_full(log, full)
    tiles.put(log, changed)


class LogTiles:
    """
    The tiles of one log, as proofs and HTTP need them.

    Args:
        tree: Where tiles and entries are kept.
        log: The log.
        cache: Full tiles of all logs, shared between readers.
    """

    def __init__(
        self, tree: TreeRepository, log: LogNumber, *, cache: TileCache | None = None
    ) -> None:
        self._tree = tree
        self._log = log
        self._cache = cache

    def reader(self, size: int) -> TileReader:
        """Give the nodes of the tree of `size` entries, at most those integrated."""
        return TileReader(self.load, size)

    def load(self, level: int, number: int, width: int) -> bytes:
        """
        Give the first `width` hashes of a tile.

        Raises:
            NotIntegrated: If there are fewer.
        """
        fetch = partial(self._fetch, level, number)
        key = (self._log, level, number)
        tile = fetch() if self._cache is None else self._cache.get(key, fetch)
        if len(tile) < width * HASH_LENGTH:
            raise NotIntegrated(f"tile {number} of level {level} has no {width} hashes")
        return tile[: width * HASH_LENGTH]

    def resource(self, coordinate: TileCoordinate, size: int) -> bytes:
        """
        Give a tile or entry bundle as C2SP tlog-tiles serves it.

        Args:
            coordinate: Which, from its path.
            size: Size of the newest published checkpoint: nothing beyond it is shown.

        Raises:
            NotIntegrated: If the tree of `size` entries does not have it in this width.
        """
        level, number, width = coordinate.level, coordinate.number, coordinate.width
        if width > tile_width(level, number, size):
            raise NotIntegrated(f"no {coordinate.path} in a tree of {size} entries")
        if level != ENTRIES:
            return self.load(level, number, width)
        start = number * TILE_WIDTH
        entries = self._tree.contents(self._log, start, start + width)
        if len(entries) != width:
            raise NotIntegrated(f"entries from {start} on are no longer kept here")
        return encode_entry_bundle(entries)

    def _fetch(self, level: int, number: int) -> bytes:
        return self._tree.tiles(self._log, [(level, number)]).get((level, number), b"")
