"""RLP: agreement with another library, and one encoding only."""

from __future__ import annotations

from typing import Any

import pytest
import rlp as oracle

from attestation.errors import EncodingError
from attestation.evm import rlp

ITEMS: list[Any] = [
    b"",
    b"\x00",
    b"\x7f",
    b"\x80",
    b"dog",
    b"a" * 55,
    b"a" * 56,
    b"a" * 256,
    b"a" * 70_000,
    [],
    [b""],
    [b"cat", [b"dog", []]],
    [b"a" * 20] * 100,
    [[], [[]], [[], [[]]]],
]


@pytest.mark.parametrize("item", ITEMS, ids=range(len(ITEMS)))
def test_agrees_with_another_library(item: Any) -> None:
    """Encodings are the same, and decode to what was encoded."""
    encoded = oracle.encode(item)

    assert rlp.encode(item) == encoded
    assert rlp.decode(encoded) == item


@pytest.mark.parametrize("value", [0, 1, 127, 128, 255, 256, 2**64, 2**256 - 1])
def test_integers(value: int) -> None:
    """A scalar is big-endian without leading zeros."""
    assert oracle.encode(value) == rlp.encode(rlp.encode_integer(value))
    assert rlp.require_integer(rlp.decode(oracle.encode(value))) == value


@pytest.mark.parametrize(
    "encoded",
    [
        "",  # nothing
        "8100",  # one byte below 0x80 with a prefix
        "817f",
        "b800",  # long form of nothing
        "b837" + "61" * 55,  # long form of a short string
        "b90038" + "61" * 56,  # a length with a leading zero
        "b8",  # the length is cut off
        "b83861",  # the content is cut off
        "83646f",
        "c1",
        "c3010203" + "00",  # something after it
        "0102",
        "c28201",  # an item that reaches beyond its list
        "c4c301" + "02",  # a list that reaches beyond its list
        "f80101",  # long form of a short list
        "bfffffffffffffffff",  # a length beyond all bounds
        "c1" * 8 + "c0" * 1 + "c0",
    ],
)
def test_other_encodings_are_refused(encoded: str) -> None:
    """What is cut off, longer than needed or followed by more is refused."""
    with pytest.raises(EncodingError, match="RLP"):
        rlp.decode(bytes.fromhex(encoded))


def test_deep_nesting_is_refused() -> None:
    """A thousand lists in each other are refused, not followed."""
    item: Any = []
    for _ in range(60):
        item = [item]
    with pytest.raises(EncodingError, match="deep"):
        rlp.decode(oracle.encode(item))


def test_kinds_are_told_apart() -> None:
    """A list is no string, and a string is no list."""
    with pytest.raises(EncodingError, match="list where a string"):
        rlp.require_bytes([])
    with pytest.raises(EncodingError, match="string where a list"):
        rlp.decode_list(b"\x01")
    with pytest.raises(EncodingError, match="2 expected"):
        rlp.require_bytes(b"abc", 2)


@pytest.mark.parametrize("content", [b"\x00", b"\x00\x01", b"\x01" * 33])
def test_other_scalars_are_refused(content: bytes) -> None:
    """Leading zeros and more than 256 bits are refused."""
    with pytest.raises(EncodingError, match="scalar"):
        rlp.require_integer(content)
