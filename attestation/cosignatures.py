"""
Witnesses: cosigning a checkpoint, and the request that asks for it.

A witness signs only what extends what it signed before; keeping that record is its owner's
business (`ledger`), the shapes and signatures are here.

Source: C2SP tlog-cosignature (`cosignature/v1`); C2SP tlog-witness, add-checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from attestation.encodings import format_base64, parse_base64, parse_size
from attestation.errors import EncodingError
from attestation.ids import HASH_LENGTH
from attestation.keys import Signer
from attestation.notes import (
    Note,
    NoteAlgorithm,
    NoteSignature,
    NoteVerifier,
    cosigned_message,
    parse_note,
    parse_signature_lines,
)

MAX_PROOF_LINES: Final = 63


@dataclass(frozen=True, slots=True)
class Cosigner:
    """Signs checkpoints of any log for a witness, with an Ed25519 key used for nothing else."""

    name: str
    key: Signer

    @property
    def verifier(self) -> NoteVerifier:
        """The public half."""
        return NoteVerifier(self.name, NoteAlgorithm.COSIGNATURE_V1, self.key.public_key)

    def cosign(self, text: str, timestamp_s: int) -> NoteSignature:
        """
        Cosign a checkpoint's text at a time.

        Who calls this made sure, durably, that the checkpoint extends the last one cosigned.

        Args:
            text: The checkpoint's three lines with their newlines.
            timestamp_s: Seconds since 1970 UTC, 0 to 2**63 - 1.

        Source: C2SP tlog-cosignature, Ed25519 signed message.
        """
        signature = self.key.sign(cosigned_message(text, timestamp_s))
        blob = timestamp_s.to_bytes(8, "big") + signature
        return NoteSignature(self.name, self.verifier.key_id, blob)


def add_signatures(note: str, signatures: Iterable[NoteSignature]) -> str:
    """
    Give the note with more signature lines below those it has; a line it has is not repeated.

    Source: C2SP signed-note, format.
    """
    present = set(parse_note(note).signatures)
    return note + "".join(
        signature.line for signature in dict.fromkeys(signatures) if signature not in present
    )


def pick_cosignatures(
    checkpoint_text: str, response: str, verifiers: Iterable[NoteVerifier]
) -> tuple[NoteSignature, ...]:
    """
    Take from a witness's answer the lines that known keys made over this checkpoint.

    Args:
        checkpoint_text: The checkpoint's three lines.
        response: Signature lines, from outside; those of unknown keys are ignored.
        verifiers: Trusted witness keys.

    Raises:
        EncodingError: If a line has another form.
        SignatureError: If a line of a known key does not hold.

    Source: C2SP tlog-witness, add-checkpoint, response.
    """
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    picked: list[NoteSignature] = []
    for signature in parse_signature_lines(response):
        verifier = known.get((signature.name, signature.key_id))
        if verifier is not None:
            verifier.verify(checkpoint_text, signature.blob)
            picked.append(signature)
    return tuple(picked)


@dataclass(frozen=True, slots=True)
class AddCheckpointRequest:
    """What a log asks of a witness: cosign this checkpoint, which extends size `old_size`."""

    old_size: int
    proof: tuple[bytes, ...]
    """Consistency proof from `old_size`, 32 bytes each; none where it is 0 or the same size."""
    note: str
    """The checkpoint with its signatures."""


def format_add_checkpoint(request: AddCheckpointRequest) -> str:
    """
    Write the body of an add-checkpoint request.

    Raises:
        EncodingError: If there are more than 63 proof hashes.

    Source: C2SP tlog-witness, add-checkpoint.
    """
    _require_proof(request.proof)
    lines = [f"old {request.old_size}", *map(format_base64, request.proof), ""]
    return "\n".join(lines) + "\n" + request.note


def parse_add_checkpoint(body: str) -> tuple[AddCheckpointRequest, Note]:
    """
    Read the body of an add-checkpoint request; checks no signature and no proof.

    Returns:
        The request, and its note as parsed.

    Raises:
        EncodingError: If it has another form.

    Source: C2SP tlog-witness, add-checkpoint.
    """
    head, blank, note = body.partition("\n\n")
    old, *proof_lines = head.split("\n")
    if not blank or not old.startswith("old "):
        raise EncodingError("not an add-checkpoint body", code="encoding.add_checkpoint")
    _require_proof(proof_lines)
    proof = tuple(parse_base64(line, length=HASH_LENGTH) for line in proof_lines)
    request = AddCheckpointRequest(parse_size(old.removeprefix("old ")), proof, note)
    return request, parse_note(note)


def _require_proof(proof: Sequence[bytes] | Sequence[str]) -> None:
    if len(proof) > MAX_PROOF_LINES:
        raise EncodingError(
            f"{len(proof)} proof lines, at most {MAX_PROOF_LINES}", code="encoding.add_checkpoint"
        )
