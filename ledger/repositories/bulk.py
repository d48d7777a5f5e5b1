"""
Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite.

Both run inside the unit of work's transaction. Rows come as tuples, values in the order of the
column names given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
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
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import IdentifierPreparer
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
_QUOTING: Final[IdentifierPreparer] = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]


def is_postgresql(connection: Connection) -> bool:
    """Say whether the connection leads to PostgreSQL rather than SQLite."""
    return connection.dialect.name == "postgresql"


def table_of(model: type[Model]) -> Table:
    """Give the table of a model."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} is not a table")
    return table


def is_among(
    on_postgresql: bool, column: ColumnElement[Any] | InstrumentedAttribute[Any], name: str
) -> ColumnElement[bool]:
    """
    Give the condition that a column has one of the values of the parameter `name`, a list.

    For statements that are built once; see `is_one_of`.
    """
    if on_postgresql:
        return column == any_(bindparam(name, type_=ARRAY(column.type)))
    return column.in_(bindparam(name, expanding=True))


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
    columns = [list(column) for column in zip(*rows, strict=True)]
    if not columns:
        return
    if is_postgresql(connection):
        # One statement for all rows, with a column a parameter: a statement a row takes ten times
        # as long.
        statement = _upsert_on_postgresql(model, tuple(names), tuple(changes))
        with _cursor(connection) as cursor:
            cursor.execute(statement, columns)
        return
    parameters = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    keys = [column.name for column in table_of(model).primary_key]
    insertion = insert_sqlite(model)
    connection.execute(
        insertion.on_conflict_do_update(
            index_elements=keys, set_={name: insertion.excluded[name] for name in changes}
        ),
        parameters,
    )


@cache
def _upsert_on_postgresql(
    model: type[Model], names: tuple[str, ...], changes: tuple[str, ...]
) -> str:
    table, quote = table_of(model), _QUOTING.quote
    columns = ", ".join(map(quote, names))
    arrays = ", ".join(f"%b::{_binary_type(table.c[name].type)}[]" for name in names)
    keys = ", ".join(quote(column.name) for column in table.primary_key)
    changed = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in changes)
    return (
        f"INSERT INTO {_QUOTING.format_table(table)} ({columns}) SELECT * FROM unnest({arrays})"  # noqa: S608 - names of our own
        f" ON CONFLICT ({keys}) DO UPDATE SET {changed}"
    )


def _copy_binary(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Row]
) -> None:
    columns = ", ".join(map(_QUOTING.quote, names))
    command = f"COPY {_QUOTING.format_table(table)} ({columns}) FROM STDIN (FORMAT BINARY)"
    with _cursor(connection) as cursor, cursor.copy(command) as copy:
        copy.set_types([_binary_type(table.c[name].type) for name in names])
        for row in rows:
            copy.write_row(row)


@contextmanager
def _cursor(connection: Connection) -> Iterator[Any]:
    """Give a cursor of the driver, inside the unit of work's transaction."""
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor:
            yield cursor
    except psycopg.Error as error:
        raise translate(error) from error


def _binary_type(kind: TypeEngine[Any]) -> str:
    for python_type, name in _BINARY_TYPES:
        if isinstance(kind, python_type):
            return name
    raise TypeError(f"no binary form for a column of type {kind!r}")
