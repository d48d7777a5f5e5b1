"""
Tables of the survey: what the entries of a log add up to, derived in index order.

Everything here is a function of the entries and of final chain events: it can be emptied and
derived again, and the result is the same. A `series_index` names a series by the index of the
record that registered it.
"""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import KeyPart, LogNumber, Model, Small


class SurveyCursorRow(Model):
    """How far the survey of a log has come; moves in the transaction of its effects."""

    __tablename__ = "survey_cursor"

    log_number: Mapped[LogNumber]
    next_index: Mapped[int]


class EpochProgressRow(Model):
    """What is integrated of one epoch of one key."""

    __tablename__ = "epoch_progress"

    log_number: Mapped[LogNumber]
    kid: Mapped[bytes] = mapped_column(primary_key=True)
    epoch: Mapped[KeyPart]
    next_sequence: Mapped[int]
    """Up to here every number is there or a gap."""
    newest_sequence: Mapped[int | None]
    """Highest sequence number that is there; absent where there is none."""
    newest_message_id: Mapped[bytes | None]
    newest_index: Mapped[int | None]
    first_previous: Mapped[bytes | None]
    """`previous` of message 0; absent while message 0 is missing."""
    last_message_id: Mapped[bytes | None]
    """What the next epoch's message 0 names as the last message of this one."""
    disputed_from: Mapped[int | None]
    """Lowest sequence number with two statements; from there on nothing counts by itself."""


class SequenceGapRow(Model):
    """Sequence numbers of an epoch that are, or were, missing."""

    __tablename__ = "sequence_gap"

    log_number: Mapped[LogNumber]
    kid: Mapped[bytes] = mapped_column(primary_key=True)
    epoch: Mapped[KeyPart]
    start: Mapped[KeyPart]
    end: Mapped[int]
    """One more than the last missing number."""
    state: Mapped[Small]
    """A `GapState`."""
    opened_index: Mapped[int]
    changed_index: Mapped[int | None]
    declared_index: Mapped[int | None]


class SeriesProgressRow(Model):
    """What is integrated of one series."""

    __tablename__ = "series_progress"

    log_number: Mapped[LogNumber]
    series_index: Mapped[KeyPart]
    frontier_s: Mapped[int]
    """Up to here every second is covered or a gap."""
    occupied_until_s: Mapped[int]
    """Latest end of any span; what begins there or later cannot overlap."""
    longest_span_s: Mapped[int]
    last_end_s: Mapped[int | None]
    """End of the latest reading with a value, for the rate of change; absent before the first."""
    last_value: Mapped[int | None]
    last_scale: Mapped[Small | None]


class IntervalGapRow(Model):
    """Seconds of a series that are, or were, missing."""

    __tablename__ = "interval_gap"

    log_number: Mapped[LogNumber]
    series_index: Mapped[KeyPart]
    start: Mapped[KeyPart]
    end: Mapped[int]
    state: Mapped[Small]
    """A `GapState`."""
    opened_index: Mapped[int]
    changed_index: Mapped[int | None]
    declared_index: Mapped[int | None]


class GapDeclarationRow(Model):
    """A signed `gap` record: these seconds are missing, and why."""

    __tablename__ = "gap_declaration"

    log_number: Mapped[LogNumber]
    index: Mapped[KeyPart]
    series_index: Mapped[int]
    start_s: Mapped[int]
    end_s: Mapped[int]
    cause: Mapped[str]


class SpanRow(Model):
    """What one message says of one series, where it is regular; see `ledger.log.spans`."""

    __tablename__ = "span"

    log_number: Mapped[LogNumber]
    series_index: Mapped[KeyPart]
    end_s: Mapped[KeyPart]
    index: Mapped[KeyPart]
    first_reading: Mapped[KeyPart]
    start_s: Mapped[int]
    count: Mapped[int]
    step_s: Mapped[int]
    interval_s: Mapped[int]
    quality: Mapped[Small]
    provenance: Mapped[Small]
    register: Mapped[bool]
    scale: Mapped[Small]
    total: Mapped[int | None]


class ConflictRow(Model):
    """Two messages speak of the same seconds of one series; neither counts by itself."""

    __tablename__ = "conflict"
    __table_args__ = (Index(None, "log_number", "series_index", "end_s"),)

    log_number: Mapped[LogNumber]
    series_index: Mapped[KeyPart]
    start_s: Mapped[KeyPart]
    first_index: Mapped[KeyPart]
    """Index of the earlier entry."""
    second_index: Mapped[KeyPart]
    end_s: Mapped[int]


class CorrectionRow(Model):
    """A signed `correction` record: over these seconds, this counts and nothing else."""

    __tablename__ = "correction"
    __table_args__ = (Index(None, "log_number", "series_index", "end_s"),)

    log_number: Mapped[LogNumber]
    index: Mapped[KeyPart]
    series_index: Mapped[KeyPart]
    start_s: Mapped[int]
    end_s: Mapped[int]
    counted_index: Mapped[int | None]
    """Index of the entry whose reading counts; absent with a replacement."""
    counted_reading: Mapped[int | None]
    """Number of that reading in its message."""
    value: Mapped[int | None]
    """The replacement, times 10**scale in `unit`; absent where a reading counts."""
    unit: Mapped[str | None]
    scale: Mapped[Small | None]
    quality: Mapped[Small | None]


class MessageMarkRow(Model):
    """Something about one message that the bytes alone do not say; see `ledger.log.marks`."""

    __tablename__ = "message_mark"

    log_number: Mapped[LogNumber]
    index: Mapped[KeyPart]
    mark: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """A `Mark`."""
