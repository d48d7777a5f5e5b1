"""
What needs the database to judge a message: its key by index, its epoch, and its neighbours' times.

Source: FORMATS sections 1 and 3; `ledger.log.equivocation` for closed epochs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ledger.errors import EpochClosed, RevokedKey, SignedBeforePrevious
from ledger.log.checking import Checked
from ledger.log.epoch_book import EpochState
from ledger.log.key_table import EnrolledKey
from ledger.repositories.admissions import Place, StoredMessage
from ledger.repositories.logs import LogNumber
from ledger.unit_of_work import UnitOfWork


class Arrival(NamedTuple):
    """A message whose signature holds, on its way into a log."""

    checked: Checked
    content: bytes
    gateway: str | None
    key: EnrolledKey

    @property
    def place(self) -> Place:
        """(kid, epoch, sequence)."""
        return self.checked[1:4]


def check_key(arrival: Arrival, size: int) -> None:
    """
    Check that the key may speak at some index the message can still get.

    Args:
        arrival: The message.
        size: Of the tree now: no index below it is left. The survey judges by the index it gets.

    Raises:
        RevokedKey: If it cannot.
    """
    key = arrival.key
    if key.closed_index is None or key.closed_index > size:
        return
    granted = key.last_granted
    if granted is None or (arrival.checked.epoch, arrival.checked.sequence) > granted:
        raise RevokedKey(f"the key is closed since index {key.closed_index}")


def check_epoch(checked: Checked, state: EpochState) -> None:
    """
    Check that a message lies before the place where its epoch is disputed.

    Raises:
        EpochClosed: If it does not.
    """
    if state.closed_at is not None and checked.sequence >= state.closed_at:
        raise EpochClosed(
            f"epoch {checked.epoch} is disputed and closed at sequence {state.closed_at}"
        )


def check_order(
    uow: UnitOfWork,
    log: LogNumber,
    checked: Checked,
    state: EpochState,
    fresh: Sequence[StoredMessage],
) -> None:
    """
    Check that time does not go back from a message to the next one known in its epoch.

    Args:
        uow: A unit of work.
        log: The log.
        checked: The message.
        state: Its epoch.
        fresh: Messages admitted in this batch, not stored yet.

    Raises:
        SignedBeforePrevious: If it does.
    """
    if checked.sequence > state.max_sequence:
        if checked.signed_at < state.max_signed_at:
            raise SignedBeforePrevious(f"signed before message {state.max_sequence} of its epoch")
        return
    before, after = _neighbours(uow, log, checked, fresh)
    if before is not None and checked.signed_at < before.signed_at:
        raise SignedBeforePrevious(f"signed before message {before.sequence} of its epoch")
    if after is not None and checked.signed_at > after.signed_at:
        raise SignedBeforePrevious(f"signed after message {after.sequence} of its epoch")


def _neighbours(
    uow: UnitOfWork, log: LogNumber, checked: Checked, fresh: Sequence[StoredMessage]
) -> tuple[StoredMessage | None, StoredMessage | None]:
    place = checked.kid, checked.epoch, checked.sequence
    stored = uow.admissions.neighbours(log, place)
    of_epoch = (message for message in fresh if message[:2] == place[:2])
    around = [message for message in (*stored, *of_epoch) if message is not None]
    before = [message for message in around if message.sequence < checked.sequence]
    after = [message for message in around if message.sequence > checked.sequence]
    return (
        max(before, key=lambda message: message.sequence, default=None),
        min(after, key=lambda message: message.sequence, default=None),
    )
