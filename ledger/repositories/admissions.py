"""
What admission knows of what it has decided: keys of messages and records, refusals, epochs.

All of it is written in the unit of work that stores the bytes, under the log's admission lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from attestation.instants import Instant
from ledger.models import (
    EpochAdmissionRow,
    EquivocationRow,
    MessageKeyRow,
    RecordKeyRow,
    RefusalRow,
)
from ledger.repositories.admission_rows import (
    EPOCHS,
    MESSAGES,
    REFUSALS,
    EpochAdmission,
    EpochTuple,
    Place,
    StoredEquivocation,
    StoredMessage,
    StoredRefusal,
    epoch_of,
    refusal_of,
)
from ledger.repositories.bulk import (
    copy_rows,
    is_among,
    is_one_of,
    is_postgresql,
    table_of,
    upsert,
)
from ledger.repositories.logs import LogNumber

__all__ = [
    "AdmissionRepository",
    "EpochAdmission",
    "Place",
    "StoredEquivocation",
    "StoredMessage",
    "StoredRefusal",
]

_MESSAGE_KEY: Final = (
    "log_number",
    "kid",
    "epoch",
    "sequence",
    "message_id",
    "statement_hash",
    "signed_at_ms",
    "admission_id",
)
_EPOCH: Final = (
    "log_number",
    "kid",
    "epoch",
    "ranges",
    "max_sequence",
    "max_signed_at_ms",
    "last_admission_id",
    "gateway",
    "promise_due_ms",
    "integrate_by_ms",
    "closed_at",
    "has_refusals",
)


@cache
def _epochs_among(on_postgresql: bool) -> Select[*EpochTuple]:
    row = EpochAdmissionRow
    return EPOCHS.where(
        row.log_number == bindparam("log"),
        is_among(on_postgresql, row.kid, "kids"),
        is_among(on_postgresql, row.epoch, "epochs"),
    )


class AdmissionRepository:
    """Reads and writes `message_key`, `record_key`, `refusal`, `equivocation`, epochs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_messages(self, log: LogNumber, messages: Iterable[StoredMessage]) -> None:
        """
        Store the keys of admitted messages.

        Raises:
            StorageConflict: If a place is taken: somebody wrote without the log's lock.
        """
        copy_rows(
            self._connection,
            table_of(MessageKeyRow),
            _MESSAGE_KEY,
            ((log, *message) for message in messages),
        )

    def message(self, log: LogNumber, place: Place) -> StoredMessage | None:
        """Load the message at a place."""
        kid, epoch, sequence = place
        row = self._connection.execute(
            MESSAGES.where(
                MessageKeyRow.log_number == log,
                MessageKeyRow.kid == kid,
                MessageKeyRow.epoch == epoch,
                MessageKeyRow.sequence == sequence,
            )
        ).one_or_none()
        return None if row is None else StoredMessage._make(row)

    def messages(
        self, log: LogNumber, kid: bytes, epoch: int, sequences: Sequence[int]
    ) -> dict[int, StoredMessage]:
        """Load some messages of an epoch, by sequence number."""
        rows = self._connection.execute(
            MESSAGES.where(
                MessageKeyRow.log_number == log,
                MessageKeyRow.kid == kid,
                MessageKeyRow.epoch == epoch,
                is_one_of(self._connection, MessageKeyRow.sequence, sequences),
            )
        )
        return {row[2]: StoredMessage._make(row) for row in rows}

    def neighbours(
        self, log: LogNumber, place: Place
    ) -> tuple[StoredMessage | None, StoredMessage | None]:
        """Load the nearest messages before and after a place in its epoch."""
        kid, epoch, sequence = place
        epoch_messages = MESSAGES.where(
            MessageKeyRow.log_number == log,
            MessageKeyRow.kid == kid,
            MessageKeyRow.epoch == epoch,
        ).limit(1)
        before = self._connection.execute(
            epoch_messages.where(MessageKeyRow.sequence < sequence).order_by(
                MessageKeyRow.sequence.desc()
            )
        ).one_or_none()
        after = self._connection.execute(
            epoch_messages.where(MessageKeyRow.sequence > sequence).order_by(MessageKeyRow.sequence)
        ).one_or_none()
        return (
            None if before is None else StoredMessage._make(before),
            None if after is None else StoredMessage._make(after),
        )

    def add_record(
        self, log: LogNumber, content_hash: bytes, admission_id: int, record_type: str
    ) -> None:
        """
        Store the key of an admitted record or digest.

        Raises:
            StorageConflict: If the same was admitted before.
        """
        self._connection.execute(
            insert(RecordKeyRow).values(
                log_number=log,
                content_hash=content_hash,
                admission_id=admission_id,
                record_type=record_type,
            )
        )

    def record(self, log: LogNumber, content_hash: bytes) -> int | None:
        """Give the admission id of a record or digest, None where it was not admitted."""
        return self._connection.execute(
            select(RecordKeyRow.admission_id).where(
                RecordKeyRow.log_number == log, RecordKeyRow.content_hash == content_hash
            )
        ).scalar_one_or_none()

    def add_refusal(self, log: LogNumber, refusal: StoredRefusal) -> None:
        """
        Store a refusal.

        Raises:
            StorageConflict: If the same statement was refused before.
        """
        self._connection.execute(
            insert(RefusalRow).values(
                log_number=log,
                statement_hash=refusal.statement_hash,
                message_id=refusal.message_id,
                kid=refusal.kid,
                epoch=refusal.epoch,
                sequence=refusal.sequence,
                code=refusal.code,
                answer=refusal.answer,
                content=refusal.content,
                refused_at_ms=refusal.refused_at,
            )
        )

    def refusals(
        self, log: LogNumber, statement_hashes: Sequence[bytes]
    ) -> dict[bytes, StoredRefusal]:
        """Load the refusals of some statements, by statement hash."""
        statement = REFUSALS.where(
            RefusalRow.log_number == log,
            is_one_of(self._connection, RefusalRow.statement_hash, statement_hashes),
        )
        return {row[0]: refusal_of(row) for row in self._connection.execute(statement)}

    def refusals_of(
        self, log: LogNumber, kid: bytes, epoch: int, *, limit: int = 100
    ) -> list[StoredRefusal]:
        """Load the newest refusals of an epoch."""
        statement = (
            REFUSALS.where(
                RefusalRow.log_number == log, RefusalRow.kid == kid, RefusalRow.epoch == epoch
            )
            .order_by(RefusalRow.id.desc())
            .limit(limit)
        )
        return [refusal_of(row) for row in self._connection.execute(statement)]

    def add_equivocation(self, log: LogNumber, equivocation: StoredEquivocation) -> None:
        """
        Store an equivocation.

        Raises:
            StorageConflict: If this place is disputed already.
        """
        self._connection.execute(
            insert(EquivocationRow).values(
                log_number=log,
                kid=equivocation.kid,
                epoch=equivocation.epoch,
                sequence=equivocation.sequence,
                first_admission_id=equivocation.first_admission_id,
                second_content=equivocation.second_content,
                evidence_admission_id=equivocation.evidence_admission_id,
                found_at_ms=equivocation.found_at,
            )
        )

    def equivocations(self, log: LogNumber) -> list[StoredEquivocation]:
        """Load every equivocation of a log, in the order they were found."""
        rows = self._connection.execute(
            select(
                EquivocationRow.kid,
                EquivocationRow.epoch,
                EquivocationRow.sequence,
                EquivocationRow.first_admission_id,
                EquivocationRow.second_content,
                EquivocationRow.evidence_admission_id,
                EquivocationRow.found_at_ms,
            )
            .where(EquivocationRow.log_number == log)
            .order_by(EquivocationRow.evidence_admission_id)
        )
        return [
            StoredEquivocation(
                kid, epoch, sequence, first_id, second_content, evidence_id, Instant(found_at)
            )
            for kid, epoch, sequence, first_id, second_content, evidence_id, found_at in rows
        ]

    def epochs(
        self, log: LogNumber, names: Iterable[tuple[bytes, int]]
    ) -> dict[tuple[bytes, int], EpochAdmission]:
        """Load some epochs by (kid, epoch); perhaps others of the same keys with them."""
        wanted = set(names)
        rows = self._connection.execute(
            _epochs_among(is_postgresql(self._connection)),
            {
                "log": log,
                "kids": list({kid for kid, _ in wanted}),
                "epochs": list({epoch for _, epoch in wanted}),
            },
        )
        return {(row[0], row[1]): epoch_of(row) for row in rows}

    def due(self, log: LogNumber, now: Instant, *, limit: int) -> list[EpochAdmission]:
        """Load epochs to whose gateway a promise is owed, the longest waiting first."""
        statement = (
            EPOCHS.where(
                EpochAdmissionRow.log_number == log, EpochAdmissionRow.promise_due_ms <= now
            )
            .order_by(EpochAdmissionRow.promise_due_ms)
            .limit(limit)
        )
        return [epoch_of(row) for row in self._connection.execute(statement)]

    def put_epochs(self, log: LogNumber, epochs: Iterable[EpochAdmission]) -> None:
        """Store epochs, new or changed; no epoch twice."""
        upsert(
            self._connection,
            EpochAdmissionRow,
            _EPOCH,
            (
                (
                    log,
                    epoch.kid,
                    epoch.epoch,
                    epoch.ranges.to_bytes(),
                    epoch.max_sequence,
                    epoch.max_signed_at,
                    epoch.last_admission_id,
                    epoch.gateway,
                    epoch.promise_due,
                    epoch.integrate_by,
                    epoch.closed_at,
                    epoch.has_refusals,
                )
                for epoch in epochs
            ),
            changes=_EPOCH[3:],
        )

    def promised(self, log: LogNumber, kid: bytes, epoch: int) -> None:
        """Note that nothing is owed to an epoch's gateway any more."""
        self._connection.execute(
            update(EpochAdmissionRow)
            .where(
                EpochAdmissionRow.log_number == log,
                EpochAdmissionRow.kid == kid,
                EpochAdmissionRow.epoch == epoch,
            )
            .values(promise_due_ms=None)
        )
