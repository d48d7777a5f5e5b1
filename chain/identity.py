"""
Which chain this is: refused at once if it is not the one we were told.

A node of another chain would take our transactions and prove nothing; so the chain id, the
genesis block and the registries' code are compared before anything else is asked.

Source: CAIP-2 (blockchain ids), namespace eip155; FORMATS section 8 (trust root, chain).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from attestation.ids import keccak256
from chain.addresses import format_address
from chain.client import ChainClient
from chain.errors import WrongChain


@dataclass(frozen=True, slots=True)
class ChainIdentity:
    """What must be true of a chain before we speak to it."""

    chain_id: int
    genesis_hash: bytes | None = None
    """32 bytes; None where it is not known yet."""
    code_hashes: dict[bytes, bytes] = field(default_factory=dict)
    """Keccak-256 of the runtime code, 32 bytes, by contract address."""

    @property
    def caip2(self) -> str:
        """The chain's name for outsiders, `eip155:<chain id>`."""
        return f"eip155:{self.chain_id}"


def check_identity(client: ChainClient, expected: ChainIdentity) -> None:
    """
    Check that the node serves the expected chain.

    Raises:
        WrongChain: If the chain id, the genesis block or a contract's code differs.
        NodeUnavailable: If the node does not answer.
    """
    chain_id = client.chain_id()
    if chain_id != expected.chain_id:
        raise WrongChain(f"the node serves chain {chain_id}, {expected.chain_id} expected")
    if expected.genesis_hash is not None:
        genesis_hash = fetch_genesis_hash(client)
        if genesis_hash != expected.genesis_hash:
            raise WrongChain(
                f"the genesis block is 0x{genesis_hash.hex()},"
                f" 0x{expected.genesis_hash.hex()} expected"
            )
    for address, code_hash in expected.code_hashes.items():
        found = fetch_code_hash(client, address)
        if found != code_hash:
            raise WrongChain(
                f"the code at {format_address(address)} has hash 0x{found.hex()},"
                f" 0x{code_hash.hex()} expected"
            )


def fetch_genesis_hash(client: ChainClient) -> bytes:
    """
    Fetch block 0's hash, 32 bytes.

    Raises:
        WrongChain: If the node has no block 0.
    """
    genesis = client.block(0)
    if genesis is None:
        raise WrongChain("the node has no genesis block")
    return genesis.hash


def fetch_code_hash(client: ChainClient, address: bytes) -> bytes:
    """Fetch the Keccak-256 of a contract's runtime code, 32 bytes."""
    return keccak256(client.code(address))
