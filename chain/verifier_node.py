"""
A verifier's own node, asked for what no bundle can prove.

The methods are those of `ChainReader` in `attestation/chain_evidence.py`.
"""

from __future__ import annotations

from chain.client import ChainClient
from chain.identity import fetch_genesis_hash


class VerifierNode:
    """Answers about the canonical chain, from one node."""

    def __init__(self, client: ChainClient) -> None:
        self._client = client

    def chain_id(self) -> int:
        """Give the number of the chain (EIP-155)."""
        return self._client.chain_id()

    def genesis_hash(self) -> bytes:
        """Give the hash of block 0, 32 bytes."""
        return fetch_genesis_hash(self._client)

    def canonical_block_hash(self, number: int) -> bytes | None:
        """Give the hash of the block the node holds at a height; None above its head."""
        block = self._client.block(number)
        return None if block is None else block.hash

    def finalized_number(self) -> int | None:
        """Give the number of the node's `finalized` block; None where it knows no such tag."""
        block = self._client.block("finalized")
        return None if block is None else block.number
