"""
Cases of activity digests, encoded by eth_abi: the library contracts are called with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import rfc8785
from eth_abi import encode
from eth_utils import keccak

from tests.vectors.message_cases import ORIGIN

Case = dict[str, Any]

TYPE_TEXT = (
    "ActivityDigest(bytes32 originHash,bytes32 unitId,bytes32 seriesId,uint64 from,uint64 to,"
    "uint64 firstIndex,uint64 lastIndex,uint64 gapCount,bytes32 commitment)"
)
TYPES = ["bytes32"] * 4 + ["uint256"] * 5 + ["bytes32"]
SALT = bytes(range(16))
DOCUMENT = {"amount": "48250000", "unit": "Wh", "gaps": []}


def fields(**changes: Any) -> Case:
    values: Case = {
        "origin_hash": keccak(text=ORIGIN),
        "unit_id": keccak(text="#1"),
        "series_hash": keccak(text="em-01/energy.import/total/"),
        "from_s": 1_733_011_200,
        "to_s": 1_735_689_600,
        "first_index": 0,
        "last_index": 2976,
        "gap_count": 0,
        "commitment": hashlib.sha256(SALT + rfc8785.dumps(DOCUMENT)).digest(),
    }
    return values | changes


def encoded(**changes: Any) -> bytes:
    return encode(TYPES, [keccak(text=TYPE_TEXT), *fields(**changes).values()])


def case(name: str, content: bytes, meaning: Case | None = None) -> Case:
    given: Case = {"name": name, "encoded": content.hex()}
    if meaning is None:
        return given | {"result": "invalid", "error": "encoding.digest"}
    shown = {key: v.hex() if isinstance(v, bytes) else v for key, v in meaning.items()}
    return given | {"result": "valid", "digest": shown}


def digest_cases() -> Iterator[Case]:
    good = encoded()
    yield case("genuine", good, fields()) | {"salt": SALT.hex(), "document": DOCUMENT}
    greatest = {"to_s": 2**64 - 1, "last_index": 2**64 - 1, "gap_count": 2**64 - 1}
    yield case("greatest numbers", encoded(**greatest), fields(**greatest))
    yield case("one entry", encoded(last_index=0), fields(last_index=0))
    yield case("gap count of 65 bits", encoded(gap_count=2**64))
    yield case("negative in two's complement", good[:128] + b"\xff" * 32 + good[160:])
    yield case("empty period", encoded(to_s=1_733_011_200))
    yield case("period backwards", encoded(to_s=1_733_011_199))
    yield case("range backwards", encoded(first_index=2977))
    yield case("another type", bytes([good[0] ^ 1]) + good[1:])
    yield case("one word less", good[:-32])
    yield case("one word more", good + bytes(32))
    yield case("one byte less", good[:-1])
    yield case("empty", b"")
