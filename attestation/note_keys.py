"""
Keys of signed notes: names, key ids, and what each signature type signs.

Source: C2SP signed-note, signatures and verifier keys; C2SP tlog-cosignature.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Final

from attestation.encodings import format_base64, parse_base64
from attestation.errors import EncodingError, SignatureError
from attestation.keys import SIGNATURE_LENGTH, Algorithm, PublicKey, Signer, SoftwareKey

KEY_ID_LENGTH: Final = 4
LINE_START: Final = "\N{EM DASH} "

_TIMESTAMP_LENGTH: Final = 8
_MAX_TIMESTAMP: Final = (1 << 63) - 1
_VKEY = re.compile(r"(?P<name>[^+]+)\+(?P<key_id>[0-9a-f]{8})\+(?P<key>[A-Za-z0-9+/=]+)")


class NoteAlgorithm(IntEnum):
    """Signature types of the specification that we know."""

    ED25519 = 0x01
    COSIGNATURE_V1 = 0x04


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line, whoever made it."""

    name: str
    key_id: bytes
    """4 bytes."""
    blob: bytes
    """What follows the key id; its form depends on the signature type."""

    @property
    def line(self) -> str:
        """The line, with its newline."""
        return f"{LINE_START}{self.name} {format_base64(self.key_id + self.blob)}\n"


@dataclass(frozen=True, slots=True)
class NoteVerifier:
    """A public key under a name, as a vkey writes it."""

    name: str
    algorithm: NoteAlgorithm
    public_key: PublicKey
    """An Ed25519 key."""

    def __post_init__(self) -> None:
        require_key_name(self.name)
        if self.public_key.algorithm is not Algorithm.ED25519:
            raise EncodingError("a note's key is an Ed25519 key", code="encoding.vkey")

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name, newline, type, public key)."""
        return sha256(self.name.encode() + b"\n" + self._typed_key).digest()[:KEY_ID_LENGTH]

    @property
    def vkey(self) -> str:
        """The key as text: name, key id in hexadecimal, type and key in base64."""
        return f"{self.name}+{self.key_id.hex()}+{format_base64(self._typed_key)}"

    @property
    def _typed_key(self) -> bytes:
        return bytes((self.algorithm,)) + self.public_key.raw

    def verify(self, text: str, blob: bytes) -> None:
        """
        Check a signature over a note's text, final newline included.

        Raises:
            SignatureError: If it does not hold or has another form.

        Source: C2SP signed-note, Ed25519 signatures; C2SP tlog-cosignature, format.
        """
        message = text.encode()
        if self.algorithm is NoteAlgorithm.COSIGNATURE_V1:
            message = cosigned_message(text, read_timestamp(blob))
            blob = blob[_TIMESTAMP_LENGTH:]
        self.public_key.verify(blob, message)


def parse_vkey(text: str) -> NoteVerifier:
    """
    Read a verification key, `name+keyid+base64(type, key)`.

    Raises:
        EncodingError: If it has another form, another type than 0x01 and 0x04, no point for a
            key, or a key id that is not the key's.
        SignatureError: If the key is not canonical or of small order.

    Source: C2SP signed-note, verifier keys.
    """
    match = _VKEY.fullmatch(text)
    if match is None:
        raise EncodingError(f"not a verification key: {text[:80]!r}", code="encoding.vkey")
    typed_key = parse_base64(match["key"])
    try:
        algorithm = NoteAlgorithm(typed_key[0])
    except ValueError as error:
        raise EncodingError(
            f"signature type {typed_key[0]:#04x} is not known", code="encoding.vkey"
        ) from error
    verifier = NoteVerifier(match["name"], algorithm, PublicKey.from_ed25519_bytes(typed_key[1:]))
    if verifier.key_id.hex() != match["key_id"]:
        raise EncodingError(f"the key id of {text[:80]!r} is not its key's", code="encoding.vkey")
    return verifier


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """Signs notes under a name with an Ed25519 key, wherever the key is kept."""

    name: str
    key: Signer

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> NoteSigner:
        """
        Make a signer of a private key of 32 bytes.

        Raises:
            EncodingError: If the seed has another length.

        Source: RFC 8032, section 5.1.5.
        """
        return cls(name, SoftwareKey.from_seed(seed))

    @property
    def verifier(self) -> NoteVerifier:
        """The public half."""
        return NoteVerifier(self.name, NoteAlgorithm.ED25519, self.key.public_key)

    def sign_text(self, text: str) -> NoteSignature:
        """
        Sign a note's text, final newline included.

        Source: C2SP signed-note, Ed25519 signatures.
        """
        return NoteSignature(self.name, self.verifier.key_id, self.key.sign(text.encode()))


def require_key_name(name: str) -> None:
    """
    Require a key name: not empty, no space of any kind, no plus, no control character.

    Raises:
        EncodingError: If it is otherwise.

    Source: C2SP signed-note, format.
    """
    if not name or "+" in name or any(character.isspace() for character in name):
        raise EncodingError(f"not a key name: {name[:80]!r}", code="encoding.key_name")


def cosigned_message(text: str, timestamp_s: int) -> bytes:
    """
    Give what a `cosignature/v1` signs: a header line, a time line, the note's text.

    Source: C2SP tlog-cosignature, Ed25519 signed message.
    """
    return f"cosignature/v1\ntime {timestamp_s}\n{text}".encode()


def read_timestamp(blob: bytes) -> int:
    """
    Read the time at the head of a `cosignature/v1` blob, seconds since 1970.

    Raises:
        SignatureError: If the blob has another length or the time is above 2**63 - 1.

    Source: C2SP tlog-cosignature, format.
    """
    if len(blob) != _TIMESTAMP_LENGTH + SIGNATURE_LENGTH:
        raise SignatureError(f"a cosignature of {len(blob)} bytes")
    timestamp_s = int.from_bytes(blob[:_TIMESTAMP_LENGTH], "big")
    if timestamp_s > _MAX_TIMESTAMP:
        raise SignatureError(f"a cosignature with the time {timestamp_s}")
    return timestamp_s
