"""
Activity digests: what one series adds up to over one period, in words a contract can build.

The layout is fixed ABI, ten words of 32 bytes, so that Python and Solidity make the same entry.
The amount itself is hidden: the last word commits to a salted document that stays with its
owner.

Source: FORMATS section 4; Solidity ABI (static types); `docs/formats/activity-digest.md`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from attestation.canonical import Json, canonical_json
from attestation.errors import EncodingError
from attestation.ids import HASH_LENGTH, keccak256

TYPE_TEXT: Final = (
    "ActivityDigest(bytes32 originHash,bytes32 unitId,bytes32 seriesId,uint64 from,uint64 to,"
    "uint64 firstIndex,uint64 lastIndex,uint64 gapCount,bytes32 commitment)"
)
DIGEST_TYPEHASH: Final = keccak256(TYPE_TEXT.encode())
SALT_LENGTH: Final = 16
_WORD: Final = 32
_WORDS: Final = 10
DIGEST_LENGTH: Final = _WORD * _WORDS
_UINT64: Final = 1 << 64


@dataclass(frozen=True, slots=True)
class ActivityDigest:
    """One activity digest; hashes are 32 bytes, times are seconds, indexes are of the log."""

    origin_hash: bytes
    """Keccak-256 of the log's origin: its log id."""
    unit_id: bytes
    """Keccak-256 of the emission unit's code (机组或设施编码)."""
    series_hash: bytes
    """Keccak-256 of the series id."""
    from_s: int
    """Begin of the period, included."""
    to_s: int
    """End of the period, excluded."""
    first_index: int
    """First entry of the log that was considered."""
    last_index: int
    """Last entry of the log that was considered."""
    gap_count: int
    """Number of intervals of the period that no reading covers."""
    commitment: bytes
    """`commit` of the digest document."""


def encode_digest(digest: ActivityDigest) -> bytes:
    """
    Write a digest as a log entry of 320 bytes.

    Raises:
        EncodingError: If a hash is not 32 bytes, a number does not fit, or the period or the
            range of entries ends before it begins.

    Source: Solidity ABI, `abi.encode` of static types.
    """
    _check_order(digest)
    words = (
        DIGEST_TYPEHASH,
        _hash(digest.origin_hash),
        _hash(digest.unit_id),
        _hash(digest.series_hash),
        _uint64(digest.from_s),
        _uint64(digest.to_s),
        _uint64(digest.first_index),
        _uint64(digest.last_index),
        _uint64(digest.gap_count),
        _hash(digest.commitment),
    )
    return b"".join(words)


def decode_digest(encoded: bytes) -> ActivityDigest:
    """
    Read a digest.

    Args:
        encoded: From outside.

    Raises:
        EncodingError: If the bytes are not a digest in its one form.

    Source: `docs/formats/activity-digest.md`.
    """
    if len(encoded) != DIGEST_LENGTH or not encoded.startswith(DIGEST_TYPEHASH):
        raise EncodingError("not an activity digest", code="encoding.digest")
    words = [encoded[start : start + _WORD] for start in range(_WORD, DIGEST_LENGTH, _WORD)]
    origin_hash, unit_id, series_hash, *numbers, commitment = words
    from_s, to_s, first_index, last_index, gap_count = map(_number, numbers)
    digest = ActivityDigest(
        origin_hash=origin_hash,
        unit_id=unit_id,
        series_hash=series_hash,
        from_s=from_s,
        to_s=to_s,
        first_index=first_index,
        last_index=last_index,
        gap_count=gap_count,
        commitment=commitment,
    )
    _check_order(digest)
    return digest


def commit(document: Json, salt: bytes) -> bytes:
    """
    Give the commitment to a document: SHA-256(salt || JCS(document)), 32 bytes.

    Args:
        document: Kept by its owner, with the salt.
        salt: 16 random bytes.

    Raises:
        EncodingError: If the salt has another length or the document is no canonical JSON.

    Source: FORMATS sections 4 and 9.
    """
    if len(salt) != SALT_LENGTH:
        raise EncodingError(f"salt of {len(salt)} bytes, 16 expected", code="encoding.salt")
    return hashlib.sha256(salt + canonical_json(document)).digest()


def _check_order(digest: ActivityDigest) -> None:
    if digest.from_s >= digest.to_s or digest.first_index > digest.last_index:
        raise EncodingError("a period or range ends before it begins", code="encoding.digest")


def _hash(content: bytes) -> bytes:
    if len(content) != HASH_LENGTH:
        raise EncodingError(f"{len(content)} bytes, 32 expected", code="encoding.digest")
    return content


def _number(word: bytes) -> int:
    number = int.from_bytes(word, "big")
    if number >= _UINT64:
        raise EncodingError(f"{number} does not fit 64 bits", code="encoding.digest")
    return number


def _uint64(number: int) -> bytes:
    if not 0 <= number < _UINT64:
        raise EncodingError(f"{number} does not fit 64 bits", code="encoding.digest")
    return number.to_bytes(_WORD, "big")
