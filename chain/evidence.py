"""
Headers and storage proofs of one block, fetched while nodes still have its state, and checked.

Nodes prune old state, so this is done at finality and kept.
What a node calls a header is encoded again and hashed; what it calls a proof is led to that
header's state root. Nothing leaves here that a stranger could not check offline.

Source: EIP-1186 (eth_getProof); FORMATS section 8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from attestation.bundle import (
    ChainEvidence,
    CheckpointState,
    DeviceState,
    KeyState,
    Profile,
)
from attestation.errors import Error
from attestation.evm import rlp
from attestation.evm.header import BlockHeader, parse_header
from attestation.evm.qbft import qbft_block_hash
from attestation.evm.storage import checkpoint_slots, key_slot
from attestation.evm.trie import verify_account, verify_storage
from chain.client import ChainClient
from chain.errors import EvidenceUnsound, NodeUnavailable, Reorganised
from chain.finality import is_canonical
from chain.refusals import translated
from chain.values import AccountProof

_BYTES, _INTEGER = bytes, int
_FIELDS: Final = (
    ("parentHash", _BYTES),
    ("sha3Uncles", _BYTES),
    ("miner", _BYTES),
    ("stateRoot", _BYTES),
    ("transactionsRoot", _BYTES),
    ("receiptsRoot", _BYTES),
    ("logsBloom", _BYTES),
    ("difficulty", _INTEGER),
    ("number", _INTEGER),
    ("gasLimit", _INTEGER),
    ("gasUsed", _INTEGER),
    ("timestamp", _INTEGER),
    ("proofOfAuthorityData", _BYTES),
    ("mixHash", _BYTES),
    ("nonce", _BYTES),
)
_LATER_FIELDS: Final = (
    ("baseFeePerGas", _INTEGER),  # London
    ("withdrawalsRoot", _BYTES),  # Shanghai
    ("blobGasUsed", _INTEGER),  # Cancun
    ("excessBlobGas", _INTEGER),
    ("parentBeaconBlockRoot", _BYTES),
    ("requestsHash", _BYTES),  # Prague
)


@dataclass(frozen=True, slots=True)
class BlockEvidence:
    """What is to be proved under one block's header."""

    profile: Profile
    """What shows who sealed the block."""
    chain: str
    """CAIP-2 id."""
    block_number: int
    checkpoint_registry: bytes
    """Address, 20 bytes."""
    device_registry: bytes
    """Address, 20 bytes."""
    log_id: bytes
    kids: tuple[bytes, ...]
    """Device keys, 32 bytes each."""
    following: int
    """How many later headers go with it (Clique)."""


def capture_evidence(client: ChainClient, wanted: BlockEvidence) -> ChainEvidence:
    """
    Capture a log's checkpoint and its device keys under one canonical block's header.

    Raises:
        NodeUnavailable: If the node no longer has that state, or not yet the later blocks.
        EvidenceUnsound: If what it gives does not hold.
        Reorganised: If the block was replaced meanwhile.
    """
    header, block_hash = fetch_header(client, wanted.block_number)
    slots = checkpoint_slots(wanted.log_id)
    checkpoint = fetch_account_proof(
        client, header, wanted.checkpoint_registry, [slots.root, slots.head]
    )
    keys = fetch_account_proof(
        client, header, wanted.device_registry, [key_slot(wanted.log_id, k) for k in wanted.kids]
    )
    evidence = ChainEvidence(
        profile=wanted.profile,
        id=wanted.chain,
        header=header.encoded,
        checkpoint_registry=CheckpointState(
            checkpoint.address, checkpoint.account_proof, *(slot.proof for slot in checkpoint.slots)
        ),
        device_registry=DeviceState(
            keys.address,
            keys.account_proof,
            tuple(
                KeyState(kid, slot.proof) for kid, slot in zip(wanted.kids, keys.slots, strict=True)
            ),
        ),
        following=fetch_following(client, header, block_hash, count=wanted.following),
    )
    require_canonical(client, wanted.block_number, block_hash)
    return evidence


def fetch_header(client: ChainClient, number: int) -> tuple[BlockHeader, bytes]:
    """
    Fetch a canonical block's header.

    Returns:
        The header, full extra data included, and the hash the chain names it by, 32 bytes.

    Raises:
        NodeUnavailable: If the node has no block of that number.
        EvidenceUnsound: If the fields do not hash to the block's hash, plainly or as QBFT's do.
    """
    fields = client.header_fields(number)
    if fields is None:
        raise NodeUnavailable(f"the node has no block {number}", code="chain.no_block")
    with translated():
        header = _encode_header(fields)
        block_hash = bytes(fields["hash"])
    if block_hash not in _possible_hashes(header):
        raise EvidenceUnsound(f"the header of block {number} does not hash to 0x{block_hash.hex()}")
    return header, block_hash


def fetch_following(
    client: ChainClient, header: BlockHeader, block_hash: bytes, *, count: int
) -> tuple[bytes, ...]:
    """
    Fetch the encoded headers after one, each of which names the one before it.

    Raises:
        NodeUnavailable: If the node has not so many blocks yet.
        Reorganised: If one does not follow.
    """
    following: list[bytes] = []
    for number in range(header.number + 1, header.number + 1 + count):
        after, after_hash = fetch_header(client, number)
        if after.parent_hash != block_hash:
            raise Reorganised(f"block {number} does not follow the block before it")
        following.append(after.encoded)
        block_hash = after_hash
    return tuple(following)


def fetch_account_proof(
    client: ChainClient, header: BlockHeader, address: bytes, slots: Sequence[bytes]
) -> AccountProof:
    """
    Fetch a contract's slots with proofs that lead to a header's state root.

    Args:
        client: The node.
        header: From `fetch_header`.
        address: The contract, 20 bytes.
        slots: Storage slots, 32 bytes each.

    Raises:
        NodeUnavailable: If the node no longer has that state.
        EvidenceUnsound: If a proof does not lead to the state root, or to the value given.
    """
    proof = client.account_proof(address, slots, header.number)
    try:
        account = verify_account(header.state_root, address, proof.account_proof)
        words = [
            verify_storage(account.storage_root, slot.slot, slot.proof) for slot in proof.slots
        ]
    except Error as error:
        raise EvidenceUnsound(
            f"the node's proof does not lead to block {header.number}: {error.message}"
        ) from error
    named = (proof.nonce, proof.balance_wei, proof.storage_hash, proof.code_hash)
    proved = (account.nonce, account.balance_wei, account.storage_root, account.code_hash)
    if named != proved or words != [slot.value for slot in proof.slots]:
        raise EvidenceUnsound(f"the node names other values than it proves, block {header.number}")
    return proof


def require_canonical(client: ChainClient, number: int, block_hash: bytes) -> None:
    """
    Check that a block is still in the chain.

    Raises:
        Reorganised: If another block has its number now.
    """
    if not is_canonical(client, number, block_hash):
        raise Reorganised(f"block {number} is no longer 0x{block_hash.hex()}")


def _encode_header(fields: Mapping[str, Any]) -> BlockHeader:
    present = [entry for entry in _LATER_FIELDS if fields.get(entry[0]) is not None]
    items = [_item(fields[name], kind) for name, kind in (*_FIELDS, *present)]
    return parse_header(rlp.encode(items))


def _item(value: Any, kind: type) -> bytes:
    if kind is _INTEGER:
        return rlp.encode_integer(int(value))
    return bytes.fromhex(value.removeprefix("0x")) if isinstance(value, str) else bytes(value)


def _possible_hashes(header: BlockHeader) -> list[bytes]:
    """Give the hashes a chain may name this header by; QBFT leaves round and seals out."""
    try:
        return [header.keccak_hash, qbft_block_hash(header)]
    except Error:
        return [header.keccak_hash]  # its extra data is not QBFT's
