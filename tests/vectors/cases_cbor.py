"""
Pieces of CBOR for vectors, by an encoder that is not ours, and by hand where it must be wrong.

The canonical form of cbor2 orders keys by length first; for the labels we use that is the bytewise
order of RFC 8949 too.
"""

from __future__ import annotations

from typing import Any

import cbor2


def canonical(item: Any) -> bytes:
    return cbor2.dumps(item, canonical=True)


def array(*items: bytes) -> bytes:
    """Give an array of items that are encoded already."""
    return bytes([0x80 | len(items)]) + b"".join(items)


def mapping(*pairs: tuple[Any, bytes]) -> bytes:
    """Give a map with its pairs in the order given, right or wrong; values are encoded."""
    return bytes([0xA0 | len(pairs)]) + b"".join(canonical(key) + value for key, value in pairs)
