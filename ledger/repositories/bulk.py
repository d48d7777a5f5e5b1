"""
Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite.

Both run inside the unit of work's transaction. Rows come as tuples, values in the order of the
column names given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import psycopg
from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    any_,
    bindparam,
    insert,
)
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from ledger.models import Model
from ledger.repositories.faults import translate

Row = Sequence[object]

_BINARY_TYPES: Final[tuple[tuple[type[TypeEngine[Any]], str], ...]] = (
    (SmallInteger, "int2"),  # before Integer, of which it and BigInteger are kinds
    (Integer, "int8"),
    (LargeBinary, "bytea"),
    (Text, "text"),
    (Boolean, "bool"),
)


def is_postgresql(connection: Connection) -> bool:
    """Say whether the connection leads to PostgreSQL rather than SQLite."""
    return connection.dialect.name == "postgresql"


def table_of(model: type[Model]) -> Table:
    """Give the table of a model."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} is not a table")
    return table


def is_one_of(
    connection: Connection, column: ColumnElement[Any] | InstrumentedAttribute[Any], values: Row
) -> ColumnElement[bool]:
    """Give the condition that a column has one of the values; one parameter on PostgreSQL."""
    if is_postgresql(connection):
        return column == any_(bindparam(None, list(values), type_=ARRAY(column.type)))
    return column.in_(values)


def copy_rows(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Row]
) -> None:
    """
    Insert rows.

    Raises:
        StorageConflict: If a uniqueness rule is broken; the transaction must be given up.
        StorageUnavailable: If the database is busy or gone.
    """
    if is_postgresql(connection):
        _copy_binary(connection, table, names, rows)
        return
    parameters = [dict(zip(names, row, strict=True)) for row in rows]
    if parameters:
        connection.execute(insert(table), parameters)


def upsert(
    connection: Connection,
    model: type[Model],
    names: Sequence[str],
    rows: Iterable[Row],
    *,
    changes: Sequence[str],
) -> None:
    """
    Insert rows, or where the primary key exists, change the columns named in `changes`.

    No key may stand in `rows` twice.
    """
    parameters = [dict(zip(names, row, strict=True)) for row in rows]
    if not parameters:
        return
    keys = [column.name for column in table_of(model).primary_key]
    build = insert_postgresql if is_postgresql(connection) else insert_sqlite
    statement = build(model)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=keys, set_={name: statement.excluded[name] for name in changes}
        ),
        parameters,
    )


def _copy_binary(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Row]
) -> None:
    preparer = connection.dialect.identifier_preparer
    target = preparer.format_table(table)
    columns = ", ".join(preparer.quote(name) for name in names)
    types = [_binary_type(table.c[name].type) for name in names]
    driver: Any = connection.connection.driver_connection
    try:
        with (
            driver.cursor() as cursor,
            cursor.copy(f"COPY {target} ({columns}) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise translate(error) from error


def _binary_type(kind: TypeEngine[Any]) -> str:
    for python_type, name in _BINARY_TYPES:
        if isinstance(kind, python_type):
            return name
    raise TypeError(f"no binary form for a column of type {kind!r}")
