"""
Where what the chain says stands, and what of it held as of a block.

Rows of one subject follow each other by block and log index; the newest at or below a block is the
one that held there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute

from ledger.models import Model
from ledger.repositories.bulk import table_of

Column = InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the chain."""

    block_number: int
    log_index: int

    def values(self) -> dict[str, int]:
        """Give the columns of a row that stands here."""
        return {"block_number": self.block_number, "log_index": self.log_index}


def put_row(connection: Connection, model: type[Model], values: Mapping[str, Any]) -> None:
    """Add what an event says; read again, it takes the place of what it said before."""
    table = table_of(model)
    same = and_(*(column == values[column.name] for column in table.primary_key))
    connection.execute(delete(table).where(same))
    connection.execute(insert(table).values(values))


def rows_of(
    connection: Connection,
    model: type[Model],
    *conditions: ColumnElement[bool],
    at_block: int | None = None,
) -> Sequence[Row[Any]]:
    """Load rows in the order of the chain, up to a block where one is named."""
    table = table_of(model)
    statement = select(table).where(*conditions).order_by(table.c.block_number, table.c.log_index)
    if at_block is not None:
        statement = statement.where(table.c.block_number <= at_block)
    return connection.execute(statement).all()


def newest_row(
    connection: Connection,
    model: type[Model],
    *conditions: ColumnElement[bool],
    at_block: int | None = None,
    before: Place | None = None,
) -> Row[Any] | None:
    """Load the row that held as of a block, before a place, or holds now; None if none did."""
    table = table_of(model)
    statement = (
        select(table)
        .where(*conditions)
        .order_by(table.c.block_number.desc(), table.c.log_index.desc())
        .limit(1)
    )
    if at_block is not None:
        statement = statement.where(table.c.block_number <= at_block)
    if before is not None:
        place = tuple_(table.c.block_number, table.c.log_index)
        statement = statement.where(place < tuple_(before.block_number, before.log_index))
    return connection.execute(statement).one_or_none()


def newest_rows(
    connection: Connection,
    model: type[Model],
    key: Column,
    *conditions: ColumnElement[bool],
    among: Sequence[str] = (),
    value: object = None,
    at_block: int | None = None,
) -> Sequence[Row[Any]]:
    """
    Load of each subject the row that held as of a block, or holds now, ordered by subject.

    Args:
        connection: Inside a unit of work.
        model: The table.
        key: Column that names the subject.
        conditions: What every row of a subject meets, or none.
        among: Columns of which one must have `value` in the row that held.
        value: See `among`.
        at_block: The block; the newest where it is None.
    """
    table = table_of(model)
    rank = func.row_number().over(
        partition_by=key, order_by=(table.c.block_number.desc(), table.c.log_index.desc())
    )
    ranked = select(table, rank.label("rank")).where(*conditions)
    if among:
        # Only subjects of which it was ever so are looked at, by the columns' indexes.
        ever = select(key).where(or_(*(table.c[name] == value for name in among)))
        ranked = ranked.where(key.in_(ever))
    if at_block is not None:
        ranked = ranked.where(table.c.block_number <= at_block)
    found = ranked.subquery()
    statement = select(*(found.c[each.name] for each in table.columns)).where(found.c.rank == 1)
    if among:
        statement = statement.where(or_(*(found.c[name] == value for name in among)))
    return connection.execute(statement.order_by(found.c[key.key])).all()
