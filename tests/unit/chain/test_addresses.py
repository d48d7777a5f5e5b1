"""Addresses, with the checksums of EIP-55."""

from __future__ import annotations

import pytest

from attestation.errors import EncodingError
from chain.addresses import format_address, parse_address

# EIP-55, "Test Cases".
CHECKSUMMED = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]


@pytest.mark.parametrize("text", CHECKSUMMED)
def test_checksum_of_the_standard(text: str) -> None:
    """An address is written with the checksum of EIP-55 and read back."""
    assert format_address(parse_address(text)) == text


def test_lower_case_needs_no_checksum() -> None:
    """Text in one case carries no checksum and is read."""
    assert parse_address(CHECKSUMMED[2].lower()) == parse_address(CHECKSUMMED[2])


@pytest.mark.parametrize(
    "text",
    [
        "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedd",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n",
    ],
    ids=["one case wrong", "no prefix", "short", "long", "not hex", "line end"],
)
def test_nearly_an_address_is_refused(text: str) -> None:
    """Text that is nearly an address is refused."""
    with pytest.raises(EncodingError, match="address"):
        parse_address(text)


def test_bytes_of_another_length_are_refused() -> None:
    """Nineteen bytes are no address."""
    with pytest.raises(EncodingError, match="not 19"):
        format_address(bytes(19))
