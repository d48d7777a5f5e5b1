"""
Full tiles in memory, the least recently used given up first.

Only full tiles are kept: they never change, so the cache is never wrong. Safe for threads.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final

from attestation.ids import HASH_LENGTH
from attestation.tiles import TILE_WIDTH

DEFAULT_CAPACITY: Final = 4096
"""Tiles; 32 MiB. The upper levels of a log of 10^9 entries need 260 of them."""

Key = tuple[int, int, int]
"""(log number, level, number)."""


class TileCache:
    """
    A bounded memory of full tiles.

    Args:
        capacity: Tiles kept, 8 192 bytes each.
    """

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        self._capacity = capacity
        self._tiles: OrderedDict[Key, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, fetch: Callable[[], bytes]) -> bytes:
        """Give a tile from memory, or from `fetch`, and remember it if it is full."""
        with self._lock:
            tile = self._tiles.get(key)
            if tile is not None:
                self._tiles.move_to_end(key)
                return tile
        tile = fetch()
        if len(tile) == TILE_WIDTH * HASH_LENGTH:
            with self._lock:
                self._tiles[key] = tile
                if len(self._tiles) > self._capacity:
                    self._tiles.popitem(last=False)
        return tile
