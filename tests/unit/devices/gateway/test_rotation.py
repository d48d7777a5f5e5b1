"""Beginnings and ends of chains: epochs, lost state, the next key."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestation.epochs import verify_chain
from attestation.ids import ZERO_HASH
from attestation.instants import Instant
from attestation.keys import SoftwareKey
from devices.errors import KeyClosed, SignerStateError
from devices.rotation import (
    ClosedEpoch,
    begin_chain,
    end_chain,
    hand_over,
    open_next_epoch,
    recover_chain,
)
from devices.signer_state import Batch, SignerState
from tests.support.gateway import ORIGIN, Gateway, MemoryLog, reading, time_of

NEXT_KEY = SoftwareKey.from_seed(b"n" * 32)
NEXT_KID = NEXT_KEY.public_key.kid


def successor(gateway: Gateway) -> SignerState:
    """The next key of the gateway."""
    return SignerState(gateway.store, gateway.outbox, NEXT_KEY, ORIGIN)


def test_epoch_0_is_opened_once(gateway: Gateway) -> None:
    """A key that has a state is not enrolled a second time."""
    with pytest.raises(SignerStateError, match="has a state already"):
        begin_chain(gateway.store, gateway.state.kid, ORIGIN)


def test_next_epoch_follows_the_last_message(gateway: Gateway) -> None:
    """Message 0 of the next epoch carries the id the rotation record names."""
    before = gateway.sign(0) + gateway.sign(1)
    closed = open_next_epoch(gateway.store, gateway.outbox, gateway.state.kid, "reset")
    (after,) = gateway.sign(2)

    assert closed == ClosedEpoch(gateway.state.kid, 0, 1, before[1].message_id, "reset")
    verify_chain([*before, after])
    assert (after.header.epoch, after.header.sequence) == (1, 0)


def test_epoch_without_messages_is_not_closed(gateway: Gateway) -> None:
    """An epoch nothing was signed in stays open: there is no last message to name."""
    assert open_next_epoch(gateway.store, gateway.outbox, gateway.state.kid, "reset") is None
    assert gateway.state.position().epoch == 0


def test_epoch_after_an_equivocation_follows_the_last_undisputed_message(
    gateway: Gateway,
) -> None:
    """The disputed message is left behind; the next epoch carries the id before it."""
    messages = gateway.sign(0) + gateway.sign(1)
    closed = open_next_epoch(
        gateway.store, gateway.outbox, gateway.state.kid, "equivocation", last_sequence=0
    )
    (after,) = gateway.sign(2)

    assert closed is not None
    assert (closed.last_sequence, closed.last_message_id) == (0, messages[0].message_id)
    assert after.header.previous == messages[0].message_id


def test_last_undisputed_message_must_be_known(gateway: Gateway) -> None:
    """A number nothing was signed under cannot end an epoch."""
    gateway.sign(0)
    with pytest.raises(SignerStateError, match="no message 1 in epoch 0"):
        open_next_epoch(
            gateway.store, gateway.outbox, gateway.state.kid, "equivocation", last_sequence=1
        )


def test_next_key_continues_the_chain(gateway: Gateway) -> None:
    """The new key signs the next epoch, after the old key's last message."""
    before = gateway.sign(0)
    closed = hand_over(gateway.store, gateway.state.kid, NEXT_KID, "rotated")
    after = successor(gateway).sign_and_keep([Batch((reading(1),))], now=time_of(1)).messages

    verify_chain([*before, *after])
    assert closed is not None
    assert (closed.epoch, closed.last_sequence) == (0, 0)


def test_old_key_signs_nothing_more(gateway: Gateway) -> None:
    """A key that was handed over is closed for good."""
    gateway.sign(0)
    hand_over(gateway.store, gateway.state.kid, NEXT_KID, "rotated")

    with pytest.raises(KeyClosed, match="is closed: rotated"):
        gateway.sign(1)
    with pytest.raises(KeyClosed, match="is closed: rotated"):
        open_next_epoch(gateway.store, gateway.outbox, gateway.state.kid, "reset")
    with pytest.raises(KeyClosed, match="is closed: rotated"):
        hand_over(gateway.store, gateway.state.kid, SoftwareKey.generate().public_key.kid, "again")


def test_key_of_a_device_taken_out_signs_nothing_more(gateway: Gateway) -> None:
    """Decommissioning names the last message and closes the key for good."""
    messages = gateway.sign(0) + gateway.sign(1)
    closed = end_chain(gateway.store, gateway.state.kid, "decommissioned")

    assert closed == ClosedEpoch(gateway.state.kid, 0, 1, messages[1].message_id, "decommissioned")
    with pytest.raises(KeyClosed, match="is closed: decommissioned"):
        gateway.sign(2)
    with pytest.raises(KeyClosed, match="is closed: decommissioned"):
        end_chain(gateway.store, gateway.state.kid, "again")


def test_chain_cannot_go_back_to_a_key(gateway: Gateway) -> None:
    """A key that has a state takes over no chain."""
    gateway.sign(0)
    hand_over(gateway.store, gateway.state.kid, NEXT_KID, "rotated")

    with pytest.raises(SignerStateError, match="has a state already"):
        hand_over(gateway.store, NEXT_KID, gateway.state.kid, "back")
    assert successor(gateway).position().closed is None


def test_next_key_of_an_unused_one_takes_its_epoch(gateway: Gateway) -> None:
    """A key that never signed leaves no epoch behind."""
    assert hand_over(gateway.store, gateway.state.kid, NEXT_KID, "rotated") is None
    position = successor(gateway).position()

    assert (position.epoch, position.next_sequence, position.previous) == (0, 0, ZERO_HASH)


def test_signing_time_is_handed_over(gateway: Gateway) -> None:
    """The next key does not sign before the old one's last message."""
    gateway.sign(1)
    hand_over(gateway.store, gateway.state.kid, NEXT_KID, "rotated")
    now = Instant(time_of(1) - 60_000)
    kept = successor(gateway).sign_and_keep([Batch((reading(0),))], now=now)

    assert kept.messages[0].header.signed_at == time_of(1)


def test_lost_state_goes_on_after_the_ledgers_newest_message(
    tmp_path: Path, gateway: Gateway, log: MemoryLog
) -> None:
    """A gateway with an empty disk opens the epoch after the newest message of its receipt."""
    before = gateway.sign(0) + gateway.sign(1)
    log.integrate([message.encoded for message in before])
    fresh = Gateway(tmp_path / "fresh.db")
    closed = recover_chain(fresh.store, log.receipt_for(before[1].encoded), ORIGIN)
    (after,) = fresh.sign(2)
    fresh.close()

    assert closed == ClosedEpoch(fresh.state.kid, 0, 1, before[1].message_id, "state_lost")
    verify_chain([*before, after])


def test_restored_state_goes_on_after_the_ledgers_newest_message(
    gateway: Gateway, log: MemoryLog
) -> None:
    """A state that is behind the ledger is replaced by the next epoch."""
    messages = gateway.sign(0) + gateway.sign(1)
    log.integrate([message.encoded for message in messages])
    gateway.store.execute("UPDATE signer SET next_sequence = 1")
    recover_chain(gateway.store, log.receipt_for(messages[1].encoded), ORIGIN)

    assert gateway.state.position().epoch == 1
    assert gateway.state.position().previous == messages[1].message_id


def test_sound_state_is_not_recovered(gateway: Gateway, log: MemoryLog) -> None:
    """A state that knows all the ledger knows has lost nothing."""
    messages = gateway.sign(0) + gateway.sign(1)
    log.integrate([message.encoded for message in messages])

    with pytest.raises(SignerStateError, match="nothing was lost"):
        recover_chain(gateway.store, log.receipt_for(messages[1].encoded), ORIGIN)
