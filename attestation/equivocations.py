"""
Equivocation: two messages that claim one place in a signer's chain and say different things.

The two messages prove it by themselves, whoever reports it. A message that was only signed
again says the same and is no equivocation.

Source: FORMATS section 1; `docs/formats/signed-message.md`, section 6.
"""

from __future__ import annotations

from typing import Final

from attestation.errors import EncodingError, VerificationError
from attestation.headers import Header
from attestation.key_bodies import Equivocation, MessageEvidence
from attestation.keys import PublicKey
from attestation.messages import SignedMessage, parse_message, verify_message

MAX_INLINE_MESSAGE: Final = 11 * 1024
"""Two messages of this length, in base64, stay below the limit of a record's body."""


def is_same_place(one: SignedMessage, other: SignedMessage) -> bool:
    """Say whether two messages claim one (kid, epoch, sequence)."""
    return _place(one.header) == _place(other.header)


def is_resignature(one: SignedMessage, other: SignedMessage) -> bool:
    """
    Say whether two messages say the same, and differ in nothing but the signature.

    Source: FORMATS section 1: the first answer is given again.
    """
    return one.to_be_signed == other.to_be_signed


def describe_equivocation(one: SignedMessage, other: SignedMessage) -> Equivocation:
    """
    Give the body of the record that keeps both messages; the long ones by id only.

    Raises:
        VerificationError: If the two are no equivocation.
    """
    _require_equivocation(one, other)
    return Equivocation(
        kid=one.header.kid,
        epoch=one.header.epoch,
        sequence=one.header.sequence,
        messages=(_evidence(one), _evidence(other)),
    )


def verify_equivocation(
    body: Equivocation, *, origin: str, key: PublicKey, files: dict[bytes, bytes] | None = None
) -> tuple[SignedMessage, SignedMessage]:
    """
    Check that a record of an equivocation shows one, and give the two messages.

    Args:
        body: From outside.
        origin: Of the log.
        key: The key both messages are said to be signed with.
        files: Bytes of messages that the body names by id only, by message id.

    Raises:
        EncodingError: If a message is not in its one form, or not at hand.
        SignatureError: If a signature does not hold.
        VerificationError: If the two are no equivocation, or not of the place the body names.
    """
    one, other = (
        parse_message(_bytes_of(evidence, files or {}), origin=origin) for evidence in body.messages
    )
    for message in (one, other):
        verify_message(message, key)
    _require_equivocation(one, other)
    if _place(one.header) != (body.kid, body.epoch, body.sequence):
        raise VerificationError(
            "the messages claim another place than the record", code="verification.equivocation"
        )
    return one, other


def _require_equivocation(one: SignedMessage, other: SignedMessage) -> None:
    if not is_same_place(one, other) or is_resignature(one, other):
        raise VerificationError(
            "the two messages are no equivocation", code="verification.equivocation"
        )


def _bytes_of(evidence: MessageEvidence, files: dict[bytes, bytes]) -> bytes:
    encoded = evidence.message or files.get(evidence.message_id)
    if encoded is None:
        raise EncodingError(
            "a message is named by its id and not at hand", code="encoding.equivocation_file"
        )
    MessageEvidence(message_id=evidence.message_id, message=encoded)  # checks the id
    return encoded


def _evidence(message: SignedMessage) -> MessageEvidence:
    inline = message.encoded if len(message.encoded) <= MAX_INLINE_MESSAGE else None
    return MessageEvidence(message_id=message.message_id, message=inline)


def _place(header: Header) -> tuple[bytes, int, int]:
    return header.kid, header.epoch, header.sequence
