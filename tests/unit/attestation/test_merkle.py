"""Proofs of the tree, against the recursive definitions, for every size up to 70."""

from __future__ import annotations

import pytest

from attestation.errors import ConsistencyError, EncodingError, InclusionError
from attestation.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    consistency_proof,
    hash_children,
    hash_leaf,
    hash_leaves,
    inclusion_proof,
    range_proof,
    root_hash,
    verify_consistency,
    verify_inclusion,
    verify_range,
)
from tests.vectors import generate_merkle as rfc

ENTRIES = rfc.ENTRIES[:70]
LEAVES = [rfc.leaf(entry) for entry in ENTRIES]
ROOTS = [rfc.mth(ENTRIES[:size]) for size in range(71)]


class DefinitionReader:
    """Complete nodes, as the definition gives them."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, index: int) -> bytes:
        if (level, index) not in self.known:
            entries = rfc.ENTRIES[index << level : (index + 1) << level]
            assert len(entries) == 1 << level, "only complete nodes may be asked for"
            self.known[level, index] = rfc.mth(entries)
        return self.known[level, index]


READER = DefinitionReader()


@pytest.mark.parametrize("size", range(71))
def test_root_is_the_definitions(size: int) -> None:
    """The root is MTH of RFC 9162."""
    assert root_hash(hash_leaves(ENTRIES[:size])) == ROOTS[size]


def test_leaf_and_node_have_their_own_prefixes() -> None:
    """An entry that is two hashes is not the node over them."""
    left, right = LEAVES[:2]

    assert hash_leaf(left + right) != hash_children(left, right)
    assert hash_children(left, right) == ROOTS[2]


@pytest.mark.parametrize("size", range(1, 71))
def test_inclusion_of_every_entry(size: int) -> None:
    """Every entry's proof is PATH and holds; for its neighbour's index it does not."""
    for index in range(size):
        proof = inclusion_proof(READER, index, size)
        assert proof == rfc.path(index, ENTRIES[:size])
        verify_inclusion(LEAVES[index], index=index, size=size, root=ROOTS[size], proof=proof)
        with pytest.raises(InclusionError, match=r"proof|not in a tree"):
            verify_inclusion(
                LEAVES[index], index=index + 1, size=size, root=ROOTS[size], proof=proof
            )


@pytest.mark.parametrize("new", range(71))
def test_consistency_of_every_pair(new: int) -> None:
    """Every pair's proof is PROOF and holds; with one hash less it does not."""
    for old in range(new + 1):
        proof = consistency_proof(READER, old, new)
        assert proof == rfc.proof(old, ENTRIES[:new])
        check = {"old_size": old, "old_root": ROOTS[old], "new_size": new, "new_root": ROOTS[new]}
        verify_consistency(**check, proof=proof)  # type: ignore[arg-type]
        if proof:
            with pytest.raises(ConsistencyError, match=r"proof"):
                verify_consistency(**check, proof=proof[:-1])  # type: ignore[arg-type]


@pytest.mark.parametrize("size", range(1, 34))
def test_every_range(size: int) -> None:
    """Every range's proof is the definition's and holds, and holds for no other range."""
    for start in range(size):
        for end in range(start + 1, size + 1):
            proof = range_proof(READER, start, end, size)
            assert proof == rfc.outside(start, end, ENTRIES[:size])
            verify_range(
                iter(LEAVES[start:end]),
                start=start,
                end=end,
                size=size,
                root=ROOTS[size],
                proof=proof,
            )


def test_range_of_one_entry_is_its_inclusion_proof_in_another_order() -> None:
    """The two kinds of proof need the same hashes."""
    ordered = range_proof(READER, 41, 42, 70)

    assert sorted(ordered) == sorted(inclusion_proof(READER, 41, 70))


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0), (0, MAX_SIZE + 1)])
def test_index_beyond_the_tree_is_refused(index: int, size: int) -> None:
    """No index below 0, at or above the size, or of a tree too large."""
    with pytest.raises(InclusionError, match="not in a tree"):
        inclusion_proof(READER, index, size)
    with pytest.raises(InclusionError, match="not in a tree"):
        verify_inclusion(LEAVES[0], index=index, size=size, root=ROOTS[5], proof=[])


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5), (0, MAX_SIZE + 1)])
def test_sizes_out_of_order_are_refused(old: int, new: int) -> None:
    """A later tree is not smaller, and no tree is negative or too large."""
    with pytest.raises(ConsistencyError, match="can't extend"):
        consistency_proof(READER, old, new)
    with pytest.raises(ConsistencyError, match="can't extend"):
        verify_consistency(
            old_size=old, old_root=ROOTS[1], new_size=new, new_root=ROOTS[1], proof=[]
        )


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 2), (0, 6)])
def test_range_beyond_the_tree_is_refused(start: int, end: int) -> None:
    """A range is not empty and lies in the tree."""
    with pytest.raises(InclusionError, match="not a range"):
        range_proof(READER, start, end, 5)
    with pytest.raises(InclusionError, match="not a range"):
        verify_range(LEAVES[:2], start=start, end=end, size=5, root=ROOTS[5], proof=[])


@pytest.mark.parametrize("leaf", [b"", LEAVES[0][:31], LEAVES[0] + b"\x00"])
def test_leaf_hash_of_another_length_is_refused(leaf: bytes) -> None:
    """A leaf hash equal to the root is still refused where it is not 32 bytes long."""
    with pytest.raises(InclusionError, match="32 expected"):
        verify_inclusion(leaf, index=0, size=1, root=leaf, proof=[])
    with pytest.raises(InclusionError, match="32 expected"):
        verify_range([leaf], start=0, end=1, size=1, root=ROOTS[1], proof=[])


def test_hashes_of_another_length_in_a_proof_are_refused() -> None:
    """Two hashes glued together are not two hashes."""
    glued = [b"".join(inclusion_proof(READER, 0, 4))]

    with pytest.raises(InclusionError, match="32 expected"):
        verify_inclusion(LEAVES[0], index=0, size=4, root=ROOTS[4], proof=glued)
    with pytest.raises(ConsistencyError, match="32 expected"):
        verify_consistency(
            old_size=2, old_root=ROOTS[2], new_size=4, new_root=ROOTS[4], proof=[b"\x00" * 31]
        )
    with pytest.raises(InclusionError, match="32 expected"):
        verify_range(LEAVES[:1], start=0, end=1, size=4, root=ROOTS[4], proof=glued)


def test_empty_tree_has_one_root() -> None:
    """Two trees of size 0 with a root that is not the empty one are not consistent."""
    verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=0, new_root=EMPTY_ROOT, proof=[])

    with pytest.raises(ConsistencyError, match="empty root"):
        verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=0, new_root=ROOTS[1], proof=[])


def test_fork_at_any_entry_is_refused() -> None:
    """A log of 20 that differs from ours in one of 13 old entries is not its extension."""
    for at in range(13):
        forked = rfc.fork(20, at)
        with pytest.raises(ConsistencyError, match="does not lead"):
            verify_consistency(
                old_size=13,
                old_root=ROOTS[13],
                new_size=20,
                new_root=rfc.mth(forked),
                proof=rfc.proof(13, forked),
            )


def test_leaf_hash_is_checked_before_it_is_hashed() -> None:
    """A root over hashes of another length does not exist."""
    with pytest.raises(EncodingError, match="31 bytes"):
        root_hash([LEAVES[0], LEAVES[1][:31]])
