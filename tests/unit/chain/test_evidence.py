"""Headers and proofs from nodes: recorded real ones hold, nearly right ones do not."""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager
from typing import Any

import pytest

from chain.client import ChainClient
from chain.errors import EvidenceUnsound, NodeUnavailable, Reorganised
from chain.evidence import fetch_account_proof, fetch_following, fetch_header, require_canonical
from tests.support.recorded import recorded
from tests.support.scripted_node import connected

SLOTS = [bytes(32), (7).to_bytes(32, "big")]


@pytest.fixture
def anvil() -> dict[str, Any]:
    """Block 2 of a development chain, with a contract whose slot 0 holds 1234567."""
    return copy.deepcopy(recorded("anvil-paris"))


def serving(block: Any, proof: Any = None) -> AbstractContextManager[ChainClient]:
    return connected({"eth_getBlockByNumber": block, "eth_getProof": proof})


def address_of(anvil: dict[str, Any]) -> bytes:
    return bytes.fromhex(anvil["address"][2:])


@pytest.mark.parametrize("name", ["clique-goerli-1", "anvil-paris"])
def test_header_hashes_to_the_block_hash(name: str) -> None:
    """Headers with and without a base fee are encoded to the bytes their hash is of."""
    answer = recorded(name)
    block = answer.get("block", answer)

    with serving(block) as client:
        header, block_hash = fetch_header(client, int(block["number"], 16))

    assert header.keccak_hash == block_hash == bytes.fromhex(block["hash"][2:])


@pytest.mark.parametrize("field", ["stateRoot", "timestamp", "extraData", "baseFeePerGas"])
def test_header_with_one_other_field_is_refused(anvil: dict[str, Any], field: str) -> None:
    """A header that differs in one field from its hash is not evidence."""
    value = anvil["block"][field]
    anvil["block"][field] = "0x01" if value == "0x" else hex(int(value, 16) ^ 1)

    with serving(anvil["block"]) as client, pytest.raises(EvidenceUnsound, match="block 2"):
        fetch_header(client, 2)


def test_missing_block_may_come(anvil: dict[str, Any]) -> None:
    """A block the node does not have is to be asked for later."""
    with serving(None) as client, pytest.raises(NodeUnavailable, match="no block 2"):
        fetch_header(client, 2)


def test_proof_leads_to_the_state_root(anvil: dict[str, Any]) -> None:
    """A set slot and one that was never set are proved under the header."""
    with serving(anvil["block"], anvil["proof"]) as client:
        header, _ = fetch_header(client, 2)
        proof = fetch_account_proof(client, header, address_of(anvil), SLOTS)

    assert [slot.value for slot in proof.slots] == [1234567, 0]


def wrong_value(anvil: dict[str, Any]) -> None:
    anvil["proof"]["storageProof"][0]["value"] = "0x12d688"


def wrong_code_hash(anvil: dict[str, Any]) -> None:
    anvil["proof"]["codeHash"] = "0x" + "11" * 32


def cut_account_proof(anvil: dict[str, Any]) -> None:
    anvil["proof"]["accountProof"].pop()


def proof_of_the_other_slot(anvil: dict[str, Any]) -> None:
    proofs = anvil["proof"]["storageProof"]
    proofs[1]["proof"], proofs[1]["value"] = [], "0x1"


@pytest.mark.parametrize(
    "damage", [wrong_value, wrong_code_hash, cut_account_proof, proof_of_the_other_slot]
)
def test_nearly_right_proof_is_refused(anvil: dict[str, Any], damage: Any) -> None:
    """A proof that shows something else than the node says is not evidence."""
    damage(anvil)

    with serving(anvil["block"], anvil["proof"]) as client:
        header, _ = fetch_header(client, 2)
        with pytest.raises(EvidenceUnsound):
            fetch_account_proof(client, header, address_of(anvil), SLOTS)


def test_proof_of_another_block_is_refused(anvil: dict[str, Any]) -> None:
    """A proof that leads to another block's state is not this block's."""
    other = recorded("clique-goerli-1")

    with serving(other, anvil["proof"]) as client:
        header, _ = fetch_header(client, 1)
        with pytest.raises(EvidenceUnsound, match="block 1"):
            fetch_account_proof(client, header, address_of(anvil), SLOTS)


def test_block_that_left_the_chain_is_noticed(anvil: dict[str, Any]) -> None:
    """Evidence of a block that was replaced meanwhile is not taken."""
    with serving(anvil["block"]) as client, pytest.raises(Reorganised, match="block 2"):
        require_canonical(client, 2, bytes(32))


def test_header_that_follows_another_is_not_taken(anvil: dict[str, Any]) -> None:
    """Later headers that do not follow the block in question are a reorganisation."""
    clique = recorded("clique-goerli-1")

    def block(parameters: list[Any]) -> Any:
        return clique if int(parameters[0], 16) == 1 else anvil["block"]

    with serving(block) as client, pytest.raises(Reorganised, match="block 2 does not follow"):
        fetch_following(client, *fetch_header(client, 1), count=1)
