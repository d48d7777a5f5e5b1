"""
Making proofs of the log's tree from complete nodes, never by walking the log.

Source: RFC 9162, section 2.1; `docs/formats/log.md` for range proofs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from attestation.errors import ConsistencyError, InclusionError
from attestation.tree_hash import MAX_SIZE, hash_children, split_point


class NodeReader(Protocol):
    """What proofs are made from: the hashes of complete subtrees."""

    def node(self, level: int, index: int) -> bytes:
        """Give the root of leaves `[index * 2**level, (index + 1) * 2**level)`, 32 bytes."""


def subtree_hash(reader: NodeReader, start: int, end: int) -> bytes:
    """
    Give the hash of the subtree over leaves `[start, end)` as it stands in a tree that ends there.

    Args:
        reader: Source of the complete nodes.
        start: A multiple of the smallest power of two that is at least `end - start`.
        end: Above `start`.

    Source: RFC 9162, section 2.1.1.
    """
    parts: list[bytes] = []
    at = start
    while at < end:
        level = (end - at).bit_length() - 1
        parts.append(reader.node(level, at >> level))
        at += 1 << level
    root = parts.pop()
    while parts:
        root = hash_children(parts.pop(), root)
    return root


def inclusion_proof(reader: NodeReader, index: int, size: int) -> list[bytes]:
    """
    Prove that entry `index` is in the tree of `size` entries; sibling hashes from the leaf up.

    Raises:
        InclusionError: If the index is not below the size.

    Source: RFC 9162, section 2.1.3.1 (PATH).
    """
    require_index(index, size)
    siblings: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split_point(end - start)
        if index < middle:
            siblings.append(subtree_hash(reader, middle, end))
            end = middle
        else:
            siblings.append(subtree_hash(reader, start, middle))
            start = middle
    return siblings[::-1]


def consistency_proof(reader: NodeReader, old_size: int, new_size: int) -> list[bytes]:
    """
    Prove that the tree of `old_size` entries is a prefix of the tree of `new_size` entries.

    Returns:
        The hashes of RFC 9162; none where the sizes are equal or the old tree is empty.

    Raises:
        ConsistencyError: If the old size is above the new.

    Source: RFC 9162, section 2.1.4.1 (PROOF, SUBPROOF).
    """
    require_sizes(old_size, new_size)
    if old_size in (0, new_size):
        return []
    hashes: list[bytes] = []
    start, end = 0, new_size
    while end != old_size:
        middle = start + split_point(end - start)
        if old_size <= middle:
            hashes.append(subtree_hash(reader, middle, end))
            end = middle
        else:
            hashes.append(subtree_hash(reader, start, middle))
            start = middle
    if start:
        # The old root itself is known to whoever checks; a smaller subtree of it isn't.
        hashes.append(subtree_hash(reader, start, end))
    return hashes[::-1]


def range_proof(reader: NodeReader, start: int, end: int, size: int) -> list[bytes]:
    """
    Prove what stands at `[start, end)` in the tree of `size` entries.

    Returns:
        The hashes of the largest subtrees outside the range, left to right. For one entry these
        are the hashes of its inclusion proof in another order.

    Raises:
        InclusionError: If the range is empty or reaches beyond the tree.

    Source: `docs/formats/log.md`, range proofs.
    """
    require_range(start, end, size)
    return [subtree_hash(reader, *outside) for outside in _outside(start, end, 0, size)]


def _outside(start: int, end: int, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Give the largest subtrees of `[low, high)` that lie outside `[start, end)`, in order."""
    if start <= low and high <= end:
        return
    if high <= start or end <= low:
        yield low, high
        return
    middle = low + split_point(high - low)
    yield from _outside(start, end, low, middle)
    yield from _outside(start, end, middle, high)


def require_index(index: int, size: int) -> None:
    """
    Require that an index lies in a tree.

    Raises:
        InclusionError: If it does not, or the tree is too large.

    Source: RFC 9162, section 2.1.3.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise InclusionError(f"index {index} is not in a tree of {size} entries")


def require_sizes(old_size: int, new_size: int) -> None:
    """
    Require that the new size is not below the old one.

    Raises:
        ConsistencyError: If it is, or a size is out of bounds.

    Source: RFC 9162, section 2.1.4.
    """
    if not 0 <= old_size <= new_size <= MAX_SIZE:
        raise ConsistencyError(f"a tree of {new_size} entries can't extend one of {old_size}")


def require_range(start: int, end: int, size: int) -> None:
    """
    Require that a range is not empty and lies in a tree.

    Raises:
        InclusionError: If it is, or does not.

    Source: `docs/formats/log.md`, range proofs.
    """
    if not 0 <= start < end <= size <= MAX_SIZE:
        raise InclusionError(f"[{start}, {end}) is not a range of a tree of {size} entries")
