"""
Tables of what the ledger says to devices: progress by epoch, and the queue to gateways.

They say who is to hear what; nothing of the log depends on them.
"""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import AutoNumber, LogNumber, Model, Small


class EpochAdmissionRow(Model):
    """How far one epoch of one key is admitted, and to whom that is to be said."""

    __tablename__ = "epoch_admission"
    __table_args__ = (Index(None, "promise_due_ms"),)

    log_number: Mapped[LogNumber]
    kid: Mapped[bytes] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ranges: Mapped[bytes]
    """Admitted sequence numbers as ranges, see `ledger.log.ranges`."""
    max_sequence: Mapped[int]
    max_signed_at_ms: Mapped[int]
    """Signing time of the message `max_sequence`."""
    last_admission_id: Mapped[int]
    gateway: Mapped[str | None]
    """Gateway that brought the last message; absent where it came another way."""
    promise_due_ms: Mapped[int | None]
    """When a promise is owed; absent where nothing new has been admitted since the last."""
    integrate_by_ms: Mapped[int]
    """The latest time promised, or to be promised, for everything in `ranges`."""
    closed_at: Mapped[int | None]
    """First disputed sequence number: the epoch is closed there. Absent while undisputed."""
    has_refusals: Mapped[bool]
    """Whether a message of it was refused; where none was, refusals need not be searched."""


class ReceiptProgressRow(Model):
    """What a receipt at one checkpoint said of an epoch, to be said again when anchored."""

    __tablename__ = "receipt_progress"
    __table_args__ = (Index(None, "log_number", "size"),)

    log_number: Mapped[LogNumber]
    kid: Mapped[bytes] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Tree size at which all of `ranges` is integrated."""
    ranges: Mapped[bytes]
    newest_sequence: Mapped[int]
    newest_message_id: Mapped[bytes]
    newest_index: Mapped[int]
    stage: Mapped[Small | None]
    """The `ReceiptStage` of the last receipt given for it; absent before the first."""


class DeliveryRow(Model):
    """One signed answer on its way to a gateway, sent at least once."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("log_number", "gateway", "subject"),
        Index(None, "sent_at_ms", "id"),
    )

    id: Mapped[AutoNumber]
    log_number: Mapped[int]
    gateway: Mapped[str]
    subject: Mapped[bytes]
    """What it is about; a later answer about the same takes the place of an earlier."""
    body: Mapped[bytes]
    """The signed answer."""
    created_at_ms: Mapped[int]
    sent_at_ms: Mapped[int | None]
