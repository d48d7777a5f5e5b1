"""Signed messages: making, taking apart, verifying."""

from __future__ import annotations

import hashlib
import pickle

import pytest

from attestation.enums import Provenance, SignerKind
from attestation.errors import EncodingError, SignatureError
from attestation.keys import SoftwareKey
from attestation.messages import (
    MAX_ENTRY_LENGTH,
    parse_header,
    parse_message,
    verify_message,
)
from tests.support.attested import (
    ED25519_KEY,
    FILE_HASH,
    ORIGIN,
    OTHER_KEY,
    OTHER_ORIGIN,
    P256_KEY,
    message,
    reading,
    row,
)

BOTH = pytest.mark.parametrize("key", [ED25519_KEY, P256_KEY], ids=["Ed25519", "P-256"])


@BOTH
def test_message_is_read_back_and_holds(key: SoftwareKey) -> None:
    """What is signed is parsed to the same message, and its signature holds."""
    signed = message(*row(5), signer=key, signer_kind=SignerKind.GATEWAY)
    parsed = parse_message(signed.encoded, origin=ORIGIN)
    verify_message(parsed, key.public_key)

    assert parsed == signed
    assert parsed.readings == tuple(row(5))
    assert parsed.header.kid == key.public_key.kid


def test_id_and_leaf_are_over_the_bytes_as_they_came() -> None:
    """The id is a plain hash, the leaf one with the prefix of leaves."""
    signed = message()

    assert signed.message_id == hashlib.sha256(signed.encoded).digest()
    assert signed.leaf_hash == hashlib.sha256(b"\x00" + signed.encoded).digest()


def test_header_alone_is_read_cheaply() -> None:
    """Routing needs no payload: a pack that is no pack does not matter to it."""
    signed = message()
    broken = signed.encoded.replace(signed.payload, bytes(len(signed.payload)))

    assert parse_header(broken) == signed.header
    with pytest.raises(EncodingError, match="array of records"):
        parse_message(broken, origin=ORIGIN)


def test_message_of_another_log_does_not_hold() -> None:
    """The origin is part of what is signed, though not of the bytes."""
    parsed = parse_message(message().encoded, origin=OTHER_ORIGIN)

    with pytest.raises(SignatureError, match="does not match"):
        verify_message(parsed, ED25519_KEY.public_key)


@pytest.mark.parametrize("key", [OTHER_KEY, P256_KEY], ids=["other key", "other algorithm"])
def test_message_is_verified_with_the_key_it_names(key: SoftwareKey) -> None:
    """A key whose id is not the header's is refused before any signature is checked."""
    with pytest.raises(SignatureError, match="names another key"):
        verify_message(message(), key.public_key)


def test_entry_limit_holds_for_messages() -> None:
    """65 535 bytes are the most, whoever made them."""
    signed = message(*row(2700))
    assert len(signed.encoded) <= MAX_ENTRY_LENGTH

    with pytest.raises(EncodingError, match="at most 65535"):
        message(*row(3000))
    for parse in (parse_header, lambda encoded: parse_message(encoded, origin=ORIGIN)):
        with pytest.raises(EncodingError, match="at most 65535"):
            parse(bytes(MAX_ENTRY_LENGTH + 1))


def test_import_names_file_and_row_of_each_reading() -> None:
    """Provenance import and the source of the readings go together."""
    imported = reading(source_file=FILE_HASH, source_row=1)
    assert message(imported, provenance=Provenance.IMPORT).readings == (imported,)

    for readings, provenance in (
        ([imported], Provenance.LIVE),
        ([imported], Provenance.BACK_FILL),
        ([reading()], Provenance.IMPORT),
        ([imported, reading(end_s=reading().end_s + 900)], Provenance.IMPORT),
    ):
        with pytest.raises(EncodingError, match="each imported reading"):
            message(*readings, provenance=provenance)


def test_message_travels_between_processes() -> None:
    """A parsed message can be pickled, for checking in workers."""
    signed = message(*row(3))

    assert pickle.loads(pickle.dumps(signed)) == signed  # noqa: S301 - our own bytes
