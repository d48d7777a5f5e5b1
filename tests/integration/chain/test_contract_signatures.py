"""A contract on a real chain signs the text it was made for, and no other."""

from __future__ import annotations

from chain.personal_messages import contract_signed, personal_digest
from chain.values import Call
from tests.support.chain import ChainWorld

TEXT = b"sign in"
# Copies what follows into the new account.
CREATE = bytes.fromhex("6036600c60003960366000f3")


def wallet_code(digest: bytes) -> bytes:
    """Give a contract that says yes (ERC-1271) to one digest, and zero to others."""
    compare = b"\x7f" + digest + bytes.fromhex("60043514")
    return compare + bytes.fromhex("631626ba7e60e01b0260005260206000f3")


def test_contract_signs_one_text(world: ChainWorld) -> None:
    """The node is asked, and the contract's answer counts for the text it was given."""
    code = CREATE + wallet_code(personal_digest(TEXT))
    wallet = world.sender().execute(Call(None, code)).contract_address
    assert wallet is not None

    assert contract_signed(world.client, TEXT, b"anything", wallet)
    assert not contract_signed(world.client, TEXT + b".", b"anything", wallet)


def test_key_and_other_contract_sign_nothing(world: ChainWorld) -> None:
    """An account without code, and a contract that knows no signatures, say no."""
    nobody = world.funded().address
    registry = world.parties.contract.address

    assert not contract_signed(world.client, TEXT, b"anything", nobody)
    assert not contract_signed(world.client, TEXT, b"anything", registry)
