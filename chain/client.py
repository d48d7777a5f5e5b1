"""
The one way to a node: typed questions, our values back, our errors only.

Every request stands in `translated()`, so no exception of web3 or of HTTP leaves this module.
The proof-of-authority middleware is always in, because Clique, IBFT and QBFT blocks carry more
extra data than web3 otherwise accepts.

Source: Ethereum JSON-RPC specification; EIP-1186 (eth_getProof); EIP-1898 is not relied on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

import httpx2
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import BlockNotFound, TransactionNotFound, Web3RPCError
from web3.middleware import AttributeDictMiddleware, ExtraDataToPOAMiddleware
from web3.types import FilterParams, TxParams

from chain.addresses import format_address
from chain.answers import read_account_proof, read_block, read_call, read_log, read_receipt
from chain.errors import AlreadyKnown
from chain.refusals import translated
from chain.transport import HttpTransport
from chain.values import AccountProof, Block, Call, RawLog, Receipt

BlockName = int | str | bytes
"""A block's number, its tag (`latest`, `finalized`, `earliest`), or its hash of 32 bytes."""

DEFAULT_TIMEOUT_S: Final = 10
_NO_BLOCK: Final = ("unknown block", "block not found")


class ChainClient:
    """
    A connection to one node; safe to share between threads.

    Args:
        rpc_url: The node's HTTP address.
        timeout_s: How long one answer may take.
        transport: How requests travel; over HTTP where it is None.
    """

    def __init__(
        self,
        rpc_url: str,
        *,
        timeout_s: int = DEFAULT_TIMEOUT_S,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._transport = HttpTransport(rpc_url, timeout_s=timeout_s, transport=transport)
        # Of web3's own middleware only the one that makes answers immutable: the others look up
        # names, fill in gas, or ask for the chain id again with every call.
        self._web3 = Web3(self._transport, middleware=[(AttributeDictMiddleware, "attrdict")])
        self._web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the node."""
        self._transport.close()

    # --- the chain ---------------------------------------------------------------------------

    def chain_id(self) -> int:
        """Fetch the EIP-155 chain id."""
        with translated():
            return self._web3.eth.chain_id

    def block_number(self) -> int:
        """Fetch the newest block's number."""
        with translated():
            return int(self._web3.eth.block_number)

    def block(self, name: BlockName) -> Block | None:
        """Fetch a block, or None where the node has none of that name."""
        fields = self.header_fields(name)
        if fields is None:
            return None
        with translated():
            return read_block(fields)

    def header_fields(self, name: BlockName) -> Mapping[str, Any] | None:
        """Fetch a block's header with the node's field names, or None."""
        with translated():
            try:
                return self._web3.eth.get_block(_identifier(name))
            except BlockNotFound:
                return None
            except Web3RPCError as error:
                # geth answers so where it has no block under a tag: no finality in Clique.
                if any(phrase in str(error).lower() for phrase in _NO_BLOCK):
                    return None
                raise

    def logs(
        self,
        addresses: Sequence[bytes],
        *,
        from_block: int,
        to_block: int,
        topics: Sequence[Sequence[bytes]] = (),
    ) -> tuple[RawLog, ...]:
        """
        Fetch log records of contracts in a closed range of blocks, in chain order.

        Args:
            addresses: The contracts, 20 bytes each; at least one.
            from_block: First block.
            to_block: Last block.
            topics: For each place from the first, the topics of which one must match; any where
                a place has none.
        """
        query: FilterParams = {
            "address": [Web3.to_checksum_address(address) for address in addresses],
            "fromBlock": _identifier(from_block),
            "toBlock": _identifier(to_block),
        }
        if topics:
            query["topics"] = [[HexBytes(each) for each in place] or None for place in topics]
        with translated():
            found = [read_log(entry) for entry in self._web3.eth.get_logs(query)]
        return tuple(sorted(found, key=lambda log: (log.block_number, log.log_index)))

    # --- accounts and contracts ---------------------------------------------------------------

    def code(self, address: bytes, at: BlockName = "latest") -> bytes:
        """Fetch a contract's runtime code; empty where there is none."""
        with translated():
            return bytes(self._web3.eth.get_code(_checksum(address), _identifier(at)))

    def balance_wei(self, address: bytes) -> int:
        """Fetch an account's balance."""
        with translated():
            return int(self._web3.eth.get_balance(_checksum(address)))

    def next_nonce(self, address: bytes) -> int:
        """Fetch the nonce the next transaction of an account needs, pending ones not counted."""
        with translated():
            return int(self._web3.eth.get_transaction_count(_checksum(address), "latest"))

    def call(
        self,
        to: bytes | None,
        data: bytes,
        *,
        at: BlockName = "latest",
        sender: bytes | None = None,
    ) -> bytes:
        """
        Execute a call without a transaction and give what it returns.

        Raises:
            Reverted: If the contract refuses.
        """
        with translated():
            result = self._web3.eth.call(
                _transaction(to, data, sender), _identifier(at), ccip_read_enabled=False
            )
        return bytes(result)

    def estimate_gas(self, to: bytes | None, data: bytes, *, sender: bytes) -> int:
        """
        Ask how much gas a transaction would take now.

        Raises:
            Reverted: If the contract would refuse it.
        """
        with translated():
            return self._web3.eth.estimate_gas(_transaction(to, data, sender))

    def account_proof(self, address: bytes, slots: Sequence[bytes], at: int) -> AccountProof:
        """Fetch a contract's account and slots with their Merkle-Patricia proofs; unchecked."""
        with translated():
            # eth_getProof wants full words: anvil refuses a slot with an odd number of digits.
            words = [f"0x{slot.hex()}" for slot in slots]
            get_proof: Any = self._web3.eth.get_proof  # web3 types its arguments as one tuple
            answer = get_proof(_checksum(address), words, at)
            return read_account_proof(answer, address, slots)

    # --- transactions -------------------------------------------------------------------------

    def gas_price_wei(self) -> int:
        """Fetch what the node suggests to pay for one unit of gas, base fee included."""
        with translated():
            return int(self._web3.eth.gas_price)

    def send_raw(self, raw: bytes) -> None:
        """
        Hand a signed transaction to the node; handing it again is harmless.

        Raises:
            Dropped: If its nonce is used up, by itself or by another.
            Underpriced: If its fee is too low.
            InsufficientFunds: If the sender cannot pay.
        """
        with suppress(AlreadyKnown), translated():
            self._web3.eth.send_raw_transaction(raw)

    def has_transaction(self, tx_hash: bytes) -> bool:
        """Say whether the node knows the transaction, in its pool or in a block."""
        with translated():
            try:
                self._web3.eth.get_transaction(HexBytes(tx_hash))
            except TransactionNotFound:
                return False
            return True

    def transaction_call(self, tx_hash: bytes) -> Call | None:
        """Fetch what a transaction says and to whom; None where the node does not know it."""
        with translated():
            try:
                return read_call(self._web3.eth.get_transaction(HexBytes(tx_hash)))
            except TransactionNotFound:
                return None

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """Fetch a transaction's receipt, or None while no block holds it."""
        with translated():
            try:
                return read_receipt(self._web3.eth.get_transaction_receipt(HexBytes(tx_hash)))
            except TransactionNotFound:
                return None


def _identifier(name: BlockName) -> Any:
    return HexBytes(name) if isinstance(name, bytes) else name


def _checksum(address: bytes) -> Any:
    return format_address(address)


def _transaction(to: bytes | None, data: bytes, sender: bytes | None) -> TxParams:
    fields: TxParams = {"data": HexBytes(data)}
    if to is not None:
        fields["to"] = _checksum(to)
    if sender is not None:
        fields["from"] = _checksum(sender)
    return fields
