"""
Records about keys and chains: authorities, enrolments, closings, epochs, equivocations, logs.

Times are whole seconds, hashes are hexadecimal, certificates, keys and messages are base64.

Source: FORMATS sections 1, 3, 5 and 7; `docs/formats/records.md`, section 4.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import ClassVar

from attestation.body_fields import (
    HASH,
    NAME,
    ORIGIN,
    SECOND,
    SERIES,
    body_of,
    integer,
    list_of,
    octets,
    optional,
    require,
    stated,
    text,
    word_of,
    write_body,
)
from attestation.canonical import canonical_json
from attestation.enums import CloseReason, SignerKind
from attestation.keys import SIGNATURE_LENGTH


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateAuthority:
    """The enterprise's device authority, a sub-CA of the platform's root, begins to count."""

    record_type: ClassVar[str] = "ca"

    certificate: bytes = stated(octets())
    """DER of the sub-CA's certificate."""
    root: bytes = stated(HASH)
    """Key id of the platform root that issued it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEnrolment:
    """A key may sign for this log from the index the chain's act names."""

    record_type: ClassVar[str] = "key"

    kid: bytes = stated(HASH)
    spki: bytes = stated(octets())
    """DER SubjectPublicKeyInfo; its SHA-256 is `kid`."""
    certificates: tuple[bytes, ...] = stated(list_of(octets(), least=2, most=2))
    """DER of the key's certificate and of the sub-CA that issued it, in this order."""
    possession: bytes = stated(octets(SIGNATURE_LENGTH))
    """Signature by the key over the possession statement for this log."""
    signer: SignerKind = stated(word_of(SignerKind))  # noqa: RUF009 - a field
    epoch: int = stated(integer())
    """First epoch the key signs."""
    instruments: tuple[str, ...] = stated(list_of(NAME))
    series: tuple[str, ...] = stated(list_of(SERIES))
    gateway: str | None = optional(NAME)
    """Gateway the key's messages come by, where one is named."""
    act: bytes | None = optional(HASH)
    """EIP-712 digest of the enterprise's act in DeviceRegistry; left out without a chain."""

    def __post_init__(self) -> None:
        require(hashlib.sha256(self.spki).digest() == self.kid, "kid is not the hash of spki")

    @property
    def enrolment_hash(self) -> bytes:
        """
        SHA-256(JCS(body without `act`)), 32 bytes: what the act on chain names.

        The body names the act in turn, so the act cannot name the whole body.
        """
        return hashlib.sha256(canonical_json(write_body(replace(self, act=None)))).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyClosing:
    """A key no longer counts from an index of the log on, and why."""

    record_type: ClassVar[str] = "key-close"

    kid: bytes = stated(HASH)
    reason: CloseReason = stated(word_of(CloseReason))  # noqa: RUF009 - a field
    closed_index: int = stated(integer())
    last_epoch: int | None = optional(integer())
    """Epoch of the last message that still counts; for rotated and decommissioned keys."""
    last_sequence: int | None = optional(integer())
    compromised_since_s: int | None = optional(SECOND)
    """From when on the key is suspected; marks readings, removes none."""
    act: bytes | None = optional(HASH)
    """EIP-712 digest of the act in DeviceRegistry; left out where there is no chain."""

    def __post_init__(self) -> None:
        require(self.reason is not CloseReason.NONE, "a closing needs a reason")
        orderly = self.reason is not CloseReason.REVOKED
        require((self.last_epoch is not None) == orderly, "last_epoch goes with an orderly closing")
        require((self.last_sequence is not None) == orderly, "last_sequence goes with last_epoch")


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochClosing:
    """A signer's epoch has ended: the rotation record, which names the last sequence."""

    record_type: ClassVar[str] = "epoch"

    kid: bytes = stated(HASH)
    closed_epoch: int = stated(integer())
    last_sequence: int = stated(integer())
    last_message: bytes = stated(HASH)
    """Id of the last message: what message 0 of the next epoch carries in `previous`."""
    reason: str = stated(text(200))
    next_kid: bytes | None = optional(HASH)
    """Key of the next epoch, where it is another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEvidence:
    """One message, whole where it is short enough, else by its id and a file."""

    message_id: bytes = stated(HASH)
    message: bytes | None = optional(octets())

    def __post_init__(self) -> None:
        matches = self.message is None or hashlib.sha256(self.message).digest() == self.message_id
        require(matches, "message_id is not the hash of message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivocation:
    """Two messages claim one place; neither counts. Proves itself, whoever signs the record."""

    record_type: ClassVar[str] = "equivocation"

    kid: bytes = stated(HASH)
    epoch: int = stated(integer())
    sequence: int = stated(integer())
    messages: tuple[MessageEvidence, ...] = stated(
        list_of(body_of(MessageEvidence), least=2, most=2)
    )

    def __post_init__(self) -> None:
        one, other = self.messages
        require(one.message_id != other.message_id, "the same message twice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """This log continues another, which was closed at its last good size."""

    record_type: ClassVar[str] = "successor"

    predecessor: str = stated(ORIGIN)
    size: int = stated(integer())
    root: bytes = stated(HASH)
    reason: str = stated(text(500))
