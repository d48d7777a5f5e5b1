"""
Records: what people and organisations say in a log, signed as typed data.

A record is canonical JSON with exactly nine names. Its signature is EIP-712 over the hash of the
other eight, by the address it names, so that a wallet can show type, log and subject. Records
never change an entry; they supersede it.

Source: FORMATS section 4; EIP-712; `docs/formats/records.md`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from attestation.body_fields import read_body, write_body
from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.eip712 import (
    SIGNATURE_LENGTH,
    Types,
    address_of,
    hash_typed_data,
    parse_address,
    recover_address,
    sign_digest,
)
from attestation.encodings import parse_hex
from attestation.errors import EncodingError, SignatureError
from attestation.ids import HASH_LENGTH, parse_origin
from attestation.messages import MAX_ENTRY_LENGTH
from attestation.record_bodies import BODY_TYPES, BODY_VERSION, Body
from attestation.tree_hash import hash_leaf

FIRST_BYTE: Final = 0x7B
"""The opening brace: what every record begins with."""
MAX_BODY_LENGTH: Final = 32 * 1024
"""What is longer is a digest here and a file elsewhere."""
SALT_LENGTH: Final = 16

DOMAIN: Final = {"name": "CarbonSeal Record", "version": "1"}
PRIMARY_TYPE: Final = "Record"
TYPES: Final[Types] = {
    PRIMARY_TYPE: (
        ("recordType", "string"),
        ("origin", "string"),
        ("subject", "string"),
        ("contentHash", "bytes32"),
        ("signer", "address"),
    )
}

_TYPE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_MAX_SUBJECT: Final = 200
_MAX_SUPERSEDED: Final = 100
_MAX_VERSION: Final = 1000
_DRAFT_NAMES: Final = frozenset(
    ("type", "version", "origin", "subject", "salt", "body", "supersedes", "signer")
)
_NAMES: Final = _DRAFT_NAMES | {"signature"}


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """A record before it is signed; `record_type` to `signer` as FORMATS names them."""

    record_type: str
    version: int
    origin: str
    subject: str
    """What the record is about, in words a signer recognises."""
    salt: bytes
    """16 random bytes."""
    body: Mapping[str, Json]
    supersedes: tuple[bytes, ...]
    """Leaf hashes of the entries this one takes the place of, 32 bytes each."""
    signer: str
    """Address of the signer: `0x` and 40 lower-case hexadecimal digits."""

    @property
    def content_hash(self) -> bytes:
        """SHA-256 of the canonical JSON of everything but the signature, 32 bytes."""
        return hashlib.sha256(canonical_json(self.content())).digest()

    @property
    def digest(self) -> bytes:
        """The EIP-712 digest that the signer signs, 32 bytes."""
        return hash_typed_data(DOMAIN, TYPES, PRIMARY_TYPE, self.typed_message())

    def content(self) -> dict[str, Json]:
        """Give everything but the signature as a JSON object."""
        return {
            "type": self.record_type,
            "version": self.version,
            "origin": self.origin,
            "subject": self.subject,
            "salt": self.salt.hex(),
            "body": self.body,
            "supersedes": [leaf_hash.hex() for leaf_hash in self.supersedes],
            "signer": self.signer,
        }

    def typed_message(self) -> dict[str, str]:
        """Give the message of the typed data, as a wallet takes it (`eth_signTypedData_v4`)."""
        return {
            "recordType": self.record_type,
            "origin": self.origin,
            "subject": self.subject,
            "contentHash": "0x" + self.content_hash.hex(),
            "signer": self.signer,
        }


@dataclass(frozen=True, slots=True)
class Record(RecordDraft):
    """A signed record; whether its signature holds is said by `verify_record`."""

    signature: bytes
    """65 bytes r || s || v."""

    @property
    def encoded(self) -> bytes:
        """The entry's bytes: canonical JSON."""
        return canonical_json({**self.content(), "signature": "0x" + self.signature.hex()})

    @property
    def leaf_hash(self) -> bytes:
        """Leaf hash of the entry, 32 bytes."""
        return hash_leaf(self.encoded)


def draft_record(
    body: Body,
    *,
    origin: str,
    subject: str,
    salt: bytes,
    signer: str,
    supersedes: Sequence[bytes] = (),
) -> RecordDraft:
    """
    Make a record of the foundation's types, to be signed.

    Args:
        body: What it says; its class gives the type.
        origin: Of the log it is for.
        subject: What it is about, 1 to 200 characters.
        salt: 16 random bytes.
        signer: Address that will sign.
        supersedes: Leaf hashes of entries it takes the place of.

    Raises:
        EncodingError: If a part is malformed or the body is too long.
    """
    return _check(
        RecordDraft(
            record_type=body.record_type,
            version=BODY_VERSION,
            origin=origin,
            subject=subject,
            salt=salt,
            body=write_body(body),
            supersedes=tuple(supersedes),
            signer=signer,
        )
    )


def sign_record(draft: RecordDraft, secret: bytes) -> Record:
    """
    Sign a draft with a secp256k1 key held in memory.

    Raises:
        SignatureError: If the key is not the signer's.
    """
    if address_of(secret) != draft.signer:
        raise SignatureError("the key is not the signer's", code="verification.signature_signer")
    return attach_signature(draft, sign_digest(secret, draft.digest))


def attach_signature(draft: RecordDraft, signature: bytes) -> Record:
    """
    Make a record of a draft and the signature a wallet gave.

    Raises:
        SignatureError: If the signature is not the signer's over this draft.
        EncodingError: If the whole is too long for an entry.
    """
    record = _signed(draft, signature)
    verify_record(record)
    _check_length(record.encoded)
    return record


def parse_record(encoded: bytes) -> Record:
    """
    Read a record; its signature is not checked.

    Bodies of the foundation's types must have their form; other types are read as they are.

    Args:
        encoded: From outside.

    Raises:
        EncodingError: If it is anything but a record in its one form.

    Source: `docs/formats/records.md`.
    """
    _check_length(encoded)
    content = require_object(parse_canonical(encoded), "record")
    if content.keys() != _NAMES:
        names = ", ".join(sorted(content.keys() ^ _NAMES))
        raise EncodingError(f"missing or unknown names: {names}", code="encoding.record_names")
    draft = _read_draft(content)
    signature = parse_hex(_text(content["signature"]), length=SIGNATURE_LENGTH)
    record = _signed(draft, signature)
    if is_known(record):
        body_of_record(record)
    return record


def parse_draft(content: Mapping[str, Json]) -> RecordDraft:
    """
    Read a draft from the object that `RecordDraft.content` gives; its type must be known.

    Args:
        content: From outside.

    Raises:
        EncodingError: If it is anything else.
    """
    if content.keys() != _DRAFT_NAMES:
        names = ", ".join(sorted(content.keys() ^ _DRAFT_NAMES))
        raise EncodingError(f"missing or unknown names: {names}", code="encoding.record_names")
    draft = _read_draft(content)
    body_of_record(draft)
    return draft


def verify_record(record: Record) -> str:
    """
    Check that the address a record names signed it, and give that address.

    Whether that address may say such a thing is not judged here.

    Raises:
        SignatureError: If somebody else signed, or nobody, or something else.

    Source: EIP-712; `docs/formats/records.md`, section 2.
    """
    recovered = recover_address(record.digest, record.signature)
    if recovered != record.signer:
        raise SignatureError(
            f"signed by {recovered}, not by {record.signer}", code="verification.signature_signer"
        )
    return recovered


def is_known(record: RecordDraft) -> bool:
    """Say whether a record is of one of the foundation's types and versions."""
    return record.version == BODY_VERSION and record.record_type in BODY_TYPES


def body_of_record(record: RecordDraft) -> Body:
    """
    Give the typed body of a record.

    Raises:
        EncodingError: If type and version are not known, or the body has another form.
    """
    if not is_known(record):
        raise EncodingError(
            f"no known record type: {record.record_type!r} version {record.version}",
            code="encoding.record_type",
        )
    return read_body(BODY_TYPES[record.record_type], record.body)


def _read_draft(content: Mapping[str, Json]) -> RecordDraft:
    """Read the names that a draft and a record have in common."""
    supersedes = content["supersedes"]
    if not isinstance(supersedes, list):
        raise EncodingError("supersedes is no array", code="encoding.record")
    return _check(
        RecordDraft(
            record_type=_text(content["type"]),
            version=_integer(content["version"]),
            origin=_text(content["origin"]),
            subject=_text(content["subject"]),
            salt=_bytes(content["salt"], SALT_LENGTH),
            body=require_object(content["body"], "body"),
            supersedes=tuple(_bytes(each, HASH_LENGTH) for each in supersedes),
            signer=_text(content["signer"]),
        )
    )


def _signed(draft: RecordDraft, signature: bytes) -> Record:
    return Record(
        record_type=draft.record_type,
        version=draft.version,
        origin=draft.origin,
        subject=draft.subject,
        salt=draft.salt,
        body=draft.body,
        supersedes=draft.supersedes,
        signer=draft.signer,
        signature=signature,
    )


def _check(draft: RecordDraft) -> RecordDraft:
    parse_origin(draft.origin)
    parse_address(draft.signer)
    superseded = draft.supersedes
    conditions = (
        (_TYPE.fullmatch(draft.record_type), "type is not 1 to 40 characters of [a-z0-9-]"),
        (1 <= draft.version <= _MAX_VERSION, f"version {draft.version} is out of range"),
        (0 < len(draft.subject) <= _MAX_SUBJECT, "subject is not 1 to 200 characters"),
        (draft.subject.isprintable(), "subject has characters that do not print"),
        (len(draft.salt) == SALT_LENGTH, "salt is not 16 bytes"),
        (all(len(each) == HASH_LENGTH for each in superseded), "a leaf hash is not 32 bytes"),
        (len(set(superseded)) == len(superseded) <= _MAX_SUPERSEDED, "supersedes one entry twice"),
        (len(canonical_json(draft.body)) <= MAX_BODY_LENGTH, "body is longer than 32 KiB"),
    )
    for holds, message in conditions:
        if not holds:
            raise EncodingError(message, code="encoding.record")
    return draft


def _check_length(encoded: bytes) -> None:
    if len(encoded) > MAX_ENTRY_LENGTH:
        raise EncodingError(
            f"record of {len(encoded)} bytes, at most {MAX_ENTRY_LENGTH} allowed",
            code="encoding.entry_length",
        )


def _text(content: Json) -> str:
    if not isinstance(content, str):
        raise EncodingError(f"{content!r} is no text", code="encoding.record")
    return content


def _integer(content: Json) -> int:
    if not isinstance(content, int) or isinstance(content, bool):
        raise EncodingError(f"{content!r} is no integer", code="encoding.record")
    return content


def _bytes(content: Json, length: int) -> bytes:
    text = _text(content)
    if len(text) != 2 * length or not _HEX.fullmatch(text):
        raise EncodingError(f"not {length} bytes in hexadecimal", code="encoding.record")
    return bytes.fromhex(text)
