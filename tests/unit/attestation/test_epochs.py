"""Chains of messages inside and across epochs."""

from __future__ import annotations

import pytest

from attestation.epochs import next_place, verify_chain, verify_successor
from attestation.errors import SequenceError
from attestation.instants import Instant
from tests.support.attested import OTHER_KEY, PREVIOUS, SIGNED_AT, chain, message


def test_unbroken_chain_holds() -> None:
    """Messages of an epoch, each naming the one before."""
    messages = chain(4)

    assert verify_chain(iter(messages)) == tuple(messages)


def test_chain_goes_on_in_the_next_epoch() -> None:
    """Message 0 of the next epoch names the last one before it, also under a new key."""
    messages = chain(3)
    last = messages[-1]
    for signer in ({}, {"signer": OTHER_KEY}):
        verify_chain([*messages, message(epoch=1, sequence=0, previous=last.message_id, **signer)])


def test_dropped_message_is_seen() -> None:
    """One message left out breaks the numbers."""
    one, _, three = chain(3)

    with pytest.raises(SequenceError, match="message 2 does not follow message 0") as refusal:
        verify_chain([one, three])
    assert refusal.value.stable_code == "verification.sequence_gap"


def test_dropped_tail_is_seen() -> None:
    """The next epoch names a last message that is not the last we have."""
    *messages, last = chain(3)
    after = message(epoch=1, sequence=0, previous=last.message_id)

    with pytest.raises(SequenceError, match="previous is not the id"):
        verify_chain([*messages, after])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sequence": 2}, "sequence_gap"),
        ({"sequence": 0}, "sequence_gap"),
        ({"epoch": 1, "sequence": 1}, "sequence_gap"),
        ({"epoch": 2, "sequence": 0}, "sequence_gap"),
        ({"signer": OTHER_KEY}, "sequence_key"),
        ({"previous": PREVIOUS}, "sequence_previous"),
        ({"signed_at": Instant(SIGNED_AT - 1)}, "sequence_time"),
    ],
)
def test_what_does_not_follow_is_refused(changes: dict[str, object], code: str) -> None:
    """Number, epoch, key, previous and time must all follow."""
    (first,) = chain(1)
    proper = {"epoch": 0, "sequence": 1, "previous": first.message_id}
    if changes.get("sequence") == 0 and "epoch" not in changes:
        proper["previous"] = bytes(32)

    with pytest.raises(SequenceError, match=r".") as refusal:
        verify_successor(first, message(**(proper | changes)))
    assert refusal.value.stable_code == f"verification.{code}"


def test_next_place() -> None:
    """A signer goes on by one, or opens the next epoch, or begins with zeros."""
    last = message()

    assert next_place(None) == (0, 0, bytes(32))
    assert next_place(last) == (0, 8, last.message_id)
    assert next_place(last, new_epoch=True) == (1, 0, last.message_id)
