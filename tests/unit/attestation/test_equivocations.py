"""Two messages for one place: evidence, and what is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attestation.equivocations import (
    MAX_INLINE_MESSAGE,
    describe_equivocation,
    is_resignature,
    is_same_place,
    verify_equivocation,
)
from attestation.errors import EncodingError, SignatureError, VerificationError
from attestation.key_bodies import MessageEvidence
from attestation.messages import parse_message
from tests.support.attested import (
    ED25519_KEY,
    ORIGIN,
    OTHER_KEY,
    OTHER_ORIGIN,
    message,
    reading,
    row,
)

ONE, OTHER = message(reading()), message(reading(value=1))
BODY = describe_equivocation(ONE, OTHER)


def test_evidence_proves_itself() -> None:
    """The body alone, with log and key, shows both messages."""
    found = verify_equivocation(BODY, origin=ORIGIN, key=ED25519_KEY.public_key)

    assert found == (ONE, OTHER)
    assert is_same_place(ONE, OTHER)


def test_signing_again_is_no_equivocation() -> None:
    """Two signatures over one statement say the same; only the bytes differ."""
    again = parse_message(ONE.encoded[:-1] + bytes([ONE.encoded[-1] ^ 1]), origin=ORIGIN)
    assert again.message_id != ONE.message_id
    assert is_resignature(ONE, again)

    with pytest.raises(VerificationError, match="no equivocation"):
        describe_equivocation(ONE, again)


@pytest.mark.parametrize(
    "changes",
    [{"sequence": 8}, {"epoch": 1}, {"signer": OTHER_KEY}],
    ids=["sequence", "epoch", "key"],
)
def test_two_places_are_no_equivocation(changes: dict[str, object]) -> None:
    """Key, epoch and sequence must all be the same."""
    with pytest.raises(VerificationError, match="no equivocation"):
        describe_equivocation(ONE, message(**changes))


def test_long_messages_are_kept_as_files() -> None:
    """A long message is named by its id; without its bytes nothing is shown."""
    long = message(*row(600))
    assert len(long.encoded) > MAX_INLINE_MESSAGE
    body = describe_equivocation(ONE, long)

    with pytest.raises(EncodingError, match="not at hand"):
        verify_equivocation(body, origin=ORIGIN, key=ED25519_KEY.public_key)
    with pytest.raises(EncodingError, match="not the hash of message"):
        verify_equivocation(
            body,
            origin=ORIGIN,
            key=ED25519_KEY.public_key,
            files={long.message_id: OTHER.encoded},
        )
    files = {long.message_id: long.encoded}
    found = verify_equivocation(body, origin=ORIGIN, key=ED25519_KEY.public_key, files=files)

    assert found == (ONE, long)


def test_forged_evidence_is_refused() -> None:
    """A message that the key did not sign accuses nobody."""
    spoiled = OTHER.encoded[:-1] + bytes([OTHER.encoded[-1] ^ 1])
    forged = MessageEvidence(
        message_id=parse_message(spoiled, origin=ORIGIN).message_id, message=spoiled
    )
    body = replace(BODY, messages=(BODY.messages[0], forged))

    with pytest.raises(SignatureError, match="does not match"):
        verify_equivocation(body, origin=ORIGIN, key=ED25519_KEY.public_key)


def test_evidence_of_another_log_is_refused() -> None:
    """Messages of a test system prove nothing here."""
    with pytest.raises(SignatureError, match="does not match"):
        verify_equivocation(BODY, origin=OTHER_ORIGIN, key=ED25519_KEY.public_key)


def test_evidence_is_of_the_place_it_names() -> None:
    """The record cannot close another epoch than the messages are of."""
    with pytest.raises(VerificationError, match="another place"):
        verify_equivocation(replace(BODY, sequence=8), origin=ORIGIN, key=ED25519_KEY.public_key)


def test_two_messages_of_different_places_are_refused_in_evidence() -> None:
    """Genuine messages that follow each other are no evidence."""
    later = message(reading(value=1), sequence=8)
    evidence = MessageEvidence(message_id=later.message_id, message=later.encoded)
    body = replace(BODY, messages=(BODY.messages[0], evidence))

    with pytest.raises(VerificationError, match="no equivocation"):
        verify_equivocation(body, origin=ORIGIN, key=ED25519_KEY.public_key)
