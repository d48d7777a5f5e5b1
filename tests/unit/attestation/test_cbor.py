"""Our part of CBOR: what is refused, with which code, and what both ways agree on."""

from __future__ import annotations

import cbor2
import pytest

from attestation import cbor
from attestation.errors import EncodingError

ITEMS = [
    pytest.param(item, id=repr(item)[:40])
    for item in (
        0,
        23,
        24,
        255,
        256,
        65_535,
        65_536,
        2**32 - 1,
        2**32,
        2**64 - 1,
        -1,
        -24,
        -25,
        -(2**64),
        b"",
        b"\x00" * 24,
        "",
        "碳印",
        [],
        [1, [2, [3]]],
        {},
        {1: 2, -1: "x", "a": [b"\x01"], "bb": {}},
    )
]


@pytest.mark.parametrize("item", ITEMS)
def test_item_is_read_back(item: cbor.Item) -> None:
    """What is written is read, and another encoder writes the same bytes."""
    encoded = cbor.encode(item)

    assert cbor.decode(encoded) == item
    assert encoded == cbor2.dumps(item, canonical=True)


def test_keys_are_in_bytewise_order() -> None:
    """RFC 8949 orders by the bytes of keys, so a long integer comes before a short text."""
    encoded = cbor.encode({"a": 0, 1000: 0, -1: 0, 5: 0})

    assert encoded.hex() == "a4" + "0500" + "1903e800" + "2000" + "616100"


def test_tag_is_read_back() -> None:
    """A tag keeps its number and its item."""
    fraction = cbor.Tag(4, [-2, 27])

    assert cbor.decode(cbor.encode(fraction)) == fraction


@pytest.mark.parametrize(
    ("encoded", "code"),
    [
        ("", "truncated"),
        ("18", "truncated"),
        ("42ff", "truncated"),
        ("8101"[:2], "truncated"),
        ("a101", "truncated"),
        ("c1", "truncated"),
        ("0000", "trailing"),
        ("1817", "not_shortest"),
        ("1900ff", "not_shortest"),
        ("1a0000ffff", "not_shortest"),
        ("1b00000000ffffffff", "not_shortest"),
        ("3817", "not_shortest"),
        ("5801ff", "not_shortest"),
        ("780161", "not_shortest"),
        ("980101", "not_shortest"),
        ("b8010101", "not_shortest"),
        ("d80100", "not_shortest"),
        ("1c", "reserved"),
        ("1e", "reserved"),
        ("1f", "indefinite"),
        ("5f4100ff", "indefinite"),
        ("9fff", "indefinite"),
        ("bfff", "indefinite"),
        ("ff", "simple"),
        ("f4", "simple"),
        ("f6", "simple"),
        ("f818", "simple"),
        ("f93c00", "float"),
        ("fa3f800000", "float"),
        ("fb3ff0000000000000", "float"),
        ("62ff80", "text"),
        ("62c080", "text"),
        ("63eda080", "text"),
        ("a14001", "key"),
        ("a18001", "depth"),
        ("a1a001", "depth"),
        ("a201010101", "duplicate_key"),
        ("a202010101", "key_order"),
        ("a2616100" + "0100", "key_order"),
        ("81818181818181", "depth"),
    ],
)
def test_other_bytes_are_refused(encoded: str, code: str) -> None:
    """Everything but the one encoding of an item of ours has a code that says why."""
    with pytest.raises(EncodingError, match=r".") as refusal:
        cbor.decode(bytes.fromhex(encoded))

    assert refusal.value.stable_code == f"encoding.cbor_{code}"


def test_depth_of_six_is_read() -> None:
    """The limit itself is allowed."""
    encoded = b"\x81" * cbor.MAX_DEPTH + b"\x00"

    assert cbor.encode(cbor.decode(encoded)) == encoded


@pytest.mark.parametrize("number", [2**64, -(2**64) - 1])
def test_integer_above_64_bits_is_refused(number: int) -> None:
    """There are no big numbers."""
    with pytest.raises(EncodingError, match="64 bits"):
        cbor.encode(number)


@pytest.mark.parametrize("item", [True, None, 1.5, (1,), {1.5: 1}])
def test_other_kinds_are_refused(item: object) -> None:
    """Booleans, null, floats and tuples cannot be written."""
    with pytest.raises(EncodingError, match="not in our part of CBOR"):
        cbor.encode(item)  # type: ignore[arg-type]


def test_lone_surrogate_is_refused() -> None:
    """A text that has no UTF-8 cannot be written."""
    with pytest.raises(EncodingError, match="surrogate"):
        cbor.encode("\ud800")


@pytest.mark.parametrize(
    "number", [0, 23, 24, 255, 256, 2**16, 2**32, -1, -24, -25, -256, -(2**40)]
)
def test_integer_is_read_without_its_head(number: int) -> None:
    """The short way for bytes known to be an integer gives what the reader gives."""
    assert cbor.read_integer(cbor.encode(number)) == number
