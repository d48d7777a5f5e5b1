"""
The evidence bundle, `.carbonseal.json`: everything a verifier needs but the trust root.

Parsing says only that the file has its form. Nothing in a bundle is believed for standing there:
what the verifier can't derive from signatures, proofs and the trust root, it ignores.

Source: FORMATS section 8; `docs/formats/bundle.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from attestation.body_fields import (
    HASH,
    Kind,
    body_of,
    integer,
    list_of,
    octets,
    optional,
    read_body,
    stated,
    text,
    word_of,
    write_body,
)
from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.errors import EncodingError
from attestation.ids import HASH_LENGTH
from attestation.notes import MAX_NOTE_LENGTH
from attestation.trust_fields import ADDRESS, CHAIN_ID, HASH_0X, hexadecimal

FORMAT: Final = "carbonseal-bundle"
VERSION: Final = 1
MAX_LENGTH: Final = 16 << 20
"""Bytes; a message with all its evidence takes a five-hundredth of it."""

_PROOF: Final = list_of(octets(HASH_LENGTH), most=128)
_NODES: Final = list_of(hexadecimal(), most=65)
"""Trie nodes, one for each nibble of a key and the leaf."""


class Profile(IntEnum):
    """What the chain section has to show who sealed the block."""

    NODE = 0
    """Nothing: the verifier's own node must be asked."""
    CLIQUE = 1
    """Headers that follow."""
    QBFT = 2
    """Seals inside the header."""


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """An entry of the log with its inclusion proof in the bundle's checkpoint."""

    index: int = stated(integer())
    entry: bytes = stated(octets())
    proof: tuple[bytes, ...] = stated(_PROOF)
    """32 bytes each, from the leaf up."""


@dataclass(frozen=True, slots=True)
class ProvenRange:
    """Entries `[start, end)`, which travel apart, with their range proof in the checkpoint."""

    start: int = stated(integer())
    end: int = stated(integer())
    proof: tuple[bytes, ...] = stated(_PROOF)
    """32 bytes each, left to right."""


@dataclass(frozen=True, slots=True)
class AnchoredCheckpoint:
    """The checkpoint that the chain holds, and the proof that it extends the bundle's."""

    checkpoint: str = stated(Kind(lambda content: _note(content), str))
    consistency: tuple[bytes, ...] = stated(_PROOF)


@dataclass(frozen=True, slots=True)
class CheckpointState:
    """Proofs of CheckpointRegistry's storage."""

    address: bytes = stated(ADDRESS)
    account: tuple[bytes, ...] = stated(_NODES)
    """Account proof under the header's state root."""
    root: tuple[bytes, ...] = stated(_NODES)
    """Storage proof of the log's first slot: the root."""
    head: tuple[bytes, ...] = stated(_NODES)
    """Storage proof of the log's second slot: operator, size, block."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """Storage proof of one device key's slot."""

    kid: bytes = stated(HASH)
    slot: tuple[bytes, ...] = stated(_NODES)


@dataclass(frozen=True, slots=True)
class DeviceState:
    """Proofs of DeviceRegistry's storage under the same header."""

    address: bytes = stated(ADDRESS)
    account: tuple[bytes, ...] = stated(_NODES)
    keys: tuple[KeyState, ...] = stated(list_of(body_of(KeyState)))


@dataclass(frozen=True, slots=True)
class ChainEvidence:
    """What one block of the chain says of the log and of its keys."""

    profile: Profile = stated(word_of(Profile))  # noqa: RUF009 - a field
    id: str = stated(CHAIN_ID)
    header: bytes = stated(hexadecimal())
    """RLP of the block's header."""
    checkpoint_registry: CheckpointState = stated(body_of(CheckpointState))  # noqa: RUF009 - a field
    device_registry: DeviceState | None = optional(body_of(DeviceState))  # noqa: RUF009 - a field
    """Left out where it was not captured: revocation can't be checked then."""
    following: tuple[bytes, ...] = optional(list_of(hexadecimal()), ())
    """RLP of the headers after it, without a gap (Clique)."""
    transaction: bytes | None = optional(HASH_0X)
    """The transaction that anchored, for the reader; not checked."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """
    A parsed bundle; what it says is from outside.

    Raises:
        EncodingError: If there is neither a message nor a range, or both.
    """

    format: str = stated(text(64))
    version: int = stated(integer(VERSION, VERSION))
    records: tuple[ProvenEntry, ...] = stated(list_of(body_of(ProvenEntry)))
    checkpoint: str = stated(Kind(lambda content: _note(content), str))
    chain: ChainEvidence | None = stated(  # noqa: RUF009 - a field
        Kind(lambda content: _parse_chain(content), lambda chain: _write_chain(chain))
    )
    message: ProvenEntry | None = optional(body_of(ProvenEntry))  # noqa: RUF009 - a field
    range: ProvenRange | None = optional(body_of(ProvenRange))  # noqa: RUF009 - a field
    anchor: AnchoredCheckpoint | None = optional(body_of(AnchoredCheckpoint))  # noqa: RUF009 - a field
    platform_root: bytes | None = optional(octets())
    """DER of the platform's root certificate, which the trust root knows by its hash."""

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise _refusal(f"the format is {self.format[:40]!r}, {FORMAT!r} expected")
        if (self.message is None) == (self.range is None):
            raise _refusal("a bundle is of a message or of a range")


def make_bundle(
    *,
    checkpoint: str,
    message: ProvenEntry | None = None,
    entries: ProvenRange | None = None,
    records: tuple[ProvenEntry, ...] = (),
    platform_root: bytes | None = None,
    anchor: AnchoredCheckpoint | None = None,
    chain: ChainEvidence | None = None,
) -> Bundle:
    """
    Make a bundle of its parts.

    Args:
        checkpoint: Note of the checkpoint that all proofs lead to, with cosignatures.
        message: The message it is about; or
        entries: the range of entries it is about.
        records: Key, authority, series, calibration and closing records it rests on.
        platform_root: DER of the platform's root certificate.
        anchor: The anchored checkpoint, where there is one.
        chain: The chain's evidence, where it was captured.

    Raises:
        EncodingError: If there is neither a message nor a range, or both.

    Source: `docs/formats/bundle.md`.
    """
    return Bundle(
        format=FORMAT,
        version=VERSION,
        records=records,
        checkpoint=checkpoint,
        chain=chain,
        message=message,
        range=entries,
        anchor=anchor,
        platform_root=platform_root,
    )


def parse_bundle(encoded: bytes) -> Bundle:
    """
    Read a bundle from its canonical JSON.

    Args:
        encoded: From outside.

    Raises:
        EncodingError: If it is longer than 16 MiB, not canonical, or has another form.

    Source: `docs/formats/bundle.md`.
    """
    if len(encoded) > MAX_LENGTH:
        raise _refusal(f"a bundle of {len(encoded)} bytes, at most {MAX_LENGTH}")
    try:
        return read_body(Bundle, parse_canonical(encoded))
    except EncodingError as error:
        raise _refusal(f"bundle: {error.message}") from error


def format_bundle(bundle: Bundle) -> bytes:
    """
    Write a bundle as canonical JSON.

    Raises:
        EncodingError: If a value would not be read back.

    Source: `docs/formats/bundle.md`; RFC 8785.
    """
    try:
        return canonical_json(write_body(bundle))
    except EncodingError as error:
        raise _refusal(f"bundle: {error.message}") from error


def _note(content: Json) -> str:
    if not isinstance(content, str) or len(content) > MAX_NOTE_LENGTH:
        raise _refusal("not a note")
    return content


def _parse_chain(content: Json) -> ChainEvidence | None:
    section = require_object(content, "chain")
    if section == {"profile": "none"}:
        return None
    return read_body(ChainEvidence, section)


def _write_chain(chain: ChainEvidence | None) -> Json:
    return {"profile": "none"} if chain is None else write_body(chain)


def _refusal(message: str) -> EncodingError:
    return EncodingError(message, code="encoding.bundle")
