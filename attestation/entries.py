"""
Entries of a log: a device message, an activity digest or a record, told apart by how they begin.

Source: FORMATS section 4; `docs/formats/records.md`, section 5.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TypeAlias

from attestation import cose, records
from attestation.digests import DIGEST_TYPEHASH, ActivityDigest, decode_digest
from attestation.errors import EncodingError
from attestation.ids import parse_origin
from attestation.messages import SignedMessage, parse_message
from attestation.records import Record, parse_record

Entry: TypeAlias = SignedMessage | ActivityDigest | Record


class EntryKind(IntEnum):
    """What an entry is."""

    MESSAGE = 0
    DIGEST = 1
    RECORD = 2


def classify_entry(encoded: bytes) -> EntryKind:
    """
    Say what an entry is by its first bytes; the rest is not looked at.

    Raises:
        EncodingError: If it begins like none of the three.
    """
    if encoded[:1] == bytes((cose.FIRST_BYTE,)):
        return EntryKind.MESSAGE
    if encoded[:1] == bytes((records.FIRST_BYTE,)):
        return EntryKind.RECORD
    if encoded.startswith(DIGEST_TYPEHASH):
        return EntryKind.DIGEST
    raise EncodingError("not a message, digest or record", code="encoding.entry")


def parse_entry(encoded: bytes, *, origin: str) -> Entry:
    """
    Read an entry of one log; signatures are not checked.

    Args:
        encoded: From outside.
        origin: Of the log it stands in, or shall.

    Raises:
        EncodingError: If it is malformed, or a record or digest of another log.

    Source: FORMATS section 4.
    """
    match classify_entry(encoded):
        case EntryKind.MESSAGE:
            return parse_message(encoded, origin=origin)
        case EntryKind.DIGEST:
            digest = decode_digest(encoded)
            _require_own(digest.origin_hash == parse_origin(origin).log_id)
            return digest
        case EntryKind.RECORD:
            record = parse_record(encoded)
            _require_own(record.origin == origin)
            return record


def _require_own(holds: bool) -> None:
    if not holds:
        raise EncodingError("the entry is for another log", code="encoding.entry_origin")
