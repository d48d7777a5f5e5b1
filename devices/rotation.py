"""
The beginnings and ends of a key's chain: first epoch, next epoch, lost state, next key.

Every epoch but the first follows the last message of the epoch before, and the rotation record
names that message, so that a dropped tail is visible. What each function returns is what the
enterprise's record has to say; `devices.enrolment` makes the record of it.

Source: FORMATS section 1, epoch.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.answers import Receipt
from attestation.ids import ZERO_HASH, Kid, MessageId, Origin
from devices.errors import SignerStateError
from devices.outbox import Outbox
from devices.position import Position, check_open, highest_sequence, read_position
from devices.store import GatewayStore


@dataclass(frozen=True, slots=True)
class ClosedEpoch:
    """What the rotation record must name: the chain that ended, and its last message."""

    kid: Kid
    epoch: int
    last_sequence: int
    last_message_id: MessageId
    reason: str


def begin_chain(store: GatewayStore, kid: Kid, origin: Origin) -> None:
    """
    Open epoch 0 of a key that has never signed: part of enrolment, never of a start.

    Raises:
        SignerStateError: If the key has a state already.
    """
    with store.transaction():
        _insert(store, kid, str(origin), epoch=0, previous=ZERO_HASH, signed_at=0)


def open_next_epoch(
    store: GatewayStore, outbox: Outbox, kid: Kid, reason: str, *, last_sequence: int | None = None
) -> ClosedEpoch | None:
    """
    Close the epoch and open the next with the same key; None if nothing was signed in it.

    Args:
        store: The gateway's database.
        outbox: Over the same store.
        kid: The key.
        reason: Why, for the rotation record.
        last_sequence: The last undisputed message after an equivocation; else the last signed.

    Raises:
        KeyClosed: If the key signs nothing more.
        SignerStateError: If there is no such key, or `last_sequence` is not a message kept.
    """
    with store.transaction():
        position = read_position(store, kid)
        check_open(position)
        if position.next_sequence == 0:
            return None
        closed = _last_of(position, reason)
        if last_sequence is not None:
            stored = outbox.stored(kid, position.epoch, last_sequence)
            if stored is None:
                raise SignerStateError(f"no message {last_sequence} in epoch {position.epoch}")
            closed = ClosedEpoch(kid, position.epoch, last_sequence, stored.message_id, reason)
        store.execute(
            "UPDATE signer SET epoch = epoch + 1, next_sequence = 0, previous = ? WHERE kid = ?",
            (closed.last_message_id, kid),
        )
    return closed


def hand_over(store: GatewayStore, old: Kid, new: Kid, reason: str) -> ClosedEpoch | None:
    """
    Close a key and let another continue its chain; None if the old one never signed.

    Args:
        store: The gateway's database.
        old: The key that ends.
        new: The key that goes on; it must not have signed yet.
        reason: Why, for the rotation record.

    Raises:
        KeyClosed: If the old key was closed before.
        SignerStateError: If there is no old key, or the new one has a state already.
    """
    with store.transaction():
        position = read_position(store, old)
        check_open(position)
        store.execute("UPDATE signer SET closed = ? WHERE kid = ?", (reason, old))
        unused = position.next_sequence == 0
        _insert(
            store,
            new,
            position.origin,
            epoch=position.epoch if unused else position.epoch + 1,
            previous=position.previous,
            signed_at=position.signed_at,
        )
    return None if unused else _last_of(position, reason)


def end_chain(store: GatewayStore, kid: Kid, reason: str) -> ClosedEpoch | None:
    """
    Close a key that nothing follows, as when a device is taken out; None if it never signed.

    Raises:
        KeyClosed: If it was closed before.
        SignerStateError: If there is no such key.
    """
    with store.transaction():
        position = read_position(store, kid)
        check_open(position)
        store.execute("UPDATE signer SET closed = ? WHERE kid = ?", (reason, kid))
    return None if position.next_sequence == 0 else _last_of(position, reason)


def recover_chain(store: GatewayStore, receipt: Receipt, origin: Origin) -> ClosedEpoch:
    """
    Open the next epoch after the state was lost, or restored from an older copy.

    The new epoch follows the newest message the ledger holds. What was signed after it and lost
    on the way is missing, and the closed epoch's last number shows it.

    Args:
        store: The gateway's database.
        receipt: The newest receipt of the key, with its signature and proof checked.
        origin: The log the key signs for.

    Raises:
        SignerStateError: If the state is not older than the receipt: nothing was lost.
    """
    kid, newest = receipt.kid, receipt.newest
    with store.transaction():
        known = store.fetch_one("SELECT epoch, next_sequence FROM signer WHERE kid = ?", (kid,))
        if known is not None and known > (receipt.epoch, highest_sequence(receipt)):
            raise SignerStateError("the state is not older than the receipt; nothing was lost")
        store.execute("DELETE FROM signer WHERE kid = ?", (kid,))
        _insert(
            store,
            kid,
            str(origin),
            epoch=receipt.epoch + 1,
            previous=newest.message_id,
            signed_at=0,
        )
    return ClosedEpoch(
        kid, receipt.epoch, newest.sequence, MessageId(newest.message_id), "state_lost"
    )


def _last_of(position: Position, reason: str) -> ClosedEpoch:
    return ClosedEpoch(
        position.kid, position.epoch, position.next_sequence - 1, position.previous, reason
    )


def _insert(
    store: GatewayStore, kid: Kid, origin: str, *, epoch: int, previous: bytes, signed_at: int
) -> None:
    inserted = store.execute(
        "INSERT OR IGNORE INTO signer (kid, origin, epoch, next_sequence, previous, signed_at_ms)"
        " VALUES (?, ?, ?, 0, ?, ?)",
        (kid, origin, epoch, previous, signed_at),
    )
    if not inserted:
        raise SignerStateError(f"key {kid.hex()[:16]} has a state already")
