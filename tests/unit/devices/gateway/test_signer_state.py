"""Signing: every number once, durably, before the signature leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from attestation.epochs import verify_chain
from attestation.ids import ZERO_HASH, parse_origin
from attestation.instants import Instant
from attestation.keys import PublicKey, SoftwareKey
from devices.errors import (
    ClockWentBack,
    DeviceError,
    SignerStateError,
    SignerStateMissing,
    StoreBusy,
)
from devices.signer_state import Batch, SignerState
from devices.store import GatewayStore
from tests.support.gateway import OTHER_USC, Gateway, reading, time_of


def test_messages_of_an_epoch_form_a_chain(gateway: Gateway) -> None:
    """Messages signed one after the other chain by number and previous."""
    messages = gateway.sign(0) + gateway.sign(1, 2)

    assert [message.header.sequence for message in verify_chain(messages)] == [0, 1, 2]
    assert messages[0].header.previous == ZERO_HASH


def test_chain_goes_on_after_a_restart(gateway: Gateway) -> None:
    """A restarted gateway continues the chain where it stood on disk."""
    before = gateway.sign(0)
    gateway.restart()

    verify_chain(before + gateway.sign(1))


def test_number_keeps_its_bytes(gateway: Gateway) -> None:
    """The message of a number is read back byte for byte after a restart."""
    (message,) = gateway.sign(0)
    gateway.restart()

    stored = gateway.outbox.stored(gateway.state.kid, 0, 0)
    assert stored is not None
    assert stored.content == message.encoded


def test_interval_is_signed_once(gateway: Gateway) -> None:
    """A reading of an interval that was signed before makes no second message."""
    gateway.sign(0)
    again = gateway.state.sign_and_keep([Batch((reading(0, energy_wh=6),))], now=time_of(1))

    assert again.messages == ()
    assert again.already_signed == (reading(0, energy_wh=6),)


def test_overlapping_interval_is_left_out_of_its_batch(gateway: Gateway) -> None:
    """Only the readings whose interval is new are in the message."""
    gateway.sign(1)
    longer = replace(reading(2), interval_s=1800)
    kept = gateway.state.sign_and_keep([Batch((reading(0), longer))], now=time_of(3))

    assert kept.messages[0].readings == (reading(0),)
    assert kept.already_signed == (longer,)


def test_start_without_state_is_refused(tmp_path: Path) -> None:
    """A key without a state is not quietly given epoch 0."""
    gateway = Gateway(tmp_path / "lost.db")

    with pytest.raises(SignerStateMissing, match="no signer state"):
        gateway.sign(0)
    gateway.close()


def test_state_of_another_log_is_refused(gateway: Gateway) -> None:
    """A state does not sign for a log it was not opened for."""
    other = parse_origin(f"log.example/log/{OTHER_USC}")
    state = SignerState(gateway.store, gateway.outbox, gateway.key, other)

    with pytest.raises(SignerStateError, match="signs for log"):
        state.sign_and_keep([Batch((reading(0),))], now=time_of(0))


def test_second_process_is_refused(gateway: Gateway) -> None:
    """Two signers of one state would equivocate, so the second one does not start."""
    with pytest.raises(StoreBusy, match="another process holds"):
        GatewayStore(gateway.path)


def test_signing_time_never_decreases(gateway: Gateway) -> None:
    """A clock set back a little leaves signed-at at the last signature's time."""
    (first,) = gateway.sign(1)
    (second,) = gateway.sign(0, now=Instant(time_of(1) - 60_000))

    assert second.header.signed_at == first.header.signed_at


def test_clock_set_back_far_stops_signing(gateway: Gateway) -> None:
    """A clock far behind the last signature is an error, and the number stays free."""
    gateway.sign(50)
    with pytest.raises(ClockWentBack, match="before the last signature"):
        gateway.sign(0)

    assert gateway.state.position().next_sequence == 1


def test_interval_that_has_not_ended_is_refused(gateway: Gateway) -> None:
    """A reading from the future is not signed, and its interval not marked as signed."""
    with pytest.raises(DeviceError, match="after the signing time"):
        gateway.sign(5, now=time_of(3))

    assert len(gateway.sign(5)) == 1


class _WrongKey:
    """A token that signs with another key than the one it shows."""

    def __init__(self, shown: PublicKey) -> None:
        self.public_key = shown

    def sign(self, message: bytes) -> bytes:
        return SoftwareKey.from_seed(b"x" * 32).sign(message)


def test_wrong_signature_costs_no_number(gateway: Gateway) -> None:
    """A signature that does not verify is not kept, and its number stays free."""
    broken = SignerState(
        gateway.store, gateway.outbox, _WrongKey(gateway.key.public_key), gateway.origin
    )
    with pytest.raises(Exception, match="signature does not match"):
        broken.sign_and_keep([Batch((reading(0),))], now=time_of(0))

    assert gateway.state.position().next_sequence == 0
    assert len(gateway.sign(0)) == 1


def test_progress_of_a_source_is_kept_with_its_messages(gateway: Gateway) -> None:
    """How far a file was signed is on disk with the messages made of it."""
    batch = Batch((reading(0),), source="file", position=1)
    gateway.state.sign_and_keep([batch], now=time_of(0))
    gateway.restart()

    assert gateway.state.progress("file") == 1
