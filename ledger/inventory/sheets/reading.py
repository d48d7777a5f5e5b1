"""
Rows of a spreadsheet as text: XLSX or CSV, with sizes bounded before anything is unpacked.

Nothing is computed and nothing is guessed: a formula stays the text of a formula, a number is the
shortest decimal that names it, and what is no table at all is refused as a whole.

Source: ECMA-376 (XLSX), RFC 4180 (CSV), GB 18030-2022.
"""

from __future__ import annotations

import csv
import io
import lzma
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ledger.inventory.errors import SheetRefused

MAX_FILE_BYTES: Final = 32 * 2**20
MAX_UNPACKED_BYTES: Final = 200 * 2**20
MAX_ROWS: Final = 100_000
_MAX_COLUMNS: Final = 200
_XLSX: Final = b"PK\x03\x04"
_OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0"
"""What XLS files and XLSX files with a password begin with."""
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS: Final = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number in the file, and the text of its filled cells by column."""

    number: int
    """As the spreadsheet shows it; headings are in row 1."""
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet as text."""

    columns: tuple[str, ...]
    """Names of the columns that the sheet has, in its order."""
    rows: tuple[SheetRow, ...]
    """Empty rows are left out."""


def read_table(content: bytes, headings: Mapping[str, str]) -> Table:
    """
    Read the first sheet.

    Args:
        content: Of the file, from outside.
        headings: Name of the column for each heading that is known, in lower case.

    Raises:
        SheetRefused: If it is too large or no table, or a heading is unknown or twice.
    """
    if len(content) > MAX_FILE_BYTES:
        raise SheetRefused(f"{len(content)} bytes, at most {MAX_FILE_BYTES} are read")
    if content.startswith(_OLD_OR_LOCKED):
        raise SheetRefused("an XLS file, or one with a password; save it as XLSX without one")
    rows = _xlsx_rows(content) if content.startswith(_XLSX) else _csv_rows(content)
    first = next(rows, None)
    if first is None:
        raise SheetRefused("the file is empty")
    columns = _columns([_text(cell) for cell in first], headings)
    return Table(columns, tuple(_filled(rows, columns)))


def _filled(rows: Iterator[Sequence[Any]], columns: Sequence[str]) -> Iterator[SheetRow]:
    for number, row in enumerate(rows, start=2):
        if number > MAX_ROWS:
            raise SheetRefused(f"more than {MAX_ROWS} rows")
        texts = [_text(cell) for cell in row]
        if any(texts[len(columns) :]):
            raise SheetRefused(f"row {number} has more cells than there are headings")
        cells = {name: text for name, text in zip(columns, texts, strict=False) if text}
        if cells:
            yield SheetRow(number, cells)


def _columns(first: Sequence[str], headings: Mapping[str, str]) -> tuple[str, ...]:
    filled = list(first)
    while filled and not filled[-1]:
        filled.pop()
    if not filled:
        raise SheetRefused("row 1 has no headings")
    columns: list[str] = []
    for heading in filled:
        column = headings.get(heading.lower())
        if column is None:
            raise SheetRefused(f"unknown heading {heading[:60]!r} in row 1")
        if column in columns:
            raise SheetRefused(f"heading {heading[:60]!r} stands twice in row 1")
        columns.append(column)
    return tuple(columns)


def _text(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return cell.isoformat(sep=" ", timespec="seconds")
        case date() | time():
            return cell.isoformat()
        case float():
            # The shortest decimal that names the number is what was typed, up to 15 digits.
            return f"{Decimal(repr(cell)).normalize():f}"
        case _:
            return str(cell).strip()


def _xlsx_rows(content: bytes) -> Iterator[Sequence[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise SheetRefused(
                f"unpacks to {unpacked} bytes, at most {MAX_UNPACKED_BYTES} are read"
            )
        with warnings.catch_warnings():
            # The library warns of styles and extensions that it leaves out; here only cells count.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        try:
            rows = book.worksheets[0].iter_rows(values_only=True, max_col=_MAX_COLUMNS)
            yield from islice(rows, MAX_ROWS + 1)
        finally:
            book.close()
    except _UNREADABLE as error:
        raise SheetRefused("not a readable XLSX file") from error


def _csv_rows(content: bytes) -> Iterator[Sequence[str]]:
    text = _decoded(content)
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if len(row) > _MAX_COLUMNS:
                raise SheetRefused(f"more than {_MAX_COLUMNS} columns")
            yield row
    except csv.Error as error:
        raise SheetRefused(f"not readable as CSV: {error}") from error


def _decoded(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith(_UTF16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise SheetRefused("neither XLSX nor text in UTF-8 or GB 18030")


_UNREADABLE: Final = (
    zipfile.BadZipFile,
    InvalidFileException,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    ArithmeticError,
    EOFError,
    OSError,
    RuntimeError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
)
"""What the library raises of files that are no workbooks; it promises no error of its own."""
