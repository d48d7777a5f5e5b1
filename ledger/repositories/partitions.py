"""
Partitions of the two big tables on PostgreSQL, made before they are needed.

A partition holds 2**22 ids or indexes. They are made aside and then attached, which lets writers
go on. There is no default partition: it would have to be searched at each attach. On SQLite
there is nothing to do.

Source: PostgreSQL 15 documentation, section 5.11.2.2 (attaching a prepared table).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, func, select, text

from ledger.models import HeadRow, MessageRow
from ledger.repositories.bulk import is_postgresql

PARTITION_ROWS: Final = 2**22
"""About a gigabyte of messages: small enough to archive, large enough to have few."""
AHEAD: Final = 4
"""Partitions kept ready beyond the one in use: 16 million rows, days at the highest rate."""

_KEYS: Final = {"message": "admission_id", "entry": "index"}


class PartitionRepository:
    """Makes partitions of `message` and `entry`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def prepare(self) -> list[str]:
        """Make the partitions that are missing ahead of use, and give their names."""
        if not is_postgresql(self._connection):
            return []
        newest = {
            "message": self._connection.execute(select(func.max(MessageRow.admission_id))).scalar(),
            "entry": self._connection.execute(select(func.max(HeadRow.size))).scalar(),
        }
        made = []
        for table, value in newest.items():
            last = (value or 0) // PARTITION_ROWS + AHEAD
            for number in range(self._count(table), last + 1):
                made.append(create_partition(self._connection, table, number))
        return made

    def _count(self, table: str) -> int:
        count: int = self._connection.execute(
            text("SELECT count(*) FROM pg_inherits WHERE inhparent = CAST(:name AS regclass)"),
            {"name": table},
        ).scalar_one()
        return count


def create_partition(connection: Connection, table: str, number: int) -> str:
    """Make and attach partition `number` (from 0) of `message` or `entry`; give its name."""
    name = f"{table}_p{number:05d}"
    start, end = number * PARTITION_ROWS, (number + 1) * PARTITION_ROWS
    # Messages of a hundred readings have 3 kB: kept whole in the row and not compressed, since
    # compressing costs more than it saves at the rate of admission.
    for statement in (
        f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL) WITH (toast_tuple_target = 8160)",
        f"ALTER TABLE {name} ADD CONSTRAINT bounds CHECK"
        f' ("{_KEYS[table]}" >= {start} AND "{_KEYS[table]}" < {end})',
        f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({start}) TO ({end})",
        f"ALTER TABLE {name} DROP CONSTRAINT bounds",
        f"CREATE TRIGGER guard_table BEFORE TRUNCATE ON {name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION guard_append_only()",
    ):
        connection.execute(text(statement))
    return name
