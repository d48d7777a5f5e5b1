"""
A Merkle-Patricia trie over hashed keys, built whole, and proofs from it.

Written from the Yellow Paper, appendix D, in the plainest way; shares no code with the verifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import rlp
from Crypto.Hash import keccak


def keccak256(content: bytes) -> bytes:
    return keccak.new(digest_bits=256, data=content).digest()


def nibbles(content: bytes) -> tuple[int, ...]:
    return tuple(int(digit, 16) for digit in content.hex())


def hex_prefix(path: tuple[int, ...], leaf: bool) -> bytes:
    flag = 2 if leaf else 0
    digits = (flag + 1, *path) if len(path) % 2 else (flag, 0, *path)
    return bytes.fromhex("".join(f"{digit:x}" for digit in digits))


class Trie:
    """A trie of `keccak256(key) → value`, or of keys as they are; values are not empty."""

    def __init__(self, values: Mapping[bytes, bytes], *, hashed: bool = True) -> None:
        self.path_of = (lambda key: nibbles(keccak256(key))) if hashed else nibbles
        self.values = {self.path_of(key): value for key, value in values.items()}

    @property
    def root(self) -> bytes:
        return keccak256(rlp.encode(self._structure(self.values, 0)))

    def prove(self, key: bytes) -> list[bytes]:
        """Nodes from the root down, as `eth_getProof` gives them."""
        proof: list[bytes] = []
        self._structure(self.values, 0, self.path_of(key), proof)
        return proof[::-1]

    def _structure(
        self,
        values: Mapping[tuple[int, ...], bytes],
        depth: int,
        path: tuple[int, ...] | None = None,
        proof: list[bytes] | None = None,
    ) -> Any:
        node = self._node(values, depth, path, proof)
        encoded = rlp.encode(node)
        if proof is not None and path is not None and (depth == 0 or len(encoded) >= 32):
            proof.append(encoded)
        return node

    def _node(self, values, depth, path, proof) -> Any:  # type: ignore[no-untyped-def]
        if not values:
            return b""
        if len(values) == 1:
            ((key, value),) = values.items()
            return [hex_prefix(key[depth:], True), value]
        keys = list(values)
        shared = depth
        while len({key[shared] for key in keys}) == 1:
            shared += 1
        if shared > depth:
            prefix = keys[0][depth:shared]
            on_path = path is not None and path[depth:shared] == prefix
            child = self._reference(values, shared, path if on_path else None, proof)
            return [hex_prefix(prefix, False), child]
        branch: list[Any] = []
        for digit in range(16):
            chosen = {key: value for key, value in values.items() if key[depth] == digit}
            on_path = path is not None and path[depth] == digit
            branch.append(self._reference(chosen, depth + 1, path if on_path else None, proof))
        return [*branch, b""]

    def _reference(self, values, depth, path, proof) -> Any:  # type: ignore[no-untyped-def]
        if not values:
            return b""
        node = self._structure(values, depth, path, proof)
        encoded = rlp.encode(node)
        return node if len(encoded) < 32 else keccak256(encoded)


def account(storage: Trie, code_hash: bytes, nonce: int = 1, balance_wei: int = 0) -> bytes:
    """Encode an account."""
    return rlp.encode([nonce, balance_wei, storage.root, code_hash])


def word(value: int) -> bytes:
    """Encode what a storage slot holds."""
    return rlp.encode(value)
