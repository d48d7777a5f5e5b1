"""
The evidence of a case from the chain: its acts with their signatures, and storage proofs.

The proofs stand under one block's header: acts taken, where the case stands, its version.
Like the evidence of messages it is captured while nodes still have the state, and checked before
it is kept.

Source: EIP-1186 (eth_getProof); FORMATS section 8; `docs/formats/case-bundle.md`, section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from attestation.bundle import Profile
from attestation.case_acts import ACT_TYPES, ShownAct
from attestation.case_bundle import CaseChainEvidence, ProvenSlot, RegistryState
from attestation.evm.inventory_storage import inventory_slots, used_slot, version_slots
from chain.bindings.inventory_registry import InventoryRegistry
from chain.client import ChainClient
from chain.errors import NodeUnavailable
from chain.evidence import fetch_account_proof, fetch_following, fetch_header, require_canonical
from chain.sent_acts import SentActs
from chain.signed_acts import act_message
from chain.typed_data import Act, ActDomain


@dataclass(frozen=True, slots=True)
class WantedCase:
    """What is to be proved under one block's header."""

    profile: Profile
    """What shows who sealed the block."""
    chain: str
    """CAIP-2 id."""
    block_number: int
    inventory_registry: bytes
    """Address, 20 bytes."""
    inventory_id: bytes
    version: int
    """The version that the acts are about."""
    digests: tuple[bytes, ...]
    """Of acts that the registry took, 32 bytes each."""
    following: int
    """How many later headers go with it (Clique)."""


def fetch_shown_acts(
    client: ChainClient,
    registry: InventoryRegistry,
    chain_id: int,
    places: Sequence[tuple[bytes, bytes]],
) -> tuple[ShownAct, ...]:
    """
    Fetch acts with their signatures from the transactions that carried them.

    Args:
        client: The node.
        registry: The registry of inventories.
        chain_id: EIP-155 id of the chain.
        places: Transaction and digest of each act, 32 bytes each.

    Raises:
        NodeUnavailable: If the node does not know a transaction, or its call data do not show
            the act.
    """
    sent = SentActs(client, registry, chain_id)
    shown: list[ShownAct] = []
    for tx_hash, digest in places:
        found = sent.find_signed(tx_hash, digest)
        if found is None:
            raise NodeUnavailable(
                f"the act 0x{digest.hex()} does not stand in its transaction's call",
                code="chain.act_hidden",
            )
        act, signatures = found
        shown.append(shown_act(act, sent.domain, signatures))
    return tuple(shown)


def shown_act(act: Act, domain: ActDomain, signatures: tuple[bytes, ...]) -> ShownAct:
    """Give an act as case bundles show it: addresses in lower case."""
    name = type(act).__name__
    message = act_message(act, domain)
    for member, kind in ACT_TYPES[name]:
        if kind == "address":
            message[member] = message[member].lower()
    return ShownAct(name, message, signatures)


def capture_case(client: ChainClient, wanted: WantedCase) -> CaseChainEvidence:
    """
    Capture what one canonical block says of a case.

    Raises:
        NodeUnavailable: If the node no longer has that state, or not yet the later blocks.
        EvidenceUnsound: If what it gives does not hold.
        Reorganised: If the block was replaced meanwhile.
    """
    header, block_hash = fetch_header(client, wanted.block_number)
    slots: list[bytes] = [used_slot(digest) for digest in wanted.digests]
    slots += astuple(inventory_slots(wanted.inventory_id))
    slots += astuple(version_slots(wanted.inventory_id, wanted.version))
    proof = fetch_account_proof(client, header, wanted.inventory_registry, slots)
    evidence = CaseChainEvidence(
        profile=wanted.profile,
        id=wanted.chain,
        header=header.encoded,
        inventory_registry=RegistryState(
            proof.address,
            proof.account_proof,
            tuple(
                ProvenSlot(slot, each.proof) for slot, each in zip(slots, proof.slots, strict=True)
            ),
        ),
        following=fetch_following(client, header, block_hash, count=wanted.following),
    )
    require_canonical(client, wanted.block_number, block_hash)
    return evidence
