"""
Chains of messages: which message must follow which.

An epoch is one unbroken chain of one signer state. Its message 0 carries the id of the last
message of the epoch before, so a dropped tail is seen as soon as the next epoch begins.

Source: FORMATS section 1; `docs/formats/signed-message.md`, section 5.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from attestation.errors import SequenceError
from attestation.headers import Header
from attestation.ids import ZERO_HASH
from attestation.messages import SignedMessage


def verify_successor(before: SignedMessage, after: SignedMessage) -> None:
    """
    Check that `after` is the very next message of the chain `before` stands in.

    Inside an epoch the key stays; an epoch may begin with a new one.

    Raises:
        SequenceError: If epoch, sequence, key, time or `previous` does not follow.
    """
    earlier, later = before.header, after.header
    if later.epoch == earlier.epoch:
        _check_within_epoch(earlier, later)
    elif later.epoch != earlier.epoch + 1 or later.sequence != 0:
        raise SequenceError(
            f"message {later.sequence} of epoch {later.epoch} does not follow "
            f"message {earlier.sequence} of epoch {earlier.epoch}",
            code="verification.sequence_gap",
        )
    if later.previous != before.message_id:
        raise SequenceError(
            "previous is not the id of the message before", code="verification.sequence_previous"
        )
    if later.signed_at < earlier.signed_at:
        raise SequenceError(
            "signed before the message before it", code="verification.sequence_time"
        )


def verify_chain(messages: Iterable[SignedMessage]) -> tuple[SignedMessage, ...]:
    """
    Check that messages form one unbroken piece of a chain, and give them back.

    The piece may begin anywhere. Signatures are not checked here.

    Raises:
        SequenceError: If one does not follow the one before it.
    """
    chain = tuple(messages)
    for before, after in pairwise(chain):
        verify_successor(before, after)
    return chain


def next_place(last: SignedMessage | None, *, new_epoch: bool = False) -> tuple[int, int, bytes]:
    """
    Give (epoch, sequence, previous) of the message to sign after `last`.

    Args:
        last: The newest message of the signer; None before the very first.
        new_epoch: Whether the signer's key or state is another than at `last`.
    """
    if last is None:
        return 0, 0, ZERO_HASH
    header = last.header
    if new_epoch:
        return header.epoch + 1, 0, last.message_id
    return header.epoch, header.sequence + 1, last.message_id


def _check_within_epoch(earlier: Header, later: Header) -> None:
    if later.kid != earlier.kid:
        raise SequenceError("another key inside one epoch", code="verification.sequence_key")
    if later.sequence != earlier.sequence + 1:
        raise SequenceError(
            f"message {later.sequence} does not follow message {earlier.sequence}",
            code="verification.sequence_gap",
        )
