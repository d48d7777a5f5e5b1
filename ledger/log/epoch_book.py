"""
The epochs of one batch while it is decided about: how far each is admitted, and where it ends.

States are changed in place and stored once at the end, because a batch has a thousand messages and
few epochs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from attestation.instants import Instant
from ledger.log.checking import Checked
from ledger.log.ranges import EMPTY, Ranges
from ledger.repositories.admissions import EpochAdmission
from ledger.repositories.logs import LogNumber
from ledger.unit_of_work import UnitOfWork

MAX_RANGES: Final = 4096
"""Ranges remembered of an epoch for its promises; the lowest are forgotten beyond it."""


@dataclass(slots=True)
class EpochState:
    """One epoch of one key, as admission sees it."""

    kid: bytes
    epoch: int
    ranges: Ranges = EMPTY
    max_sequence: int = -1
    max_signed_at: int = 0
    last_admission_id: int = 0
    gateway: str | None = None
    promise_due: Instant | None = None
    integrate_by: int = 0
    closed_at: int | None = None
    """First disputed sequence number; the epoch is closed there."""
    has_refusals: bool = False
    """Whether a message of it was refused, so that refusals must be looked at."""
    is_changed: bool = False
    added: list[int] = field(default_factory=list)
    """Sequence numbers admitted in this batch."""

    def admit(self, checked: Checked, admission_id: int, *, integrate_by: int) -> None:
        """Note that a message is admitted."""
        self.added.append(checked.sequence)
        self.last_admission_id = admission_id
        self.integrate_by = integrate_by
        if checked.sequence > self.max_sequence:
            self.max_sequence = checked.sequence
            self.max_signed_at = checked.signed_at
        self.is_changed = True

    def owe(self, gateway: str | None, due: Instant) -> None:
        """Note that a promise is owed to the gateway that spoke last."""
        self.gateway = gateway or self.gateway
        if self.promise_due is None:
            self.promise_due = due
        self.is_changed = True

    def stored(self) -> EpochAdmission:
        """Give the state to store."""
        ranges = self.ranges.including(self.added)
        return EpochAdmission(
            kid=self.kid,
            epoch=self.epoch,
            ranges=Ranges(ranges.pairs[-MAX_RANGES:]),
            max_sequence=self.max_sequence,
            max_signed_at=Instant(self.max_signed_at),
            last_admission_id=self.last_admission_id,
            gateway=self.gateway,
            promise_due=self.promise_due,
            integrate_by=Instant(self.integrate_by),
            closed_at=self.closed_at,
            has_refusals=self.has_refusals,
        )


class EpochBook:
    """
    The epochs of a batch.

    Args:
        uow: A writing unit of work that holds the log's admission lock.
        log: The log.
        names: (kid, epoch) of every message of the batch.
    """

    def __init__(self, uow: UnitOfWork, log: LogNumber, names: Iterable[tuple[bytes, int]]) -> None:
        self._uow = uow
        self._log = log
        wanted = set(names)
        known = uow.admissions.epochs(log, wanted)
        self._states = {
            name: EpochState(*name) if name not in known else _state(known[name]) for name in wanted
        }

    def of(self, checked: Checked) -> EpochState:
        """Give the state of a message's epoch."""
        return self._states[checked.kid, checked.epoch]

    def store(self) -> None:
        """Store what has changed."""
        changed = [self._states[name] for name in sorted(self._states)]
        self._uow.admissions.put_epochs(
            self._log, [state.stored() for state in changed if state.is_changed]
        )


def _state(stored: EpochAdmission) -> EpochState:
    return EpochState(
        kid=stored.kid,
        epoch=stored.epoch,
        ranges=stored.ranges,
        max_sequence=stored.max_sequence,
        max_signed_at=stored.max_signed_at,
        last_admission_id=stored.last_admission_id,
        gateway=stored.gateway,
        promise_due=stored.promise_due,
        integrate_by=stored.integrate_by,
        closed_at=stored.closed_at,
        has_refusals=stored.has_refusals,
    )
