"""
Tables of the log itself: logs, heads, what was admitted, entries, tiles, checkpoints.

`message`, `message_key`, `record_key`, `entry`, `checkpoint`, `refusal` and `equivocation` are
append-only and guarded by triggers; a full `tile` never changes and a growing one only grows.
Everything but the admitted bytes, their order and the signed texts can be derived again.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import AutoNumber, LogNumber, Model, Small


class LogRow(Model):
    """One reporting enterprise's log."""

    __tablename__ = "log"

    number: Mapped[AutoNumber]
    log_id: Mapped[bytes] = mapped_column(unique=True)
    """Keccak-256 of the origin, 32 bytes."""
    origin: Mapped[str] = mapped_column(unique=True)
    usc: Mapped[str] = mapped_column(index=True)
    """Unified social credit code (统一社会信用代码) of the enterprise."""
    vkey: Mapped[str]
    """Verification key of the log, in C2SP signed-note form."""
    state: Mapped[Small]
    """A `LogState`."""
    opened_at_ms: Mapped[int]
    predecessor: Mapped[int | None] = mapped_column(ForeignKey("log.number"))
    """Number of the log that this one continues, where there is one."""


class HeadRow(Model):
    """The newest tree of a log; changed only by `UPDATE … WHERE size = :old`."""

    __tablename__ = "head"

    log_number: Mapped[int] = mapped_column(
        ForeignKey("log.number"), primary_key=True, autoincrement=False
    )
    size: Mapped[int]
    root: Mapped[bytes]
    compact_range: Mapped[bytes]
    """Hashes of the complete subtrees, largest first, 32 bytes each."""
    last_admission_id: Mapped[int]
    """Admission id of entry `size - 1`; 0 for the empty tree."""
    checkpoint_at_ms: Mapped[int]
    """When the newest checkpoint was signed; 0 before the first."""


class MessageRow(Model):
    """
    The bytes of one admitted entry, of any of the three kinds.

    Within a log, ascending `admission_id` is the order of commit, because ids are drawn and
    rows are committed under the log's admission lock. Ids are unique among all logs; those of
    one log have holes.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_log_number_admission_id", "log_number", "admission_id"),
        {"postgresql_partition_by": "RANGE (admission_id)"},
    )

    admission_id: Mapped[AutoNumber]
    log_number: Mapped[int]
    kind: Mapped[Small]
    """An `EntryKind`."""
    content: Mapped[bytes]
    """The bytes as received, at most 65 535; leaf hash = SHA-256(0x00 ‖ content)."""
    received_at_ms: Mapped[int]
    """The operator's own receive time, which proves nothing."""


class MessageKeyRow(Model):
    """What makes a device message unique, and the way from its numbers to its bytes."""

    __tablename__ = "message_key"

    log_number: Mapped[LogNumber]
    kid: Mapped[bytes] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message_id: Mapped[bytes]
    """SHA-256 of the complete tagged bytes, 32 bytes."""
    statement_hash: Mapped[bytes]
    """SHA-256 of the Sig_structure, 32 bytes: equal where only the signature differs."""
    signed_at_ms: Mapped[int]
    admission_id: Mapped[int]


class RecordKeyRow(Model):
    """What makes a record or digest unique: the hash of what it says."""

    __tablename__ = "record_key"

    log_number: Mapped[LogNumber]
    content_hash: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of a record without its signature, or of a digest's bytes; 32 bytes."""
    admission_id: Mapped[int]
    record_type: Mapped[str]
    """Type of the record; empty for a digest."""


class RefusalRow(Model):
    """A refusal that was signed: final, and given again word for word."""

    __tablename__ = "refusal"
    __table_args__ = (
        UniqueConstraint("log_number", "statement_hash"),
        Index(None, "log_number", "kid", "id"),
    )

    id: Mapped[AutoNumber]
    log_number: Mapped[int]
    statement_hash: Mapped[bytes]
    """SHA-256 of the Sig_structure, or the content hash of a record; 32 bytes."""
    message_id: Mapped[bytes]
    kid: Mapped[bytes | None]
    epoch: Mapped[int | None]
    sequence: Mapped[int | None]
    code: Mapped[str]
    answer: Mapped[bytes]
    """The signed refusal."""
    content: Mapped[bytes]
    """The refused bytes, whose signature was genuine."""
    refused_at_ms: Mapped[int]


class EquivocationRow(Model):
    """Two different statements of one key under the same epoch and sequence number."""

    __tablename__ = "equivocation"

    log_number: Mapped[LogNumber]
    kid: Mapped[bytes] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_admission_id: Mapped[int]
    second_content: Mapped[bytes]
    evidence_admission_id: Mapped[int]
    """Admission id of the `equivocation` record that holds both."""
    found_at_ms: Mapped[int]


class EntryRow(Model):
    """Which admitted bytes are entry `index` of a log."""

    __tablename__ = "entry"
    __table_args__ = (
        # Not unique: a partitioned table cannot promise it. `head.last_admission_id` only
        # grows, in the same guarded update as the size, so no admission gets two indexes.
        Index("ix_entry_log_number_admission_id", "log_number", "admission_id"),
        {"postgresql_partition_by": 'RANGE ("index")'},
    )

    log_number: Mapped[LogNumber]
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    admission_id: Mapped[int]


class TileRow(Model):
    """
    A hash tile: up to 256 hashes of 32 bytes, one after the other.

    The widest version of each tile is kept; narrower ones are its prefixes.
    """

    __tablename__ = "tile"

    log_number: Mapped[LogNumber]
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hashes: Mapped[bytes]


class CheckpointRow(Model):
    """A signed checkpoint; never two roots for one size."""

    __tablename__ = "checkpoint"

    log_number: Mapped[LogNumber]
    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[bytes]
    note: Mapped[str]
    """The signed note, with the log's own signature line only."""
    signed_at_ms: Mapped[int]


class CosignatureRow(Model):
    """A witness's newest cosignature on a checkpoint."""

    __tablename__ = "cosignature"

    log_number: Mapped[LogNumber]
    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    witness: Mapped[str] = mapped_column(primary_key=True)
    """Name of the witness's key."""
    line: Mapped[str]
    """The note's signature line, without its line end."""
    signed_at_s: Mapped[int]
    """The time inside the cosignature, whole seconds since 1970 UTC."""


class RebuildingRow(Model):
    """
    A permit to replace a log's tiles while they are derived again.

    Exists only inside the transaction of a rebuild, which removes it before it commits.
    """

    __tablename__ = "rebuilding"

    log_number: Mapped[LogNumber]
