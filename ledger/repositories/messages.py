"""
The bytes of what was admitted, in order of admission.

Ids are drawn, and rows committed, under the log's admission lock; so a reader who has seen id n
of a log will never see a smaller one appear later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select, text

from attestation.entries import EntryKind
from attestation.instants import Instant
from ledger.models import MessageRow
from ledger.repositories.bulk import copy_rows, is_one_of, is_postgresql, table_of
from ledger.repositories.logs import LogNumber

_ADMISSION_LOCK: Final = 0x4353_0001
"""First half of the advisory lock's name; the second is the number of the log."""
_COLUMNS: Final = ("log_number", "admission_id", "kind", "content", "received_at_ms")


__all__ = ["Admitted", "EntryKind", "MessageRepository"]


@dataclass(frozen=True, slots=True)
class Admitted:
    """One admitted entry's bytes."""

    admission_id: int
    kind: EntryKind
    content: bytes


class MessageRepository:
    """Reads and writes `message`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last_drawn = 0

    def lock(self, log: LogNumber) -> None:
        """
        Keep other admitters out of this log until the end of the unit of work.

        Whoever locks several logs does it in ascending order. On SQLite the writing unit of
        work holds the whole database already.
        """
        if is_postgresql(self._connection):
            self._connection.execute(
                text("SELECT pg_advisory_xact_lock(:space, :log)"),
                {"space": _ADMISSION_LOCK, "log": log},
            )

    def draw_ids(self, count: int) -> list[int]:
        """Draw ascending admission ids; only under the lock of the log they are for."""
        if is_postgresql(self._connection):
            # One row with an array: a row a number would cost more than drawing it.
            drawn: list[int] | None = self._connection.execute(
                text("SELECT array_agg(nextval('admission_id')) FROM generate_series(1, :count)"),
                {"count": count},
            ).scalar_one()
            return drawn or []
        stored = self._connection.execute(select(func.max(MessageRow.admission_id))).scalar()
        first = max(self._last_drawn, stored or 0) + 1
        self._last_drawn = first + count - 1
        return list(range(first, first + count))

    def add(
        self, log: LogNumber, rows: Iterable[tuple[int, EntryKind, bytes]], *, received_at: Instant
    ) -> None:
        """Store (admission id, kind, content) rows."""
        copy_rows(
            self._connection,
            table_of(MessageRow),
            _COLUMNS,
            ((log, number, int(kind), content, received_at) for number, kind, content in rows),
        )

    def after(self, log: LogNumber, admission_id: int, *, limit: int) -> list[Admitted]:
        """Load the next entries of a log in order of admission, at most `limit`."""
        statement = (
            select(MessageRow.admission_id, MessageRow.kind, MessageRow.content)
            .where(MessageRow.log_number == log, MessageRow.admission_id > admission_id)
            .order_by(MessageRow.admission_id)
            .limit(limit)
        )
        return [
            Admitted(number, EntryKind(kind), content)
            for number, kind, content in self._connection.execute(statement)
        ]

    def received_at(self, log: LogNumber, admission_id: int) -> Instant:
        """Give when an admitted entry was received."""
        statement = select(MessageRow.received_at_ms).where(
            MessageRow.log_number == log, MessageRow.admission_id == admission_id
        )
        return Instant(self._connection.execute(statement).scalar_one())

    def contents(self, log: LogNumber, admission_ids: Sequence[int]) -> dict[int, bytes]:
        """Load the bytes of some admissions; ids of other logs and unknown ids are left out."""
        statement = select(MessageRow.admission_id, MessageRow.content).where(
            MessageRow.log_number == log,
            is_one_of(self._connection, MessageRow.admission_id, admission_ids),
        )
        return dict(self._connection.execute(statement).all())

    def waiting(self, log: LogNumber, after: int) -> tuple[int, Instant | None]:
        """Count what is admitted after an id, and give when the oldest of it was received."""
        statement = select(func.count(), func.min(MessageRow.received_at_ms)).where(
            MessageRow.log_number == log, MessageRow.admission_id > after
        )
        count, oldest = self._connection.execute(statement).one()
        return count, Instant(oldest) if count else None

    def stream(self, log: LogNumber, *, after: int = 0, page: int = 4096) -> Iterator[Admitted]:
        """Give every admitted entry in order, page by page; memory stays flat."""
        while rows := self.after(log, after, limit=page):
            yield from rows
            after = rows[-1].admission_id
