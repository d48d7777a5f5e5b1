"""
Who sends an act to the chain: an account of one's own, or the account of a server.

Neither is believed: whether an act took effect is read from the party's own node afterwards.

Source: CONTRACTS section 1 (anybody may send an act); DESIGN section 9 (the API relays).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, Protocol

from api.client.transport import Asked, Transport
from api.office.errors import ActFailed, NotFinal, Overtaken
from api.office.parts import ActPart
from chain.addresses import format_address
from chain.client import ChainClient
from chain.errors import Reverted
from chain.signed_acts import Signatures, act_message, signed_act_of
from chain.transactions import TransactionSender
from chain.typed_data import ActDomain

_BELOW_ANCHORED: Final = "DeviceRegistry_IndexBelowAnchored"
_WAIT_S: Final = 10
_DONE: Final = ("included", "final")

OpenSender = Callable[[], TransactionSender]
"""Opens the account that pays, when there is something to pay for."""


class Carrier(Protocol):
    """Sends signed acts."""

    def carry(self, part: ActPart, signatures: Signatures, *, timeout_s: int) -> str:
        """
        Send an act, and wait until a block holds it; gives the block in words.

        Raises:
            Error: If the contract refuses it, or it takes longer.
        """
        ...


class OwnAccount:
    """
    An account of one's own.

    Args:
        client: The party's own node.
        open_sender: Opens the account.
    """

    def __init__(self, client: ChainClient, open_sender: OpenSender) -> None:
        self._client = client
        self._open_sender = open_sender
        self._sender: TransactionSender | None = None

    def carry(self, part: ActPart, signatures: Signatures, *, timeout_s: int) -> str:
        """
        Send an act by one's own node.

        Raises:
            Reverted: If the contract refuses it.
            Overtaken: If the log was anchored beyond the index that it names.
        """
        kind = signed_act_of(part.act)
        call = kind.make_call(self._client, part.address, part.act, signatures)
        if self._sender is None:
            self._sender = self._open_sender()
        try:
            receipt = self._sender.execute(call, timeout_s=timeout_s)
        except Reverted as error:
            if error.name == _BELOW_ANCHORED:
                raise Overtaken(
                    f"the log was anchored beyond the index that the act names: {error.message}"
                ) from error
            raise
        return f"block {receipt.block_number}"


class ServersAccount:
    """
    The account of a server that one is logged in at.

    Args:
        transport: Speaks HTTP to it, in one's own session.
        chain_id: EIP-155 id of the chain.
    """

    def __init__(self, transport: Transport, chain_id: int) -> None:
        self._transport = transport
        self._chain_id = chain_id

    def carry(self, part: ActPart, signatures: Signatures, *, timeout_s: int) -> str:
        """
        Hand an act in to the server.

        Raises:
            ActFailed: If it says that the contract refused it.
            NotFinal: If it takes longer.
        """
        deadline = time.monotonic() + timeout_s
        answer = self._transport.ask(
            Asked(
                "POST",
                "/v1/acts",
                # Asked again, it is the same operation: it is named by the act's own digest.
                headers={"idempotency-key": None, "prefer": f"wait={_WAIT_S}"},
                content=self._body(part, signatures),
                media_type="application/json",
            )
        ).document()
        while answer.get("state") not in _DONE:
            if answer.get("state") == "failed":
                fault = answer.get("fault") or {}
                raise ActFailed(f"{fault.get('code')}: {fault.get('detail')}")
            if time.monotonic() > deadline:
                raise NotFinal(f"the server has not got it into a block in {timeout_s} s")
            answer = self._look(part)
        return f"block {answer.get('block_number')}"

    def _look(self, part: ActPart) -> Any:
        operation = "0x" + part.digest(self._chain_id).hex()
        asked = Asked(
            "GET",
            "/v1/operations/{operation}",
            path={"operation": operation},
            headers={"prefer": f"wait={_WAIT_S}"},
        )
        return self._transport.ask(asked).document()

    def _body(self, part: ActPart, signatures: Signatures) -> dict[str, Any]:
        return {
            "type": type(part.act).__name__,
            "chain": f"eip155:{self._chain_id}",
            "address": format_address(part.address),
            "fields": act_message(part.act, ActDomain(self._chain_id, part.address)),
            "signatures": {role: f"0x{each.hex()}" for role, each in signatures.items()},
        }
