"""
Signed messages: a header that chains them, and the readings a device or gateway signed.

Parsing is strict and says nothing about the signature; `verify_message` does.
The bytes are kept as they came: ids and leaf hashes are over them, nothing is encoded again.

Source: FORMATS section 1; `docs/formats/signed-message.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from attestation import cose
from attestation.enums import Provenance, SignerKind
from attestation.errors import EncodingError, SignatureError
from attestation.headers import Header, decode_header, encode_header
from attestation.ids import MessageId
from attestation.instants import Instant
from attestation.keys import PublicKey, Signer
from attestation.readings import Reading
from attestation.runs import Run
from attestation.senml import decode_runs, encode_pack
from attestation.tree_hash import hash_leaf

MAX_ENTRY_LENGTH: Final = 65_535
"""C2SP tlog-tiles: an entry's length is written in two bytes."""

_AAD_CONTEXT: Final = "carbonseal/v1\n"


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """One signed message; whether its signature holds is said by `verify_message`."""

    header: Header
    runs: tuple[Run, ...]
    """The readings, kept together where only time and value change."""
    payload: bytes
    """The SenML pack."""
    signature: bytes
    """64 bytes."""
    encoded: bytes
    """The complete tagged bytes."""
    to_be_signed: bytes
    """The Sig_structure, with the log's origin inside."""

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings, in the order of the pack; made anew at each call."""
        return tuple(reading for run in self.runs for reading in run)

    @property
    def message_id(self) -> MessageId:
        """SHA-256 of the complete tagged bytes, 32 bytes."""
        return MessageId(hashlib.sha256(self.encoded).digest())

    @property
    def leaf_hash(self) -> bytes:
        """SHA-256 of 0x00 and the complete tagged bytes, 32 bytes (RFC 9162)."""
        return hash_leaf(self.encoded)


def sign_message(
    readings: Iterable[Reading],
    *,
    signer: Signer,
    origin: str,
    epoch: int,
    sequence: int,
    previous: bytes,
    signed_at: Instant,
    provenance: Provenance = Provenance.LIVE,
    signer_kind: SignerKind = SignerKind.DEVICE,
) -> SignedMessage:
    """
    Sign readings as message `sequence` of `epoch`.

    The caller stores (epoch, sequence, bytes) durably before the result leaves it.

    Args:
        readings: In the order they shall stand in the pack; not empty.
        signer: The device's or the gateway's key.
        origin: Of the log the message is for; it is valid in no other.
        epoch: From 0.
        sequence: From 0.
        previous: Id of the message before; 32 zero bytes for the very first.
        signed_at: Now, by the signer's clock.
        provenance: How the readings came.
        signer_kind: The measuring device itself, or a gateway for it.

    Raises:
        EncodingError: If a reading or a header field is not acceptable, or the whole is too long.

    Source: FORMATS section 1.
    """
    header = Header(
        algorithm=signer.public_key.algorithm,
        kid=signer.public_key.kid,
        epoch=epoch,
        sequence=sequence,
        previous=previous,
        signed_at=signed_at,
        provenance=provenance,
        signer=signer_kind,
    )
    encoded = cose.sign_sign1(
        protected=encode_header(header),
        payload=encode_pack(readings),
        external_aad=message_aad(origin),
        signer=signer,
    )
    return parse_message(encoded, origin=origin)


def parse_message(encoded: bytes, *, origin: str) -> SignedMessage:
    """
    Take a message apart; its signature is not checked.

    Args:
        encoded: Complete tagged bytes, from outside.
        origin: Of the log it is meant for.

    Raises:
        EncodingError: If the bytes are not a message in its one form.

    Source: FORMATS section 1; `docs/formats/signed-message.md`.
    """
    _check_length(encoded)
    parts = cose.parse_sign1(encoded, external_aad=message_aad(origin))
    header = decode_header(parts.protected)
    runs = decode_runs(parts.payload)
    imported = header.provenance is Provenance.IMPORT
    for run in runs:
        if (run.common.source_file is not None) != imported:
            raise EncodingError(
                "file and row stand in each imported reading and in no other",
                code="encoding.senml_source",
            )
    return SignedMessage(header, runs, parts.payload, parts.signature, encoded, parts.to_be_signed)


@lru_cache(maxsize=1024)
def message_aad(origin: str) -> bytes:
    """
    Give the external_aad of messages of one log.

    Source: FORMATS section 1; RFC 9052, section 4.3.
    """
    return (_AAD_CONTEXT + origin).encode()


def parse_header(encoded: bytes) -> Header:
    """
    Read a message's header and nothing more, to see whose it is.

    Raises:
        EncodingError: If the frame or the header is not in its one form.
    """
    _check_length(encoded)
    return decode_header(cose.parse_sign1(encoded, external_aad=b"").protected)


def verify_message(message: SignedMessage, key: PublicKey) -> None:
    """
    Check that `key` is the one the header names and that its signature holds.

    Raises:
        SignatureError: If it is another key, another algorithm, or the signature does not hold.

    Source: FORMATS section 1.
    """
    header = message.header
    if key.kid != header.kid or key.algorithm is not header.algorithm:
        raise SignatureError(
            "the header names another key or algorithm", code="verification.signature_key"
        )
    key.verify(message.signature, message.to_be_signed)


def _check_length(encoded: bytes) -> None:
    if len(encoded) > MAX_ENTRY_LENGTH:
        raise EncodingError(
            f"message of {len(encoded)} bytes, at most {MAX_ENTRY_LENGTH} allowed",
            code="encoding.entry_length",
        )
