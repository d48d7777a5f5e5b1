"""Records: drafting, signing by key or wallet, reading."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from attestation.canonical import canonical_json
from attestation.eip712 import address_of, sign_digest
from attestation.errors import EncodingError, SignatureError
from attestation.messages import MAX_ENTRY_LENGTH
from attestation.records import (
    MAX_BODY_LENGTH,
    Record,
    RecordDraft,
    attach_signature,
    body_of_record,
    draft_record,
    is_known,
    parse_record,
    sign_record,
    verify_record,
)
from attestation.series_bodies import Gap
from tests.support.attested import ORIGIN, OTHER_ORIGIN, SERIES

SECRET, OTHER_SECRET = b"\x22" * 32, b"\x23" * 32
SALT = bytes(range(16))
GAP = Gap(cause="meter exchanged", series=SERIES, from_s=1_735_660_800, to_s=1_735_664_400)


def draft(**changes: Any) -> RecordDraft:
    arguments: dict[str, Any] = {
        "origin": ORIGIN,
        "subject": "em-01",
        "salt": SALT,
        "signer": address_of(SECRET),
    }
    return draft_record(GAP, **(arguments | changes))


def test_record_is_read_back_and_holds() -> None:
    """What is signed is parsed to the same record, with its typed body."""
    record = sign_record(draft(supersedes=[b"\x01" * 32]), SECRET)
    parsed = parse_record(record.encoded)

    assert parsed == record
    assert body_of_record(parsed) == GAP
    assert verify_record(parsed) == address_of(SECRET)
    assert is_known(parsed)


def test_wallet_signs_the_same_digest() -> None:
    """A signature made elsewhere over the draft's digest completes it."""
    unsigned = draft()
    record = attach_signature(unsigned, sign_digest(SECRET, unsigned.digest))

    assert record == sign_record(unsigned, SECRET)


def test_wallet_shows_log_and_subject() -> None:
    """The typed message has human fields and commits to the rest."""
    unsigned = draft()

    assert unsigned.typed_message() == {
        "recordType": "gap",
        "origin": ORIGIN,
        "subject": "em-01",
        "contentHash": "0x" + unsigned.content_hash.hex(),
        "signer": address_of(SECRET),
    }


def test_another_key_cannot_sign_in_the_signers_place() -> None:
    """Neither a key held here nor a wallet's signature passes for another's."""
    unsigned = draft()

    with pytest.raises(SignatureError, match="not the signer's"):
        sign_record(unsigned, OTHER_SECRET)
    with pytest.raises(SignatureError, match="signed by 0x"):
        attach_signature(unsigned, sign_digest(OTHER_SECRET, unsigned.digest))


@pytest.mark.parametrize(
    "changes",
    [
        {"record_type": "epoch"},
        {"version": 2},
        {"origin": OTHER_ORIGIN},
        {"subject": "em-02"},
        {"salt": bytes(16)},
        {"body": {"cause": "x"}},
        {"supersedes": (b"\x01" * 32,)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_signature_covers_every_part(changes: dict[str, Any]) -> None:
    """Whatever is changed, the signature is no longer the signer's."""
    changed = replace(sign_record(draft(), SECRET), **changes)

    with pytest.raises(SignatureError, match="signed by 0x"):
        verify_record(changed)


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "log.example"},
        {"subject": ""},
        {"subject": "a\u2028b"},
        {"salt": bytes(15)},
        {"signer": "0x00"},
        {"supersedes": [bytes(31)]},
        {"supersedes": [bytes(32), bytes(32)]},
        {"supersedes": [bytes([number]) * 32 for number in range(101)]},
    ],
    ids=str,
)
def test_draft_that_would_be_refused_is_not_made(changes: dict[str, Any]) -> None:
    """The rules of arriving records hold for drafts."""
    with pytest.raises(EncodingError, match=r"."):
        draft(**changes)


def test_salt_hides_the_body() -> None:
    """Two records of one content have two hashes."""
    assert draft().content_hash != draft(salt=bytes(16)).content_hash


def test_unknown_type_has_no_typed_body() -> None:
    """A record of a later release is read, and its body stays as it is."""
    record = replace(sign_record(draft(), SECRET), record_type="drone-survey", body={"a": 1})
    parsed = parse_record(record.encoded)

    assert not is_known(parsed)
    assert parsed.body == {"a": 1}
    with pytest.raises(EncodingError, match="no known record type"):
        body_of_record(parsed)


def test_later_version_of_a_known_type_is_not_judged() -> None:
    """Version 2 of a type may have another body."""
    record = replace(sign_record(draft(), SECRET), version=2, body={"a": 1})

    assert not is_known(parse_record(record.encoded))


def test_body_limit() -> None:
    """32 KiB of canonical JSON are allowed, one byte more is not."""
    room = MAX_BODY_LENGTH - len(canonical_json({"x": ""}))
    record = replace(sign_record(draft(), SECRET), record_type="note", body={"x": "a" * room})
    assert parse_record(record.encoded).body == record.body

    with pytest.raises(EncodingError, match="longer than 32 KiB"):
        parse_record(replace(record, body={"x": "a" * (room + 1)}).encoded)


def test_entry_limit() -> None:
    """What no entry could hold is refused before it is read."""
    with pytest.raises(EncodingError, match="at most 65535"):
        parse_record(b"{" * (MAX_ENTRY_LENGTH + 1))


def test_record_is_a_signed_draft() -> None:
    """A record has what its draft has, and the signature."""
    record = sign_record(draft(), SECRET)

    assert isinstance(record, Record)
    assert record.content() == draft().content()
