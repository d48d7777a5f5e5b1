"""
Rows of a spreadsheet, as text: XLSX or CSV, English or Chinese headings.

Cells are data and nothing else: formulas are refused, numbers with a fraction are refused where
whole numbers are asked for, dates are days of the reporting zone. Sizes are bounded before
anything is unpacked.

Source: ECMA-376 (XLSX), RFC 4180 (CSV), GB 18030-2022.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from devices.errors import SheetError

MAX_FILE_BYTES: Final = 20 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 200 * 1024 * 1024
MAX_ROWS: Final = 50_000
_XLSX: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number in the file, and its filled cells by column."""

    number: int
    """As the spreadsheet shows it; headings are in row 1."""
    cells: Mapping[str, str]


def read_rows(path: Path, headings: Mapping[str, str]) -> list[SheetRow]:
    """
    Read the first sheet; empty rows are left out.

    Args:
        path: From outside.
        headings: Column for each heading that is known, in lower case; several headings may
            mean one column.

    Raises:
        SheetError: If the file is too large or unreadable, a heading is unknown or twice, or a
            cell holds a formula or an error.
    """
    content = _read_bounded(path)
    rows = _xlsx_rows(content) if content.startswith(_XLSX) else _csv_rows(content)
    first = next(rows, None)
    if first is None:
        raise SheetError(f"{path.name} is empty")
    columns = _columns(first, headings)
    found = []
    for number, row in enumerate(rows, start=2):
        if number > MAX_ROWS:
            raise SheetError(f"more than {MAX_ROWS} rows")
        cells = {
            column: text
            for column, cell in zip(columns, row, strict=False)
            if (text := _text(cell, number, column))
        }
        if cells:
            found.append(SheetRow(number, cells))
    return found


def _columns(first: Sequence[Any], headings: Mapping[str, str]) -> list[str]:
    columns: list[str] = []
    for cell in first:
        heading = str(cell or "").strip()
        if not heading:
            break
        column = headings.get(heading.lower())
        if column is None:
            raise SheetError(f"unknown heading {heading!r}")
        if column in columns:
            raise SheetError(f"heading {heading!r} stands twice")
        columns.append(column)
    if not columns:
        raise SheetError("row 1 has no headings")
    return columns


def _text(cell: Any, number: int, column: str) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return cell.isoformat(sep=" ")
        case date():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            text = str(cell).strip()
    if text.startswith("=") or text.startswith("#"):
        raise SheetError(f"row {number}, {column}: a formula or error, not a value: {text[:40]!r}")
    return text


def _xlsx_rows(content: bytes) -> Iterator[Sequence[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise SheetError(f"unpacks to {unpacked} bytes, at most {MAX_UNPACKED_BYTES} are read")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        yield from book.worksheets[0].iter_rows(values_only=True)
        book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError) as error:
        raise SheetError("not a readable XLSX file") from error


def _csv_rows(content: bytes) -> Iterator[Sequence[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise SheetError("neither UTF-8 nor GB 18030") from error
    try:
        yield from csv.reader(io.StringIO(text), strict=True)
    except csv.Error as error:
        raise SheetError(f"not readable as CSV: {error}") from error


def _read_bounded(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise SheetError(f"{path.name} is larger than {MAX_FILE_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise SheetError(f"cannot read {path.name}: {error.strerror}") from error
