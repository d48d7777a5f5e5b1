"""
Entries of a log, each with its path to one signed checkpoint: what a dossier rests on.

Source: `docs/formats/action-records.md`, section 4; RFC 9162, section 2.1.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.checkpoints import open_checkpoint
from attestation.encodings import format_base64, parse_base64
from attestation.errors import EncodingError, VerificationError
from attestation.ids import HASH_LENGTH
from attestation.merkle import hash_leaf, verify_inclusion
from attestation.notes import NoteVerifier

FILE: Final = "entries.json"
_NAMES: Final = frozenset(("origin", "checkpoint", "entries"))
_ENTRY_NAMES: Final = frozenset(("index", "entry", "proof"))


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """An entry and its path, 32 bytes each, from the leaf up."""

    index: int
    entry: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class EntryProofs:
    """Some entries of one log, proved against one checkpoint."""

    origin: str
    checkpoint: str
    """Signed note."""
    entries: tuple[ProvenEntry, ...]


def format_entries(proofs: EntryProofs) -> bytes:
    """Write proofs as canonical JSON."""
    return canonical_json(
        {
            "origin": proofs.origin,
            "checkpoint": proofs.checkpoint,
            "entries": [
                {
                    "index": each.index,
                    "entry": format_base64(each.entry),
                    "proof": [format_base64(node) for node in each.proof],
                }
                for each in proofs.entries
            ],
        }
    )


def parse_entries(content: bytes) -> EntryProofs:
    """
    Read proofs; nothing in them is checked.

    Raises:
        EncodingError: If they have another form.
    """
    names = require_object(parse_canonical(content), "entries")
    origin, checkpoint, entries = (names.get(name) for name in ("origin", "checkpoint", "entries"))
    is_text = isinstance(origin, str) and isinstance(checkpoint, str)
    if names.keys() != _NAMES or not is_text or not isinstance(entries, list):
        raise _malformed("not the proofs of entries")
    return EntryProofs(str(origin), str(checkpoint), tuple(map(_parse_entry, entries)))


def verify_entries(proofs: EntryProofs, verifiers: Iterable[NoteVerifier]) -> None:
    """
    Check that every entry stands in the log.

    Args:
        proofs: From outside.
        verifiers: Keys of logs that are trusted.

    Raises:
        EncodingError: If the checkpoint has another form.
        VerificationError: If the log's key is not trusted, or a proof does not hold.
    """
    verifier = next((each for each in verifiers if each.name == proofs.origin), None)
    if verifier is None:
        raise VerificationError(
            f"the key of {proofs.origin} is not trusted", code="verification.entries"
        )
    checkpoint = open_checkpoint(proofs.checkpoint, verifier)
    for each in proofs.entries:
        verify_inclusion(
            hash_leaf(each.entry),
            index=each.index,
            size=checkpoint.size,
            root=checkpoint.root,
            proof=each.proof,
        )


def _parse_entry(content: Json) -> ProvenEntry:
    names = require_object(content, "entry")
    index, entry, proof = (names.get(name) for name in ("index", "entry", "proof"))
    is_index = isinstance(index, int) and not isinstance(index, bool) and index >= 0
    if names.keys() != _ENTRY_NAMES or not is_index or not isinstance(proof, list):
        raise _malformed("not the proof of an entry")
    return ProvenEntry(
        index if isinstance(index, int) else 0,
        _bytes(entry),
        tuple(_bytes(node, HASH_LENGTH) for node in proof),
    )


def _bytes(content: Json, length: int | None = None) -> bytes:
    if not isinstance(content, str):
        raise _malformed("bytes that are no text")
    return parse_base64(content, length=length)


def _malformed(message: str) -> EncodingError:
    return EncodingError(message, code="encoding.entries")
