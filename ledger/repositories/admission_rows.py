"""
What admission stores, as values, and how rows become values.

Source: `ledger.models` for the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import select

from attestation.instants import Instant
from ledger.log.ranges import EMPTY, Ranges
from ledger.models import EpochAdmissionRow, MessageKeyRow, RefusalRow

Place = tuple[bytes, int, int]
"""(kid, epoch, sequence)."""
EpochTuple = tuple[bytes, int, bytes, int, int, int, str | None, int | None, int, int | None, bool]
"""The columns of `EPOCHS`."""


class StoredMessage(NamedTuple):
    """What is known of an admitted message without its bytes."""

    kid: bytes
    epoch: int
    sequence: int
    message_id: bytes
    statement_hash: bytes
    signed_at: int
    admission_id: int

    @property
    def place(self) -> Place:
        """The numbers that no other message of the log has."""
        return self.kid, self.epoch, self.sequence


@dataclass(frozen=True, slots=True)
class StoredRefusal:
    """A refusal that was signed."""

    statement_hash: bytes
    message_id: bytes
    code: str
    answer: bytes
    """The signed refusal."""
    content: bytes
    """The refused bytes."""
    refused_at: Instant
    kid: bytes | None = None
    epoch: int | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class StoredEquivocation:
    """Two statements under one place."""

    kid: bytes
    epoch: int
    sequence: int
    first_admission_id: int
    second_content: bytes
    evidence_admission_id: int
    found_at: Instant


@dataclass(frozen=True, slots=True)
class EpochAdmission:
    """How far one epoch of one key is admitted."""

    kid: bytes
    epoch: int
    ranges: Ranges = EMPTY
    max_sequence: int = -1
    max_signed_at: Instant = Instant(0)  # noqa: RUF009 - an integer
    last_admission_id: int = 0
    gateway: str | None = None
    promise_due: Instant | None = None
    integrate_by: Instant = Instant(0)  # noqa: RUF009 - an integer
    closed_at: int | None = None
    """First disputed sequence number; the epoch is closed there."""
    has_refusals: bool = False
    """Whether a message of it was refused."""


MESSAGES: Final = select(
    MessageKeyRow.kid,
    MessageKeyRow.epoch,
    MessageKeyRow.sequence,
    MessageKeyRow.message_id,
    MessageKeyRow.statement_hash,
    MessageKeyRow.signed_at_ms,
    MessageKeyRow.admission_id,
)
REFUSALS: Final = select(
    RefusalRow.statement_hash,
    RefusalRow.message_id,
    RefusalRow.code,
    RefusalRow.answer,
    RefusalRow.content,
    RefusalRow.refused_at_ms,
    RefusalRow.kid,
    RefusalRow.epoch,
    RefusalRow.sequence,
)
EPOCHS: Final = select(
    EpochAdmissionRow.kid,
    EpochAdmissionRow.epoch,
    EpochAdmissionRow.ranges,
    EpochAdmissionRow.max_sequence,
    EpochAdmissionRow.max_signed_at_ms,
    EpochAdmissionRow.last_admission_id,
    EpochAdmissionRow.gateway,
    EpochAdmissionRow.promise_due_ms,
    EpochAdmissionRow.integrate_by_ms,
    EpochAdmissionRow.closed_at,
    EpochAdmissionRow.has_refusals,
)


def refusal_of(
    row: tuple[bytes, bytes, str, bytes, bytes, int, bytes | None, int | None, int | None],
) -> StoredRefusal:
    statement_hash, message_id, code, answer, content, refused_at, kid, epoch, sequence = row
    return StoredRefusal(
        statement_hash,
        message_id,
        code,
        answer,
        content,
        Instant(refused_at),
        kid,
        epoch,
        sequence,
    )


def epoch_of(row: EpochTuple) -> EpochAdmission:
    kid, epoch, ranges, max_sequence, max_signed_at, last_id, gateway, due, by, closed, refs = row
    return EpochAdmission(
        kid,
        epoch,
        Ranges.from_bytes(ranges),
        max_sequence,
        Instant(max_signed_at),
        last_id,
        gateway,
        None if due is None else Instant(due),
        Instant(by),
        closed,
        refs,
    )
