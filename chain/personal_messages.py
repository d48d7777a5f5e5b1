"""
Text that a person's key signs, with the prefix that keeps it apart from acts and transactions.

Source: EIP-191, version 0x45; EIP-1271 (contracts that sign).
"""

from __future__ import annotations

from typing import Final

from attestation.eip712 import recover_address
from attestation.errors import SignatureError
from attestation.ids import keccak256
from chain.abi import encode_arguments
from chain.addresses import parse_address
from chain.client import ChainClient
from chain.errors import Reverted
from chain.keys import Signer

_PREFIX: Final = b"\x19Ethereum Signed Message:\n"
_IS_VALID_SIGNATURE: Final = bytes.fromhex("1626ba7e")
_ARGUMENTS: Final = (
    {"name": "hash", "type": "bytes32"},
    {"name": "signature", "type": "bytes"},
)
_ANSWER_LENGTH: Final = 32
MAX_SIGNATURE: Final = 4096
"""Bytes of what a contract takes for a signature."""


def personal_digest(content: bytes) -> bytes:
    """
    Give what is signed for a text, 32 bytes.

    Source: EIP-191.
    """
    return keccak256(_PREFIX + str(len(content)).encode() + content)


def sign_personal(content: bytes, signer: Signer) -> bytes:
    """Sign a text as wallets do (`personal_sign`): 65 bytes r, s, v."""
    return signer.sign_digest(personal_digest(content))


def recovers_to(content: bytes, signature: bytes, address: bytes) -> bool:
    """Say whether the key of an address signed a text."""
    try:
        return parse_address(recover_address(personal_digest(content), signature)) == address
    except SignatureError:
        return False


def contract_signed(client: ChainClient, content: bytes, signature: bytes, address: bytes) -> bool:
    """
    Say whether the contract at an address says now that it signed a text.

    Raises:
        NodeUnavailable: If the node does not answer.

    Source: ERC-1271.
    """
    if len(signature) > MAX_SIGNATURE or not client.code(address):
        return False
    arguments = encode_arguments(_ARGUMENTS, (personal_digest(content), signature))
    try:
        answer = client.call(address, _IS_VALID_SIGNATURE + arguments)
    except Reverted:
        return False
    return answer[:_ANSWER_LENGTH] == _IS_VALID_SIGNATURE.ljust(_ANSWER_LENGTH, b"\0")
