"""
The account that carries acts of others to the chain: it pays, and holds no right.

What it sends is decided by its caller; what takes effect is decided by the contracts, from the
signatures inside.

Source: CONTRACTS section 1 (anybody may send an act).
"""

from __future__ import annotations

from attestation.ids import keccak256
from chain.client import ChainClient
from chain.contract import Contract
from chain.errors import Reverted
from chain.finality import FinalityPolicy, locate_transaction
from chain.raw_transactions import parse_transaction
from chain.transactions import TransactionSender
from chain.values import Call, SignedTransaction, TransactionState, TransactionStatus


class ChainRelay:
    """
    One account's transactions on behalf of others.

    Args:
        client: The node, already checked to be of this chain.
        sender: The account that pays.
        finality: When a block can no longer go away.
    """

    def __init__(
        self, client: ChainClient, sender: TransactionSender, finality: FinalityPolicy
    ) -> None:
        self._client = client
        self._sender = sender
        self._finality = finality

    @property
    def sender(self) -> bytes:
        """The account that pays, 20 bytes."""
        return self._sender.address

    def next_nonce(self) -> int:
        """Fetch the nonce after the last one used on the canonical chain."""
        return self._sender.next_nonce()

    def prepare(self, to: bytes, data: bytes, *, nonce: int) -> SignedTransaction:
        """
        Sign one transaction; nothing is sent.

        Raises:
            Reverted: If the contract would refuse it now.
            FeeTooHigh: If gas costs more than the ceiling.
        """
        return self._sender.prepare(Call(to, data), nonce=nonce)

    def replace(self, raw: bytes) -> SignedTransaction:
        """Sign the same call with the same nonce and a higher fee; at most one gets in."""
        return self._sender.replace(raw)

    def send(self, raw: bytes) -> None:
        """
        Hand a signed transaction to the node; sending it again is harmless.

        Raises:
            Dropped: If another transaction took its nonce.
            InsufficientFunds: If the account cannot pay.
        """
        nonce = parse_transaction(raw, self._sender.chain_id).nonce
        self._sender.send(SignedTransaction(raw, keccak256(raw), nonce))

    def status(self, tx_hash: bytes, *, nonce: int) -> TransactionStatus:
        """Say where a transaction stands in the canonical chain."""
        # Asked before the transaction: asked after, one that gets in between looks replaced.
        next_nonce = self._sender.next_nonce()
        state, receipt = locate_transaction(self._client, tx_hash, self._finality)
        if receipt is not None:
            return TransactionStatus(
                state, receipt.block_number, receipt.block_hash, receipt.succeeded
            )
        is_replaced = state is TransactionState.UNKNOWN and nonce < next_nonce
        return TransactionStatus(TransactionState.REPLACED if is_replaced else state)

    def refusal(self, raw: bytes, *, block_number: int) -> str:
        """Say why a transaction in a block was refused, by calling it on the state before."""
        call = parse_transaction(raw, self._sender.chain_id)
        try:
            self._client.call(call.to, call.data, at=block_number - 1, sender=self.sender)
        except Reverted as error:
            return error.message
        return "the contract refused it"

    def is_used(self, contract: str, address: bytes, digest: bytes) -> bool | None:
        """
        Say whether an act took effect, whoever sent it: in a final block, or not for good yet.

        Returns:
            True where it is final, False where it did not take effect, None in between.
        """
        at = Contract(self._client, address, contract)
        if not at.read("isUsed", digest):
            return False
        final = self._finality.final_block(self._client)
        if final >= 0 and self._client.code(address, at=final):
            return True if at.read("isUsed", digest, at=final) else None
        return None
