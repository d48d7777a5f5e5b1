"""A node of another chain is refused before anything is asked of it."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.errors import Retry
from attestation.ids import keccak256
from chain.errors import WrongChain
from chain.identity import ChainIdentity, check_identity
from tests.support.recorded import recorded
from tests.support.scripted_node import connected

GENESIS: dict[str, Any] = recorded("clique-goerli-1") | {"number": "0x0"}
GENESIS_HASH = bytes.fromhex(GENESIS["hash"][2:])
REGISTRY = b"\x11" * 20
CODE = b"\x60\x01"
RIGHT = ChainIdentity(5, GENESIS_HASH, {REGISTRY: keccak256(CODE)})


def check(expected: ChainIdentity) -> None:
    answers = {"eth_chainId": "0x5", "eth_getBlockByNumber": GENESIS, "eth_getCode": "0x6001"}
    with connected(answers) as client:
        check_identity(client, expected)


def test_right_chain_is_taken() -> None:
    """The chain we were told is spoken to."""
    assert check(RIGHT) is None


@pytest.mark.parametrize(
    ("expected", "what"),
    [
        (ChainIdentity(6, GENESIS_HASH, RIGHT.code_hashes), "chain 5, 6 expected"),
        (ChainIdentity(5, bytes(32), RIGHT.code_hashes), "genesis"),
        (ChainIdentity(5, GENESIS_HASH, {REGISTRY: bytes(32)}), "code at 0x1111"),
        (ChainIdentity(5, None, {REGISTRY: keccak256(b"")}), "code at"),
    ],
    ids=["chain id", "genesis", "code", "no code expected"],
)
def test_one_difference_is_fatal(expected: ChainIdentity, what: str) -> None:
    """A chain that differs in one thing is another chain."""
    with pytest.raises(WrongChain, match=what) as caught:
        check(expected)

    assert caught.value.retry is Retry.FATAL
