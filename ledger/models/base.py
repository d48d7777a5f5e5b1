"""
Common ground of all tables: column types, constraint names, one metadata.

Rows are read and written through `ledger/repositories/`; no relationship is ever followed lazily,
because there are none. Times are milliseconds since 1970 UTC, hashes are bytes of 32.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, Integer, LargeBinary, MetaData, SmallInteger, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

AutoNumber = Annotated[
    int,
    mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
]
"""A number the database draws; SQLite draws only for a column of type INTEGER."""

Small = Annotated[int, mapped_column(SmallInteger)]
"""A member of an enum."""

LogNumber = Annotated[int, mapped_column(BigInteger, primary_key=True, autoincrement=False)]
"""
The log a row belongs to, as first part of its key.

The local number of `log`, not the 32-byte log id: it stands in every row and index.
Big tables carry no foreign key for it; every writer has read the `log` row before.
"""

KeyPart = Annotated[int, mapped_column(BigInteger, primary_key=True, autoincrement=False)]
"""A number that is part of a key and is given, not drawn."""


class Model(DeclarativeBase):
    """The root of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger(),
        bytes: LargeBinary(),
        str: Text(),
    }
