"""
A log in memory that serves itself by C2SP paths, and can be made to cheat.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from attestation.checkpoints import Checkpoint, sign_checkpoint
from attestation.merkle import CompactRange, hash_leaf
from attestation.notes import NoteSigner
from attestation.tiles import (
    ENTRIES,
    TILE_WIDTH,
    encode_entry_bundle,
    parse_tile_path,
    tile_growth,
    tile_width,
)
from ledger.errors import StorageUnavailable
from ledger.log.sources import LogSource

ORIGIN = "ledger.example/log/91110000MA01ABCD8B"


class MemoryLog:
    """
    Serves some entries.

    Args:
        entries: In order.
        origin: Of the log; its key is derived from it.
    """

    def __init__(self, entries: Sequence[bytes] = (), *, origin: str = ORIGIN) -> None:
        self.signer = NoteSigner.from_seed(origin, sha256(origin.encode()).digest())
        self.entries = list(entries)
        self.shown: int | None = None
        """Size it shows; all of it where None."""
        self.changed: dict[str, bytes | None] = {}
        """What it serves instead, by path; None for nothing."""
        self.is_down = False
        self.asked: list[str] = []

    @property
    def size(self) -> int:
        """Size of the checkpoint it shows."""
        return len(self.entries) if self.shown is None else self.shown

    def source(self) -> LogSource:
        """Give it as a place that serves a log."""
        return LogSource("memory", self.fetch)

    def fetch(self, path: str) -> bytes | None:
        """Serve a path."""
        self.asked.append(path)
        if self.is_down:
            raise StorageUnavailable("nobody answers, says the test")
        if path in self.changed:
            return self.changed[path]
        if path == "checkpoint":
            return self.checkpoint().encode()
        tile = parse_tile_path(path)
        if tile.width > tile_width(tile.level, tile.number, self.size):
            return None
        start = tile.number * TILE_WIDTH
        if tile.level == ENTRIES:
            return encode_entry_bundle(self.entries[start : start + tile.width])
        return self.tiles()[tile.level, tile.number][: 32 * tile.width]

    def checkpoint(self, size: int | None = None) -> str:
        """Sign the checkpoint of a size, by default the size it shows."""
        count = self.size if size is None else size
        tree = CompactRange()
        tree.append_many([hash_leaf(entry) for entry in self.entries[:count]])
        return sign_checkpoint(Checkpoint(self.signer.name, count, tree.root()), self.signer)

    def tiles(self) -> dict[tuple[int, int], bytes]:
        """Give every hash tile, by (level, number)."""
        tiles: dict[tuple[int, int], bytes] = {}
        runs = CompactRange().append_many([hash_leaf(entry) for entry in self.entries])
        for growth in tile_growth(runs):
            held = tiles.get((growth.level, growth.number), b"")
            tiles[growth.level, growth.number] = held + growth.hashes
        return tiles
