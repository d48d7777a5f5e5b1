"""
Addresses: 20 bytes inside, EIP-55 text at the edges.

Source: EIP-55 (mixed-case checksum).
"""

from __future__ import annotations

import re
from typing import Final

from attestation.errors import EncodingError
from attestation.ids import keccak256

ADDRESS_LENGTH: Final = 20
ZERO_ADDRESS: Final = bytes(ADDRESS_LENGTH)
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


def format_address(address: bytes) -> str:
    """
    Give `0x` and 40 hex digits whose case is the checksum.

    Raises:
        EncodingError: If it is not 20 bytes.
    """
    if len(address) != ADDRESS_LENGTH:
        raise EncodingError(f"an address is 20 bytes, not {len(address)}", code="encoding.address")
    digits = address.hex()
    checksum = keccak256(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if int(nibble, 16) >= 8 else digit  # EIP-55: the nibble's highest bit
        for digit, nibble in zip(digits, checksum, strict=False)
    )


def parse_address(text: str) -> bytes:
    """
    Read an address; text in mixed case must carry the right checksum.

    Raises:
        EncodingError: If it has another form, or the checksum does not hold.
    """
    if not _ADDRESS.fullmatch(text):
        raise EncodingError(f"not an address: {text!r}", code="encoding.address")
    address = bytes.fromhex(text[2:])
    is_mixed = text[2:] not in {text[2:].lower(), text[2:].upper()}
    if is_mixed and text != format_address(address):
        raise EncodingError(f"checksum of address {text} does not hold", code="encoding.address")
    return address
