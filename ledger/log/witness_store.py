"""
A witness's memory in a database of its own.

A witness is another party than the log it watches: it shares no table and no unit of work with
the ledger, also where both run on one machine.

Source: C2SP tlog-witness (what is cosigned is persisted before the answer).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    Text,
    insert,
    select,
    update,
)

from ledger.database import Database
from ledger.errors import StorageConflict
from ledger.log.witness import NOTHING, Known

_METADATA = MetaData()
_KNOWN = Table(
    "witnessed",
    _METADATA,
    Column("origin", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
)


class DatabaseWitnessStore:
    """
    What a witness knows, in SQLite or PostgreSQL; makes its table where it is missing.

    Args:
        database: The witness's own database.
    """

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        _METADATA.create_all(self._engine)

    def get(self, origin: str) -> Known:
        """Give what is known of a log."""
        with self._engine.connect() as connection:
            return _load(connection, origin)

    def replace(self, origin: str, expected: Known, new: Known) -> bool:
        """Store what is known now, if what is stored is still `expected`."""
        try:
            # Commit point: the block's end stores it; only then may the witness answer.
            with self._engine.begin() as connection:
                return _replace(connection, origin, expected, new)
        except StorageConflict:
            return False  # another request made the first row of this origin


def _load(connection: Connection, origin: str) -> Known:
    row = connection.execute(
        select(_KNOWN.c.size, _KNOWN.c.root).where(_KNOWN.c.origin == origin)
    ).one_or_none()
    return NOTHING if row is None else Known(row.size, row.root)


def _replace(connection: Connection, origin: str, expected: Known, new: Known) -> bool:
    changed = connection.execute(
        update(_KNOWN)
        .where(
            _KNOWN.c.origin == origin,
            _KNOWN.c.size == expected.size,
            _KNOWN.c.root == expected.root,
        )
        .values(size=new.size, root=new.root)
    )
    if changed.rowcount == 1:
        return True
    if _load(connection, origin) != NOTHING or expected != NOTHING:
        return False
    connection.execute(insert(_KNOWN).values(origin=origin, size=new.size, root=new.root))
    return True
