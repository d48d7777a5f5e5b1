"""
Names of parties, logs, devices and series, each with one spelling.

Ids are derived or registered, never random. Bytes stay bytes; text is for edges.

Source: `docs/formats/identities.md`; GB 32100-2015 for the unified social credit code
(统一社会信用代码).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NewType

from Crypto.Hash import keccak

from attestation.errors import EncodingError

Kid = NewType("Kid", bytes)
"""Key id: SHA-256 of the DER SubjectPublicKeyInfo, 32 bytes."""

MessageId = NewType("MessageId", bytes)
"""SHA-256 of a complete tagged COSE_Sign1, 32 bytes."""

HASH_LENGTH: Final = 32
ZERO_HASH: Final = bytes(HASH_LENGTH)

_USC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_USC_LENGTH: Final = 18
_ORIGIN = re.compile(
    r"([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?)/log/([0-9A-Z]{18})(?:-([1-9][0-9]{0,4}))?"
)
_GATEWAY = re.compile(r"[a-z0-9-]{1,40}")
_SEGMENT: Final = r"[a-z0-9](?:[a-z0-9.:_-]{0,62}[a-z0-9])?"
_SERIES = re.compile(rf"({_SEGMENT})/({_SEGMENT})/({_SEGMENT})/")
_ORIGIN_LIMIT: Final = 200
MAX_GENERATION: Final = 65_535
"""Of a log among those of its enterprise: the contract counts them in 16 bits."""


def keccak256(content: bytes) -> bytes:
    """Hash with Keccak-256 as Ethereum does, 32 bytes."""
    return keccak.new(digest_bits=256, data=content).digest()


def parse_usc(text: str) -> str:
    """
    Check a unified social credit code and its check character.

    Raises:
        EncodingError: If the length, a character or the check character is wrong.

    Source: GB 32100-2015, annex A (weights 3**i mod 31, alphabet without I, O, S, V, Z).
    """
    if len(text) != _USC_LENGTH or any(character not in _USC_ALPHABET for character in text):
        raise EncodingError(f"not a unified social credit code: {text!r}", code="encoding.usc")
    total = sum(
        _USC_ALPHABET.index(character) * weight
        for character, weight in zip(text[:-1], _USC_WEIGHTS, strict=True)
    )
    expected = _USC_ALPHABET[(31 - total % 31) % 31]
    if text[-1] != expected:
        raise EncodingError(
            f"check character of {text!r} is {text[-1]!r}, {expected!r} expected",
            code="encoding.usc",
        )
    return text


@dataclass(frozen=True, slots=True)
class Origin:
    """
    Name of one enterprise's log: `<host>/log/<unified social credit code>`, without a scheme.

    The n-th log of an enterprise, which continues a closed one, has `-<n>` after the code.

    Source: FORMATS section 5; CONTRACTS section 2 (successor logs); C2SP tlog-checkpoint, origin
    line.
    """

    host: str
    usc: str
    generation: int = 1
    """Which of the enterprise's logs it is, from 1."""

    def __str__(self) -> str:
        return f"{self.host}/log/{self.name}"

    @property
    def name(self) -> str:
        """The last part of the text: the code, from the second log on with its number."""
        return self.usc if self.generation == 1 else f"{self.usc}-{self.generation}"

    @property
    def log_id(self) -> bytes:
        """Keccak-256 of the origin's UTF-8 text, 32 bytes: the log's name on chain."""
        return keccak256(str(self).encode())


def parse_origin(text: str) -> Origin:
    """
    Read a log's origin; one log has one spelling, so that `-1`, `-0` and `-02` are none.

    Raises:
        EncodingError: If it has another form or the credit code does not hold.
    """
    match = _ORIGIN.fullmatch(text)
    if match is None or len(text) > _ORIGIN_LIMIT or match[3] == "1":
        raise EncodingError(f"not a log origin: {text!r}", code="encoding.origin")
    generation = int(match[3] or 1)
    if generation > MAX_GENERATION:
        raise EncodingError(f"not a log origin: {text!r}", code="encoding.origin")
    return Origin(host=match[1], usc=parse_usc(match[2]), generation=generation)


def parse_gateway_id(text: str) -> str:
    """
    Check a gateway id: 1 to 40 characters of `[a-z0-9-]`.

    Raises:
        EncodingError: If it has another form.
    """
    if not _GATEWAY.fullmatch(text):
        raise EncodingError(f"not a gateway id: {text!r}", code="encoding.gateway")
    return text


@dataclass(frozen=True, slots=True)
class SeriesId:
    """
    What a row of readings is of: an instrument's quantity on a channel, whatever key signs it.

    The text ends in `/`, so that it can stand as a SenML base name.
    """

    instrument: str
    quantity: str
    channel: str

    def __str__(self) -> str:
        return f"{self.instrument}/{self.quantity}/{self.channel}/"


def parse_series_id(text: str) -> SeriesId:
    """
    Read `<instrument>/<quantity>/<channel>/`.

    Raises:
        EncodingError: If it has another form.
    """
    match = _SERIES.fullmatch(text)
    if match is None:
        raise EncodingError(f"not a series id: {text!r}", code="encoding.series")
    return SeriesId(match[1], match[2], match[3])
