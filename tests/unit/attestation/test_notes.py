"""Signed notes: form, keys, and which signatures count."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attestation.encodings import format_base64, parse_base64
from attestation.errors import EncodingError, SignatureError
from attestation.keys import Algorithm, SoftwareKey
from attestation.notes import (
    NoteAlgorithm,
    NoteSignature,
    NoteSigner,
    NoteVerifier,
    open_note,
    parse_note,
    parse_signature_lines,
    parse_vkey,
    sign_note,
)

SIGNER = NoteSigner.from_seed("example.com/a", b"a" * 32)
OTHER = NoteSigner.from_seed("example.com/b", b"b" * 32)
TEXT = "first\n\nthird\n"
NOTE = sign_note(TEXT, SIGNER)


def spoiled(note: str) -> str:
    """Change one bit of the last signature."""
    head, _, encoded = note[:-1].rpartition(" ")
    blob = bytearray(parse_base64(encoded))
    blob[-1] ^= 1
    return f"{head} {format_base64(bytes(blob))}\n"


@pytest.mark.shared
@pytest.mark.parametrize("case", ["c2sp_signed_note_example"])
def test_example_of_the_specification(shared: Path, case: str) -> None:
    """The specification's note holds under its key, and the key is written back the same."""
    notes = json.loads((shared / "vectors/signed-note/notes.json").read_text(encoding="utf-8"))
    verifier = parse_vkey(notes[case]["vkey"])
    opened = open_note(notes[case]["note"], [verifier])

    assert opened.text == "This is an example message.\n"
    assert verifier.vkey == notes[case]["vkey"]


def test_note_holds_under_its_key() -> None:
    """A text with empty lines is given back whole, with who signed it."""
    opened = open_note(NOTE, [OTHER.verifier, SIGNER.verifier])

    assert opened.text == TEXT
    assert [each.verifier for each in opened.verified] == [SIGNER.verifier]
    assert opened.verified[0].timestamp_s is None


def test_several_signatures_are_all_checked() -> None:
    """Each known key that signed is listed once for each of its lines."""
    opened = open_note(sign_note(TEXT, SIGNER, OTHER), [OTHER.verifier, SIGNER.verifier])

    assert [each.verifier.name for each in opened.verified] == ["example.com/a", "example.com/b"]


def test_unknown_signature_is_ignored() -> None:
    """A line by an unknown key may be anything at all."""
    noise = NoteSignature("example.com/c", b"\x00" * 4, b"\x07noise").line

    assert open_note(NOTE + noise, [SIGNER.verifier]).text == TEXT


@pytest.mark.parametrize("stranger", ["name", "key id"])
def test_half_a_match_is_unknown(stranger: str) -> None:
    """A line that shares a known key's name or id, but not both, is ignored."""
    known = SIGNER.verifier
    name = "example.com/x" if stranger == "name" else known.name
    key_id = known.key_id if stranger == "name" else b"\x00" * 4
    line = NoteSignature(name, key_id, b"\x00" * 64).line

    assert open_note(NOTE + line, [known]).text == TEXT


def test_bad_signature_by_a_known_key_spoils_the_note() -> None:
    """One good signature does not make up for a bad one."""
    note = spoiled(sign_note(TEXT, SIGNER, OTHER))

    with pytest.raises(SignatureError, match="signature"):
        open_note(note, [SIGNER.verifier, OTHER.verifier])
    assert open_note(note, [SIGNER.verifier]).text == TEXT


def test_note_without_a_known_signature_is_refused() -> None:
    """A note by unknown keys only says nothing."""
    with pytest.raises(SignatureError, match="known key") as caught:
        open_note(NOTE, [OTHER.verifier])

    assert caught.value.stable_code == "verification.note_unsigned"


def test_changed_text_is_refused() -> None:
    """One character more in the text and the signature does not hold."""
    with pytest.raises(SignatureError, match="does not match"):
        open_note(NOTE.replace("first", "First"), [SIGNER.verifier])


def test_signature_of_another_length_is_refused() -> None:
    """A known key's blob of 63 bytes is a bad signature."""
    short = NoteSignature(SIGNER.name, SIGNER.verifier.key_id, b"\x00" * 63).line

    with pytest.raises(SignatureError, match="63 bytes"):
        open_note(f"{TEXT}\n{short}", [SIGNER.verifier])


LINE = NOTE.removeprefix(TEXT + "\n")
SIGNATURE = LINE.split(" ")[2].strip()
MALFORMED = {
    "empty": "",
    "no signature": TEXT,
    "no blank line": TEXT.replace("\n\n", "\n") + LINE,
    "blank line at the end": NOTE + "\n",
    "no newline at the end": NOTE[:-1],
    "control character": NOTE.replace("first", "fir\tst"),
    "carriage return": NOTE.replace("\n", "\r\n"),
    "not UTF-8": NOTE.replace("first", "\ud800"),
    "hyphen for dash": NOTE.replace("—", "-"),
    "no space after the dash": NOTE.replace("— ", "—"),
    "no name": f"{TEXT}\n—  {SIGNATURE}\n",
    "name with a plus": NOTE.replace("example.com/a", "example.com+a"),
    "name with a space": NOTE.replace("example.com/a", "example.com\u00a0a"),
    "two spaces": NOTE.replace("example.com/a ", "example.com/a  "),
    "no signature after the name": f"{TEXT}\n— example.com/a\n",
    "other base64": NOTE.replace(SIGNATURE, SIGNATURE.rstrip("=")),
    "key id alone": f"{TEXT}\n— example.com/a AAAAAA==\n",
    "too many signatures": TEXT + "\n" + LINE * 101,
    "too long": "x" * 1_000_000 + "\n\n" + LINE,
}


@pytest.mark.parametrize("damage", MALFORMED)
def test_other_forms_are_refused(damage: str) -> None:
    """A note has one form."""
    with pytest.raises(EncodingError, match=r"note|signature|key name|base64"):
        open_note(MALFORMED[damage], [SIGNER.verifier])


def test_a_hundred_signatures_are_accepted() -> None:
    """The specification asks for at least 16."""
    assert len(parse_note(TEXT + "\n" + LINE * 100).signatures) == 100


def test_lines_end_in_a_newline() -> None:
    """A signature line that is cut off is refused."""
    with pytest.raises(EncodingError, match="newline"):
        parse_signature_lines(LINE[:-1])


@pytest.mark.parametrize("text", ["no newline", "", "bell\a\n"])
def test_text_that_is_no_notes_is_not_signed(text: str) -> None:
    """A text has to end in a newline and to be free of control characters."""
    with pytest.raises(EncodingError, match="newline"):
        sign_note(text, SIGNER)


VKEY = SIGNER.verifier.vkey
KEY = VKEY.split("+", 2)[2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/a",
        VKEY.replace("example.com/a", "example.com/b"),
        VKEY.replace("+", "++", 1),
        VKEY.replace("example.com/a", ""),
        VKEY.replace("example.com/a", "example com"),
        VKEY.upper(),
        VKEY + "=",
        VKEY.replace(KEY, format_base64(b"\x02" + parse_base64(KEY)[1:])),
        VKEY.replace(KEY, format_base64(parse_base64(KEY)[:-1])),
        VKEY.replace(KEY, "===="),
    ],
)
def test_other_verification_keys_are_refused(text: str) -> None:
    """Name, key id and key belong together, and the type is known."""
    with pytest.raises(EncodingError, match=r"verification key|key id|type|name|base64|key"):
        parse_vkey(text)


def test_small_order_key_is_refused() -> None:
    """A key that would accept anything is no key."""
    with pytest.raises(SignatureError, match="small order"):
        parse_vkey("example.com/a+00000000+" + format_base64(b"\x01\x01" + bytes(31)))


def test_key_of_another_algorithm_is_refused() -> None:
    """Notes are signed with Ed25519."""
    key = SoftwareKey.from_seed(b"a" * 32, Algorithm.ESP256).public_key

    with pytest.raises(EncodingError, match="Ed25519"):
        NoteVerifier("example.com/a", NoteAlgorithm.ED25519, key)


def test_one_key_under_two_types_has_two_ids() -> None:
    """The type byte is part of the key id."""
    verifier = SIGNER.verifier
    witness = NoteVerifier(verifier.name, NoteAlgorithm.COSIGNATURE_V1, verifier.public_key)

    assert witness.key_id != verifier.key_id
    assert parse_vkey(witness.vkey) == witness
