"""
Transactions: signed once, kept before they are sent, sent again as the same bytes.

`prepare` gives the raw bytes back so that the caller can store them; only then comes `send`.
After a crash the stored bytes are sent again, which is harmless, because one nonce holds one
transaction. One account has one owner and one transaction in flight, so the nonce is the chain's
own count and no pipeline of nonces can tear.

Source: EIP-155, EIP-1559, EIP-2718; `eth_getTransactionCount(latest)`.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from chain.client import ChainClient
from chain.errors import Dropped, NodeUnavailable, Reverted, Underpriced
from chain.fees import FeeRules, Fees
from chain.keys import Signer
from chain.raw_transactions import UnsignedTransaction, parse_transaction
from chain.values import Call, Receipt, SignedTransaction

_GAS_MARGIN_DIVISOR: Final = 4  # a quarter more: state may change between estimate and block
_POLL_S: Final = 0.02
EXECUTION_TIMEOUT_S: Final = 120


class TransactionSender:
    """
    One account's transactions on one chain.

    Args:
        client: The node, already checked to be of this chain.
        signer: Who pays.
        chain_id: EIP-155 chain id that goes into each signature.
        fee_rules: Floor and ceiling of what is paid.
    """

    def __init__(
        self,
        client: ChainClient,
        signer: Signer,
        *,
        chain_id: int,
        fee_rules: FeeRules | None = None,
    ) -> None:
        self._client = client
        self._signer = signer
        self.chain_id = chain_id
        self._fee_rules = fee_rules or FeeRules()

    @property
    def address(self) -> bytes:
        """The account that pays, 20 bytes."""
        return self._signer.address

    def next_nonce(self) -> int:
        """Fetch the nonce of the next transaction; one that is still pending is not counted."""
        return self._client.next_nonce(self.address)

    def prepare(self, call: Call, *, nonce: int | None = None) -> SignedTransaction:
        """
        Sign a transaction for the chain as it is now; nothing is sent.

        Args:
            call: What it does.
            nonce: Which nonce to use; the chain's own count where it is None.

        Raises:
            Reverted: If the contract would refuse it now.
            FeeTooHigh: If gas costs more than the ceiling.
        """
        gas = self._client.estimate_gas(call.to, call.data, sender=self.address)
        fees, block_gas_limit = self._suggest_fees()
        transaction = UnsignedTransaction(
            chain_id=self.chain_id,
            nonce=self.next_nonce() if nonce is None else nonce,
            to=call.to,
            data=call.data,
            gas=min(gas + gas // _GAS_MARGIN_DIVISOR, block_gas_limit),
            fees=fees,
        )
        return self._signer.sign_transaction(transaction)

    def replace(self, raw: bytes) -> SignedTransaction:
        """
        Sign the same call again with the same nonce and a fee that nodes accept instead.

        Args:
            raw: The transaction that does not get in, as it was sent.

        Raises:
            EncodingError: If the bytes are not a transaction of ours.
            FeeTooHigh: If the fee would be above the ceiling.
        """
        stuck = parse_transaction(raw, self.chain_id)
        suggested, _ = self._suggest_fees()
        fees = self._fee_rules.bump(stuck.fees, suggested)
        return self._signer.sign_transaction(replace(stuck, fees=fees))

    def send(self, signed: SignedTransaction) -> None:
        """
        Hand the bytes to the node; sending them again is harmless, mined or not.

        Raises:
            Dropped: If another transaction took the nonce, so that this one can never enter.
            Underpriced: If the fee is too low; `replace` it.
            InsufficientFunds: If the account cannot pay.
        """
        try:
            self._client.send_raw(signed.raw)
        except (Dropped, Underpriced):
            # Its nonce is used up, or its pool place taken: perhaps by this very transaction.
            if not self._client.has_transaction(signed.tx_hash):
                raise

    def execute(self, call: Call, *, timeout_s: int = EXECUTION_TIMEOUT_S) -> Receipt:
        """
        Sign, send and wait in one go, where nobody would resume after a crash.

        Raises:
            Reverted: If the contract refuses, before or in its block.
            NodeUnavailable: If no block took it in time; code `chain.not_included`.
        """
        signed = self.prepare(call)
        self.send(signed)
        return self.wait(signed, timeout_s=timeout_s)

    def wait(self, signed: SignedTransaction, *, timeout_s: int) -> Receipt:
        """
        Wait for a transaction's block; for deployments and commands, not for the worker.

        Raises:
            Reverted: If it was mined and refused; the reason is found by calling it again.
            NodeUnavailable: If no block took it in time; code `chain.not_included`.
        """
        deadline = time.monotonic() + timeout_s
        while (receipt := self._client.receipt(signed.tx_hash)) is None:
            if time.monotonic() > deadline:
                raise NodeUnavailable(
                    f"no block took transaction 0x{signed.tx_hash.hex()} in {timeout_s} s",
                    code="chain.not_included",
                )
            time.sleep(_POLL_S)
        if not receipt.succeeded:
            raise self._why(signed, receipt)
        return receipt

    def _suggest_fees(self) -> tuple[Fees, int]:
        """Give fees for the next block, and how much gas a block may hold."""
        latest = self._client.block("latest")
        if latest is None:
            raise NodeUnavailable("the node has no latest block")
        fees = self._fee_rules.suggest(latest, self._client.gas_price_wei())
        return fees, latest.gas_limit

    def _why(self, signed: SignedTransaction, receipt: Receipt) -> Reverted:
        """Call a mined, refused transaction again on the state before its block."""
        call = parse_transaction(signed.raw, self.chain_id)
        try:
            self._client.call(call.to, call.data, at=receipt.block_number - 1, sender=self.address)
        except Reverted as refusal:
            return Reverted(refusal.name, refusal.arguments, transaction_hash=signed.tx_hash)
        # It depended on transactions before it in its block; the reason is not to be had here.
        return Reverted("", {}, transaction_hash=signed.tx_hash)
