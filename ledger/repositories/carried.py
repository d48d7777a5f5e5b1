"""
Rows that go along when an enterprise leaves for another operator: what cannot be derived again.

Rows are given and taken as plain JSON objects, bytes in hex, without the numbers that the database
drew for them: those are drawn anew, and what pointed to one points to the new one.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    Table,
    Text,
    insert,
    select,
)

from ledger.models import (
    AnchorRow,
    CaseApprovalRow,
    CaseCommentRow,
    CaseTickRow,
    CheckpointRow,
    CosignatureRow,
    EvidenceDraftRow,
    Model,
    ReceiptProgressRow,
    RefusalRow,
)
from ledger.repositories.bulk import is_one_of, table_of
from ledger.repositories.logs import Log


@dataclass(frozen=True, slots=True)
class _Carried:
    """One table whose rows go along."""

    model: type[Model]
    by: str
    """Column that says whose a row is: `log_number`, `usc` or `inventory_id`."""
    drawn: str | None = None
    """Column that the database draws."""
    points: str | None = None
    """Column that holds the drawn number of an earlier row of the table."""
    local: tuple[str, ...] = ()
    """Columns that mean nothing elsewhere; empty there."""


CARRIED: Final[Mapping[str, _Carried]] = {
    each.model.__tablename__: each
    for each in (
        _Carried(CheckpointRow, "log_number"),
        _Carried(CosignatureRow, "log_number"),
        _Carried(AnchorRow, "log_number", local=("outbox_id",)),
        _Carried(ReceiptProgressRow, "log_number"),
        _Carried(RefusalRow, "log_number", drawn="id"),
        _Carried(EvidenceDraftRow, "usc"),
        _Carried(CaseTickRow, "inventory_id", drawn="number"),
        _Carried(CaseCommentRow, "inventory_id", drawn="number", points="root"),
        _Carried(CaseApprovalRow, "inventory_id", drawn="number"),
    )
}
"""The tables by name, in the order in which they are to be taken."""


class CarriedRepository:
    """Reads and writes rows of whole tables, of one enterprise."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, name: str, log: Log, inventories: Sequence[bytes]) -> list[dict[str, Any]]:
        """
        Give the rows of a table that belong to a log, its enterprise or its inventories.

        Args:
            name: One of `CARRIED`.
            log: The log.
            inventories: Ids of the enterprise's inventories.
        """
        carried = CARRIED[name]
        table = table_of(carried.model)
        column = table.c[carried.by]
        whose = {
            "log_number": column == log.number,
            "usc": column == log.usc,
            "inventory_id": is_one_of(self._connection, column, inventories),
        }[carried.by]
        order = [table.c[carried.drawn]] if carried.drawn else list(table.primary_key.columns)
        found = self._connection.execute(select(table).where(whose).order_by(*order))
        return [_written(carried, row._mapping) for row in found]

    def add(
        self,
        name: str,
        log: Log,
        rows: Iterable[Mapping[str, Any]],
        *,
        inventories: Container[bytes],
    ) -> int:
        """
        Store rows that came from elsewhere, and give how many.

        Args:
            name: One of `CARRIED`.
            log: The log they belong to now.
            rows: As `rows` gives them; from outside.
            inventories: Ids of the enterprise's inventories.

        Raises:
            StorageConflict: If one of them is here already.
            KeyError: If a column is missing.
            ValueError: If a value is not of its column, or a row is about another enterprise.
        """
        carried, count = CARRIED[name], 0
        table = table_of(carried.model)
        numbers: dict[int, int] = {}
        known = self._known(carried, table, log)
        for row in rows:
            values = _read(carried, table, row)
            if carried.by == "log_number":
                values["log_number"] = log.number
            elif carried.by == "usc":
                values["usc"] = log.usc
            elif values["inventory_id"] not in inventories:
                raise ValueError(f"a row of {name} is about another enterprise's inventory")
            if _place(carried, values) in known:
                continue  # it came with an earlier log of the enterprise
            if carried.points is not None and values[carried.points] is not None:
                values[carried.points] = numbers[values[carried.points]]
            statement = insert(table).values(**values)
            if carried.drawn is None:
                self._connection.execute(statement)
            else:
                drawn = self._connection.execute(statement.returning(table.c[carried.drawn]))
                numbers[row[carried.drawn]] = drawn.scalar_one()
            count += 1
        return count

    def _known(self, carried: _Carried, table: Table, log: Log) -> set[object]:
        """Give what is here of an enterprise before its rows come: of drafts each, of cases all."""
        if carried.by == "log_number":
            return set()
        statement = select(table)
        if carried.by == "usc":
            statement = statement.where(table.c.usc == log.usc)
        else:
            statement = select(table.c.inventory_id).distinct()
        found = self._connection.execute(statement)
        return {_place(carried, row._mapping) for row in found}


def _place(carried: _Carried, values: Mapping[Any, Any]) -> object:
    if carried.by == "inventory_id":
        return values["inventory_id"]
    return tuple(sorted((str(name), str(value)) for name, value in values.items()))


def _written(carried: _Carried, row: Mapping[Any, Any]) -> dict[str, Any]:
    left_out = {"log_number", *carried.local}
    return {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in row.items()
        if name not in left_out
    }


def _read(carried: _Carried, table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    left_out = {"log_number", carried.drawn, *carried.local}
    return {
        column.name: _value(column, row[column.name])
        for column in table.columns
        if column.name not in left_out
    }


def _value(column: Column[Any], value: Any) -> Any:
    """Give a value as its column has it: SQLite would store any other under it too."""
    if value is None and column.nullable:
        return None
    kind = column.type
    if isinstance(kind, LargeBinary) and isinstance(value, str):
        return bytes.fromhex(value)
    if isinstance(kind, Boolean):
        fits = isinstance(value, bool)
    elif isinstance(kind, Integer):
        fits = isinstance(value, int) and not isinstance(value, bool)
    elif isinstance(kind, Text):
        fits = isinstance(value, str)
    else:
        fits = not isinstance(kind, LargeBinary)
    if not fits:
        raise ValueError(f"{column.name} is of another kind")
    return value
