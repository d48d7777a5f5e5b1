"""
The part of CBOR we speak, in its one deterministic encoding, and nothing beside it.

Integers of 64 bits, byte strings, text strings, arrays, maps with integer or text keys, and tags.
Shortest heads, definite lengths, keys in bytewise order of their encodings, no duplicates, no
floats and no simple values, bounded depth, nothing after the item.
What decodes is therefore exactly what `encode` gives, without encoding it again.

Source: RFC 8949, section 4.2.1 (core deterministic encoding).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Never, TypeAlias

from attestation.errors import EncodingError

UINT, NINT, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)
"""Major types."""

MAX_DEPTH: Final = 6
_SMALL: Final = {bytes((n,)): n for n in range(24)} | {bytes((0x20 + n,)): ~n for n in range(24)}
_SMALLEST: Final = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}
_HEAD_BYTES: Final = {1: 0, 2: 24 << 8, 3: 25 << 16, 5: 26 << 32, 9: 27 << 64}
_ARGUMENT_LIMIT: Final = 1 << 64


@dataclass(frozen=True, slots=True)
class Tag:
    """A tagged item."""

    number: int
    item: Item


Key: TypeAlias = int | str
Item: TypeAlias = "int | bytes | str | list[Item] | dict[Key, Item] | Tag"


def decode(encoded: bytes) -> Item:
    """
    Read one item that fills the bytes.

    Args:
        encoded: From outside.

    Raises:
        EncodingError: If the bytes are anything but the one encoding of one item.
    """
    item, end = read_item(encoded, 0)
    if end != len(encoded):
        raise EncodingError(
            f"{len(encoded) - end} bytes after the item", code="encoding.cbor_trailing"
        )
    return item


def read_item(encoded: bytes, start: int, depth: int = MAX_DEPTH) -> tuple[Item, int]:
    """
    Read the item that begins at `start`, and give it with the position after it.

    Raises:
        EncodingError: If there is no item in its one encoding, or it nests deeper than `depth`.
    """
    small = _SMALL.get(encoded[start : start + 1])
    if small is not None:  # most keys and many values: worth a short way
        return small, start + 1
    major, argument, position = read_head(encoded, start)
    if major == UINT:
        return argument, position
    if major == NINT:
        return -1 - argument, position
    if major in (TEXT, BYTES):
        end = position + argument
        if end > len(encoded):
            raise _truncated()
        content = encoded[position:end]
        return (content if major == BYTES else _text(content)), end
    if depth == 0:
        raise EncodingError("nested too deeply", code="encoding.cbor_depth")
    if major == MAP:
        return read_map(encoded, position, argument, depth - 1)
    if major == ARRAY:
        return _read_array(encoded, position, argument, depth - 1)
    item, position = read_item(encoded, position, depth - 1)
    return Tag(argument, item), position


def read_head(encoded: bytes, start: int) -> tuple[int, int, int]:
    """
    Read an item's head: major type, argument, and the position after it.

    Raises:
        EncodingError: If the head is cut short, not the shortest, indefinite, or of major type 7.
    """
    if start >= len(encoded):
        raise _truncated()
    initial = encoded[start]
    major, low = initial >> 5, initial & 0x1F
    if major == SIMPLE:
        _refuse_simple(initial)
    if low < 24:
        return major, low, start + 1
    if low > 27:
        _refuse_reserved(low)
    end = start + 1 + (1 << (low - 24))
    if end > len(encoded):
        raise _truncated()
    argument = int.from_bytes(encoded[start + 1 : end], "big")
    if argument < _SMALLEST[low]:
        raise EncodingError(
            f"{argument} is not in its shortest form", code="encoding.cbor_not_shortest"
        )
    return major, argument, end


def read_map(encoded: bytes, position: int, count: int, depth: int) -> tuple[dict[Key, Item], int]:
    """
    Read the `count` pairs of a map, whose head stands before `position`.

    Raises:
        EncodingError: If a pair is malformed, or the keys are not in strictly ascending order.
    """
    pairs: dict[Key, Item] = {}
    previous = b""
    for _ in range(count):
        key, end = read_item(encoded, position, 0)
        if isinstance(key, bytes):
            raise EncodingError("a map key is a byte string", code="encoding.cbor_key")
        here = encoded[position:end]
        if here <= previous:
            _refuse_order(here, previous)
        previous = here
        pairs[key], position = read_item(encoded, end, depth)  # type: ignore[index]
    return pairs, position


def read_integer(encoded: bytes) -> int:
    """Read bytes that are already known to be one integer in its shortest form."""
    number = int.from_bytes(encoded, "big") - _HEAD_BYTES[len(encoded)]
    if encoded[0] < NINT << 5:
        return number
    return -1 - (number - (NINT << 5 << 8 * (len(encoded) - 1)))


def encode(item: Item) -> bytes:
    """
    Give the deterministic encoding.

    Raises:
        EncodingError: If an integer is outside 64 bits or the item is of another kind.
    """
    if type(item) is int:
        return encode_int(item)
    if isinstance(item, bytes):
        return encode_head(BYTES, len(item)) + item
    if isinstance(item, str):
        text = _utf8(item)
        return encode_head(TEXT, len(text)) + text
    if isinstance(item, list):
        return encode_head(ARRAY, len(item)) + b"".join(map(encode, item))
    if isinstance(item, dict):
        pairs = sorted((encode(key), encode(value)) for key, value in item.items())
        return encode_head(MAP, len(pairs)) + b"".join(key + value for key, value in pairs)
    if isinstance(item, Tag):
        return encode_head(TAG, item.number) + encode(item.item)
    raise EncodingError(f"{type(item).__name__} is not in our part of CBOR", code="encoding.cbor")


def encode_int(number: int) -> bytes:
    """
    Give the encoding of an integer.

    Raises:
        EncodingError: If it needs more than 64 bits.
    """
    if number >= 0:
        return encode_head(UINT, number)
    return encode_head(NINT, -1 - number)


def encode_head(major: int, argument: int) -> bytes:
    """
    Give the shortest head of a major type with an argument.

    Raises:
        EncodingError: If the argument needs more than 64 bits.
    """
    if argument < 24:
        return bytes((major << 5 | argument,))
    if argument >= _ARGUMENT_LIMIT:
        raise EncodingError(f"{argument} needs more than 64 bits", code="encoding.cbor_range")
    low = 24 + (argument >= 1 << 8) + (argument >= 1 << 16) + (argument >= 1 << 32)
    return bytes((major << 5 | low,)) + argument.to_bytes(1 << (low - 24), "big")


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise EncodingError("a text has a lone surrogate", code="encoding.cbor_text") from error


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise EncodingError("a text string is not UTF-8", code="encoding.cbor_text") from error


def _read_array(encoded: bytes, position: int, count: int, depth: int) -> tuple[list[Item], int]:
    items: list[Item] = []
    for _ in range(count):
        item, position = read_item(encoded, position, depth)
        items.append(item)
    return items, position


def _truncated() -> EncodingError:
    return EncodingError("the bytes end inside an item", code="encoding.cbor_truncated")


def _refuse_simple(initial: int) -> Never:
    if initial in (0xF9, 0xFA, 0xFB):
        raise EncodingError("a floating-point number", code="encoding.cbor_float")
    raise EncodingError("a simple value", code="encoding.cbor_simple")


def _refuse_reserved(low: int) -> Never:
    if low == 31:
        raise EncodingError("an indefinite length", code="encoding.cbor_indefinite")
    raise EncodingError(f"reserved additional information {low}", code="encoding.cbor_reserved")


def _refuse_order(key: bytes, previous: bytes) -> Never:
    if key == previous:
        raise EncodingError("a map has the same key twice", code="encoding.cbor_duplicate_key")
    raise EncodingError("map keys are not in deterministic order", code="encoding.cbor_key_order")
