"""
Tables that leave the ledger: the same rows as CSV, XLSX and Parquet.

CSV has a byte order mark and no cell that a spreadsheet would run; Parquet has text as text and
whole numbers as numbers, so that programs need not guess.

Source: SCREENS section 2.0; RFC 4180; Apache Parquet.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from ledger.inventory.sheets.writing import write_csv, write_xlsx

Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    """Of `[a-z0-9_]`, the same in every file."""
    chinese: str
    is_number: bool = False
    """Whether its cells are whole numbers of 64 bits rather than text."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; every row has a cell for each."""

    name: str
    """Begin of the files' names."""
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]

    @property
    def headings(self) -> list[str]:
        """Headings in both languages."""
        return [f"{each.chinese} {each.name}" for each in self.columns]


def table_files(table: Table) -> dict[str, bytes]:
    """Give a table as three files, by name."""
    return {
        f"{table.name}.csv": write_csv(table.headings, table.rows),
        f"{table.name}.xlsx": write_xlsx(table.name, table.headings, table.rows),
        f"{table.name}.parquet": _parquet(table),
    }


def _parquet(table: Table) -> bytes:
    fields = [
        pa.field(each.name, pa.int64() if each.is_number else pa.string()) for each in table.columns
    ]
    columns = [[row[at] for row in table.rows] for at in range(len(table.columns))]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, fields, strict=True)]
    content = io.BytesIO()
    with pq.ParquetWriter(content, pa.schema(fields), compression="zstd") as writer:
        writer.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)))
    return content.getvalue()
