"""The second implementation agrees with ours, and notices when ours is wrong."""

from __future__ import annotations

import subprocess
import sys

import pytest

from attestation.merkle import hash_leaf, root_hash
from attestation.tiles import TileReader
from ledger.log.crosscheck import crosscheck
from tests.fakes.memory_log import MemoryLog


def leaf_hashes(count: int) -> list[bytes]:
    """Make some leaf hashes."""
    return [hash_leaf(f"entry {number}".encode()) for number in range(count)]


def reader_of(count: int) -> TileReader:
    """Read the tree of the same entries from tiles."""
    tiles = MemoryLog([f"entry {number}".encode() for number in range(count)]).tiles()
    return TileReader(lambda level, number, _width: tiles[level, number], count)


@pytest.mark.parametrize("count", [*range(34), 63, 64, 65, 127, 128, 129, 255, 256, 257, 600])
def test_roots_and_every_path_agree(count: int) -> None:
    """For every shape of tree, roots and all paths are the same."""
    leaves = leaf_hashes(count)

    result = crosscheck(
        leaves, root=root_hash(leaves), reader=reader_of(count), indexes=range(count)
    )

    assert result.holds
    assert (result.size, result.paths) == (count, count)


def test_another_root_is_a_mismatch() -> None:
    """A root over other entries is not confirmed."""
    result = crosscheck(
        leaf_hashes(9), root=root_hash(leaf_hashes(8)), reader=reader_of(9), indexes=()
    )

    assert [mismatch.what for mismatch in result.mismatches] == ["root"]


def test_paths_from_another_tree_are_mismatches() -> None:
    """Proofs made from tiles of other entries are not confirmed."""
    leaves = leaf_hashes(9)
    leaves[4] = hash_leaf(b"another")

    result = crosscheck(leaves, root=root_hash(leaves), reader=reader_of(9), indexes=[0, 4, 8])

    assert [mismatch.what for mismatch in result.mismatches] == ["path 0", "path 8"]


def test_sizes_tell_a_tree_of_inner_nodes_apart() -> None:
    """Two inner nodes make the root of four leaves, so the number of leaves is reported."""
    leaves = leaf_hashes(4)
    inner = [root_hash(leaves[:2]), root_hash(leaves[2:])]

    result = crosscheck(inner, root=root_hash(leaves), reader=reader_of(4), indexes=())

    assert result.size == 2


def test_its_warning_does_not_come_through() -> None:
    """The library warns when it is imported; nobody who checks a log needs to see that."""
    program = (
        "from ledger.log.crosscheck import crosscheck; from attestation.merkle import EMPTY_ROOT;"
        "print(crosscheck([], root=EMPTY_ROOT, reader=None, indexes=()).holds)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )

    assert (done.stdout, done.stderr) == ("True\n", "")
