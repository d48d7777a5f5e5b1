"""
Events of logs, told once each, in an order that a reader can follow by the last id it has seen.

Ids must become visible in ascending order, or whoever asks for what came after an id would miss
an event that was told before it and committed later. So events wait in the unit of work and get
their ids as the last thing before it commits, on PostgreSQL one unit of work at a time; SQLite has
one writer anyway. As nothing is locked after that, nobody waits for each other in a ring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, select, text
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from attestation.canonical import Json
from attestation.enums import EventKind
from attestation.instants import Instant
from ledger.models import EventRow
from ledger.repositories.bulk import is_one_of, is_postgresql, table_of
from ledger.repositories.logs import LogNumber

_TELLING_LOCK: Final = 0x4353_0003
"""First half of the advisory lock's name; there is one such lock a database."""
_ONCE: Final = ("log_number", "kind", "subject")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a log."""

    id: int
    log: LogNumber
    kind: EventKind
    body: Mapping[str, Json]
    """Ids, hashes, indexes and counts; never what an entry says."""
    happened_at: Instant


class EventRepository:
    """Reads and writes `event`; nothing is changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._told: list[dict[str, object]] = []

    def tell(
        self,
        log: LogNumber,
        kind: EventKind,
        subject: str,
        body: Mapping[str, Json],
        *,
        at: Instant,
    ) -> None:
        """
        Tell of something when, and only if, this unit of work commits.

        Args:
            log: The log in which it happened.
            kind: What happened.
            subject: Names it among the events of its kind in this log. What was told before is
                not told again, so that deriving something anew tells nothing new.
            body: What there is to say, safe in the hands of everybody who may read the log.
            at: When it happened.
        """
        self._told.append(
            {
                "log_number": log,
                "kind": int(kind),
                "subject": subject,
                "body": dict(body),
                "happened_at_ms": at,
            }
        )

    def flush(self) -> None:
        """Store what was told; the unit of work calls it right before it commits."""
        if not self._told:
            return
        if is_postgresql(self._connection):
            self._connection.execute(
                text("SELECT pg_advisory_xact_lock(:space, 0)"), {"space": _TELLING_LOCK}
            )
            on_postgresql = insert_postgresql(EventRow)
            self._connection.execute(
                on_postgresql.on_conflict_do_nothing(index_elements=_ONCE), self._told
            )
        else:
            on_sqlite = insert_sqlite(EventRow)
            self._connection.execute(
                on_sqlite.on_conflict_do_nothing(index_elements=_ONCE), self._told
            )
        self._told = []

    def after(
        self, logs: Sequence[LogNumber], last: int, *, limit: int, kind: EventKind | None = None
    ) -> list[Event]:
        """
        Load the next events of some logs.

        Args:
            logs: Only of these.
            last: The id after which to begin; 0 for the first event.
            limit: How many at most.
            kind: Only of this kind.
        """
        table = table_of(EventRow)
        wanted = (
            select(table)
            .where(is_one_of(self._connection, table.c.log_number, logs), table.c.id > last)
            .order_by(table.c.id)
            .limit(limit)
        )
        if kind is not None:
            wanted = wanted.where(table.c.kind == int(kind))
        return [_event(row._mapping) for row in self._connection.execute(wanted)]

    def newest_id(self, logs: Sequence[LogNumber]) -> int:
        """Give the id of the newest event of some logs; 0 where there is none."""
        table = table_of(EventRow)
        newest = select(func.max(table.c.id)).where(
            is_one_of(self._connection, table.c.log_number, logs)
        )
        return self._connection.execute(newest).scalar_one() or 0


def _event(fields: Mapping[Any, Any]) -> Event:
    return Event(
        id=fields["id"],
        log=LogNumber(fields["log_number"]),
        kind=EventKind(fields["kind"]),
        body=fields["body"],
        happened_at=Instant(fields["happened_at_ms"]),
    )
