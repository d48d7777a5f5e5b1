"""Who did what about an enterprise at its earlier operators, each with its proofs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from ledger.models import EarlierActionsRow
from ledger.repositories.bulk import table_of
from ledger.repositories.logs import LogNumber


@dataclass(frozen=True, slots=True)
class EarlierActions:
    """The actions at one earlier operator."""

    vkey: str
    """Key of its own log."""
    content: bytes
    """Actions with their proofs, as they are exported."""


class EarlierRepository:
    """Reads and writes `earlier_actions`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, log: LogNumber, earlier: EarlierActions) -> None:
        """Add those of one more operator."""
        table = table_of(EarlierActionsRow)
        count = select(func.count()).select_from(table).where(table.c.log_number == log)
        number = self._connection.execute(count).scalar_one() + 1
        self._connection.execute(
            insert(table).values(
                log_number=log, number=number, vkey=earlier.vkey, content=earlier.content
            )
        )

    def all(self, log: LogNumber) -> list[EarlierActions]:
        """Load those of every earlier operator of a log, the first operator's first."""
        table = table_of(EarlierActionsRow)
        rows = self._connection.execute(
            select(table.c.vkey, table.c.content)
            .where(table.c.log_number == log)
            .order_by(table.c.number)
        )
        return [EarlierActions(vkey, content) for vkey, content in rows]
