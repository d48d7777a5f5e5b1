"""Text signed by a wallet is the wallet's, and is neither act nor transaction."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, cast

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct

from chain.client import ChainClient
from chain.errors import NodeUnavailable, Reverted
from chain.keys import AccountSigner
from chain.personal_messages import (
    MAX_SIGNATURE,
    contract_signed,
    personal_digest,
    recovers_to,
    sign_personal,
)

SECRET = sha256(b"wallet").digest()
SIGNER = AccountSigner(SECRET)
TEXT = "碳印 says: sign in".encode()
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
WALLET = b"\x07" * 20
YES = bytes.fromhex("1626ba7e").ljust(32, b"\0")


class Contracts:
    """A node on whose chain one address is a contract that answers as it is told."""

    def __init__(self, answer: bytes | Exception) -> None:
        self.answer = answer
        self.asked: list[bytes] = []

    def code(self, address: bytes) -> bytes:
        """Give the code: only the wallet has some."""
        return b"\x60" if address == WALLET else b""

    def call(self, to: bytes, data: bytes) -> bytes:
        """Answer."""
        assert to == WALLET
        self.asked.append(data)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def asked(node: Contracts, **changes: Any) -> bool:
    """Ask whether the wallet signed."""
    arguments: dict[str, Any] = {"content": TEXT, "signature": b"any", "address": WALLET}
    return contract_signed(cast(ChainClient, node), **arguments | changes)


def test_wallets_sign_the_same() -> None:
    """What we sign for a text is what a wallet's `personal_sign` signs."""
    theirs = Account.sign_message(encode_defunct(TEXT), SECRET)

    assert sign_personal(TEXT, SIGNER) == bytes(theirs.signature)
    assert recovers_to(TEXT, bytes(theirs.signature), SIGNER.address)


def test_text_is_no_act() -> None:
    """A signature over the digest of an act is not one over the same bytes as text."""
    digest = sha256(b"act").digest()

    assert not recovers_to(digest, SIGNER.sign_digest(digest), SIGNER.address)
    assert personal_digest(digest) != digest


def test_other_form_of_a_signature_is_refused() -> None:
    """The twin with high s, other recovery values, and other lengths are nobody's."""
    signature = sign_personal(TEXT, SIGNER)
    s = int.from_bytes(signature[32:64], "big")
    twin = signature[:32] + (ORDER - s).to_bytes(32, "big") + bytes([55 - signature[64]])
    parity = signature[:64] + bytes([signature[64] - 27])

    for damaged in (twin, parity, signature[:64], signature + b"\0", b"", bytes(65)):
        assert not recovers_to(TEXT, damaged, SIGNER.address)


def test_contract_is_asked_for_the_digest_of_the_text() -> None:
    """A contract that says yes by the standard has signed; it is asked for this digest."""
    node = Contracts(YES)

    assert asked(node)
    assert node.asked[0][:4] == YES[:4]
    assert node.asked[0][4:36] == personal_digest(TEXT)


@pytest.mark.parametrize(
    "answer",
    [b"", bytes(32), YES[:4], b"\xff" * 32, YES[::-1], YES[:31] + b"\1", Reverted("No", {})],
)
def test_contract_that_does_not_say_yes_has_not_signed(answer: bytes | Exception) -> None:
    """Anything but the one answer, a refusal included, is no signature."""
    assert not asked(Contracts(answer))


def test_address_without_code_has_not_signed() -> None:
    """Where no contract stands, no contract signs."""
    node = Contracts(YES)

    assert not asked(node, address=b"\x08" * 20)
    assert not asked(node, signature=bytes(MAX_SIGNATURE + 1))
    assert node.asked == []


def test_node_that_is_away_is_no_answer() -> None:
    """Not being able to ask is neither yes nor no."""
    with pytest.raises(NodeUnavailable):
        asked(Contracts(NodeUnavailable("away")))
