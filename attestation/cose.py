"""
COSE_Sign1 in the one closed form we accept.

Tag 18, an array of four, definite lengths, an empty unprotected header, a 64-byte signature,
nothing after it. So every byte outside the signature is under the signature or fixed.
What the protected header may say is the business of messages and answers.

Source: RFC 9052, sections 4.2 and 4.4; FORMATS section 1; `docs/formats/signed-message.md`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from attestation import cbor
from attestation.errors import EncodingError
from attestation.keys import SIGNATURE_LENGTH, Signer

FIRST_BYTE: Final = 0xD2
"""The tag 18 in one byte: what every signed message begins with."""

_OPENING: Final = b"\xd2\x84"
_EMPTY_MAP: Final = b"\xa0"
_SIGNATURE_HEAD: Final = b"\x58\x40"
_CONTEXT: Final = b"\x84\x6aSignature1"


class Sign1(NamedTuple):
    """The parts of one COSE_Sign1; its signature is not yet checked."""

    protected: bytes
    """The protected header as received: an encoded map."""
    payload: bytes
    signature: bytes
    """64 bytes."""
    to_be_signed: bytes
    """The Sig_structure: what the signature is over."""


def parse_sign1(encoded: bytes, *, external_aad: bytes) -> Sign1:
    """
    Take a COSE_Sign1 apart; the signature is not checked.

    Args:
        encoded: Complete tagged bytes, from outside.
        external_aad: What the signer must have had in mind beside the bytes.

    Raises:
        EncodingError: If the bytes are not the closed form.
    """
    if not encoded.startswith(_OPENING):
        raise EncodingError("not a tagged COSE_Sign1 of four parts", code="encoding.cose_frame")
    protected_start, protected_end = _byte_string(encoded, len(_OPENING))
    if encoded[protected_end : protected_end + 1] != _EMPTY_MAP:
        raise EncodingError("the unprotected header is not empty", code="encoding.cose_unprotected")
    payload_head = protected_end + 1
    payload_start, payload_end = _byte_string(encoded, payload_head)
    signature = encoded[payload_end + 2 :]
    if encoded[payload_end : payload_end + 2] != _SIGNATURE_HEAD:
        raise EncodingError("no 64-byte signature", code="encoding.cose_signature")
    if len(signature) != SIGNATURE_LENGTH:
        raise EncodingError(
            f"{len(signature)} bytes from the signature on, 64 expected",
            code="encoding.cose_signature",
        )
    return Sign1(
        protected=encoded[protected_start:protected_end],
        payload=encoded[payload_start:payload_end],
        signature=signature,
        to_be_signed=b"".join(
            (
                _CONTEXT,
                encoded[len(_OPENING) : protected_end],
                _encoded_aad(external_aad),
                encoded[payload_head:payload_end],
            )
        ),
    )


def sign_sign1(*, protected: bytes, payload: bytes, external_aad: bytes, signer: Signer) -> bytes:
    """Sign and give the complete tagged bytes; `protected` is an encoded map."""
    signature = signer.sign(sig_structure(protected, payload, external_aad=external_aad))
    parts = (_OPENING, cbor.encode(protected), _EMPTY_MAP, cbor.encode(payload), _SIGNATURE_HEAD)
    return b"".join((*parts, signature))


def sig_structure(protected: bytes, payload: bytes, *, external_aad: bytes) -> bytes:
    """
    Give the bytes a signature is over.

    Source: RFC 9052, section 4.4.
    """
    protected_item, payload_item = cbor.encode(protected), cbor.encode(payload)
    return _CONTEXT + protected_item + _encoded_aad(external_aad) + payload_item


@lru_cache(maxsize=1024)
def _encoded_aad(external_aad: bytes) -> bytes:
    return cbor.encode(external_aad)


def _byte_string(encoded: bytes, position: int) -> tuple[int, int]:
    major, length, start = cbor.read_head(encoded, position)
    if major != cbor.BYTES:
        raise EncodingError("a part is not a byte string", code="encoding.cose_frame")
    if start + length > len(encoded):
        raise EncodingError("the bytes end inside a part", code="encoding.cbor_truncated")
    return start, start + length
