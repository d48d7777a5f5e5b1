"""
The compact range of a growing tree: the roots of its complete subtrees, one per bit of the size.

It is all a writer must remember to append entries and to know the root; it grows by whole levels
at a time, and reports every complete node it makes, which is what tiles are built from.

Source: RFC 9162, section 2.1.1 (the tree); section 2.1.5 (the stack of complete subtrees).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from attestation.errors import EncodingError
from attestation.tree_hash import (
    EMPTY_ROOT,
    MAX_SIZE,
    NODE_PREFIX,
    hash_children,
    require_hashes,
)


@dataclass(frozen=True, slots=True)
class NodeRun:
    """
    Neighbouring complete nodes of one level that an append made.

    Node `first + i` covers the `2**level` leaves from `(first + i) * 2**level` on.
    """

    level: int
    first: int
    hashes: list[bytes]


class CompactRange:
    """
    The frontier of a tree of `size` leaves.

    Args:
        size: Number of leaves, 0 to 2**63 - 1.
        hashes: Roots of the complete subtrees, left to right (largest first), 32 bytes each,
            as `hashes` gives them.

    Raises:
        EncodingError: If the size is out of bounds or the number or length of hashes is wrong.
    """

    __slots__ = ("_nodes", "_size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if not 0 <= size <= MAX_SIZE:
            raise EncodingError(f"tree size {size} is not below 2**63", code="encoding.tree_size")
        if len(hashes) != size.bit_count():
            raise EncodingError(
                f"{len(hashes)} hashes for a tree of {size} leaves, {size.bit_count()} expected",
                code="encoding.compact_range",
            )
        require_hashes(hashes)
        levels = [level for level in range(size.bit_length()) if size >> level & 1]
        self._size = size
        self._nodes = dict(zip(levels, reversed(hashes), strict=True))

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """Roots of the complete subtrees, left to right (largest first), 32 bytes each."""
        return tuple(self._nodes[level] for level in sorted(self._nodes, reverse=True))

    def root(self) -> bytes:
        """Give the root hash of the tree, 32 bytes."""
        smallest_first = [self._nodes[level] for level in sorted(self._nodes)]
        if not smallest_first:
            return EMPTY_ROOT
        root = smallest_first[0]
        for left in smallest_first[1:]:
            root = hash_children(left, root)
        return root

    def append(self, leaf_hash: bytes) -> list[NodeRun]:
        """Append one leaf hash of 32 bytes; see `append_many`."""
        return self.append_many((leaf_hash,))

    def append_many(self, leaf_hashes: Sequence[bytes]) -> list[NodeRun]:
        """
        Append leaf hashes, 32 bytes each, and give the complete nodes that this made.

        Returns:
            One run a level, from the leaves up; the first holds the leaf hashes themselves.

        Raises:
            EncodingError: If a hash has another length or the tree would grow too large;
                nothing is appended then.

        Source: RFC 9162, section 2.1.1; DESIGN section 12 (the rate it must reach).
        """
        require_hashes(leaf_hashes)
        new_size = self._size + len(leaf_hashes)
        if new_size > MAX_SIZE:
            raise EncodingError(
                f"tree size {new_size} is not below 2**63", code="encoding.tree_size"
            )
        runs: list[NodeRun] = []
        made = list(leaf_hashes)
        level = 0
        while made:
            first = self._size >> level
            runs.append(NodeRun(level, first, made))
            waiting = self._nodes.pop(level, None)
            row = made if waiting is None else [waiting, *made]
            if len(row) & 1:
                self._nodes[level] = row[-1]
            made = _hash_row(row)
            level += 1
        self._size = new_size
        return runs

    def copy(self) -> CompactRange:
        """Give an independent copy."""
        return CompactRange(self._size, self.hashes)

    def to_bytes(self) -> bytes:
        """Give the hashes one after the other; the size is stored beside them."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, encoded: bytes) -> CompactRange:
        """
        Read what `to_bytes` gave for a tree of `size` leaves.

        Raises:
            EncodingError: If the size is out of bounds or the length does not fit it.
        """
        return cls(size, [encoded[at : at + 32] for at in range(0, len(encoded), 32)])


def _hash_row(row: list[bytes]) -> list[bytes]:
    # Inlined rather than a call of `hash_children`: the call alone costs a third of the rate.
    return [
        sha256(NODE_PREFIX + left + right).digest()
        for left, right in zip(row[::2], row[1::2], strict=False)
    ]
