"""
Proofs of the log's tree: that an entry is in it, that it grew from another, what a range holds.

Proofs are made from complete nodes that a `NodeReader` gives, never by walking the log, and are
checked against a root alone. A proof has one valid form: its length follows from sizes and index.

Source: RFC 9162, section 2.1; `docs/formats/log.md` for range proofs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from attestation.compact_range import CompactRange, NodeRun
from attestation.errors import ConsistencyError, EncodingError, InclusionError
from attestation.ids import HASH_LENGTH
from attestation.merkle_proofs import (
    NodeReader,
    consistency_proof,
    inclusion_proof,
    range_proof,
    require_index,
    require_range,
    require_sizes,
    subtree_hash,
)
from attestation.tree_hash import (
    EMPTY_ROOT,
    MAX_SIZE,
    hash_children,
    hash_leaf,
    hash_leaves,
    require_hashes,
    split_point,
)

__all__ = [
    "EMPTY_ROOT",
    "HASH_LENGTH",
    "MAX_SIZE",
    "CompactRange",
    "NodeReader",
    "NodeRun",
    "consistency_proof",
    "hash_children",
    "hash_leaf",
    "hash_leaves",
    "inclusion_proof",
    "range_proof",
    "root_hash",
    "subtree_hash",
    "verify_consistency",
    "verify_inclusion",
    "verify_range",
]

_CHUNK: Final = 1 << 16
"""Leaf hashes held at a time while a range is folded: memory stays flat at any range length."""


def root_hash(leaf_hashes: Sequence[bytes]) -> bytes:
    """
    Give the root hash of the tree over these leaf hashes, 32 bytes each.

    Raises:
        EncodingError: If a leaf hash is not 32 bytes long.

    Source: RFC 9162, section 2.1.1 (MTH).
    """
    tree = CompactRange()
    tree.append_many(leaf_hashes)
    return tree.root()


# --- inclusion ---------------------------------------------------------------------------


def verify_inclusion(
    leaf_hash: bytes, *, index: int, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """
    Check that `leaf_hash` is entry `index` of the tree of `size` entries with this root hash.

    Args:
        leaf_hash: From `hash_leaf` of the entry's bytes, 32 bytes.
        index: Position of the entry, counted from 0.
        size: Number of entries in the tree, from a verified checkpoint.
        root: Root hash of that tree, 32 bytes, from the same checkpoint.
        proof: Sibling hashes from the leaf up; from outside.

    Raises:
        InclusionError: If the proof does not lead from the leaf to the root, if it is one hash
            too short or too long, or if a hash is not 32 bytes long.

    Source: RFC 9162, section 2.1.3.2.
    """
    require_index(index, size)
    try:
        require_hashes((leaf_hash, root, *proof))
    except EncodingError as error:
        raise InclusionError(error.message) from error
    at, last = index, size - 1
    climbed = leaf_hash
    for sibling in proof:
        if last == 0:
            raise InclusionError(f"the proof has more hashes ({len(proof)}) than the tree levels")
        if at & 1 or at == last:
            climbed = hash_children(sibling, climbed)
            while not at & 1 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            climbed = hash_children(climbed, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise InclusionError(f"the proof is too short: {len(proof)} hashes for size {size}")
    if climbed != root:
        raise InclusionError(f"the proof for entry {index} does not lead to the root hash")


# --- consistency -------------------------------------------------------------------------


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """
    Check that the tree of `new_size` entries extends the tree of `old_size` entries.

    The empty tree is a prefix of every tree and needs no hash; equal sizes need equal roots.

    Raises:
        ConsistencyError: If the later tree is not an extension of the earlier, if the proof has
            a hash too many or too few, or if a hash is not 32 bytes long.

    Source: RFC 9162, section 2.1.4.2; C2SP tlog-witness for old size 0.
    """
    require_sizes(old_size, new_size)
    try:
        require_hashes((old_root, new_root, *proof))
    except EncodingError as error:
        raise ConsistencyError(error.message) from error
    if new_size == 0 and new_root != EMPTY_ROOT:
        raise ConsistencyError("the root of an empty tree is not the empty root")
    if old_size == 0:
        _require_trivial(proof, old_root == EMPTY_ROOT, "the old root is not the empty root")
        return
    if old_size == new_size:
        _require_trivial(proof, old_root == new_root, f"two roots for one size, {new_size}")
        return
    _verify_extension(old_size, old_root, new_size, new_root, proof)


def _verify_extension(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    # at == 0: the old tree is complete, and its root is the first hash of the path.
    path = iter(proof if at else (old_root, *proof))
    seed = next(path, None)
    if seed is None:
        raise ConsistencyError("the proof is empty")
    old_climbed = new_climbed = seed
    for sibling in path:
        if last == 0:
            raise ConsistencyError(f"the proof has more hashes ({len(proof)}) than it needs")
        if at & 1 or at == last:
            old_climbed = hash_children(sibling, old_climbed)
            new_climbed = hash_children(sibling, new_climbed)
            while not at & 1 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            new_climbed = hash_children(new_climbed, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise ConsistencyError(f"the proof is too short: {len(proof)} hashes")
    if old_climbed != old_root:
        raise ConsistencyError(f"the proof does not lead to the root of size {old_size}")
    if new_climbed != new_root:
        raise ConsistencyError(f"the proof does not lead to the root of size {new_size}")


def _require_trivial(proof: Sequence[bytes], holds: bool, otherwise: str) -> None:
    if proof:
        raise ConsistencyError(f"{len(proof)} hashes where the proof must be empty")
    if not holds:
        raise ConsistencyError(otherwise)


# --- ranges ------------------------------------------------------------------------------


def verify_range(
    leaf_hashes: Iterable[bytes],
    *,
    start: int,
    end: int,
    size: int,
    root: bytes,
    proof: Sequence[bytes],
) -> None:
    """
    Check that `leaf_hashes` are the entries `[start, end)` of the tree, all and in order.

    The leaf hashes are read once, as a stream; memory does not grow with the range.

    Args:
        leaf_hashes: From `hash_leaf` of each entry, 32 bytes each, in log order.
        start: First index.
        end: Index after the last.
        size: Number of entries in the tree, from a verified checkpoint.
        root: Root hash of that tree, 32 bytes, from the same checkpoint.
        proof: Hashes of the subtrees outside the range, left to right; from outside.

    Raises:
        InclusionError: If they are not, if there are more or fewer leaf hashes or proof hashes
            than the numbers ask for, or if a hash is not 32 bytes long.

    Source: `docs/formats/log.md`, range proofs.
    """
    require_range(start, end, size)
    try:
        require_hashes((root, *proof))
        leaves, siblings = iter(leaf_hashes), iter(proof)
        climbed = _fold(leaves, siblings, start, end, 0, size)
    except EncodingError as error:
        raise InclusionError(error.message) from error
    if next(leaves, None) is not None:
        raise InclusionError(f"more leaf hashes than the range [{start}, {end}) has")
    if next(siblings, None) is not None:
        raise InclusionError(f"the range proof has more hashes ({len(proof)}) than it needs")
    if climbed != root:
        raise InclusionError(f"the range [{start}, {end}) does not lead to the root hash")


def _fold(
    leaves: Iterator[bytes], siblings: Iterator[bytes], start: int, end: int, low: int, high: int
) -> bytes:
    """Give the hash of the subtree `[low, high)`, taking from both streams in tree order."""
    if start <= low and high <= end:
        return _fold_leaves(leaves, high - low)
    if high <= start or end <= low:
        sibling = next(siblings, None)
        if sibling is None:
            raise InclusionError("the range proof is too short")
        return sibling
    middle = low + split_point(high - low)
    left = _fold(leaves, siblings, start, end, low, middle)
    return hash_children(left, _fold(leaves, siblings, start, end, middle, high))


def _fold_leaves(leaves: Iterator[bytes], count: int) -> bytes:
    subtree = CompactRange()
    while subtree.size < count:
        chunk = list(islice(leaves, min(_CHUNK, count - subtree.size)))
        if not chunk:
            raise InclusionError("fewer leaf hashes than the range has")
        subtree.append_many(chunk)
    return subtree.root()
