"""Inclusion proofs from tiles in memory: time and size against the size of the log."""

from __future__ import annotations

import random
import time
from hashlib import sha256

from api.collector import collector_spared
from attestation.merkle import CompactRange, inclusion_proof, verify_inclusion
from attestation.tiles import TileReader, tile_growth
from bench import limits
from bench.measuring import Row, Say, percentile

_PROOFS = 3000


def run(say: Say, *, quick: bool) -> list[Row]:
    """Prove random entries; a reader a proof, as the API has."""
    sizes = (100_000, 1_000_000) if quick else (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
    node_ms = 1000 / limits.hashes()
    return [_row(say, size, node_ms) for size in sizes]


def _row(say: Say, size: int, node_ms: float) -> Row:
    say(f"growing a tree of {size} leaves")
    tiles, root = _tiles(size)
    wall_ms: list[float] = []
    cpu_ms: list[float] = []
    lengths: list[int] = []
    rng = random.Random(size)
    with collector_spared():  # as in the server's process
        for index in (rng.randrange(size) for _ in range(_PROOFS)):
            begun, cpu_begun = time.perf_counter(), time.thread_time()
            reader = TileReader(lambda level, number, _width: bytes(tiles[level, number]), size)
            proof = inclusion_proof(reader, index, size)
            wall_ms.append((time.perf_counter() - begun) * 1000)
            cpu_ms.append((time.thread_time() - cpu_begun) * 1000)
            lengths.append(len(proof))
            verify_inclusion(_leaf(index), index=index, size=size, root=root, proof=proof)
    # A tile has 255 inner nodes; a path meets one tile a level and takes all but its own branch.
    levels = -(-(size - 1).bit_length() // 8)
    median, cpu_p99_ms = percentile(wall_ms, 50), percentile(cpu_ms, 99)
    return Row(
        f"inclusion proof at {size:,} entries, p99",
        percentile(wall_ms, 99),
        "ms",
        levels * 247 * node_ms,
        "SHA-256 of the tiles' nodes",
        "< 2 ms p99 at 10⁷",
        f"p50 {median:.2f} ms, {max(lengths)} hashes; tiles in memory; CPU: p99",
        cpu_p99_ms * 1000,
    )


def _leaf(index: int) -> bytes:
    return sha256(index.to_bytes(8, "big")).digest()


def _tiles(size: int) -> tuple[dict[tuple[int, int], bytearray], bytes]:
    tree = CompactRange()
    tiles: dict[tuple[int, int], bytearray] = {}
    for at in range(0, size, 65_536):
        leaves = [_leaf(index) for index in range(at, min(at + 65_536, size))]
        for growth in tile_growth(tree.append_many(leaves)):
            tiles.setdefault((growth.level, growth.number), bytearray()).extend(growth.hashes)
    return tiles, tree.root()
