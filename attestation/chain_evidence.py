"""
What a bundle's chain section proves: a final block, and what the registries held in it.

The header is believed for its seals (Clique, QBFT) or for the verifier's own node, and everything
else is proved under its state root. A node that was given is asked in any case: it may refuse a
header that seals accept.

Source: FORMATS section 8; `docs/formats/chain-evidence.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from attestation.bundle import CheckpointState, DeviceState, Profile
from attestation.checkpoints import Checkpoint
from attestation.errors import AnchorError
from attestation.evidence import BlockReference, Unchecked
from attestation.evm.clique import verify_clique_finality
from attestation.evm.header import BlockHeader, parse_header
from attestation.evm.qbft import qbft_block_hash, verify_qbft_finality
from attestation.evm.storage import (
    KeySlot,
    checkpoint_slots,
    decode_head,
    decode_key,
    key_slot,
)
from attestation.evm.trie import verify_account, verify_storage
from attestation.ids import HASH_LENGTH
from attestation.trust_root import Consensus, Contract, FinalityRule, TrustedChain

_CONSENSUS_OF = {Profile.CLIQUE: Consensus.CLIQUE, Profile.QBFT: Consensus.QBFT}


class ChainReader(Protocol):
    """
    The verifier's own node, asked for what no bundle can prove.

    Each method raises an error of ours (`attestation.errors.Error`) when the node can't answer.
    """

    def chain_id(self) -> int:
        """Give the number of the chain (EIP-155)."""

    def genesis_hash(self) -> bytes:
        """Give the hash of block 0, 32 bytes."""

    def canonical_block_hash(self, number: int) -> bytes | None:
        """Give the hash of the block the node holds at a height; None above its head."""

    def finalized_number(self) -> int | None:
        """Give the number of the node's `finalized` block; None where it knows no such tag."""


class SealedHeader(Protocol):
    """What evidence says of a block, whatever it proves under it."""

    @property
    def profile(self) -> Profile:
        """What shows who sealed the block."""

    @property
    def id(self) -> str:
        """CAIP-2 id of the chain."""

    @property
    def header(self) -> bytes:
        """RLP of the block's header."""

    @property
    def following(self) -> tuple[bytes, ...]:
        """RLP of the headers after it."""


class ProvenAccount(Protocol):
    """A contract, with the proof of its account."""

    @property
    def address(self) -> bytes:
        """Of the contract, 20 bytes."""

    @property
    def account(self) -> tuple[bytes, ...]:
        """Account proof under the header's state root."""


@dataclass(frozen=True, slots=True)
class FinalBlock:
    """A block that is the chain's and final."""

    reference: BlockReference
    header: BlockHeader


def verify_final_block(
    evidence: SealedHeader, chain: TrustedChain, node: ChainReader | None
) -> FinalBlock:
    """
    Check that the header is of a final block of the trusted chain.

    Args:
        evidence: From outside.
        chain: From the trust root.
        node: The verifier's own, if there is one.

    Raises:
        AnchorError: If it is of another chain, sealed by too few or by others, not final, or the
            node holds another block.
        EncodingError: If a header has another form.
        Unchecked: If only a node could tell and none was given.
        Error: Whatever the node raises when it can't answer.

    Source: `docs/formats/chain-evidence.md`, finality.
    """
    if evidence.id != chain.chain_id:
        raise AnchorError(
            f"evidence of {evidence.id}, where {chain.chain_id} is trusted",
            code="verification.chain_id",
        )
    header = parse_header(evidence.header)
    if evidence.profile is not Profile.NODE:
        _verify_seals(evidence, header, chain)
    elif node is None:
        raise Unchecked("only a node of your own can tell", code="unchecked.node")
    block_hash = (
        qbft_block_hash(header) if chain.consensus is Consensus.QBFT else header.keccak_hash
    )
    if node is not None:
        _verify_by_node(node, header.number, block_hash, chain)
    reference = BlockReference(chain.chain_id, header.number, block_hash, header.timestamp_s)
    return FinalBlock(reference, header)


def verify_anchored(
    block: FinalBlock,
    state: CheckpointState,
    *,
    log_id: bytes,
    checkpoint: Checkpoint,
    chain: TrustedChain,
) -> None:
    """
    Check that the registry's newest checkpoint of a log, in this block, is this one.

    Args:
        block: From `verify_final_block`.
        state: From outside.
        log_id: Of the trusted log, 32 bytes.
        checkpoint: Whose signature was checked.
        chain: From the trust root.

    Raises:
        AnchorError: If a proof does not hold, the contract is not the one trusted, or it holds
            another size or root.
        EncodingError: If a proof has another encoding.

    Source: `docs/formats/chain-evidence.md`, registries.
    """
    root = verify_registry(block, Contract.CHECKPOINT_REGISTRY, state, chain)
    slots = checkpoint_slots(log_id)
    head = decode_head(verify_storage(root, slots.head, state.head))
    held = verify_storage(root, slots.root, state.root).to_bytes(HASH_LENGTH, "big")
    if (head.size, held) != (checkpoint.size, checkpoint.root):
        raise AnchorError(
            f"the registry holds another checkpoint, of size {head.size}",
            code="verification.anchored_checkpoint",
        )


def verify_key_slot(
    block: FinalBlock, state: DeviceState, *, log_id: bytes, kid: bytes, chain: TrustedChain
) -> KeySlot:
    """
    Give what the registry says, in this block, of a device key.

    Args:
        block: From `verify_final_block`.
        state: From outside.
        log_id: Of the trusted log, 32 bytes.
        kid: Of the key, 32 bytes.
        chain: From the trust root.

    Raises:
        AnchorError: If a proof does not hold, the contract is not the one trusted, or the key was
            never enrolled in this log.
        EncodingError: If a proof has another encoding.
        Unchecked: If there is no proof of this key's slot.

    Source: `docs/formats/chain-evidence.md`, registries.
    """
    proofs = {each.kid: each.slot for each in state.keys}
    if kid not in proofs:
        raise Unchecked("no proof of the key's slot", code="unchecked.revocation")
    root = verify_registry(block, Contract.DEVICE_REGISTRY, state, chain)
    slot = decode_key(verify_storage(root, key_slot(log_id, kid), proofs[kid]))
    if slot is None:
        raise AnchorError(
            "the key was never enrolled in this log", code="verification.key_not_enrolled"
        )
    return slot


def _verify_seals(evidence: SealedHeader, header: BlockHeader, chain: TrustedChain) -> None:
    if _CONSENSUS_OF.get(evidence.profile) is not chain.consensus:
        raise AnchorError(
            f"evidence of profile {evidence.profile.name.lower()}, where the chain seals by"
            f" {chain.consensus.name.lower()}",
            code="verification.chain_profile",
        )
    if evidence.profile is Profile.QBFT:
        verify_qbft_finality(header, validators=chain.validators)
        return
    verify_clique_finality(
        header,
        [parse_header(each) for each in evidence.following],
        depth=chain.finality.depth,
        validators=chain.validators,
    )


def _verify_by_node(node: ChainReader, number: int, block_hash: bytes, chain: TrustedChain) -> None:
    if f"eip155:{node.chain_id()}" != chain.chain_id:
        raise Unchecked(f"the node is not of {chain.chain_id}", code="unchecked.node_chain")
    if node.genesis_hash() != chain.genesis_hash:
        raise Unchecked("the node has another genesis", code="unchecked.node_chain")
    held = node.canonical_block_hash(number)
    if held is None:
        raise Unchecked(f"the node has no block {number} yet", code="unchecked.node_behind")
    if held != block_hash:
        raise AnchorError(
            f"the node holds another block {number}", code="verification.not_canonical"
        )
    if not _is_final_by_node(node, number, chain):
        raise AnchorError(f"block {number} is not final by the node", code="verification.not_final")


def _is_final_by_node(node: ChainReader, number: int, chain: TrustedChain) -> bool:
    match chain.finality.rule:
        case FinalityRule.INSTANT:
            return True
        case FinalityRule.DEPTH:
            return node.canonical_block_hash(number + chain.finality.depth) is not None
        case FinalityRule.FINALIZED:
            finalized = node.finalized_number()
            return finalized is not None and finalized >= number


def verify_registry(
    block: FinalBlock, contract: Contract, state: ProvenAccount, chain: TrustedChain
) -> bytes:
    """
    Give the storage root of a trusted registry in this block, 32 bytes.

    Args:
        block: From `verify_final_block`.
        contract: Which registry.
        state: From outside.
        chain: From the trust root.

    Raises:
        AnchorError: If the contract is not the one trusted, or a proof does not hold.
        EncodingError: If a proof has another encoding.

    Source: `docs/formats/chain-evidence.md`, registries.
    """
    registry = chain.registry_at(contract, block.header.number)
    if registry is None or registry.address != state.address:
        raise AnchorError(
            f"0x{state.address.hex()} is not the {contract.name.lower()} of that block",
            code="verification.registry_address",
        )
    account = verify_account(block.header.state_root, state.address, state.account)
    if account.code_hash != registry.code_hash:
        raise AnchorError(
            f"other code at 0x{state.address.hex()}", code="verification.registry_code"
        )
    return account.storage_root
