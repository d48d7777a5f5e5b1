"""
Reading somebody's log by its public paths: checkpoint, hash tiles, entry bundles.

Nothing that comes this way is believed. Hashes are led to a root that a checkpoint or an anchor
holds, and entries to the hashes, before anybody uses them.

Source: C2SP tlog-tiles; C2SP tlog-checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from attestation.checkpoints import Checkpoint, open_checkpoint
from attestation.errors import EncodingError
from attestation.ids import HASH_LENGTH
from attestation.notes import NoteVerifier
from attestation.tiles import (
    ENTRIES,
    TILE_WIDTH,
    TileCoordinate,
    parse_entry_bundle,
    tile_width,
)
from ledger.errors import NotIntegrated

CHECKPOINT_PATH: Final = "checkpoint"
_MAX_CHECKPOINT_BYTES: Final = 1_000_000

Fetch = Callable[[str], bytes | None]
"""
`fetch(path)` gives the bytes below the log's prefix, or None where there are none.

It raises an error whose `retry` is LATER when nobody answers. What it gives is from outside.
"""


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint whose log signature was checked, with the note it came as."""

    checkpoint: Checkpoint
    note: str


@dataclass(frozen=True, slots=True)
class LogSource:
    """
    A place that serves a log: the log itself, a mirror of it, a cache.

    Args:
        name: For people.
        fetch: How it is asked.
    """

    name: str
    fetch: Fetch

    def checkpoint(self, verifier: NoteVerifier) -> SignedCheckpoint | None:
        """
        Fetch the newest checkpoint it has and check the log's signature.

        Raises:
            EncodingError: If it is not a checkpoint.
            VerificationError: If it is not signed by the log.
        """
        body = self.fetch(CHECKPOINT_PATH)
        if body is None:
            return None
        if len(body) > _MAX_CHECKPOINT_BYTES:
            raise EncodingError(f"a checkpoint of {len(body)} bytes", code="encoding.checkpoint")
        try:
            note = body.decode()
        except UnicodeDecodeError as error:
            raise EncodingError("a checkpoint that is not UTF-8", code="encoding.note") from error
        return SignedCheckpoint(open_checkpoint(note, verifier), note)

    def leaf_hashes(self, start: int, end: int, *, size: int) -> Iterator[bytes]:
        """
        Fetch the leaf hashes of entries `[start, end)`, 32 bytes each, in order; not checked.

        Args:
            start: First entry.
            end: Above the last entry, at most `size`.
            size: A size for which the source has a checkpoint, and so the partial tiles.

        Raises:
            NotIntegrated: If a tile is missing or too short.
        """
        for number in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
            tile = self.tile(0, number, size=size)
            first = number * TILE_WIDTH
            for index in range(max(start, first), min(end, first + TILE_WIDTH)):
                at = (index - first) * HASH_LENGTH
                yield tile[at : at + HASH_LENGTH]

    def tile(self, level: int, number: int, *, size: int) -> bytes:
        """
        Fetch a hash tile as the tree of `size` entries has it; its hashes are not checked.

        A source may have dropped the partial tile and serve the full one.

        Raises:
            NotIntegrated: If it is missing or has another length.
        """
        width = tile_width(level, number, size)
        for wide in dict.fromkeys((width, TILE_WIDTH)):
            tile = self.fetch(TileCoordinate(level, number, wide).path)
            if tile is not None and len(tile) == wide * HASH_LENGTH:
                return tile[: width * HASH_LENGTH]
        raise NotIntegrated(f"{self.name} has no tile {number} of level {level}")

    def entries(self, number: int, *, size: int) -> list[bytes] | None:
        """
        Fetch an entry bundle as the log of `size` entries has it; None where it has none.

        Raises:
            EncodingError: If it is malformed.
        """
        width = tile_width(ENTRIES, number, size)
        for wide in dict.fromkeys((width, TILE_WIDTH)):
            bundle = self.fetch(TileCoordinate(ENTRIES, number, wide).path)
            if bundle is not None:
                return parse_entry_bundle(bundle, wide)[:width]
        return None
