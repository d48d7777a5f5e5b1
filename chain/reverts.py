"""
Reasons of reverts, by the ABIs of all our contracts.

web3 gives the raw selector and data of a custom error even where an ABI has its name,
so naming it is our work, and this is the one place that does it.

Source: Solidity, "Errors and the revert statement"; panic codes, "Panic via assert and
error via require".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from chain.abi import SELECTOR_LENGTH, Entry, Interface, decode_arguments, selector_of
from chain.artifacts import artifact_names, load_artifact
from chain.errors import NodeUnavailable, Reverted

_BUILT_IN: Final[tuple[Entry, ...]] = (
    {"name": "Error", "type": "error", "inputs": [{"name": "reason", "type": "string"}]},
    {"name": "Panic", "type": "error", "inputs": [{"name": "code", "type": "uint256"}]},
)


@cache
def known_errors() -> Mapping[bytes, Entry]:
    """Give every custom error of our contracts, and Solidity's own two, by selector."""
    errors = {selector_of(entry): entry for entry in _BUILT_IN}
    for name in artifact_names():
        errors.update(Interface(load_artifact(name).abi).errors)
    return errors


def decode_revert(data: bytes, *, errors: Mapping[bytes, Entry] | None = None) -> Reverted:
    """
    Name the reason in a revert's return data.

    Args:
        data: What the call returned: empty, or a selector and its arguments; from outside.
        errors: The errors to know; every one of our contracts' where it is None.
    """
    selector, rest = data[:SELECTOR_LENGTH], data[SELECTOR_LENGTH:]
    entry = (known_errors() if errors is None else errors).get(selector)
    name, arguments = _read(entry, rest) if entry else ("", _unknown(selector, rest))
    return Reverted(name, arguments)


def error_name(selector: bytes) -> str:
    """Give the name of an error by its selector, or the selector in hex."""
    entry = known_errors().get(selector)
    return entry["name"] if entry else f"0x{selector.hex()}"


def _read(entry: Entry, data: bytes) -> tuple[str, dict[str, Any]]:
    try:
        return entry["name"], decode_arguments(entry["inputs"], data)
    except NodeUnavailable:
        # The selector is ours but the arguments are not: a stranger's error that collides.
        return "", _unknown(selector_of(entry), data)


def _unknown(selector: bytes, data: bytes) -> dict[str, Any]:
    return {"selector": selector, "data": data} if selector else {}
