"""
Hashes of the log's tree: leaf, inner node, empty tree.

A leaf and an inner node can't be taken for each other: each has its own prefix byte.

Source: RFC 9162, section 2.1.1; SHA-256.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from attestation.errors import EncodingError
from attestation.ids import HASH_LENGTH

LEAF_PREFIX: Final = b"\x00"
NODE_PREFIX: Final = b"\x01"
EMPTY_ROOT: Final = sha256(b"").digest()
"""Root hash of the tree without entries."""

MAX_SIZE: Final = (1 << 63) - 1
"""Largest tree size; a consistency proof then has at most 63 hashes (C2SP tlog-witness)."""


def hash_leaf(entry: bytes) -> bytes:
    """
    Hash an entry's bytes as they stand in the log; 32 bytes.

    Source: RFC 9162, section 2.1.1.
    """
    return sha256(LEAF_PREFIX + entry).digest()


def hash_leaves(entries: Sequence[bytes]) -> list[bytes]:
    """
    Hash many entries, in their order.

    Source: RFC 9162, section 2.1.1.
    """
    return [sha256(LEAF_PREFIX + entry).digest() for entry in entries]


def hash_children(left: bytes, right: bytes) -> bytes:
    """
    Hash an inner node from its children's hashes, 32 bytes each; 32 bytes.

    Source: RFC 9162, section 2.1.1.
    """
    return sha256(NODE_PREFIX + left + right).digest()


def split_point(count: int) -> int:
    """
    Give the largest power of two below `count`, which is above 1: where a tree is cut in two.

    Source: RFC 9162, section 2.1.1 (k).
    """
    return 1 << ((count - 1).bit_length() - 1)


def require_hashes(hashes: Sequence[bytes]) -> None:
    """
    Require that each is 32 bytes long.

    A verifier that only compares would accept an empty leaf hash under an empty root.

    Raises:
        EncodingError: If one has another length.

    Source: RFC 9162, section 2.1.1 (HASH_SIZE).
    """
    lengths = set(map(len, hashes))
    if lengths - {HASH_LENGTH}:
        raise EncodingError(
            f"hash of {min(lengths - {HASH_LENGTH})} bytes, {HASH_LENGTH} expected",
            code="encoding.hash_length",
        )
