"""Transactions are signed once, sent as the same bytes, and replaced under the same nonce."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.errors import EncodingError
from attestation.evm import rlp
from chain.client import ChainClient
from chain.errors import Dropped, InsufficientFunds, NodeUnavailable, Reverted, Underpriced
from chain.fees import DynamicFees, FeeRules, LegacyFees
from chain.keys import AccountSigner
from chain.raw_transactions import UnsignedTransaction, parse_transaction
from chain.transactions import TransactionSender
from chain.values import Call, SignedTransaction
from tests.support.recorded import recorded
from tests.support.scripted_node import RpcError, connected

SIGNER = AccountSigner(b"\x46" * 32)
REGISTRY = b"\x11" * 20
LEGACY_BLOCK: dict[str, Any] = recorded("clique-goerli-1")
DYNAMIC_BLOCK: dict[str, Any] = recorded("anvil-paris")["block"]
ANSWERS: dict[str, Any] = {
    "eth_estimateGas": hex(40_000),
    "eth_getBlockByNumber": LEGACY_BLOCK,
    "eth_gasPrice": hex(1_000),
    "eth_getTransactionCount": "0x7",
}
UNSIGNED = UnsignedTransaction(5, 7, REGISTRY, b"\x01\x02", 50_000, LegacyFees(1_000))


def sender(client: ChainClient) -> TransactionSender:
    return TransactionSender(client, SIGNER, chain_id=5)


def prepare(**changes: Any) -> UnsignedTransaction:
    with connected(ANSWERS | changes) as client:
        return parse_transaction(sender(client).prepare(Call(REGISTRY, b"\x01\x02")).raw, 5)


def send(outcome: RpcError, known: object) -> None:
    answers = {"eth_sendRawTransaction": outcome, "eth_getTransactionByHash": known}
    with connected(answers) as client:
        sender(client).send(SIGNER.sign_transaction(UNSIGNED))


def test_transaction_without_base_fee() -> None:
    """On a chain before EIP-1559 a legacy transaction with a quarter more gas is signed."""
    assert prepare() == UNSIGNED


def test_transaction_with_base_fee() -> None:
    """On a chain with a base fee an EIP-1559 transaction is signed."""
    fees = prepare(eth_getBlockByNumber=DYNAMIC_BLOCK).fees

    base_fee = int(DYNAMIC_BLOCK["baseFeePerGas"], 16)
    assert fees == DynamicFees(2 * base_fee, 0)


def test_gas_stays_below_the_blocks() -> None:
    """The margin does not carry the gas above what a block holds."""
    assert prepare(eth_estimateGas="0x9fd801").gas == 0x9FD801


def test_refusal_shows_before_anything_is_signed() -> None:
    """What the contract refuses now is not signed."""
    with pytest.raises(Reverted, match="Panic"):
        prepare(eth_estimateGas=RpcError(3, "reverted", "0x4e487b71" + f"{0x11:064x}"))


def test_nonce_may_be_given() -> None:
    """A nonce that was fixed before is kept."""
    with connected(ANSWERS) as client:
        assert sender(client).prepare(Call(REGISTRY, b""), nonce=3).nonce == 3


@pytest.mark.parametrize("block", [LEGACY_BLOCK, DYNAMIC_BLOCK], ids=["legacy", "dynamic"])
def test_replacement_changes_only_the_fee(block: dict[str, Any]) -> None:
    """A replacement has the nonce, the call and the gas of what it replaces, and pays more."""
    answers = ANSWERS | {"eth_getBlockByNumber": block}
    with connected(answers) as client:
        stuck = sender(client).prepare(Call(REGISTRY, b"\x01\x02"))
        replacement = sender(client).replace(stuck.raw)

    old, new = parse_transaction(stuck.raw, 5), parse_transaction(replacement.raw, 5)
    assert (new.nonce, new.to, new.data, new.gas) == (old.nonce, old.to, old.data, old.gas)
    assert new.fees == FeeRules().bump(old.fees, old.fees)
    assert replacement.tx_hash != stuck.tx_hash


@pytest.mark.parametrize(
    "error", [RpcError(-32000, "nonce too low"), RpcError(-32000, "transaction underpriced")]
)
def test_sending_again_is_harmless(error: RpcError) -> None:
    """A transaction the node already has, mined or waiting, needs no second sending."""
    assert send(error, known=_known()) is None


def test_taken_nonce_drops_a_transaction() -> None:
    """When another transaction took the nonce, ours can never enter."""
    with pytest.raises(Dropped, match="nonce too low"):
        send(RpcError(-32000, "nonce too low"), known=None)


def test_underpriced_transaction_is_told() -> None:
    """A fee that is too low is said, so that the transaction is replaced."""
    with pytest.raises(Underpriced):
        send(RpcError(-32000, "replacement transaction underpriced"), known=None)


def test_empty_account_is_told() -> None:
    """An account that cannot pay is named as such."""
    with pytest.raises(InsufficientFunds):
        send(RpcError(-32000, "insufficient funds for gas * price + value"), known=None)


def test_waiting_ends() -> None:
    """Waiting for a block that does not come ends with the transaction's hash."""
    signed = SIGNER.sign_transaction(UNSIGNED)
    with (
        connected({"eth_getTransactionReceipt": None}) as client,
        pytest.raises(NodeUnavailable, match=signed.tx_hash.hex()) as caught,
    ):
        sender(client).wait(signed, timeout_s=0)

    assert caught.value.stable_code == "chain.not_included"


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x02", rlp.encode([b""] * 9 + [b""]), b"\x01" + rlp.encode([b""] * 11), b"\xc0"],
    ids=["empty", "type only", "ten fields", "access list type", "empty list"],
)
def test_other_bytes_are_no_transaction(raw: bytes) -> None:
    """Bytes that are not a transaction of our two types are refused."""
    with pytest.raises(EncodingError):
        parse_transaction(raw, 5)


def test_transaction_of_another_chain_is_refused() -> None:
    """A transaction signed for another chain is not replaced here."""
    signed: SignedTransaction = SIGNER.sign_transaction(UNSIGNED)

    with pytest.raises(EncodingError, match="chain 5, not 6"):
        parse_transaction(signed.raw, 6)


def _known() -> dict[str, Any]:
    return {
        "hash": "0x" + "01" * 32,
        "nonce": "0x7",
        "blockHash": None,
        "blockNumber": None,
        "transactionIndex": None,
        "from": "0x" + "11" * 20,
        "to": "0x" + "11" * 20,
        "value": "0x0",
        "gas": "0x5208",
        "gasPrice": "0x1",
        "input": "0x",
    }
