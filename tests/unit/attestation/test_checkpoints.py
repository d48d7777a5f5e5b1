"""Checkpoints: three lines, and the log's signature below them."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from attestation.checkpoints import (
    Checkpoint,
    open_checkpoint,
    open_cosigned_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from attestation.cosignatures import Cosigner, add_signatures
from attestation.errors import CheckpointError, EncodingError, SignatureError
from attestation.keys import SoftwareKey
from attestation.merkle import EMPTY_ROOT, root_hash
from attestation.notes import NoteSigner, parse_vkey, sign_note

ORIGIN = "log.example/log/91350211M000100Y4X"
LOG = NoteSigner.from_seed(ORIGIN, b"l" * 32)
WITNESS = Cosigner("witness.example/w1", SoftwareKey.from_seed(b"w" * 32))
ROOT = sha256(b"root").digest()
CHECKPOINT = Checkpoint(ORIGIN, 42, ROOT)


@pytest.mark.shared
@pytest.mark.parametrize("size", range(16))
def test_checkpoints_of_others(shared: Path, size: int) -> None:
    """Tessera's checkpoints hold under its key, and their roots are those of its entries."""
    folder = shared / "vectors/signed-note"
    notes = json.loads((folder / "notes.json").read_text(encoding="utf-8"))
    note = (folder / f"tessera/log/checkpoint.{size}").read_text(encoding="utf-8")
    checkpoint = open_checkpoint(note, parse_vkey(notes["tessera_testdata"]["vkey"]))
    tile = (folder / f"tessera/log/tile/0/000.p/{size}").read_bytes() if size else b""

    assert checkpoint.size == size
    assert checkpoint.root == root_hash([tile[at : at + 32] for at in range(0, 32 * size, 32)])


def test_round_trip() -> None:
    """What was signed is opened."""
    assert open_checkpoint(sign_checkpoint(CHECKPOINT, LOG), LOG.verifier) == CHECKPOINT


def test_empty_log_has_a_checkpoint() -> None:
    """Size 0 with the empty root is a checkpoint."""
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)

    assert parse_checkpoint(empty.text) == empty


@pytest.mark.parametrize(
    "text",
    [
        "",
        CHECKPOINT.text[:-1],
        CHECKPOINT.text + "extension\n",
        CHECKPOINT.text + "\n",
        CHECKPOINT.text.replace("42", "042"),
        CHECKPOINT.text.replace("42", "-1"),
        CHECKPOINT.text.replace("42", str(1 << 63)),
        CHECKPOINT.text.replace("42", "0"),
        CHECKPOINT.text.replace("=", ""),
        f"{ORIGIN}\n42\n\n",
        f"\n42\n{CHECKPOINT.text.splitlines()[2]}\n",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    """A checkpoint has three lines, each in one form, and no extension."""
    with pytest.raises(EncodingError, match=r"lines|tree size|base64|root|origin|bytes"):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("", 1, ROOT),
        ("a\nb", 1, ROOT),
        (ORIGIN, -1, ROOT),
        (ORIGIN, 1 << 63, ROOT),
        (ORIGIN, 1, b""),
    ],
)
def test_impossible_checkpoint_is_refused(origin: str, size: int, root: bytes) -> None:
    """An origin is one line, a size below 2**63, a root 32 bytes."""
    with pytest.raises(EncodingError, match="checkpoint"):
        Checkpoint(origin, size, root)


def test_checkpoint_of_another_log_is_not_signed() -> None:
    """A log's key signs only its own origin."""
    with pytest.raises(CheckpointError, match="under the key of"):
        sign_checkpoint(Checkpoint("log.example/other", 1, ROOT), LOG)


def test_checkpoint_of_another_log_is_refused() -> None:
    """A checkpoint of another origin, signed under our log's name, is not our log's."""
    note = sign_note(Checkpoint("log.example/other", 42, ROOT).text, LOG)

    with pytest.raises(CheckpointError, match="under the key of") as caught:
        open_checkpoint(note, LOG.verifier)
    assert caught.value.stable_code == "verification.checkpoint_origin"


def test_checkpoint_by_another_key_is_refused() -> None:
    """The same name over another key is another signer."""
    impostor = NoteSigner.from_seed(ORIGIN, b"i" * 32)

    with pytest.raises(SignatureError, match="known key"):
        open_checkpoint(sign_checkpoint(CHECKPOINT, impostor), LOG.verifier)


def test_witnesses_do_not_stand_in_for_the_log() -> None:
    """A checkpoint that only witnesses signed is refused."""
    note = f"{CHECKPOINT.text}\n{WITNESS.cosign(CHECKPOINT.text, 1_700_000_000).line}"

    with pytest.raises(CheckpointError, match="not signed by"):
        open_cosigned_checkpoint(note, LOG.verifier, [WITNESS.verifier])


def test_cosigned_checkpoint_names_who_signed() -> None:
    """Log and witness are both reported, the witness with its time."""
    note = add_signatures(
        sign_checkpoint(CHECKPOINT, LOG), [WITNESS.cosign(CHECKPOINT.text, 1_700_000_000)]
    )
    checkpoint, opened = open_cosigned_checkpoint(note, LOG.verifier, [WITNESS.verifier])

    assert checkpoint == CHECKPOINT
    assert [(each.verifier.name, each.timestamp_s) for each in opened.verified] == [
        (ORIGIN, None),
        ("witness.example/w1", 1_700_000_000),
    ]
