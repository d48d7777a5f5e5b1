"""
Which functions of a contract are not open to everybody: asked of the contract itself.

Each function that changes something is called, without a transaction, by an address that has no
key; a contract that asks for a role says so before it looks at the arguments.
So no list has to be believed, not even our own sources.

Source: OpenZeppelin Contracts 5.7.0, AccessManaged and AccessManager; `ICouncil`.
"""

from __future__ import annotations

from typing import Any, Final

from attestation.ids import keccak256
from chain.abi import Entry, encode_arguments, selector_of, signature_of
from chain.artifacts import load_artifact
from chain.client import ChainClient
from chain.contract import Contract
from chain.errors import Reverted

STRANGER: Final = keccak256(b"carbonseal: an address without a key")[-20:]
_READ_ONLY: Final = ("view", "pure")
BY_TARGET: Final = "AccessManagedUnauthorized"
"""The manager's table says which role is needed."""
BY_MANAGER: Final = "AccessManagerUnauthorizedAccount"
"""The error's `roleId` is needed."""
BY_COUNCIL: Final = "Council_OnlyByDecision"
"""A decision of the Council is needed."""


def restricted_functions(client: ChainClient, contract: Contract) -> dict[str, Reverted]:
    """
    Ask a contract which of its functions a stranger is refused for want of a right.

    Returns:
        By signature, the refusal: `BY_TARGET`, `BY_MANAGER` or `BY_COUNCIL`.
    """
    found: dict[str, Reverted] = {}
    for entry in load_artifact(contract.contract_name).abi:
        if entry["type"] != "function" or entry["stateMutability"] in _READ_ONLY:
            continue
        refusal = _refusal_of_stranger(client, contract.address, entry)
        if refusal is not None and refusal.name in {BY_TARGET, BY_MANAGER, BY_COUNCIL}:
            found[signature_of(entry)] = refusal
    return found


def _refusal_of_stranger(client: ChainClient, address: bytes, entry: Entry) -> Reverted | None:
    nothing = [_zero(field) for field in entry["inputs"]]
    data = selector_of(entry) + encode_arguments(entry["inputs"], nothing)
    try:
        client.call(address, data, sender=STRANGER)
    except Reverted as refusal:
        return refusal
    return None


def _zero(field: Entry) -> Any:
    """Give the value of a type that says nothing."""
    kind: str = field["type"]
    if kind.endswith("[]"):
        return []
    if kind.endswith("]"):
        element, _, length = kind.rpartition("[")
        return [_zero({**field, "type": element})] * int(length[:-1])
    if kind == "tuple":
        return {part["name"]: _zero(part) for part in field["components"]}
    if kind == "string":
        return ""
    if kind == "bool":
        return False
    if kind == "address":
        return bytes(20)
    if kind.startswith("bytes"):
        return bytes(int(kind[5:] or 0))
    return 0
