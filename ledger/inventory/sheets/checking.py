"""
Checking a sheet against its form: each wrong cell is named by row and column, with the reason.

The whole sheet is looked at before anything is said, and either all of it is right or nothing of
it is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.inventory.errors import SheetRefused
from ledger.inventory.sheets.columns import read_cell
from ledger.inventory.sheets.faults import MAX_SHOWN, CellFault, Fault, Refused, SheetError
from ledger.inventory.sheets.forms import CheckedRow, Form
from ledger.inventory.sheets.reading import SheetRow, Table, read_table

MAX_ERRORS: Final = 1000
"""More are counted and not listed."""
_SHOWN_IN_MESSAGE: Final = 5


@dataclass(frozen=True, slots=True)
class SheetReport:
    """What a sheet says, or what is wrong with it."""

    form: Form
    row_count: int
    """Filled rows, headings not counted."""
    rows: tuple[CheckedRow, ...]
    """All rows where there is no error; else those whose cells can be read."""
    errors: tuple[SheetError, ...]
    """By row and column; at most 1000."""
    error_count: int
    """All of them."""

    def require(self) -> tuple[CheckedRow, ...]:
        """
        Give the rows of a sheet without errors.

        Raises:
            SheetRefused: If there is an error or no row; names the first errors.
        """
        if self.errors:
            shown = "; ".join(str(each) for each in self.errors[:_SHOWN_IN_MESSAGE])
            more = self.error_count - _SHOWN_IN_MESSAGE
            rest = f"; and {more} more" if more > 0 else ""
            raise SheetRefused(f"{self.error_count} errors in {self.row_count} rows: {shown}{rest}")
        if not self.rows:
            raise SheetRefused("the sheet has no rows")
        return self.rows


def check_sheet(content: bytes, form: Form) -> SheetReport:
    """
    Read a sheet and check it; stores nothing.

    Args:
        content: XLSX or CSV, from outside.
        form: What it should be.

    Raises:
        SheetRefused: If it cannot be read as a table with the columns of the form.
    """
    table = read_table(content, form.headings)
    _require_columns(table, form)
    errors: list[SheetError] = []
    readable: list[CheckedRow] = []
    for row in table.rows:
        values, found = _read_row(row, form)
        errors += found
        if not found:
            readable.append(CheckedRow(row.number, values))
    raw = {row.number: row for row in table.rows}
    broken = sorted({each.row for each in errors})
    for number, column, fault in _faults_between(readable, broken, form):
        errors.append(_error(raw[number], form, column, fault))
    order = {each.name: at for at, each in enumerate(form.columns)}
    errors.sort(key=lambda each: (each.row, order[each.column]))
    return SheetReport(
        form=form,
        row_count=len(table.rows),
        rows=tuple(readable),
        errors=tuple(errors[:MAX_ERRORS]),
        error_count=len(errors),
    )


def _require_columns(table: Table, form: Form) -> None:
    missing = [
        each.heading for each in form.columns if each.required and each.name not in table.columns
    ]
    if missing:
        raise SheetRefused(f"the {form.name} sheet lacks columns: {', '.join(missing)}")


def _read_row(row: SheetRow, form: Form) -> tuple[dict[str, Any], list[SheetError]]:
    """Read the cells of a row, then check them against each other if all can be read."""
    values: dict[str, Any] = {}
    errors: list[SheetError] = []
    for column in form.columns:
        try:
            values[column.name] = read_cell(column, row.cells.get(column.name, ""))
        except Refused as refused:
            errors.append(_error(row, form, column.name, refused.found))
    if not errors:
        errors = [_error(row, form, *found) for found in form.check_row(values)]
    return values, errors


def _faults_between(
    rows: Sequence[CheckedRow], broken: Sequence[int], form: Form
) -> Iterator[tuple[int, str, CellFault]]:
    """Compare rows that are right by themselves; of two about one thing the second is wrong."""
    first: dict[tuple[Any, ...], int] = {}
    single: list[CheckedRow] = []
    for row in rows:
        key = tuple(row.values[name] for name in form.key)
        if key in first:
            yield row.number, form.key[0], CellFault(Fault.TWICE, (str(first[key]),))
        else:
            first[key] = row.number
            single.append(row)
    yield from form.check_rows(single, broken)


def _error(row: SheetRow, form: Form, column: str, fault: CellFault) -> SheetError:
    return SheetError(
        row=row.number,
        column=column,
        heading=form.column(column).chinese,
        value=row.cells.get(column, "")[:MAX_SHOWN],
        fault=fault.fault,
        detail=fault.detail,
    )
