"""Text forms of bytes and sizes: one spelling each."""

from __future__ import annotations

import pytest

from attestation.encodings import (
    format_base64,
    format_hex,
    parse_base64,
    parse_hex,
    parse_size,
)
from attestation.errors import EncodingError


def test_round_trips() -> None:
    """What was written is read."""
    content = bytes(range(256))

    assert parse_base64(format_base64(content), length=256) == content
    assert parse_hex(format_hex(content), length=256) == content


@pytest.mark.parametrize(
    "text", ["AA=", "AB==", "A A=", "AA==\n", "AA", "-_==", "é", "AAAA=", "====", "AA==AA=="]
)
def test_other_base64_is_refused(text: str) -> None:
    """Unused bits, spaces, absent padding and other alphabets are refused."""
    with pytest.raises(EncodingError, match="base64"):
        parse_base64(text)


@pytest.mark.parametrize("text", ["", "0", "0x0", "0xAB", "ab", "0x0g", "0x00\n", "0X00"])
def test_other_hexadecimal_is_refused(text: str) -> None:
    """Upper case, half bytes and an absent prefix are refused."""
    with pytest.raises(EncodingError, match="hexadecimal"):
        parse_hex(text)


def test_other_length_is_refused() -> None:
    """A fixed length is kept."""
    with pytest.raises(EncodingError, match="2 expected"):
        parse_hex("0x00", length=2)
    with pytest.raises(EncodingError, match="2 expected"):
        parse_base64("AA==", length=2)


def test_sizes() -> None:
    """Decimal, up to 2**63 - 1."""
    assert [parse_size(text) for text in ("0", "1", "70000")] == [0, 1, 70000]
    assert parse_size("9223372036854775807") == 2**63 - 1


@pytest.mark.parametrize(
    "text", ["", "00", "01", "+1", "-1", " 1", "1 ", "1_0", "٣", "1e3", str(1 << 63), "9" * 20]
)
def test_other_sizes_are_refused(text: str) -> None:
    """Signs, leading zeros, other digits and 2**63 are refused."""
    with pytest.raises(EncodingError, match="tree size"):
        parse_size(text)
