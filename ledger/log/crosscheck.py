"""
The tree computed once more by a library that is not ours, and compared.

merkletools pairs level by level and promotes the odd node, which is the shape of RFC 9162. With
its node hash replaced by RFC 9162's and leaves that are leaf hashes already, its roots and paths
are the same. As shipped it takes an inner node for a leaf and binds no index, so nothing that is
served or signed comes from it. It holds the whole tree in memory, about 300 bytes an entry.

Source: RFC 9162, section 2.1; merkletools 1.0.3.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from attestation.merkle import EMPTY_ROOT, NodeReader, inclusion_proof
from attestation.tree_hash import NODE_PREFIX


class _Tree(Protocol):
    """The part of merkletools' interface used here."""

    hash_function: Any
    leaves: list[bytes]

    def make_tree(self) -> None: ...

    def get_merkle_root(self) -> str | None: ...

    def get_proof(self, index: int) -> list[dict[str, str]] | None: ...


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place where the two trees differ."""

    what: str
    """`root`, or `path <index>`."""
    ours: tuple[bytes, ...]
    theirs: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Crosscheck:
    """The result of one comparison."""

    size: int
    """Entries in both trees."""
    root: bytes
    """Root hash that the other library computed, 32 bytes."""
    paths: int
    """Inclusion proofs that were compared."""
    mismatches: tuple[Mismatch, ...]

    @property
    def holds(self) -> bool:
        """True where nothing differs."""
        return not self.mismatches


def crosscheck(
    leaf_hashes: Iterable[bytes], *, root: bytes, reader: NodeReader, indexes: Sequence[int]
) -> Crosscheck:
    """
    Compare root and inclusion proofs with those of merkletools.

    Args:
        leaf_hashes: All of the tree, in order, computed from the entries; 32 bytes each.
        root: Root hash of our checkpoint of that size.
        reader: Nodes of our tiles, from which our proofs are made.
        indexes: Entries whose inclusion proofs are compared.
    """
    tree = _second_tree(leaf_hashes)
    size = len(tree.leaves)
    their_root = bytes.fromhex(tree.get_merkle_root() or EMPTY_ROOT.hex())
    mismatches = [] if their_root == root else [Mismatch("root", (root,), (their_root,))]
    for index in indexes:
        ours = tuple(inclusion_proof(reader, index, size))
        theirs = _path(tree, index, size)
        if ours != theirs:
            mismatches.append(Mismatch(f"path {index}", ours, theirs))
    return Crosscheck(size, their_root, len(indexes), tuple(mismatches))


def _second_tree(leaf_hashes: Iterable[bytes]) -> _Tree:
    with warnings.catch_warnings():
        # It warns on import that SHA-3 is missing, which is not used here.
        warnings.filterwarnings("ignore", message="sha3 is not working!")
        from merkletools import MerkleTools

    tree = cast(_Tree, MerkleTools(hash_type="sha256"))
    tree.hash_function = lambda pair: hashlib.sha256(NODE_PREFIX + bytes(pair))
    # `add_leaf` would take each through hexadecimal and back.
    tree.leaves = list(leaf_hashes)
    tree.make_tree()
    return tree


def _path(tree: _Tree, index: int, size: int) -> tuple[bytes, ...]:
    """Give the library's path; empty where a step stands on the side the index forbids."""
    siblings: list[bytes] = []
    at, last = index, size - 1
    for step in tree.get_proof(index) or []:
        while not at & 1 and at == last:
            at, last = at >> 1, last >> 1
        ((side, sibling),) = step.items()
        if side != ("left" if at & 1 else "right"):
            return ()
        siblings.append(bytes.fromhex(sibling))
        at, last = at >> 1, last >> 1
    return tuple(siblings)
