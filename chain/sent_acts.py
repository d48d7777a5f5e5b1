"""
Acts on inventories read back from the transactions that carried them.

The events of a registry say that an act took effect and give its digest; what it said stands in
the call data of the transaction. An act is given only if its digest is the event's.

Source: EIP-712; `contracts/interfaces/IInventoryRegistry.sol`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attestation.enums import InventoryStep
from attestation.errors import EncodingError
from chain.bindings.inventory_registry import InventoryRegistry
from chain.client import ChainClient
from chain.errors import NodeUnavailable
from chain.inventory_acts import (
    STEPS,
    InventoryDraft,
    InventorySubmission,
    ResultConfirmation,
    VerificationAssignment,
    VerificationStatement,
)
from chain.typed_data import Act, ActDomain, act_digest
from chain.typed_reading import struct_of_values

_ACTS: Final[Mapping[str, type[Act]]] = {
    "draft": InventoryDraft,
    "submit": InventorySubmission,
    "assign": VerificationAssignment,
    "conclude": VerificationStatement,
    "confirm": ResultConfirmation,
}


class SentActs:
    """
    Acts on inventories by the transactions that carried them.

    Args:
        client: The node.
        registry: The registry of inventories.
        chain_id: EIP-155 id of the chain, for the digests.
    """

    def __init__(self, client: ChainClient, registry: InventoryRegistry, chain_id: int) -> None:
        self._client = client
        self._contract = registry.contract
        self.domain = ActDomain(chain_id, registry.contract.address)

    def find(self, tx_hash: bytes, digest: bytes) -> Act | None:
        """
        Give the act with a digest that a transaction carried.

        Returns:
            The act; None if the transaction called another contract than the registry.

        Raises:
            NodeUnavailable: If the node does not answer, or does not know the transaction.
        """
        found = self.find_signed(tx_hash, digest)
        return None if found is None else found[0]

    def find_signed(self, tx_hash: bytes, digest: bytes) -> tuple[Act, tuple[bytes, ...]] | None:
        """
        Give the act with a digest that a transaction carried, and its two signatures.

        Returns:
            Both, the signatures in the order in which the act names the signers; None if the
            transaction called another contract than the registry.

        Raises:
            NodeUnavailable: If the node does not answer, or does not know the transaction.
        """
        call = self._client.transaction_call(tx_hash)
        if call is None:
            raise NodeUnavailable("the node lacks a transaction of a block that it has")
        if call.to != self._contract.address:
            return None
        decoded = self._contract.interface.decode_call(call.data)
        act = None if decoded is None else _act_of(*decoded)
        try:
            is_meant = act is not None and act_digest(act, self.domain) == digest
        except EncodingError:
            return None
        if decoded is None or act is None or not is_meant:
            return None
        given = [value for name, value in decoded[1].items() if name.endswith("Signature")]
        return act, tuple(given)


def _act_of(function: str, arguments: Mapping[str, Any]) -> Act | None:
    if function == "take":
        step = InventoryStep(arguments["kind"])
        return struct_of_values(STEPS[step], arguments["act"]) if step in STEPS else None
    kind = _ACTS.get(function)
    return None if kind is None else struct_of_values(kind, arguments["act"])
