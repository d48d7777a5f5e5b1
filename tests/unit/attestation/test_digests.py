"""Activity digests: what cannot be written, and the commitment."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from attestation.digests import (
    DIGEST_LENGTH,
    DIGEST_TYPEHASH,
    ActivityDigest,
    commit,
    decode_digest,
    encode_digest,
)
from attestation.errors import EncodingError

DIGEST = ActivityDigest(
    origin_hash=b"\x01" * 32,
    unit_id=b"\x02" * 32,
    series_hash=b"\x03" * 32,
    from_s=0,
    to_s=1,
    first_index=0,
    last_index=0,
    gap_count=0,
    commitment=b"\x04" * 32,
)


def test_digest_is_read_back() -> None:
    """Ten words, the first of them the type."""
    encoded = encode_digest(DIGEST)

    assert decode_digest(encoded) == DIGEST
    assert len(encoded) == DIGEST_LENGTH == 320
    assert encoded.startswith(DIGEST_TYPEHASH)


def test_type_is_told_apart_from_the_other_entries() -> None:
    """The type hash begins neither like a message nor like a record."""
    assert DIGEST_TYPEHASH[0] not in (0xD2, 0x7B)


@pytest.mark.parametrize(
    "changes",
    [
        {"origin_hash": bytes(31)},
        {"commitment": bytes(33)},
        {"from_s": -1},
        {"to_s": 2**64},
        {"gap_count": -1},
        {"to_s": 0},
        {"last_index": -1},
        {"first_index": 1},
    ],
    ids=str,
)
def test_digest_that_would_be_refused_is_not_written(changes: dict[str, Any]) -> None:
    """Lengths, ranges and order hold for digests we make."""
    with pytest.raises(EncodingError, match=r"."):
        encode_digest(replace(DIGEST, **changes))


def test_commitment_is_the_salted_hash() -> None:
    """SHA-256 over the salt and the canonical text."""
    salt = bytes(range(16))

    assert commit({"b": 1, "a": "x"}, salt) == hashlib.sha256(salt + b'{"a":"x","b":1}').digest()


def test_short_salt_is_refused() -> None:
    """Sixteen bytes, or the value behind the commitment could be searched for."""
    with pytest.raises(EncodingError, match="salt of 15 bytes"):
        commit({}, bytes(15))
