"""
Tiles: the tree and its entries as immutable resources of 256 hashes or entries.

A tile holds neighbouring hashes of one level (a multiple of 8); every proof is made from tiles.

Source: C2SP tlog-tiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from attestation.compact_range import NodeRun
from attestation.encodings import parse_size
from attestation.errors import EncodingError
from attestation.ids import HASH_LENGTH
from attestation.tree_hash import MAX_SIZE, NODE_PREFIX

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
ENTRIES: Final = -1
"""In the place of a level: the entries themselves, as bundles."""

MAX_ENTRY_LENGTH: Final = 0xFFFF
"""Longest entry in bytes: its length stands in two bytes of a bundle."""

_MAX_LEVEL: Final = 63
_PAIR: Final = 2 * HASH_LENGTH
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<number>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True, order=True)
class TileCoordinate:
    """Which tile: level 0 to 63 (or `ENTRIES`), number within the level, width 1 to 256."""

    level: int
    number: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Path below the log's prefix, as `tile_path` gives it."""
        return tile_path(self.level, self.number, self.width)


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """
    Give a tile's path below the log's prefix, such as `tile/0/x001/x234/067.p/112`.

    Args:
        level: 0 to 63, or `ENTRIES`.
        number: Tile number within the level.
        width: Hashes or entries in it, 1 to 256.

    Raises:
        EncodingError: If one is out of bounds.

    Source: C2SP tlog-tiles, Merkle Tree.
    """
    if not (ENTRIES <= level <= _MAX_LEVEL and 0 <= number <= MAX_SIZE and 0 < width <= TILE_WIDTH):
        raise EncodingError(
            f"no tile {number} of width {width} at level {level}", code="encoding.tile_path"
        )
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    name = "entries" if level == ENTRIES else str(level)
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{name}/{'/'.join(reversed(groups))}{partial}"


def parse_tile_path(path: str) -> TileCoordinate:
    """
    Read a tile's path, in its one form.

    Raises:
        EncodingError: If it has another form.

    Source: C2SP tlog-tiles, Merkle Tree.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise EncodingError(f"not a tile path: {path[:80]!r}", code="encoding.tile_path")
    level = ENTRIES if match["level"] == "entries" else int(match["level"])
    digits = match["number"].replace("/", "").replace("x", "").lstrip("0") or "0"
    tile = TileCoordinate(level, parse_size(digits), int(match["width"] or TILE_WIDTH))
    if tile.path != path:  # too many groups, a width of 256 or more written out
        raise EncodingError(f"not the one form of a tile path: {path!r}", code="encoding.tile_path")
    return tile


def tile_width(level: int, number: int, size: int) -> int:
    """
    Give the width this tile has in a tree of `size` entries; 0 where it isn't there yet.

    Source: C2SP tlog-tiles, Partial Tiles.
    """
    hashes = size >> TILE_HEIGHT * max(level, 0)
    return max(0, min(TILE_WIDTH, hashes - number * TILE_WIDTH))


def tiles_between(old_size: int, new_size: int) -> list[TileCoordinate]:
    """
    List the hash tiles that a tree of `new_size` entries has and one of `old_size` hasn't.

    Full tiles and the last partial one of each level, from level 0 up, each with its width.

    Source: C2SP tlog-tiles.
    """
    tiles: list[TileCoordinate] = []
    level = 0
    while hashes := new_size >> TILE_HEIGHT * level:
        tiles.extend(_tiles_of_level(level, old_size >> TILE_HEIGHT * level, hashes))
        level += 1
    return tiles


def entry_bundles_between(old_size: int, new_size: int) -> list[TileCoordinate]:
    """
    List the entry bundles that a log of `new_size` entries has and one of `old_size` hasn't.

    Source: C2SP tlog-tiles, Log entries.
    """
    return list(_tiles_of_level(ENTRIES, old_size, new_size))


def _tiles_of_level(level: int, old: int, new: int) -> Iterator[TileCoordinate]:
    for number in range(old // TILE_WIDTH, -(-new // TILE_WIDTH)):
        width = min(TILE_WIDTH, new - number * TILE_WIDTH)
        if number * TILE_WIDTH + width > old:
            yield TileCoordinate(level, number, width)


@dataclass(frozen=True, slots=True)
class TileGrowth:
    """Hashes that come to stand in one tile, after those that stood there before."""

    level: int
    number: int
    offset: int
    """How many hashes the tile held before, 0 to 255."""
    hashes: bytes
    """The new ones, one after the other, 32 bytes each."""


def tile_growth(runs: Sequence[NodeRun]) -> Iterator[TileGrowth]:
    """
    Cut the nodes that an append made (`CompactRange.append_many`) into the tiles they belong to.

    Source: C2SP tlog-tiles, Merkle Tree.
    """
    for run in runs:
        if run.level % TILE_HEIGHT == 0:
            yield from _growth_of_level(run.level // TILE_HEIGHT, run.first, run.hashes)


def _growth_of_level(level: int, first: int, hashes: Sequence[bytes]) -> Iterator[TileGrowth]:
    done = 0
    while done < len(hashes):
        number, offset = divmod(first + done, TILE_WIDTH)
        part = hashes[done : done + TILE_WIDTH - offset]
        yield TileGrowth(level, number, offset, b"".join(part))
        done += len(part)


LoadTile = Callable[[int, int, int], bytes]
"""`load(level, number, width)` gives at least the first `width` hashes of a tile."""


class TileReader:
    """
    Complete nodes of a tree of `size` entries, computed from tiles; a `NodeReader`.

    A tile is loaded once. Nothing is checked here but lengths: who makes a proof from tiles that
    are wrong makes a proof that does not hold.

    Args:
        load: Gives a tile's bytes; `width` is what the tree of `size` entries has of it.
        size: Number of entries in the tree.

    Source: C2SP tlog-tiles.
    """

    def __init__(self, load: LoadTile, size: int) -> None:
        self._load = load
        self._size = size
        self._tiles: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, index: int) -> bytes:
        """
        Give the root of leaves `[index * 2**level, (index + 1) * 2**level)`, 32 bytes.

        Raises:
            EncodingError: If the tree has no such complete subtree or a tile is too short.
        """
        height = level % TILE_HEIGHT
        number, place = divmod(index << height, TILE_WIDTH)
        row = self._row(level // TILE_HEIGHT, number, place, 1 << height)
        while len(row) > HASH_LENGTH:
            # Two children stand side by side in the row, as the node's hash takes them.
            row = b"".join(
                [
                    sha256(NODE_PREFIX + row[at : at + _PAIR]).digest()
                    for at in range(0, len(row), _PAIR)
                ]
            )
        return row

    def _row(self, level: int, number: int, place: int, count: int) -> bytes:
        """Give `count` hashes of a tile, one after the other."""
        tile = self._tile(level, number)
        start, end = place * HASH_LENGTH, (place + count) * HASH_LENGTH
        if len(tile) < end:
            raise EncodingError(
                f"tile {number} of level {level} has {len(tile)} bytes, {end} needed",
                code="encoding.tile_length",
            )
        return tile[start:end]

    def _tile(self, level: int, number: int) -> bytes:
        tile = self._tiles.get((level, number))
        if tile is None:
            width = tile_width(level, number, self._size)
            tile = self._load(level, number, width) if width else b""
            self._tiles[level, number] = tile[: width * HASH_LENGTH]
        return self._tiles[level, number]


def encode_entry_bundle(entries: Sequence[bytes]) -> bytes:
    """
    Write entries one after the other, each after its length in two bytes, big-endian.

    Raises:
        EncodingError: If there are none or more than 256, or one is longer than 65 535 bytes.

    Source: C2SP tlog-tiles, Log entries.
    """
    if not 0 < len(entries) <= TILE_WIDTH:
        raise EncodingError(f"a bundle of {len(entries)} entries", code="encoding.entry_bundle")
    longest = max(map(len, entries))
    if longest > MAX_ENTRY_LENGTH:
        raise EncodingError(
            f"an entry of {longest} bytes, at most {MAX_ENTRY_LENGTH}", code="encoding.entry_length"
        )
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_entry_bundle(encoded: bytes, width: int) -> list[bytes]:
    """
    Read a bundle of exactly `width` entries.

    Raises:
        EncodingError: If an entry is cut off, or there are more or fewer entries.

    Source: C2SP tlog-tiles, Log entries.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(encoded):
        start = at + 2
        at = start + int.from_bytes(encoded[at:start], "big")
        if start > len(encoded) or at > len(encoded):
            raise EncodingError("an entry bundle is cut off", code="encoding.entry_bundle")
        entries.append(encoded[start:at])
    if len(entries) != width:
        raise EncodingError(
            f"a bundle of {len(entries)} entries, {width} expected", code="encoding.entry_bundle"
        )
    return entries
