"""Witnesses: their signatures, and the request that asks for one."""

from __future__ import annotations

from hashlib import sha256

import pytest

from attestation.checkpoints import Checkpoint, sign_checkpoint
from attestation.cosignatures import (
    AddCheckpointRequest,
    Cosigner,
    add_signatures,
    format_add_checkpoint,
    parse_add_checkpoint,
    pick_cosignatures,
)
from attestation.errors import EncodingError, SignatureError
from attestation.keys import SoftwareKey
from attestation.notes import NoteSignature, NoteSigner, parse_note

LOG = NoteSigner.from_seed("log.example/one", b"l" * 32)
WITNESS = Cosigner("witness.example/w1", SoftwareKey.from_seed(b"w" * 32))
CHECKPOINT = Checkpoint("log.example/one", 42, sha256(b"root").digest())
NOTE = sign_checkpoint(CHECKPOINT, LOG)
TIME_S = 1_679_315_147
COSIGNATURE = WITNESS.cosign(CHECKPOINT.text, TIME_S)
HASHES = tuple(sha256(bytes((number,))).digest() for number in range(64))


def test_what_is_signed() -> None:
    """A header line, a time line, and the checkpoint's text."""
    message = f"cosignature/v1\ntime {TIME_S}\n{CHECKPOINT.text}".encode()

    assert COSIGNATURE.blob[:8] == TIME_S.to_bytes(8, "big")
    WITNESS.key.public_key.verify(COSIGNATURE.blob[8:], message)


def test_cosignature_of_another_time_is_refused() -> None:
    """The time is part of what is signed."""
    moved = (TIME_S + 1).to_bytes(8, "big") + COSIGNATURE.blob[8:]

    with pytest.raises(SignatureError, match="does not match"):
        WITNESS.verifier.verify(CHECKPOINT.text, moved)


def test_cosignature_of_another_checkpoint_is_refused() -> None:
    """A witness spoke of one checkpoint, not of the next."""
    later = Checkpoint("log.example/one", 43, sha256(b"later").digest())

    with pytest.raises(SignatureError, match="does not match"):
        WITNESS.verifier.verify(later.text, COSIGNATURE.blob)


@pytest.mark.parametrize(
    "blob", [b"", COSIGNATURE.blob[:-1], COSIGNATURE.blob[8:], b"\x80" + COSIGNATURE.blob[1:]]
)
def test_other_blobs_are_refused(blob: bytes) -> None:
    """A cosignature has 72 bytes and a time below 2**63."""
    with pytest.raises(SignatureError, match="cosignature"):
        WITNESS.verifier.verify(CHECKPOINT.text, blob)


def test_signatures_are_added_once() -> None:
    """A line that stands already is not repeated."""
    once = add_signatures(NOTE, [COSIGNATURE, COSIGNATURE])

    assert add_signatures(once, [COSIGNATURE]) == once == NOTE + COSIGNATURE.line


def test_known_lines_are_picked() -> None:
    """Lines of unknown keys in a witness's answer are left out."""
    noise = NoteSignature("witness.example/w2", b"\x00" * 4, b"noise")
    picked = pick_cosignatures(CHECKPOINT.text, noise.line + COSIGNATURE.line, [WITNESS.verifier])

    assert picked == (COSIGNATURE,)


def test_bad_line_of_a_known_witness_is_refused() -> None:
    """A cosignature over something else is an error, not a missing one."""
    other = WITNESS.cosign("log.example/one\n41\nAAAA\n", TIME_S)

    with pytest.raises(SignatureError, match="does not match"):
        pick_cosignatures(CHECKPOINT.text, other.line, [WITNESS.verifier])


@pytest.mark.parametrize("count", [0, 1, 63])
def test_request_round_trip(count: int) -> None:
    """A request is read as it was written."""
    request = AddCheckpointRequest(41, HASHES[:count], NOTE)
    parsed, note = parse_add_checkpoint(format_add_checkpoint(request))

    assert parsed == request
    assert note == parse_note(NOTE)


def test_request_looks_as_specified() -> None:
    """Old size, proof lines, an empty line, the checkpoint."""
    body = format_add_checkpoint(AddCheckpointRequest(0, (), NOTE))

    assert body == f"old 0\n\n{NOTE}"


def test_too_long_a_proof_is_not_sent() -> None:
    """At most 63 hashes."""
    with pytest.raises(EncodingError, match="64 proof lines"):
        format_add_checkpoint(AddCheckpointRequest(41, HASHES, NOTE))


BODY = format_add_checkpoint(AddCheckpointRequest(41, HASHES[:2], NOTE))


@pytest.mark.parametrize(
    "body",
    [
        "",
        BODY.replace("\n\n", "\n"),
        BODY.replace("old ", "", 1),
        BODY.replace("old 41", "old 041"),
        BODY.replace("old 41", "old  41"),
        BODY.replace("old 41", "old -1"),
        BODY.replace("=\n", "\n", 1),
        BODY.replace("old 41\n", "old 41\nAAAA\n"),
        BODY.partition("\n\n")[0] + "\n\n",
        "old 41\n" + "AAAA\n" * 64 + "\n" + NOTE,
    ],
)
def test_other_bodies_are_refused(body: str) -> None:
    """A request has one form."""
    with pytest.raises(EncodingError, match=r"add-checkpoint|size|base64|note|bytes|proof"):
        parse_add_checkpoint(body)
