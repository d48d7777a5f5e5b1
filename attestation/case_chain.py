"""
What the chain section of a case bundle proves: acts taken, where the case stands, the version.

Source: FORMATS section 8; `docs/formats/case-bundle.md`, section 4.
"""

from __future__ import annotations

from collections.abc import Sequence

from attestation.case_bundle import RegistryState
from attestation.chain_evidence import FinalBlock, verify_registry
from attestation.errors import AnchorError
from attestation.evidence import Unchecked
from attestation.evm.inventory_storage import (
    PinnedVersion,
    Standing,
    decode_standing,
    decode_version,
    inventory_slots,
    used_slot,
    version_slots,
)
from attestation.evm.trie import verify_storage
from attestation.trust_root import Contract, TrustedChain


class ProvenRegistry:
    """
    InventoryRegistry in one final block.

    Args:
        block: From `verify_final_block`.
        state: From outside.
        chain: From the trust root.

    Raises:
        AnchorError: If the contract is not the one trusted, or the account's proof does not hold.
        EncodingError: If the proof has another encoding.
    """

    def __init__(self, block: FinalBlock, state: RegistryState, chain: TrustedChain) -> None:
        self._root = verify_registry(block, Contract.INVENTORY_REGISTRY, state, chain)
        self._proofs = {each.slot: each.proof for each in state.slots}

    def require_taken(self, name: str, digest: bytes) -> None:
        """
        Check that the registry took an act.

        Raises:
            AnchorError: If it did not, or the proof does not hold.
            Unchecked: If there is no proof of it.
        """
        if self._word(used_slot(digest)) != 1:
            raise AnchorError(f"the registry took no such {name}", code="verification.act_taken")

    def standing(self, inventory_id: bytes) -> Standing:
        """
        Give where the case stands in the block.

        Raises:
            AnchorError: If a proof does not hold.
            Unchecked: If there is no proof of it.
        """
        slots = inventory_slots(inventory_id)
        return decode_standing(*self._words((slots.state, slots.version)))

    def version(self, inventory_id: bytes, number: int) -> PinnedVersion:
        """
        Give what the registry keeps of a version.

        Raises:
            AnchorError: If a proof does not hold.
            Unchecked: If there is no proof of it.
        """
        slots = version_slots(inventory_id, number)
        return decode_version(
            *self._words((slots.lines_root, slots.log_id, slots.log_root, slots.counts))
        )

    def _words(self, slots: Sequence[bytes]) -> list[int]:
        return [self._word(slot) for slot in slots]

    def _word(self, slot: bytes) -> int:
        if slot not in self._proofs:
            raise Unchecked("no proof of the registry's word", code="unchecked.case_slot")
        return verify_storage(self._root, slot, self._proofs[slot])
