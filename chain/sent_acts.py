"""
Acts on inventories read back from the transactions that carried them.

The events of a registry say that an act took effect and give its digest; what it said stands in
the call data of the transaction, or within them where the transaction called another contract.
An act is given only if its digest is the event's.

Source: EIP-712; `contracts/interfaces/IInventoryRegistry.sol`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from attestation.eip712 import recover_address
from attestation.enums import InventoryStep
from attestation.errors import EncodingError, SignatureError
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
from chain.signed_acts import signers_of
from chain.typed_data import Act, ActDomain, act_digest
from chain.typed_reading import struct_of_values

_ACTS: Final[Mapping[str, type[Act]]] = {
    "draft": InventoryDraft,
    "submit": InventorySubmission,
    "assign": VerificationAssignment,
    "conclude": VerificationStatement,
    "confirm": ResultConfirmation,
}
_STEP: Final = "take"
_MOST_CANDIDATES: Final = 64
"""Places in another contract's call data that are tried; a stranger may have written it."""


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
        selectors = map(registry.contract.interface.selector, (*_ACTS, _STEP))
        self._selectors = re.compile(b"|".join(map(re.escape, selectors)), re.DOTALL)
        self.domain = ActDomain(chain_id, registry.contract.address)

    def find(self, tx_hash: bytes, digest: bytes) -> Act | None:
        """
        Give the act with a digest that a transaction carried.

        Returns:
            The act; None if the call data of the transaction do not give it back: a contract
            between its sender and the registry may have had it in other words.

        Raises:
            NodeUnavailable: If the node does not answer, or does not know the transaction.
        """
        found = self.find_signed(tx_hash, digest)
        return None if found is None else found[0]

    def find_signed(self, tx_hash: bytes, digest: bytes) -> tuple[Act, tuple[bytes, ...]] | None:
        """
        Give the act with a digest that a transaction carried, and its two signatures.

        Returns:
            Both, the signatures in the order in which the act names the signers; None as for
            `find`.

        Raises:
            NodeUnavailable: If the node does not answer, or does not know the transaction.
        """
        call = self._client.transaction_call(tx_hash)
        if call is None:
            raise NodeUnavailable("the node lacks a transaction of a block that it has")
        if call.to == self._contract.address:
            return self._read(call.data, digest)
        # Call data of ours within that of another contract; the signatures are to be seen then,
        # since nobody says which of several copies the registry took.
        for start in islice(self._selectors.finditer(call.data), _MOST_CANDIDATES):
            found = self._read(call.data[start.start() :], digest)
            if found is not None and _is_signed(*found, digest):
                return found
        return None

    def _read(self, data: bytes, digest: bytes) -> tuple[Act, tuple[bytes, ...]] | None:
        """Read an act; whoever sent it wrote it, and what is odd about it must stop nobody."""
        try:
            decoded = self._contract.interface.decode_call(data)
            act = None if decoded is None else _act_of(*decoded)
            is_meant = act is not None and act_digest(act, self.domain) == digest
        except (EncodingError, NodeUnavailable):
            return None
        if decoded is None or act is None or not is_meant:
            return None
        given = [value for name, value in decoded[1].items() if name.endswith("Signature")]
        return act, tuple(given)


def _is_signed(act: Act, signatures: tuple[bytes, ...], digest: bytes) -> bool:
    try:
        recovered = [recover_address(digest, each) for each in signatures]
    except (EncodingError, SignatureError):
        return False
    return recovered == [f"0x{each.hex()}" for each in signers_of(act).values()]


def _act_of(function: str, arguments: Mapping[str, Any]) -> Act | None:
    if function == _STEP:
        step = InventoryStep(arguments["kind"])
        return struct_of_values(STEPS[step], arguments["act"]) if step in STEPS else None
    kind = _ACTS.get(function)
    return None if kind is None else struct_of_values(kind, arguments["act"])
