"""
The protected header of a signed message: nine labels, all present, in one order.

It names algorithm, key, place in the signer's chain, time, and how the readings came.
The form is closed, so a regular expression reads it; only to say what is wrong with another
one is it decoded in general.

Source: RFC 9052, section 3.1; FORMATS section 1; `docs/formats/signed-message.md`, section 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Never

from attestation import cbor
from attestation.enums import Provenance, SignerKind
from attestation.errors import EncodingError
from attestation.ids import HASH_LENGTH, ZERO_HASH, Kid
from attestation.instants import Instant
from attestation.keys import Algorithm

MAX_COUNTER: Final = (1 << 53) - 1
"""Greatest epoch, sequence and millisecond: what JavaScript holds exactly."""

CONTENT_TYPE_SENML_CBOR: Final = 112
"""CoAP content format of application/senml+cbor (RFC 8428, section 12.2)."""

ALG, CONTENT_TYPE, KID = 1, 3, 4
EPOCH, SEQUENCE, PREVIOUS, SIGNED_AT, PROVENANCE, SIGNER = range(-70001, -70007, -1)
_LABELS: Final = (
    *(ALG, CONTENT_TYPE, KID),
    *(EPOCH, SEQUENCE, PREVIOUS, SIGNED_AT, PROVENANCE, SIGNER),
)

# An unsigned integer of at most 53 bits, in its shortest form.
_COUNTER: Final = (
    rb"([\x00-\x17]|\x18[\x18-\xff]|\x19(?!\x00)..|\x1a(?!\x00\x00)....|"
    rb"\x1b(?!\x00\x00\x00\x00)\x00[\x00-\x1f]......)"
)
_HASH: Final = rb"\x58\x20(.{32})"
_OWN: Final = rb"\x3a\x00\x01\x11"  # followed by 0x70 for -70001, 0x71 for -70002, ...
_HEADER: Final = re.compile(
    rb"\xa9\x01([\x28\x32])\x03\x18\x70\x04"
    + (_HASH + _OWN + rb"\x70" + _COUNTER + _OWN + rb"\x71" + _COUNTER + _OWN + rb"\x72")
    + (_HASH + _OWN + rb"\x73" + _COUNTER + _OWN + rb"\x74([\x00-\x02])")
    + (_OWN + rb"\x75([\x00\x01])"),
    re.DOTALL,
)
_ALGORITHMS: Final = {b"\x28": Algorithm.ESP256, b"\x32": Algorithm.ED25519}
_PROVENANCES: Final = {bytes((member,)): member for member in Provenance}
_SIGNER_KINDS: Final = {bytes((member,)): member for member in SignerKind}


@dataclass(frozen=True, slots=True)
class Header:
    """The protected header of a message."""

    algorithm: Algorithm
    kid: Kid
    """Key id of the signer, 32 bytes."""
    epoch: int
    """Number of the unbroken chain of one signer state, from 0."""
    sequence: int
    """Number of the message in its epoch, from 0 by 1."""
    previous: bytes
    """Id of the message before, 32 bytes; zero for the very first and for no other."""
    signed_at: Instant
    provenance: Provenance
    signer: SignerKind


def encode_header(header: Header) -> bytes:
    """
    Write a protected header.

    Raises:
        EncodingError: If a number is out of range, a hash is not 32 bytes, or `previous` is zero
            elsewhere than in the very first message.
    """
    for name in ("epoch", "sequence", "signed_at"):
        _check_counter(name, getattr(header, name))
    for name in ("kid", "previous"):
        _check_hash(name, getattr(header, name))
    _check_previous(header.epoch, header.sequence, header.previous)
    return cbor.encode(
        {
            ALG: int(header.algorithm),
            CONTENT_TYPE: CONTENT_TYPE_SENML_CBOR,
            KID: bytes(header.kid),
            EPOCH: header.epoch,
            SEQUENCE: header.sequence,
            PREVIOUS: header.previous,
            SIGNED_AT: int(header.signed_at),
            PROVENANCE: int(header.provenance),
            SIGNER: int(header.signer),
        }
    )


def decode_header(protected: bytes) -> Header:
    """
    Read a protected header.

    Args:
        protected: An encoded map, from outside.

    Raises:
        EncodingError: If it is anything but a header in its one form.
    """
    match = _HEADER.fullmatch(protected)
    if match is None:
        _explain(protected)
    algorithm, kid, epoch, sequence, previous, signed_at, provenance, signer = match.groups()
    header = Header(
        _ALGORITHMS[algorithm],
        Kid(kid),
        cbor.read_integer(epoch),
        cbor.read_integer(sequence),
        previous,
        Instant(cbor.read_integer(signed_at)),
        _PROVENANCES[provenance],
        _SIGNER_KINDS[signer],
    )
    _check_previous(header.epoch, header.sequence, previous)
    return header


def _check_previous(epoch: int, sequence: int, previous: bytes) -> None:
    if (previous == ZERO_HASH) != (epoch == 0 and sequence == 0):
        raise EncodingError(
            "previous is zero in message 0 of epoch 0 and in no other",
            code="encoding.header_previous",
        )


def _explain(protected: bytes) -> Never:
    """Say what is wrong with a header that is not in the one form."""
    header = cbor.decode(protected)
    if not isinstance(header, dict):
        raise EncodingError("the protected header is no map", code="encoding.header_label")
    for label in header.keys() ^ set(_LABELS):
        problem = "unknown" if label in header else "missing"
        raise EncodingError(f"{problem} header label {label}", code="encoding.header_label")
    if header[ALG] not in tuple(Algorithm):
        raise EncodingError(
            f"algorithm {header[ALG]!r} is neither -9 nor -19", code="encoding.header_algorithm"
        )
    if header[CONTENT_TYPE] != CONTENT_TYPE_SENML_CBOR:
        raise EncodingError("content type is not 112", code="encoding.header_content_type")
    for name, label in (("kid", KID), ("previous", PREVIOUS)):
        _check_hash(name, header[label])
    for name, label in (("epoch", EPOCH), ("sequence", SEQUENCE), ("signed-at", SIGNED_AT)):
        _check_counter(name, header[label])
    raise EncodingError("no such provenance or kind of signer", code="encoding.header_range")


def _check_counter(name: str, number: object) -> None:
    if not isinstance(number, int) or not 0 <= number <= MAX_COUNTER:
        raise EncodingError(f"{name} is not in 0 to 2**53 - 1", code="encoding.header_range")


def _check_hash(name: str, content: object) -> None:
    if not isinstance(content, bytes) or len(content) != HASH_LENGTH:
        raise EncodingError(f"{name} is not 32 bytes", code="encoding.header_range")
