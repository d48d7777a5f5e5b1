"""Ids of persons: fixed bytes, and nothing that is no identity."""

from __future__ import annotations

import pytest

from attestation.errors import EncodingError
from attestation.persons import person_id

SALT = bytes([7] * 16)
VECTOR = "167660afabbd14199c4dcebf44537571cace56d241b4f4408585e7bb1ea1c24f"
IDENTITY = "居民身份证 350211198001010000"


def test_id_is_what_the_format_says() -> None:
    """The example of `docs/formats/identities.md`."""
    assert person_id(SALT, IDENTITY).hex() == VECTOR


def test_same_person_written_otherwise_is_the_same() -> None:
    """White space at the ends and composed characters make no second person."""
    assert person_id(SALT, f" {IDENTITY} ") == person_id(SALT, IDENTITY)
    assert person_id(SALT, "Jose\u0301 1") == person_id(SALT, "Jos\u00e9 1")


@pytest.mark.parametrize("salt", [b"", bytes(15), bytes(17)])
def test_salt_has_its_length(salt: bytes) -> None:
    """A short one could be guessed."""
    with pytest.raises(EncodingError):
        person_id(salt, IDENTITY)


@pytest.mark.parametrize("identity", ["", "  ", "a\nb", "a\x00", "x" * 201])
def test_what_is_no_identity_is_refused(identity: str) -> None:
    """Nobody has it on a document."""
    with pytest.raises(EncodingError):
        person_id(SALT, identity)
