"""The frontier of a growing tree."""

from __future__ import annotations

import pytest

from attestation.compact_range import CompactRange
from attestation.errors import EncodingError
from attestation.tree_hash import EMPTY_ROOT, MAX_SIZE
from tests.vectors import generate_merkle as rfc

ENTRIES = rfc.ENTRIES[:70]
LEAVES = [rfc.leaf(entry) for entry in ENTRIES]


def test_empty_range_has_the_empty_root() -> None:
    """A tree without leaves has the hash of nothing as its root."""
    assert CompactRange().root() == EMPTY_ROOT == rfc.mth([])


def test_growing_one_by_one_gives_every_root() -> None:
    """After each leaf the root is the definition's."""
    tree = CompactRange()
    for size, leaf in enumerate(LEAVES, start=1):
        tree.append(leaf)
        assert (tree.size, tree.root()) == (size, rfc.mth(ENTRIES[:size]))


@pytest.mark.parametrize("first", range(0, 70, 3))
def test_growing_in_two_steps_gives_the_same(first: int) -> None:
    """Where the leaves are cut does not matter."""
    tree = CompactRange()
    tree.append_many(LEAVES[:first])
    tree.append_many(LEAVES[first:])

    assert tree.root() == rfc.mth(ENTRIES)


@pytest.mark.parametrize(("first", "then"), [(0, 70), (5, 6), (13, 51), (63, 65), (64, 64)])
def test_reported_nodes_are_the_new_complete_ones(first: int, then: int) -> None:
    """Each complete node that the append made is reported once, at its place."""
    tree = CompactRange()
    tree.append_many(LEAVES[:first])
    runs = tree.append_many(LEAVES[first:then])
    reported = {
        (run.level, run.first + at): node for run in runs for at, node in enumerate(run.hashes)
    }
    expected = {
        (level, index): rfc.mth(ENTRIES[index << level : (index + 1) << level])
        for level in range(7)
        for index in range(first >> level, then >> level)
    }

    assert reported == expected


def test_state_survives_storage() -> None:
    """What was stored as size and bytes goes on as if it had not been."""
    tree = CompactRange()
    tree.append_many(LEAVES[:45])
    again = CompactRange.from_bytes(45, tree.to_bytes())
    again.append_many(LEAVES[45:])

    assert again.root() == rfc.mth(ENTRIES)


def test_copy_is_independent() -> None:
    """Appending to a copy leaves the first as it was."""
    tree = CompactRange()
    tree.append_many(LEAVES[:5])
    tree.copy().append(LEAVES[5])

    assert (tree.size, tree.root()) == (5, rfc.mth(ENTRIES[:5]))


@pytest.mark.parametrize(
    ("size", "hashes", "message"),
    [
        (-1, [], "not below"),
        (MAX_SIZE + 1, [], "not below"),
        (3, LEAVES[:1], "2 expected"),
        (3, LEAVES[:3], "2 expected"),
        (1, [LEAVES[0][:31]], "32 expected"),
    ],
)
def test_impossible_state_is_refused(size: int, hashes: list[bytes], message: str) -> None:
    """A size has one number of hashes, and they have one length."""
    with pytest.raises(EncodingError, match=message):
        CompactRange(size, hashes)


def test_refused_append_changes_nothing() -> None:
    """A leaf hash of another length is refused before anything is appended."""
    tree = CompactRange()
    tree.append_many(LEAVES[:3])
    with pytest.raises(EncodingError, match="31 bytes"):
        tree.append_many([LEAVES[3], LEAVES[4][:31]])

    assert (tree.size, tree.root()) == (3, rfc.mth(ENTRIES[:3]))


def test_tree_does_not_grow_beyond_its_bound() -> None:
    """The largest size is 2**63 - 1."""
    tree = CompactRange(MAX_SIZE, [LEAVES[0]] * 63)

    with pytest.raises(EncodingError, match="not below"):
        tree.append(LEAVES[1])
