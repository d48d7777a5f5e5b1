"""
Import of a CSV file of readings, as a mapping says.

Each reading names the file's SHA-256 and its row: it is a record of what the file said, and is
shown as imported wherever it appears. A cell that cannot be read costs its own reading and no
other, and is reported.

Source: FORMATS section 3 (import).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from attestation.enums import Quality
from attestation.errors import EncodingError
from attestation.readings import Reading
from devices.errors import ImportRefused, MappingError
from devices.meters.coverage import Coverage
from devices.meters.csv_mapping import (
    CsvMapping,
    SeriesColumn,
    TextRules,
)
from devices.meters.csv_report import CellProblem, CsvImport, Uncovered
from devices.meters.csv_text import decode_text, read_rows
from devices.meters.decimals import parse_decimal
from devices.meters.quantity import Quantity
from devices.meters.row_clock import RowClock


class CsvFile:
    """
    A CSV file on disk, imported whole or not at all.

    Use `read_csv` to import what can be and look at the rest.
    """

    def __init__(self, path: Path, mapping: CsvMapping) -> None:
        self._path = path
        self._mapping = mapping

    def readings(self) -> Iterator[Reading]:
        """
        Give every reading in the file's order.

        Raises:
            ImportRefused: If any cell cannot be imported, or rows are out of order; the message
                lists the first of them.
        """
        result = read_csv(self._path.read_bytes(), self._mapping)
        if not result.is_sound:
            raise ImportRefused(result.summary(), problems=len(result.problems))
        yield from result.readings


def read_csv(content: bytes, mapping: CsvMapping) -> CsvImport:
    """
    Import the bytes of a CSV file.

    Args:
        content: The whole file, from outside.
        mapping: How to understand it.

    Raises:
        ImportRefused: If it is no CSV file of that encoding.
        MappingError: If a column of the mapping is not in the file.
    """
    rows = read_rows(decode_text(content, mapping.text.encoding), mapping.text)
    header = [name.strip() for name in next(rows, [])]
    return _Import(mapping, header, hashlib.sha256(content).digest()).run(rows)


@dataclass(slots=True)
class _Column:
    """One column of amounts under way."""

    rules: SeriesColumn
    cell: int
    quality_cell: int | None
    coverage: Coverage


class _Import:
    """One import under way."""

    def __init__(self, mapping: CsvMapping, header: list[str], file_sha256: bytes) -> None:
        self._mapping = mapping
        self._width = len(header)
        self._time_cells = [_position(header, name) for name in mapping.time.columns]
        self._columns = [_column(header, rules) for rules in mapping.series]
        self._file_sha256 = file_sha256
        self._readings: list[Reading] = []
        self._problems: list[CellProblem] = []
        self._absent_count = 0
        self._clock = RowClock(mapping.time)

    def run(self, rows: Iterator[list[str]]) -> CsvImport:
        """Read every row."""
        row_count = blank_count = 0
        for row_count, row in enumerate(rows, start=1):
            if any(cell.strip() for cell in row):
                self._read_row(row_count, row)
            else:
                blank_count += 1
        return CsvImport(
            readings=tuple(self._readings),
            problems=tuple(self._problems),
            uncovered=tuple(
                Uncovered(column.rules.quantity.series, start_s, end_s)
                for column in self._columns
                for start_s, end_s in column.coverage.holes()
            ),
            out_of_order=tuple(self._clock.out_of_order),
            row_count=row_count,
            blank_count=blank_count,
            absent_count=self._absent_count,
            file_sha256=self._file_sha256,
        )

    def _read_row(self, number: int, row: list[str]) -> None:
        if len(row) != self._width:
            self._report(number, "row", _wrong_width(len(row), self._width))
            return
        try:
            end_s = self._clock.end_s(number, [row[cell] for cell in self._time_cells])
        except EncodingError as error:
            remedy = "mend the time, or set format and zone in the mapping"
            problem = _CellError("time", error.message, remedy)
            self._report(number, " ".join(self._mapping.time.columns), problem)
            return
        for column in self._columns:
            try:
                reading = self._reading(number, row, end_s, column)
            except _CellError as error:
                self._report(number, column.rules.column, error)
                continue
            if reading is None:
                self._absent_count += 1
            else:
                self._readings.append(reading)

    def _reading(self, number: int, row: list[str], end_s: int, column: _Column) -> Reading | None:
        """Read one cell; None where it says that there is no value."""
        rules, text = column.rules, row[column.cell].strip()
        quality = _quality(row, column)
        if text in self._mapping.text.absent:
            return None
        value = _value(text, rules.quantity, self._mapping.text)
        interval_s = self._mapping.time.interval_s
        first_row = column.coverage.add(end_s - interval_s, end_s, number)
        if first_row is not None:
            raise _CellError(
                "overlap",
                f"the interval overlaps that of row {first_row}",
                "take out one of the two rows: a ledger would count neither",
            )
        return Reading(
            series=rules.quantity.series,
            end_s=end_s,
            interval_s=interval_s,
            value=value,
            unit=rules.quantity.conversion.unit,
            quality=quality,
            scale=rules.quantity.conversion.decimals,
            register=rules.register,
            multiplier=rules.quantity.multiplier,
            source_file=self._file_sha256,
            source_row=number,
        )

    def _report(self, row: int, column: str, error: _CellError) -> None:
        self._problems.append(CellProblem(row, column, error.code, error.what, error.remedy))


class _CellError(Exception):
    """A cell that gives no reading; turned into a `CellProblem` where the row is known."""

    def __init__(self, code: str, what: str, remedy: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.remedy = remedy


def _wrong_width(width: int, expected: int) -> _CellError:
    return _CellError(
        "cells",
        f"the row has {width} cells, the header {expected}",
        "quote cells that hold the delimiter, or mend the row",
    )


def _column(header: list[str], rules: SeriesColumn) -> _Column:
    quality = rules.quality_column
    return _Column(
        rules,
        _position(header, rules.column),
        None if quality is None else _position(header, quality),
        Coverage(),
    )


def _position(header: list[str], name: str) -> int:
    places = [place for place, found in enumerate(header) if found == name]
    if len(places) != 1:
        problem = "is there twice" if places else "is missing"
        raise MappingError(f"column {name!r} {problem}; the file has: {', '.join(header)}")
    return places[0]


def _quality(row: list[str], column: _Column) -> Quality:
    if column.quality_cell is None:
        return Quality.MEASURED
    text = row[column.quality_cell].strip()
    try:
        return column.rules.qualities[text]
    except KeyError as error:
        raise _CellError(
            "quality",
            f"{text!r} in {column.rules.quality_column} has no meaning",
            "give it one under qualities in the mapping",
        ) from error


def _value(text: str, quantity: Quantity, marks: TextRules) -> int:
    try:
        amount = parse_decimal(text, point=marks.point, thousands=marks.thousands)
    except EncodingError as error:
        raise _CellError(
            "number", error.message, "mend the cell, or list its text under absent"
        ) from error
    if not quantity.is_plausible(amount):
        raise _CellError(
            "bounds",
            f"{text} lies outside {quantity.bounds}",
            "mend the cell, or widen minimum and maximum in the mapping",
        )
    try:
        return quantity.conversion.to_integer(amount)
    except EncodingError as error:
        raise _CellError(
            "digits", error.message, "choose a finer unit or more decimals in the mapping"
        ) from error
