"""
Merkle-Patricia proofs: what a trie of hashed keys holds at a key, or that it holds nothing.

A proof is the nodes on the path from the root, each referenced by the hash in the one before;
every node must be needed. Nodes of less than 32 bytes stand inside their parent and not in the
list.

Source: Ethereum Yellow Paper, appendix D; EIP-1186 (`eth_getProof`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from attestation.errors import AnchorError, EncodingError
from attestation.evm import rlp
from attestation.ids import HASH_LENGTH, keccak256

EMPTY_TRIE_ROOT: Final = keccak256(rlp.encode(b""))
_BRANCH: Final = 17
_SHORT_NODE: Final = 2


@dataclass(frozen=True, slots=True)
class Account:
    """What the state holds of one address."""

    nonce: int
    balance_wei: int
    storage_root: bytes
    """32 bytes."""
    code_hash: bytes
    """32 bytes; Keccak-256 of the code."""


def verify_account(state_root: bytes, address: bytes, proof: Sequence[bytes]) -> Account:
    """
    Give the account at an address in the state with this root.

    Args:
        state_root: 32 bytes, from a header that was checked.
        address: 20 bytes.
        proof: Trie nodes from the root down; from outside.

    Raises:
        AnchorError: If the proof does not hold, or proves that there is no such account.
        EncodingError: If a node or the account has another encoding.

    Source: Ethereum Yellow Paper, section 4.1.
    """
    encoded = verify_trie_proof(state_root, keccak256(address), proof)
    if encoded is None:
        raise AnchorError(f"no account at 0x{address.hex()}", code="verification.no_account")
    fields = rlp.decode_list(encoded)
    if len(fields) != 4:
        raise EncodingError(f"an account of {len(fields)} fields", code="encoding.rlp")
    nonce, balance, storage_root, code_hash = fields
    return Account(
        rlp.require_integer(nonce, 8),
        rlp.require_integer(balance),
        rlp.require_bytes(storage_root, HASH_LENGTH),
        rlp.require_bytes(code_hash, HASH_LENGTH),
    )


def verify_storage(storage_root: bytes, slot: bytes, proof: Sequence[bytes]) -> int:
    """
    Give the word in a storage slot; 0 where the proof shows that the slot was never set.

    Args:
        storage_root: 32 bytes, from an account that was checked.
        slot: 32 bytes, big-endian.
        proof: Trie nodes from the root down; from outside.

    Raises:
        AnchorError: If the proof does not hold.
        EncodingError: If a node or the word has another encoding.

    Source: Ethereum Yellow Paper, section 4.1.
    """
    encoded = verify_trie_proof(storage_root, keccak256(slot), proof)
    if encoded is None:
        return 0
    word = rlp.require_integer(rlp.decode(encoded))
    if word == 0:
        raise EncodingError("a storage trie does not hold zeros", code="encoding.rlp")
    return word


def verify_trie_proof(root: bytes, key: bytes, proof: Sequence[bytes]) -> bytes | None:
    """
    Give the value at a key, or None where the proof shows that there is none.

    Args:
        root: Root hash of the trie, 32 bytes.
        key: Key as it stands in the trie (already hashed), 32 bytes.
        proof: Encoded nodes from the root down; from outside.

    Raises:
        AnchorError: If a node is missing, not the one referenced, or not needed.
        EncodingError: If a node has another encoding.

    Source: Ethereum Yellow Paper, appendix D.
    """
    nodes = list(proof)
    if root == EMPTY_TRIE_ROOT:
        if nodes not in ([], [rlp.encode(b"")]):
            raise AnchorError("nodes of a trie that is empty", code="verification.trie_proof")
        return None
    reference: rlp.Item = root
    path = _nibbles(key)
    taken = 0
    while reference != b"":
        if isinstance(reference, bytes):
            reference = _take(nodes, taken, reference)
            taken += 1
        elif len(rlp.encode(reference)) >= HASH_LENGTH:
            raise AnchorError("a long trie node inside its parent", code="verification.trie_proof")
        reference, path, found = _descend(reference, path)
        if found is not None:
            _require_all_taken(nodes, taken)
            return found
    _require_all_taken(nodes, taken)
    return None


def _descend(node: list[rlp.Item], path: bytes) -> tuple[rlp.Item, bytes, bytes | None]:
    """Take one step: give the next reference (empty where the path ends), path, and value."""
    if len(node) == _BRANCH:
        if node[16] != b"" or not path:
            raise AnchorError(
                "a branch with a value, where keys have one length", code="verification.trie_proof"
            )
        return node[path[0]], path[1:], None
    if len(node) != _SHORT_NODE:
        raise AnchorError(f"a trie node of {len(node)} items", code="verification.trie_proof")
    partial, is_leaf = _decode_path(rlp.require_bytes(node[0]))
    if is_leaf:
        value = rlp.require_bytes(node[1])
        if value == b"" or len(partial) != len(path):
            raise AnchorError(
                "a leaf without a value, or of another depth", code="verification.trie_proof"
            )
        return b"", path, value if partial == path else None
    if not partial or node[1] == b"":
        raise AnchorError("an extension that extends nothing", code="verification.trie_proof")
    if not path.startswith(partial):
        return b"", path, None
    return node[1], path[len(partial) :], None


def _take(nodes: list[bytes], at: int, reference: bytes) -> list[rlp.Item]:
    if len(reference) != HASH_LENGTH:
        raise AnchorError(
            f"a node reference of {len(reference)} bytes", code="verification.trie_proof"
        )
    if at == len(nodes):
        raise AnchorError("the trie proof is cut off", code="verification.trie_proof")
    node = nodes[at]
    if keccak256(node) != reference:
        raise AnchorError("a trie node is not the one referenced", code="verification.trie_proof")
    if at and len(node) < HASH_LENGTH:
        raise AnchorError("a short trie node outside its parent", code="verification.trie_proof")
    return rlp.decode_list(node)


def _require_all_taken(nodes: list[bytes], taken: int) -> None:
    if taken != len(nodes):
        raise AnchorError(
            f"{len(nodes) - taken} trie nodes that are not needed", code="verification.trie_proof"
        )


def _nibbles(content: bytes) -> bytes:
    return bytes(nibble for byte in content for nibble in (byte >> 4, byte & 15))


def _decode_path(encoded: bytes) -> tuple[bytes, bool]:
    """Read a hex-prefix path: its nibbles, and whether it is a leaf's."""
    nibbles = _nibbles(encoded)
    flag = nibbles[0] if nibbles else 4
    if flag > 3 or (not flag & 1 and nibbles[1] != 0):
        raise AnchorError("a trie path with another prefix", code="verification.trie_proof")
    return nibbles[1:] if flag & 1 else nibbles[2:], flag >= 2
