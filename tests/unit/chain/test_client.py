"""The client against a node that answers badly, and with recorded blocks of other chains."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from attestation.errors import Retry
from chain.client import ChainClient
from chain.errors import (
    ChainError,
    Dropped,
    InsufficientFunds,
    NodeRefused,
    NodeUnavailable,
    Reverted,
    Underpriced,
)
from chain.verifier_node import VerifierNode
from tests.support.recorded import recorded
from tests.support.scripted_node import RpcError, ScriptedNode, connected

ADDRESS = b"\x11" * 20
# Block 1 of the Goerli network as geth served it: Clique, 97 bytes of extra data.
CLIQUE_BLOCK: dict[str, Any] = recorded("clique-goerli-1")


def test_clique_block_is_read() -> None:
    """A block with 97 bytes of extra data, and without a base fee, is read."""
    with connected({"eth_getBlockByNumber": CLIQUE_BLOCK}) as client:
        block = client.block("latest")

    assert block is not None
    assert (block.number, block.base_fee_wei, block.gas_limit) == (1, None, 0x9FD801)


def test_missing_block_is_none() -> None:
    """A block the node does not have is None, not an error."""
    with connected({"eth_getBlockByNumber": None}) as client:
        assert client.block(9) is None


@pytest.mark.parametrize("message", ["finalized block not found", "Unknown block"])
def test_unknown_tag_is_none(message: str) -> None:
    """A chain without finality answers with an error where others give null."""
    with connected({"eth_getBlockByNumber": RpcError(-39001, message)}) as client:
        assert VerifierNode(client).finalized_number() is None


def test_missing_receipt_is_none() -> None:
    """A transaction in no block has no receipt."""
    with connected({"eth_getTransactionReceipt": None}) as client:
        assert client.receipt(b"\x01" * 32) is None


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("nonce too low: next nonce 5, tx nonce 3", Dropped),
        ("NONCE_TOO_LOW", Dropped),
        ("replacement transaction underpriced", Underpriced),
        ("Gas price below configured minimum gas price", Underpriced),
        ("max fee per gas less than block base fee: address 0x…", Underpriced),
        ("insufficient funds for gas * price + value: balance 0", InsufficientFunds),
        ("Upfront cost exceeds account balance", InsufficientFunds),
    ],
)
def test_pools_words_become_kinds(message: str, kind: type[ChainError]) -> None:
    """What transaction pools say in words becomes one kind of error each."""
    with (
        connected({"eth_sendRawTransaction": RpcError(-32000, message)}) as client,
        pytest.raises(kind, match="node says"),
    ):
        client.send_raw(b"\x02")


def test_known_transaction_is_no_error() -> None:
    """Sending the same bytes again is harmless."""
    with connected({"eth_sendRawTransaction": RpcError(-32000, "already known")}) as client:
        client.send_raw(b"\x02")


@pytest.mark.parametrize(
    ("error", "kind", "retry"),
    [
        (RpcError(-32601, "the method does not exist"), NodeRefused, Retry.NEVER),
        (RpcError(-32000, "missing trie node 0x1"), NodeUnavailable, Retry.LATER),
        (RpcError(-32602, "BlockOutOfRangeError: height 9"), NodeUnavailable, Retry.LATER),
        (RpcError(-32603, "internal error"), NodeUnavailable, Retry.LATER),
    ],
    ids=["unknown method", "state pruned", "state out of range", "internal"],
)
def test_rpc_errors_say_whether_to_try_again(
    error: RpcError, kind: type[ChainError], retry: Retry
) -> None:
    """A refused request is not repeated, a failed one is."""
    with (
        connected({"eth_getBalance": error}) as client,
        pytest.raises(kind, match="node") as caught,
    ):
        client.balance_wei(ADDRESS)

    assert caught.value.retry is retry


@pytest.mark.parametrize(
    "data",
    ["0x4e487b71" + f"{0x11:064x}", {"message": "x"}, None, "0x"],
    ids=["panic", "object", "absent", "empty"],
)
def test_revert_of_any_form_is_ours(data: object) -> None:
    """However a node words a revert, it is a Reverted."""
    answer = RpcError(3, "execution reverted", data)

    with connected({"eth_call": answer}) as client, pytest.raises(Reverted, match="refused"):
        client.call(ADDRESS, b"")


def test_unknown_panic_is_no_crash() -> None:
    """A panic code that web3 does not know is an unusable answer at worst."""
    answer = RpcError(3, "execution reverted", "0x4e487b71" + f"{0x99:064x}")

    with connected({"eth_call": answer}) as client, pytest.raises(ChainError):
        client.call(ADDRESS, b"")


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"jsonrpc":"2.0","id":1,"result":{"number":1}}', b"\xff\xfe"],
    ids=["nothing", "a page", "a list", "an object", "another form", "not text"],
)
def test_answer_that_is_none_is_unavailable(body: bytes) -> None:
    """An answer that is not JSON-RPC is the node's failure, to be tried again."""
    with connected({"eth_getBlockByNumber": body}) as client, pytest.raises(NodeUnavailable):
        client.block("latest")


def test_http_error_is_unavailable() -> None:
    """A proxy's error page is the node's failure."""
    with (
        connected({"eth_chainId": b"<html>"}, status=502) as client,
        pytest.raises(NodeUnavailable),
    ):
        client.chain_id()


def test_address_of_the_node_is_not_told() -> None:
    """A password in the node's address does not reach the error."""
    node = ScriptedNode({"eth_chainId": httpx2.ConnectError("no route to user:secret@node")})
    with (
        ChainClient("http://user:secret@node.example/", transport=node) as client,
        pytest.raises(NodeUnavailable) as caught,
    ):
        client.chain_id()

    assert "secret" not in f"{caught.value} {caught.value.context}"


def test_offchain_lookup_is_not_followed() -> None:
    """A contract that asks for an outside address (EIP-3668) is a refusal, not a request."""
    lookup = "0x556f1830" + "00" * 12 + "11" * 20 + f"{160:064x}{192:064x}" + "00" * 32
    lookup += f"{224:064x}" + "00" * 96

    with (
        connected({"eth_call": RpcError(3, "execution reverted", lookup)}) as client,
        pytest.raises(Reverted, match="selector=0x556f1830"),
    ):
        client.call(ADDRESS, b"")


@pytest.mark.parametrize(
    "failure",
    [httpx2.ReadTimeout("slow"), httpx2.ConnectError("down"), httpx2.RemoteProtocolError("odd")],
    ids=lambda failure: type(failure).__name__,
)
def test_node_that_does_not_answer_is_unavailable(failure: httpx2.HTTPError) -> None:
    """A node that is slow, down or speaks another protocol is to be asked again later."""
    with (
        connected({"eth_chainId": failure}) as client,
        pytest.raises(NodeUnavailable, match=type(failure).__name__),
    ):
        client.chain_id()
