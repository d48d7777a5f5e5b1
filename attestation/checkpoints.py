"""
Checkpoints: a log's origin, size and root hash as a signed note.

Size and root are believed only from a checkpoint whose signature was checked under the log's key.

Source: C2SP tlog-checkpoint; `docs/formats/checkpoint.md` (no extension lines).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from attestation.encodings import format_base64, parse_base64, parse_size
from attestation.errors import CheckpointError, EncodingError
from attestation.ids import HASH_LENGTH
from attestation.notes import NoteSigner, NoteVerifier, VerifiedNote, open_note, sign_note
from attestation.tree_hash import EMPTY_ROOT, MAX_SIZE

_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself at one size."""

    origin: str
    size: int
    """Number of entries, 0 to 2**63 - 1."""
    root: bytes
    """Root hash of the tree of `size` entries, 32 bytes."""

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin:
            raise EncodingError("a checkpoint's origin is one line", code="encoding.checkpoint")
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_LENGTH:
            raise EncodingError(
                f"a checkpoint of size {self.size} with a root of {len(self.root)} bytes",
                code="encoding.checkpoint",
            )
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise EncodingError(
                "a checkpoint of size 0 without the empty root", code="encoding.checkpoint"
            )

    @property
    def text(self) -> str:
        """The note's text: three lines."""
        return f"{self.origin}\n{self.size}\n{format_base64(self.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """
    Read a note's text as a checkpoint; says nothing about its signatures.

    Raises:
        EncodingError: If it has another form, an extension line included.

    Source: C2SP tlog-checkpoint, note text.
    """
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or lines[-1]:
        raise EncodingError(
            f"a checkpoint has {_LINES} lines, {len(lines) - 1} here", code="encoding.checkpoint"
        )
    origin, size, root, _ = lines
    return Checkpoint(origin, parse_size(size), parse_base64(root, length=HASH_LENGTH))


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> str:
    """
    Write a checkpoint as a note signed by the log.

    Who calls this made sure, durably, that no other tree of the same log was signed before.

    Raises:
        CheckpointError: If the signer's name is not the checkpoint's origin.

    Source: C2SP tlog-checkpoint, signatures.
    """
    _require_origin(checkpoint, signer.name)
    return sign_note(checkpoint.text, signer)


def open_checkpoint(note: str, verifier: NoteVerifier) -> Checkpoint:
    """
    Check the log's signature on a checkpoint and give it.

    Args:
        note: From outside.
        verifier: The log's key; its name is the origin the checkpoint must have.

    Raises:
        EncodingError: If the note or the checkpoint has another form.
        SignatureError: If the log's signature is absent or does not hold.
        CheckpointError: If the checkpoint is of another origin.

    Source: C2SP tlog-checkpoint.
    """
    checkpoint, _ = open_cosigned_checkpoint(note, verifier, ())
    return checkpoint


def open_cosigned_checkpoint(
    note: str, log: NoteVerifier, witnesses: Iterable[NoteVerifier]
) -> tuple[Checkpoint, VerifiedNote]:
    """
    Check the log's signature and every known witness's on a checkpoint.

    Returns:
        The checkpoint, and the note with what was verified (the log's key among it).

    Raises:
        EncodingError: If the note or the checkpoint has another form.
        SignatureError: If the log's signature is absent, or a known key's does not hold.
        CheckpointError: If the checkpoint is of another origin or not signed by the log.

    Source: C2SP tlog-checkpoint; C2SP tlog-cosignature.
    """
    opened = open_note(note, (log, *witnesses))
    if not any(signature.verifier == log for signature in opened.verified):
        raise CheckpointError(f"the checkpoint is not signed by {log.name}")
    checkpoint = parse_checkpoint(opened.text)
    _require_origin(checkpoint, log.name)
    return checkpoint, opened


def _require_origin(checkpoint: Checkpoint, name: str) -> None:
    if checkpoint.origin != name:
        raise CheckpointError(
            f"a checkpoint of {checkpoint.origin!r} under the key of {name!r}",
            code="verification.checkpoint_origin",
        )
