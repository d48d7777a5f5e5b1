"""RFC 9162 trees as the standard defines them, for small sizes; shares no code with ours."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def tree_hash(entries: Sequence[bytes]) -> bytes:
    """Give MTH(D[n]): RFC 9162, section 2.1.1."""
    if len(entries) == 0:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return leaf_hash(entries[0])
    k = split(len(entries))
    left, right = tree_hash(entries[:k]), tree_hash(entries[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def consistency_proof(old_size: int, entries: Sequence[bytes]) -> list[bytes]:
    """Give PROOF(m, D[n]): RFC 9162, section 2.1.4.1; empty for m = 0 and m = n."""
    if old_size == 0:
        return []
    return _sub_proof(old_size, entries, is_whole=True)


def split(size: int) -> int:
    """Give the largest power of two below a size."""
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def _sub_proof(old_size: int, entries: Sequence[bytes], *, is_whole: bool) -> list[bytes]:
    if old_size == len(entries):
        return [] if is_whole else [tree_hash(entries)]
    k = split(len(entries))
    if old_size <= k:
        return [
            *_sub_proof(old_size, entries[:k], is_whole=is_whole),
            tree_hash(entries[k:]),
        ]
    return [
        *_sub_proof(old_size - k, entries[k:], is_whole=False),
        tree_hash(entries[:k]),
    ]


def inclusion_proof(index: int, entries: Sequence[bytes]) -> list[bytes]:
    """Give PATH(m, D[n]): RFC 9162, section 2.1.3.1; from the leaf up."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if index < k:
        return [*inclusion_proof(index, entries[:k]), tree_hash(entries[k:])]
    return [*inclusion_proof(index - k, entries[k:]), tree_hash(entries[:k])]
