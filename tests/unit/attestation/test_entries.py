"""Entries: three kinds, and only for their own log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attestation.digests import encode_digest
from attestation.eip712 import address_of
from attestation.entries import EntryKind, classify_entry, parse_entry
from attestation.errors import EncodingError
from attestation.ids import keccak256, parse_origin
from attestation.records import draft_record, sign_record
from tests.support.attested import ORIGIN, OTHER_ORIGIN, message
from tests.unit.attestation.test_digests import DIGEST
from tests.unit.attestation.test_records import GAP, SALT, SECRET

MESSAGE = message()
OWN_DIGEST = replace(DIGEST, origin_hash=parse_origin(ORIGIN).log_id)
RECORD = sign_record(
    draft_record(GAP, origin=ORIGIN, subject="em-01", salt=SALT, signer=address_of(SECRET)), SECRET
)
ENTRIES = [
    (MESSAGE.encoded, EntryKind.MESSAGE, MESSAGE),
    (encode_digest(OWN_DIGEST), EntryKind.DIGEST, OWN_DIGEST),
    (RECORD.encoded, EntryKind.RECORD, RECORD),
]


@pytest.mark.parametrize(("encoded", "kind", "entry"), ENTRIES, ids=["message", "digest", "record"])
def test_entry_is_told_apart_and_read(encoded: bytes, kind: EntryKind, entry: object) -> None:
    """The first bytes tell the kind, and the kind's own reader reads it."""
    assert classify_entry(encoded) is kind
    assert parse_entry(encoded, origin=ORIGIN) == entry


@pytest.mark.parametrize("encoded", [b"", b"\x00", b"[]", b" {", bytes(320), b"\x84"])
def test_other_bytes_are_no_entry(encoded: bytes) -> None:
    """Whatever begins otherwise is refused."""
    with pytest.raises(EncodingError, match="not a message, digest or record"):
        parse_entry(encoded, origin=ORIGIN)


@pytest.mark.parametrize("encoded", [ENTRIES[1][0], ENTRIES[2][0]], ids=["digest", "record"])
def test_entry_of_another_log_is_refused(encoded: bytes) -> None:
    """A digest names the log's id, a record its origin; a message says it in the signature."""
    with pytest.raises(EncodingError, match="for another log"):
        parse_entry(encoded, origin=OTHER_ORIGIN)


def test_log_id_is_the_hash_of_the_origin() -> None:
    """What a digest carries is what the chain calls the log."""
    assert OWN_DIGEST.origin_hash == keccak256(ORIGIN.encode())
