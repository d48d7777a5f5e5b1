"""
Tables of what the records of a log register: authorities, keys, series, and facts about them.

Derived from integrated records in index order. What a row does not hold is read from the record
itself, which its `index` names.
"""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import KeyPart, LogNumber, Model, Small


class CertificateAuthorityRow(Model):
    """A device authority that an enterprise registered in its log."""

    __tablename__ = "certificate_authority"

    log_number: Mapped[LogNumber]
    index: Mapped[KeyPart]
    certificate: Mapped[bytes]
    """DER of the sub-CA's certificate."""


class DeviceKeyRow(Model):
    """A key that is enrolled in a log."""

    __tablename__ = "device_key"

    log_number: Mapped[LogNumber]
    kid: Mapped[bytes] = mapped_column(primary_key=True)
    index: Mapped[int]
    """Index of the `key` record."""
    spki: Mapped[bytes]
    signer: Mapped[Small]
    """A `SignerKind`."""
    first_epoch: Mapped[int]
    not_before_ms: Mapped[int]
    not_after_ms: Mapped[int]
    gateway: Mapped[str | None]
    closing_index: Mapped[int | None]
    """Index of the `key-close` record."""
    closed_index: Mapped[int | None]
    """First index at which the key no longer speaks, by that record."""
    reason: Mapped[Small]
    """A `CloseReason`, by that record."""
    last_epoch: Mapped[int | None]
    last_sequence: Mapped[int | None]
    """Up to here, later messages of a rotated or decommissioned key still count."""


class KeySeriesRow(Model):
    """A series that a key may speak of."""

    __tablename__ = "key_series"

    log_number: Mapped[LogNumber]
    kid: Mapped[bytes] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)


class SeriesRow(Model):
    """A series that is registered in a log, with the newest expectations."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("log_number", "series"),)

    log_number: Mapped[LogNumber]
    index: Mapped[KeyPart]
    """Index of the record that registered it first: its name in derived tables."""
    series: Mapped[str]
    newest_index: Mapped[int]
    """Index of the newest record about it."""
    unit: Mapped[str]
    register: Mapped[bool]
    cadence_s: Mapped[int]
    heartbeat_s: Mapped[int]
    since_s: Mapped[int]
    until_s: Mapped[int | None]
    max_lateness_ms: Mapped[int]
    scale: Mapped[Small]
    minimum: Mapped[int]
    maximum: Mapped[int]
    rate_limit_per_h: Mapped[int | None]


class RegistrationRow(Model):
    """A fact about an instrument or a multiplier, for finding its record."""

    __tablename__ = "registration"
    __table_args__ = (Index(None, "log_number", "record_type", "name"),)

    log_number: Mapped[LogNumber]
    index: Mapped[KeyPart]
    record_type: Mapped[str]
    name: Mapped[str]
    """Name of the instrument, or id of the multiplier."""
    from_s: Mapped[int]
    to_s: Mapped[int | None]


class EpochSuccessionRow(Model):
    """An `epoch` record: which message ends an epoch, and which key begins the next."""

    __tablename__ = "epoch_succession"
    __table_args__ = (Index(None, "log_number", "next_kid", "closed_epoch"),)

    log_number: Mapped[LogNumber]
    kid: Mapped[bytes] = mapped_column(primary_key=True)
    closed_epoch: Mapped[KeyPart]
    index: Mapped[int]
    last_sequence: Mapped[int]
    last_message: Mapped[bytes]
    next_kid: Mapped[bytes]


class ReadModelRow(Model):
    """A counter that grows whenever what admission judges by has changed."""

    __tablename__ = "read_model"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
