"""Headers: read by their fields, and hashed from the bytes given."""

from __future__ import annotations

from typing import Any

import pytest
import rlp

from attestation.errors import EncodingError
from attestation.evm.header import parse_header
from tests.support.headers import HeaderParts
from tests.support.tries import keccak256

HASH = b"\x55" * 32
FORKS: dict[str, tuple[Any, ...]] = {
    "Berlin": (),
    "London": (7,),
    "Shanghai": (7, HASH),
    "Cancun": (7, HASH, 0, 0, HASH),
    "Prague": (7, HASH, 0, 0, HASH, HASH),
}
PARTS = HeaderParts(extra=b"vanity", nonce=b"\xff" * 8, beneficiary=b"\x66" * 20)


@pytest.mark.parametrize("fork", FORKS)
def test_fields_of_every_fork(fork: str) -> None:
    """Fields are found, and the hash is over the bytes given."""
    encoded = PARTS.encode(later=FORKS[fork])
    header = parse_header(encoded)

    assert header.keccak_hash == keccak256(encoded)
    assert (header.number, header.difficulty, header.timestamp_s) == (100, 1, 1_700_000_000)
    assert (header.parent_hash, header.state_root) == (b"\x11" * 32, b"\x22" * 32)
    assert (header.extra, header.nonce, header.beneficiary) == (
        b"vanity",
        b"\xff" * 8,
        b"\x66" * 20,
    )
    assert header.hash_with_extra(b"other") == keccak256(
        PARTS.encode(later=FORKS[fork], extra=b"other")
    )


def test_header_of_mainnet() -> None:
    """Block 1 of Ethereum's main network has the hash everybody knows."""
    empty = keccak256(b"\x80")
    encoded = rlp.encode(
        [
            bytes.fromhex("d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"),
            keccak256(b"\xc0"),
            bytes.fromhex("05a56e2d52c817161883f50c441c3228cfe54d9f"),
            bytes.fromhex("d67e4d450343046425ae4271474353857ab860dbc0a1dde64b41b5cd3a532bf3"),
            *(empty, empty, bytes(256)),
            *(17_171_480_576, 1, 5000, 0, 1_438_269_988),
            b"Geth/v1.0.0/linux/go1.4.2",
            bytes.fromhex("969b900de27b6ac6a67742365dd65f55a0526c41fd18e1b16f1a1215c2e66f59"),
            bytes.fromhex("539bd4979fef1ec4"),
        ]
    )

    assert parse_header(encoded).keccak_hash.hex() == (
        "88e96d4537bea4d9c05d12549907b32561d3bf31f45aae734cdc119f13406cb6"
    )


FIELDS: list[Any] = rlp.decode(PARTS.encode())


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, b"\x11" * 31),
        (2, b"\x66" * 21),
        (3, [b"\x22" * 32]),
        (6, bytes(255)),
        (7, b"\x00\x01"),
        (8, b"\x01" * 9),
        (11, b"\x01" * 9),
        (12, []),
        (14, bytes(7)),
        (15, b"\x00"),
    ],
)
def test_other_fields_are_refused(at: int, value: Any) -> None:
    """Each field has its length, and scalars have no leading zeros."""
    with pytest.raises(EncodingError, match=r"RLP|number or time"):
        parse_header(rlp.encode([*FIELDS[:at], value, *FIELDS[at + 1 :]]))


@pytest.mark.parametrize("count", [0, 14, 18, 19, 22])
def test_other_numbers_of_fields_are_refused(count: int) -> None:
    """No fork has 14, 18, 19 or 22 fields."""
    fields = [*FIELDS, HASH, 0, 0, HASH, HASH, HASH][:count]

    with pytest.raises(EncodingError, match="fields"):
        parse_header(rlp.encode(fields))


def test_endless_header_is_refused() -> None:
    """Extra data of a megabyte is not read."""
    with pytest.raises(EncodingError, match="block header of"):
        parse_header(PARTS.encode(extra=bytes(1 << 20)))


def test_string_is_no_header() -> None:
    """A header is a list."""
    with pytest.raises(EncodingError, match="list belongs"):
        parse_header(b"\x80")
