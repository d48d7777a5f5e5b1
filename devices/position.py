"""
Where the chain of a key stands, and whether the ledger's answers agree with it.

Source: FORMATS section 1 (epoch, sequence, previous) and section 6.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.answers import Newest, Promise, Receipt
from attestation.ids import Kid, MessageId
from attestation.instants import Instant
from attestation.tree_hash import hash_leaf
from devices.errors import ForeignMessage, KeyClosed, SignerStateBehind, SignerStateMissing
from devices.outbox import Outbox, StoredMessage
from devices.store import GatewayStore


@dataclass(frozen=True, slots=True)
class Position:
    """Where a key's chain stands."""

    kid: Kid
    origin: str
    epoch: int
    next_sequence: int
    previous: MessageId
    """Id of the last message signed, also of the epoch before; zero before the first of all."""
    signed_at: Instant
    closed: str | None
    """Why the key signs nothing more, or None."""


def read_position(store: GatewayStore, kid: Kid) -> Position:
    """
    Read where the chain of a key stands, also of one that is closed.

    Raises:
        SignerStateMissing: If this gateway has no such key.
    """
    row = store.fetch_one(
        "SELECT origin, epoch, next_sequence, previous, signed_at_ms, closed FROM signer"
        " WHERE kid = ?",
        (kid,),
    )
    if row is None:
        raise SignerStateMissing(f"no signer state for key {kid.hex()[:16]}")
    return Position(kid, *row)


def check_answer(store: GatewayStore, outbox: Outbox, answer: Promise | Receipt) -> None:
    """
    Compare the state of the key an answer speaks of with that answer.

    Raises:
        SignerStateMissing: If this gateway has no such key.
        SignerStateBehind: If the ledger holds messages of the key that we do not know of.
        ForeignMessage: If it holds another message at a number of ours.
    """
    position = read_position(store, answer.kid)
    highest = highest_sequence(answer)
    if (answer.epoch, highest) >= (position.epoch, position.next_sequence):
        raise SignerStateBehind(
            f"ledger holds epoch {answer.epoch} up to {highest}, state is at epoch"
            f" {position.epoch}, next {position.next_sequence}; open a new epoch by recovery"
        )
    if isinstance(answer, Promise):
        return
    ours = outbox.stored(answer.kid, answer.epoch, answer.newest.sequence)
    if ours is not None and not _is_same(ours, answer.newest):
        raise ForeignMessage(
            f"ledger holds another message at epoch {answer.epoch}, number {answer.newest.sequence}"
        )


def _is_same(ours: StoredMessage, newest: Newest) -> bool:
    """Compare by id and by the leaf hash, which is what the proof is about."""
    return ours.message_id == newest.message_id and hash_leaf(ours.content) == newest.leaf_hash


def highest_sequence(answer: Promise | Receipt) -> int:
    """Give the highest number an answer speaks of."""
    return max(last for _, last in answer.ranges)


def check_open(position: Position) -> None:
    """
    Check that a key may still sign.

    Raises:
        KeyClosed: If it was rotated away or closed.
    """
    if position.closed is not None:
        raise KeyClosed(f"key {position.kid.hex()[:16]} is closed: {position.closed}")
