"""
Signed notes: a text with signature lines below it, each by a named key.

Signatures by unknown keys are ignored; one by a known key that fails spoils the note; a note
without a good one by a known key is refused.

Source: C2SP signed-note; C2SP tlog-cosignature for `cosignature/v1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from attestation.encodings import parse_base64
from attestation.errors import EncodingError, SignatureError
from attestation.note_keys import (
    KEY_ID_LENGTH,
    LINE_START,
    NoteAlgorithm,
    NoteSignature,
    NoteSigner,
    NoteVerifier,
    cosigned_message,
    parse_vkey,
    read_timestamp,
    require_key_name,
)

__all__ = [
    "MAX_NOTE_LENGTH",
    "MAX_SIGNATURES",
    "Note",
    "NoteAlgorithm",
    "NoteSignature",
    "NoteSigner",
    "NoteVerifier",
    "VerifiedNote",
    "VerifiedSignature",
    "cosigned_message",
    "open_note",
    "parse_note",
    "parse_signature_lines",
    "parse_vkey",
    "read_timestamp",
    "require_key_name",
    "require_note_text",
    "sign_note",
]

MAX_NOTE_LENGTH: Final = 1_000_000
"""Bytes; sixteen post-quantum signatures of 5 kB fit many times."""

MAX_SIGNATURES: Final = 100
"""The specification asks for at least 16."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Note:
    """A note that was only parsed: nothing in it may be believed."""

    text: str
    """With its final newline, without the blank line."""
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """A signature that was checked and holds."""

    verifier: NoteVerifier
    timestamp_s: int | None
    """Seconds since 1970, said by the witness; absent where the type has none."""


@dataclass(frozen=True, slots=True)
class VerifiedNote:
    """A note with at least one good signature by a known key, and no bad one."""

    text: str
    verified: tuple[VerifiedSignature, ...]


def parse_note(note: str) -> Note:
    """
    Read a note's text and signature lines; checks no signature.

    Raises:
        EncodingError: If it has another form, is too long or has too many signatures.

    Source: C2SP signed-note, format.
    """
    require_note_text(note)
    body, blank, below = note.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise EncodingError("a note without signature lines", code="encoding.note")
    signatures = parse_signature_lines(below)
    return Note(f"{body}\n", signatures)


def parse_signature_lines(lines: str) -> tuple[NoteSignature, ...]:
    """
    Read signature lines, each with its newline, as they stand below a note.

    Raises:
        EncodingError: If one has another form, or there are more than 100.

    Source: C2SP signed-note, format; C2SP tlog-witness, response body.
    """
    if not lines.endswith("\n"):
        raise EncodingError("signature lines end in a newline", code="encoding.note")
    each = lines[:-1].split("\n")
    if len(each) > MAX_SIGNATURES:
        raise EncodingError(f"a note with {len(each)} signatures", code="encoding.note")
    return tuple(map(_parse_signature_line, each))


def open_note(note: str, verifiers: Iterable[NoteVerifier]) -> VerifiedNote:
    """
    Check a note against the keys one knows.

    Args:
        note: From outside.
        verifiers: Trusted keys.

    Raises:
        EncodingError: If the note has another form.
        SignatureError: If a signature by a known key fails, or there is none by a known key.

    Source: C2SP signed-note, signatures.
    """
    parsed = parse_note(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified: list[VerifiedSignature] = []
    for signature in parsed.signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is not None:
            verifier.verify(parsed.text, signature.blob)
            verified.append(VerifiedSignature(verifier, _timestamp_of(verifier, signature.blob)))
    if not verified:
        raise SignatureError("no signature by a known key", code="verification.note_unsigned")
    return VerifiedNote(parsed.text, tuple(verified))


def sign_note(text: str, *signers: NoteSigner) -> str:
    """
    Write a note: the text, a blank line, a signature line a signer.

    Raises:
        EncodingError: If the text is empty, does not end in a newline or has control characters.

    Source: C2SP signed-note, format.
    """
    require_note_text(text)
    return text + "\n" + "".join(signer.sign_text(text).line for signer in signers)


def require_note_text(text: str) -> None:
    """
    Require UTF-8 without control characters but newline, ending in a newline, not too long.

    Raises:
        EncodingError: If it is otherwise.

    Source: C2SP signed-note, format.
    """
    try:
        length = len(text.encode())
    except UnicodeEncodeError as error:
        raise EncodingError("a note that is not UTF-8", code="encoding.note") from error
    if length > MAX_NOTE_LENGTH:
        raise EncodingError(f"a note of {length} bytes", code="encoding.note")
    if not text.endswith("\n") or _CONTROL.search(text):
        raise EncodingError(
            "a note ends in a newline and has no other control character", code="encoding.note"
        )


def _timestamp_of(verifier: NoteVerifier, blob: bytes) -> int | None:
    return read_timestamp(blob) if verifier.algorithm is NoteAlgorithm.COSIGNATURE_V1 else None


def _parse_signature_line(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(LINE_START).partition(" ")
    if not line.startswith(LINE_START) or not space:
        raise EncodingError(f"not a signature line: {line[:80]!r}", code="encoding.note")
    require_key_name(name)
    blob = parse_base64(encoded)
    if len(blob) <= KEY_ID_LENGTH:
        raise EncodingError("a signature line without a signature", code="encoding.note")
    return NoteSignature(name, blob[:KEY_ID_LENGTH], blob[KEY_ID_LENGTH:])
