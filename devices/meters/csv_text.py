"""
The text of a CSV file: bytes to rows of cells, with the encoding found out and not guessed at.

UTF-8 that is valid is UTF-8: a file in GB18030 with Chinese in it is practically never valid UTF-8.

Source: RFC 4180; GB 18030-2022.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Final

from devices.errors import ImportRefused
from devices.meters.csv_mapping import TextRules

MAX_FILE_BYTES: Final = 256 * 1024 * 1024
"""Largest file taken: 5 years of 15-minute values of a hundred meters, with room."""

_CELL_LIMIT: Final = 4096
_FOREIGN_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode_text(content: bytes, encoding: str) -> str:
    """
    Decode a file.

    Raises:
        ImportRefused: If it is not in that encoding, or too large.
    """
    if len(content) > MAX_FILE_BYTES:
        raise ImportRefused(f"the file has {len(content)} bytes, at most {MAX_FILE_BYTES} are read")
    if content.startswith(_FOREIGN_MARKS):
        raise ImportRefused("the file is UTF-16: save it as CSV UTF-8")
    if encoding == "auto":
        encoding = "utf-8" if _is_utf8(content) else "gb18030"
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    try:
        return content.decode(name)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        other = "gb18030" if encoding == "utf-8" else "utf-8"
        raise ImportRefused(
            f"line {line} is not {encoding}: set encoding in the mapping, perhaps to {other}"
        ) from error


def read_rows(text: str, rules: TextRules) -> Iterator[list[str]]:
    """
    Give the rows of cells, the header first; a blank line is a row without cells.

    Raises:
        ImportRefused: If there is no header row, or the quoting is broken.
    """
    # strict: a stray quote is an error here, where csv would silently swallow the lines after it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=rules.delimiter, strict=True)
    try:
        for number, row in enumerate(reader, start=1):
            if any(len(cell) > _CELL_LIMIT for cell in row):
                raise ImportRefused(
                    f"line {reader.line_num} has a cell of over {_CELL_LIMIT} signs"
                )
            if number >= rules.header_row:
                yield row
    except csv.Error as error:
        raise ImportRefused(f"line {reader.line_num} is not CSV: {error}") from error


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
