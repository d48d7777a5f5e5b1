"""
RLP, strictly: one encoding for one item, and nothing after it.

Source: Ethereum Yellow Paper, appendix B.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from attestation.errors import EncodingError

Item: TypeAlias = "bytes | list[Item]"

_MAX_DEPTH: Final = 8
"""Headers and trie nodes nest three deep; deeper input only wears out the stack."""

_SHORT: Final = 55
_STRING: Final = 0x80
_LIST: Final = 0xC0


def decode(encoded: bytes) -> Item:
    """
    Decode one item.

    Args:
        encoded: From outside.

    Raises:
        EncodingError: If it is cut off, not the one encoding of its item, nested more than 8
            deep, or followed by anything.

    Source: Ethereum Yellow Paper, appendix B.
    """
    item, end = _decode_at(encoded, 0, len(encoded), 0)
    if end != len(encoded):
        raise EncodingError(f"{len(encoded) - end} bytes after an RLP item", code="encoding.rlp")
    return item


def decode_list(encoded: bytes) -> list[Item]:
    """
    Decode one item that must be a list.

    Raises:
        EncodingError: As `decode`, or if it is a string.

    Source: Ethereum Yellow Paper, appendix B.
    """
    return require_list(decode(encoded))


def encode(item: bytes | Sequence[Item]) -> bytes:
    """
    Encode a string of bytes or a list.

    Source: Ethereum Yellow Paper, appendix B.
    """
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < _STRING:
            return item
        return _prefix(_STRING, len(item)) + item
    content = b"".join(map(encode, item))
    return _prefix(_LIST, len(content)) + content


def encode_integer(value: int) -> bytes:
    """
    Give the bytes of a scalar: big-endian, without leading zeros; empty for 0.

    Source: Ethereum Yellow Paper, appendix B.
    """
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def require_list(item: Item) -> list[Item]:
    """
    Require a list.

    Raises:
        EncodingError: If it is a string.
    """
    if isinstance(item, bytes):
        raise EncodingError("an RLP string where a list belongs", code="encoding.rlp")
    return item


def require_bytes(item: Item, length: int | None = None) -> bytes:
    """
    Require a string, of a length where one is given.

    Raises:
        EncodingError: If it is a list or has another length.
    """
    if not isinstance(item, bytes):
        raise EncodingError("an RLP list where a string belongs", code="encoding.rlp")
    if length is not None and len(item) != length:
        raise EncodingError(
            f"an RLP string of {len(item)} bytes, {length} expected", code="encoding.rlp"
        )
    return item


def require_integer(item: Item, max_length: int = 32) -> int:
    """
    Require a scalar without leading zeros, at most `max_length` bytes long.

    Raises:
        EncodingError: If it is a list, too long or starts with a zero byte.
    """
    content = require_bytes(item)
    if len(content) > max_length or content[:1] == b"\x00":
        raise EncodingError(
            "an RLP scalar that is too long or has leading zeros", code="encoding.rlp"
        )
    return int.from_bytes(content, "big")


def _prefix(offset: int, length: int) -> bytes:
    if length <= _SHORT:
        return bytes((offset + length,))
    length_bytes = encode_integer(length)
    return bytes((offset + _SHORT + len(length_bytes),)) + length_bytes


def _decode_at(encoded: bytes, at: int, limit: int, depth: int) -> tuple[Item, int]:
    """Decode the item at `at`; its bytes must end at or before `limit`."""
    if at >= limit:
        raise EncodingError("RLP ends where an item belongs", code="encoding.rlp")
    first = encoded[at]
    if first < _STRING:
        return encoded[at : at + 1], at + 1
    offset = _STRING if first < _LIST else _LIST
    start, end = _bounds(encoded, at, first - offset, limit)
    if offset == _STRING:
        content = encoded[start:end]
        if len(content) == 1 and content[0] < _STRING:
            raise EncodingError("an RLP byte with a needless prefix", code="encoding.rlp")
        return content, end
    if depth == _MAX_DEPTH:
        raise EncodingError(f"RLP nested more than {_MAX_DEPTH} deep", code="encoding.rlp")
    items: list[Item] = []
    while start < end:
        item, start = _decode_at(encoded, start, end, depth + 1)
        items.append(item)
    return items, end


def _bounds(encoded: bytes, at: int, short: int, limit: int) -> tuple[int, int]:
    """Give where the content of the prefixed item at `at` starts and ends."""
    start, length = at + 1, short
    if short > _SHORT:
        size = short - _SHORT
        start += size
        length_bytes = encoded[at + 1 : start]
        length = int.from_bytes(length_bytes, "big")
        if length <= _SHORT or length_bytes[0] == 0:
            raise EncodingError("an RLP length that is not the shortest", code="encoding.rlp")
    if start > limit or start + length > limit:
        raise EncodingError("RLP is cut off", code="encoding.rlp")
    return start, start + length
