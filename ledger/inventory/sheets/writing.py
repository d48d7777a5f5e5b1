"""
Writing sheets: templates, and tables that people open in a spreadsheet without harm.

CSV is UTF-8 with a byte order mark, so that Chinese is not garbled. Text that a spreadsheet might
run as a formula is written with a quote before it; numbers are written as numbers.

Source: RFC 4180; SCREENS section 2.0.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ledger.inventory.sheets.columns import RISKY
from ledger.inventory.sheets.faults import SheetError
from ledger.inventory.sheets.forms import Form

Value = str | int | Decimal | None

BOM: Final = "\ufeff"
CSV_TYPE: Final = "text/csv"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ALSO_RISKY: Final = ("\t", "\r", "\n")
_ERROR_HEADINGS: Final = ("行 row", "列 column", "值 value", "代码 code", "说明", "reason")
_REQUIRED: Final = PatternFill("solid", fgColor="FFF2CC")
_MAX_WIDTH: Final = 32
_LONGEST_CELL: Final = 32_767
"""Characters of a cell, by the format."""


def safe_text(text: str) -> str:
    """Give text as it may stand in a spreadsheet: never the beginning of a formula."""
    return f"'{text}" if text.startswith((*RISKY, *_ALSO_RISKY)) else text


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """Write a table as CSV with a byte order mark."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([safe_text(each) for each in headings])
    writer.writerows([_csv_cell(each) for each in row] for row in rows)
    return (BOM + text.getvalue()).encode()


def write_xlsx(title: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """Write a table as XLSX; text stays text, whatever it begins with."""
    book, sheet = _workbook(title)
    _append_text(sheet, 1, headings, bold=True)
    for number, row in enumerate(rows, start=2):
        for at, value in enumerate(row, start=1):
            _set(_cell(sheet, number, at), value)
    return _bytes_of(book)


def template_csv(form: Form) -> bytes:
    """Give an empty form as CSV: its headings alone."""
    return write_csv([each.heading for each in form.columns], [])


def template_xlsx(form: Form) -> bytes:
    """Give an empty form as XLSX, with a second sheet that explains the columns."""
    book, sheet = _workbook(form.chinese)
    _append_text(sheet, 1, [each.heading for each in form.columns], bold=True)
    for at, column in enumerate(form.columns, start=1):
        if column.required:
            sheet.cell(1, at).fill = _REQUIRED
        width = min(_MAX_WIDTH, 2 * len(column.heading))
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = "A2"
    help_sheet = book.create_sheet("填写说明")
    _append_text(
        help_sheet, 1, ("列", "column", "必填 required", "示例 example", "说明"), bold=True
    )
    for number, column in enumerate(form.columns, start=2):
        required = "是 yes" if column.required else "否 no"
        cells = (column.chinese, column.name, required, column.example, column.help)
        _append_text(help_sheet, number, cells)
    return _bytes_of(book)


def errors_csv(errors: Iterable[SheetError]) -> bytes:
    """Give the errors of a sheet as a list to work off, in both languages."""
    rows = (
        (
            each.row,
            f"{each.heading} {each.column}",
            each.value,
            each.code,
            each.message("zh"),
            each.message(),
        )
        for each in errors
    )
    return write_csv(_ERROR_HEADINGS, rows)


def _csv_cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:f}"
        case str():
            return safe_text(value)
        case _:
            return str(value)


def _workbook(title: str) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title.translate(str.maketrans("[]:*?/\\", "（）：＊？-—"))[:31]
    return book, sheet


def _append_text(
    sheet: Worksheet, number: int, texts: Sequence[str], *, bold: bool = False
) -> None:
    for at, text in enumerate(texts, start=1):
        cell = _cell(sheet, number, at)
        _set(cell, text)
        if bold:
            cell.font = Font(bold=True)
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _cell(sheet: Worksheet, row: int, column: int) -> Cell:
    cell = sheet.cell(row, column)
    if not isinstance(cell, Cell):
        raise TypeError("the tables written here have no merged cells")
    return cell


def _set(cell: Cell, value: Value) -> None:
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = _storable(value)
    # The library would make a formula of text that begins like one.
    cell.data_type = "s"
    cell.quotePrefix = value.startswith((*RISKY, *_ALSO_RISKY))


def _storable(text: str) -> str:
    """Give text as XLSX can hold it: controls stand as their number, and what is cut says so."""
    found = ILLEGAL_CHARACTERS_RE.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)
    return found if len(found) <= _LONGEST_CELL else f"{found[: _LONGEST_CELL - 1]}…"


def _bytes_of(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
