"""Tiles: their paths, widths, growth, and the proofs made from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from attestation.errors import EncodingError
from attestation.merkle import (
    CompactRange,
    consistency_proof,
    inclusion_proof,
    range_proof,
    root_hash,
    subtree_hash,
    verify_consistency,
    verify_inclusion,
    verify_range,
)
from attestation.tiles import (
    ENTRIES,
    TileCoordinate,
    TileReader,
    encode_entry_bundle,
    entry_bundles_between,
    parse_entry_bundle,
    parse_tile_path,
    tile_growth,
    tile_path,
    tile_width,
    tiles_between,
)

SIZE = 70_000
LEAVES = [sha256(index.to_bytes(4, "big")).digest() for index in range(SIZE)]

PATHS = {
    "tile/0/000": TileCoordinate(0, 0),
    "tile/0/x001/x234/067": TileCoordinate(0, 1_234_067),
    "tile/0/273.p/112": TileCoordinate(0, 273, 112),
    "tile/63/x001/000": TileCoordinate(63, 1000),
    "tile/entries/000.p/1": TileCoordinate(ENTRIES, 0, 1),
    "tile/entries/x123/456.p/255": TileCoordinate(ENTRIES, 123_456, 255),
}


@pytest.fixture(scope="module")
def load() -> Callable[[int, int, int], bytes]:
    """Load tiles of a log of 70 000 entries, built by growth in uneven steps."""
    tiles: dict[tuple[int, int], bytes] = defaultdict(bytes)
    tree = CompactRange()
    for start, end in ((0, 1), (1, 255), (255, 256), (256, 1000), (1000, SIZE)):
        for growth in tile_growth(tree.append_many(LEAVES[start:end])):
            assert growth.offset * 32 == len(tiles[growth.level, growth.number])
            tiles[growth.level, growth.number] += growth.hashes
    return lambda level, number, width: tiles[level, number][: width * 32]


@pytest.mark.parametrize("path", PATHS)
def test_path_and_coordinate_are_one(path: str) -> None:
    """A path is read and written the same."""
    assert parse_tile_path(path) == PATHS[path]
    assert PATHS[path].path == path


@pytest.mark.parametrize(
    "path",
    [
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/0",
        "tile/0/1234",
        "tile/0/x000/067",
        "tile/0/001/067",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/data/000",
        "tile/0/" + "x999/" * 7 + "999",
        "tile/0/٠٠٠",
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    """Each tile has one path."""
    with pytest.raises(EncodingError, match=r"tile|size"):
        parse_tile_path(path)


@pytest.mark.parametrize("coordinate", [(-2, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_impossible_tile_has_no_path(coordinate: tuple[int, int, int]) -> None:
    """Level, number and width are bounded."""
    with pytest.raises(EncodingError, match="no tile"):
        tile_path(*coordinate)


def test_worked_example_of_the_specification() -> None:
    """70 000 entries: 273 full tiles, one of 112, one full, one of 17, one of 1."""
    tiles = tiles_between(0, 70_000)
    partial = [tile for tile in tiles if tile.width < 256]

    assert len(tiles) == 273 + 1 + 1 + 1 + 1
    assert partial == [
        TileCoordinate(0, 273, 112),
        TileCoordinate(1, 1, 17),
        TileCoordinate(2, 0, 1),
    ]


def test_a_full_level_shows_in_the_one_above() -> None:
    """256 entries are one full tile and one hash above it."""
    assert tiles_between(0, 256) == [TileCoordinate(0, 0), TileCoordinate(1, 0, 1)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (5, 5, []),
        (5, 6, [TileCoordinate(0, 0, 6)]),
        (255, 256, [TileCoordinate(0, 0), TileCoordinate(1, 0, 1)]),
        (256, 257, [TileCoordinate(0, 1, 1)]),
        (
            250,
            520,
            [
                TileCoordinate(0, 0),
                TileCoordinate(0, 1),
                TileCoordinate(0, 2, 8),
                TileCoordinate(1, 0, 2),
            ],
        ),
    ],
)
def test_only_what_grew_is_listed(old: int, new: int, expected: list[TileCoordinate]) -> None:
    """Tiles that stood before with the same width are not listed again."""
    assert tiles_between(old, new) == expected
    assert entry_bundles_between(old, new) == [
        TileCoordinate(ENTRIES, tile.number, tile.width) for tile in expected if tile.level == 0
    ]


@pytest.mark.parametrize(
    ("level", "number", "width"),
    [
        (0, 0, 256),
        (0, 273, 112),
        (0, 274, 0),
        (1, 1, 17),
        (2, 0, 1),
        (3, 0, 0),
        (ENTRIES, 273, 112),
    ],
)
def test_width_of_a_tile(level: int, number: int, width: int) -> None:
    """A tile's width follows from the size alone."""
    assert tile_width(level, number, 70_000) == width


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 1000, 65_536, 65_537, 69_999, 70_000])
def test_root_from_tiles(load: Callable[[int, int, int], bytes], size: int) -> None:
    """The root of every earlier size can be had from the tiles of the largest."""
    assert subtree_hash(TileReader(load, size), 0, size) == root_hash(LEAVES[:size])


@pytest.mark.parametrize("index", [0, 255, 256, 65_535, 65_536, 69_999])
def test_inclusion_from_tiles(load: Callable[[int, int, int], bytes], index: int) -> None:
    """An inclusion proof is made from few tiles and holds."""
    loaded: list[tuple[int, int, int]] = []

    def counting(level: int, number: int, width: int) -> bytes:
        loaded.append((level, number, width))
        return load(level, number, width)

    proof = inclusion_proof(TileReader(counting, SIZE), index, SIZE)
    root = root_hash(LEAVES)
    verify_inclusion(LEAVES[index], index=index, size=SIZE, root=root, proof=proof)

    assert len(loaded) == len(set(loaded)) <= 5


@pytest.mark.parametrize("old", [1, 256, 257, 65_536, 69_999])
def test_consistency_from_tiles(load: Callable[[int, int, int], bytes], old: int) -> None:
    """A consistency proof from tiles holds."""
    verify_consistency(
        old_size=old,
        old_root=root_hash(LEAVES[:old]),
        new_size=SIZE,
        new_root=root_hash(LEAVES),
        proof=consistency_proof(TileReader(load, SIZE), old, SIZE),
    )


def test_range_from_tiles(load: Callable[[int, int, int], bytes]) -> None:
    """A range of more leaves than are held at a time holds."""
    proof = range_proof(TileReader(load, SIZE), 1000, 69_000, SIZE)

    verify_range(
        iter(LEAVES[1000:69_000]),
        start=1000,
        end=69_000,
        size=SIZE,
        root=root_hash(LEAVES),
        proof=proof,
    )


def test_short_tile_is_refused(load: Callable[[int, int, int], bytes]) -> None:
    """A tile that is cut off is not read beyond its end."""
    reader = TileReader(lambda *tile: load(*tile)[:-1], SIZE)

    with pytest.raises(EncodingError, match="tile 0 of level 2 has 31 bytes"):
        inclusion_proof(reader, 69_998, SIZE)


def test_node_beyond_the_tree_is_refused(load: Callable[[int, int, int], bytes]) -> None:
    """A tree has no nodes beyond its size, though the tile may."""
    with pytest.raises(EncodingError, match="tile 0 of level 0"):
        TileReader(load, 100).node(0, 100)
    with pytest.raises(EncodingError, match="tile 1 of level 0"):
        TileReader(load, 100).node(0, 256)


def test_bundle_round_trip() -> None:
    """Entries come back as they were, empty and longest ones too."""
    entries = [b"", b"a", b"b" * 65_535]

    assert parse_entry_bundle(encode_entry_bundle(entries), 3) == entries


@pytest.mark.parametrize("entries", [[], [b""] * 257, [b"b" * 65_536]])
def test_impossible_bundle_is_refused(entries: list[bytes]) -> None:
    """A bundle has 1 to 256 entries of at most 65 535 bytes."""
    with pytest.raises(EncodingError, match=r"entries|entry"):
        encode_entry_bundle(entries)


@pytest.mark.parametrize(
    ("encoded", "width"),
    [(b"\x00\x01a", 2), (b"\x00\x01a\x00", 1), (b"\x00\x02a", 1), (b"\x00", 1), (b"", 1)],
)
def test_damaged_bundle_is_refused(encoded: bytes, width: int) -> None:
    """A bundle that is cut off, or has more or fewer entries, is refused."""
    with pytest.raises(EncodingError, match="bundle"):
        parse_entry_bundle(encoded, width)


@pytest.mark.shared
@pytest.mark.parametrize("size", range(1, 16))
def test_tiles_of_others(shared: Path, size: int) -> None:
    """Tessera's tiles and entry bundles are read, and its leaf hashes are ours."""
    log = shared / "vectors/signed-note/tessera/log"
    tile = (log / tile_path(0, 0, size)).read_bytes()
    entries = parse_entry_bundle((log / tile_path(ENTRIES, 0, size)).read_bytes(), size)

    assert [tile[at : at + 32] for at in range(0, len(tile), 32)] == [
        sha256(b"\x00" + entry).digest() for entry in entries
    ]
