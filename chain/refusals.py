"""
What HTTP, web3 and the node raise, turned into our errors; the one place that does it.

Source: JSON-RPC 2.0 section 5.1 for codes; the phrases were seen in geth, Besu and anvil, whose
transaction pools have words but no codes of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx2
from web3.exceptions import ContractLogicError, Web3Exception, Web3RPCError

from chain.errors import (
    AlreadyKnown,
    ChainError,
    Dropped,
    InsufficientFunds,
    NodeRefused,
    NodeUnavailable,
    Underpriced,
)
from chain.reverts import decode_revert

_REFUSAL_CODES: Final = frozenset({-32600, -32601, -32602})
_PHRASES: Final[tuple[tuple[type[NodeRefused], tuple[str, ...]], ...]] = (
    (AlreadyKnown, ("already known", "known transaction", "already imported")),
    (Dropped, ("nonce too low", "nonce_too_low", "nonce below")),
    (
        Underpriced,
        (
            "underpriced",
            "gas price too low",
            "gas_price_too_low",
            "less than block base fee",
            "below configured minimum",
            "below current base fee",
        ),
    ),
    (InsufficientFunds, ("insufficient funds", "insufficient balance", "upfront cost exceeds")),
)
_PRUNED: Final = ("missing trie node", "blockoutofrange", "world state unavailable")
STATE_PRUNED: Final = "chain.state_pruned"


@contextmanager
def translated() -> Iterator[None]:
    """
    Turn every exception of HTTP and web3 inside into one of ours.

    Raises:
        Reverted: If a contract refused.
        NodeRefused: If the node will not do it, by its more precise kinds where it says why.
        NodeUnavailable: If there is no answer, or not one we can use.
    """
    try:
        yield
    except ChainError:
        raise
    except ContractLogicError as error:
        raise decode_revert(_revert_data(error)) from error
    except Web3RPCError as error:
        raise _refusal(error) from error
    except httpx2.HTTPError as error:
        raise NodeUnavailable(f"the node does not answer: {type(error).__name__}") from error
    except (Web3Exception, ValueError, KeyError, TypeError, AttributeError) as error:
        # web3 itself fails in many ways on an answer of another form than it expects.
        raise NodeUnavailable(
            f"the node's answer is not one we can use: {type(error).__name__}",
            code="chain.answer_malformed",
        ) from error


def _revert_data(error: ContractLogicError) -> bytes:
    try:
        return bytes.fromhex(str(error.data).removeprefix("Reverted ").removeprefix("0x"))
    except ValueError:
        return b""


def _refusal(error: Web3RPCError) -> ChainError:
    """Sort a JSON-RPC error by what can be done about it."""
    answer: Any = error.rpc_response or {}
    fields: Any = answer.get("error") or {}
    message, code = str(fields.get("message", "")), fields.get("code")
    for kind, phrases in _PHRASES:
        if any(phrase in message.lower() for phrase in phrases):
            return kind(f"the node says: {message}", rpc_code=code)
    if any(phrase in message.lower() for phrase in _PRUNED):
        return NodeUnavailable(f"the node no longer has that state: {message}", code=STATE_PRUNED)
    if code in _REFUSAL_CODES:
        return NodeRefused(f"the node refused the request: {message}", rpc_code=code)
    return NodeUnavailable(f"the node could not answer: {message}", rpc_code=code)
