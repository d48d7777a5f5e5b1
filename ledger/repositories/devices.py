"""
What the records of a log register of keys: authorities, enrolments, closings, rotations.

Written by the survey in index order, read by admission and by accounting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from attestation.enums import CloseReason, SignerKind
from attestation.instants import Instant
from ledger.models import (
    CertificateAuthorityRow,
    DeviceKeyRow,
    EpochSuccessionRow,
    KeySeriesRow,
    ReadModelRow,
)
from ledger.repositories.bulk import copy_rows, table_of, upsert
from ledger.repositories.logs import LogNumber

READ_MODEL: Final = "devices"
_VERSION: Final = select(ReadModelRow.version).where(ReadModelRow.name == READ_MODEL)


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A key that is enrolled in a log."""

    kid: bytes
    index: int
    """Index of the `key` record."""
    spki: bytes
    signer: SignerKind
    first_epoch: int
    not_before: Instant
    not_after: Instant
    gateway: str | None = None
    closing_index: int | None = None
    """Index of the `key-close` record."""
    closed_index: int | None = None
    """First index at which the key no longer speaks, by that record."""
    reason: CloseReason = CloseReason.NONE
    last_epoch: int | None = None
    last_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class EpochSuccession:
    """An `epoch` record: which message ends an epoch, and which key begins the next."""

    kid: bytes
    closed_epoch: int
    index: int
    last_sequence: int
    last_message: bytes
    next_kid: bytes


_DERIVED: Final = (
    CertificateAuthorityRow,
    DeviceKeyRow,
    KeySeriesRow,
    EpochSuccessionRow,
)


class DeviceRepository:
    """Reads and writes what records register of keys."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def version(self) -> int:
        """Give the version of what admission judges by; grows with every change."""
        return self._connection.execute(_VERSION).scalar_one_or_none() or 0

    def changed(self) -> None:
        """Note that what admission judges by has changed."""
        changed = self._connection.execute(
            update(ReadModelRow)
            .where(ReadModelRow.name == READ_MODEL)
            .values(version=ReadModelRow.version + 1)
        )
        if not changed.rowcount:
            self._connection.execute(insert(ReadModelRow).values(name=READ_MODEL, version=1))

    def add_authority(self, log: LogNumber, index: int, certificate: bytes) -> None:
        """Store a device authority."""
        self._connection.execute(
            insert(CertificateAuthorityRow).values(
                log_number=log, index=index, certificate=certificate
            )
        )

    def authorities(self, log: LogNumber) -> list[bytes]:
        """Load the certificates of a log's device authorities, DER, oldest first."""
        statement = (
            select(CertificateAuthorityRow.certificate)
            .where(CertificateAuthorityRow.log_number == log)
            .order_by(CertificateAuthorityRow.index)
        )
        return list(self._connection.execute(statement).scalars())

    def add_key(self, log: LogNumber, key: DeviceKey, series: Sequence[str]) -> None:
        """Store an enrolled key and the series it may speak of."""
        self._connection.execute(
            insert(DeviceKeyRow).values(
                log_number=log,
                kid=key.kid,
                index=key.index,
                spki=key.spki,
                signer=key.signer,
                first_epoch=key.first_epoch,
                not_before_ms=key.not_before,
                not_after_ms=key.not_after,
                gateway=key.gateway,
                reason=CloseReason.NONE,
            )
        )
        copy_rows(
            self._connection,
            table_of(KeySeriesRow),
            ("log_number", "kid", "series"),
            ((log, key.kid, each) for each in dict.fromkeys(series)),
        )

    def close_key(
        self,
        log: LogNumber,
        kid: bytes,
        *,
        closing_index: int,
        closed_index: int,
        reason: CloseReason,
        last: tuple[int, int] | None,
    ) -> None:
        """Note a `key-close` record; `last` is the (epoch, sequence) that still counts."""
        self._connection.execute(
            update(DeviceKeyRow)
            .where(DeviceKeyRow.log_number == log, DeviceKeyRow.kid == kid)
            .values(
                closing_index=closing_index,
                closed_index=closed_index,
                reason=reason,
                last_epoch=None if last is None else last[0],
                last_sequence=None if last is None else last[1],
            )
        )

    def key(self, log: LogNumber, kid: bytes) -> DeviceKey | None:
        """Load an enrolled key."""
        found = self.keys(log, kid)
        return found[0] if found else None

    def keys(self, log: LogNumber, kid: bytes | None = None) -> list[DeviceKey]:
        """Load the enrolled keys of a log, or one of them, ordered by key id."""
        statement = (
            select(
                DeviceKeyRow.kid,
                DeviceKeyRow.index,
                DeviceKeyRow.spki,
                DeviceKeyRow.signer,
                DeviceKeyRow.first_epoch,
                DeviceKeyRow.not_before_ms,
                DeviceKeyRow.not_after_ms,
                DeviceKeyRow.gateway,
                DeviceKeyRow.closing_index,
                DeviceKeyRow.closed_index,
                DeviceKeyRow.reason,
                DeviceKeyRow.last_epoch,
                DeviceKeyRow.last_sequence,
            )
            .where(DeviceKeyRow.log_number == log)
            .order_by(DeviceKeyRow.kid)
        )
        if kid is not None:
            statement = statement.where(DeviceKeyRow.kid == kid)
        return [
            DeviceKey(
                kid=row.kid,
                index=row[1],  # `index` is a method of every row
                spki=row.spki,
                signer=SignerKind(row.signer),
                first_epoch=row.first_epoch,
                not_before=Instant(row.not_before_ms),
                not_after=Instant(row.not_after_ms),
                gateway=row.gateway,
                closing_index=row.closing_index,
                closed_index=row.closed_index,
                reason=CloseReason(row.reason),
                last_epoch=row.last_epoch,
                last_sequence=row.last_sequence,
            )
            for row in self._connection.execute(statement)
        ]

    def key_series(self, log: LogNumber) -> dict[bytes, list[str]]:
        """Load which series each key of a log may speak of, by key id."""
        statement = (
            select(KeySeriesRow.kid, KeySeriesRow.series)
            .where(KeySeriesRow.log_number == log)
            .order_by(KeySeriesRow.kid, KeySeriesRow.series)
        )
        found: dict[bytes, list[str]] = {}
        for kid, series in self._connection.execute(statement):
            found.setdefault(kid, []).append(series)
        return found

    def put_succession(self, log: LogNumber, succession: EpochSuccession) -> None:
        """Store how an epoch ends; a later record takes the place of an earlier."""
        names = ("kid", "closed_epoch", "index", "last_sequence", "last_message", "next_kid")
        upsert(
            self._connection,
            EpochSuccessionRow,
            ("log_number", *names),
            [(log, *(getattr(succession, name) for name in names))],
            changes=names[2:],
        )

    def successions(self, log: LogNumber, next_kid: bytes) -> list[EpochSuccession]:
        """Load the records that name a key as the next, by epoch."""
        statement = (
            select(
                EpochSuccessionRow.kid,
                EpochSuccessionRow.closed_epoch,
                EpochSuccessionRow.index,
                EpochSuccessionRow.last_sequence,
                EpochSuccessionRow.last_message,
                EpochSuccessionRow.next_kid,
            )
            .where(EpochSuccessionRow.log_number == log, EpochSuccessionRow.next_kid == next_kid)
            .order_by(EpochSuccessionRow.closed_epoch)
        )
        return [EpochSuccession(*row) for row in self._connection.execute(statement)]

    def succession(self, log: LogNumber, kid: bytes, closed_epoch: int) -> EpochSuccession | None:
        """Load the record that closes an epoch."""
        row = self._connection.execute(
            select(
                EpochSuccessionRow.kid,
                EpochSuccessionRow.closed_epoch,
                EpochSuccessionRow.index,
                EpochSuccessionRow.last_sequence,
                EpochSuccessionRow.last_message,
                EpochSuccessionRow.next_kid,
            ).where(
                EpochSuccessionRow.log_number == log,
                EpochSuccessionRow.kid == kid,
                EpochSuccessionRow.closed_epoch == closed_epoch,
            )
        ).one_or_none()
        return None if row is None else EpochSuccession(*row)

    def clear(self, log: LogNumber) -> None:
        """Forget everything that the records of a log registered of keys, to derive it again."""
        for model in _DERIVED:
            table = table_of(model)
            self._connection.execute(delete(table).where(table.c.log_number == log))
