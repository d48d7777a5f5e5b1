"""Sheets: each wrong cell is named by row, column and reason, and nothing slips through."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from attestation.enums import CarbonBasis, LaboratoryMark
from ledger.inventory.errors import SheetRefused
from ledger.inventory.sheets.checking import MAX_ERRORS, SheetReport, check_sheet
from ledger.inventory.sheets.forms import FORMS, FUEL_LEDGER, LAB_RESULTS, STATISTICS, Form
from ledger.inventory.sheets.reading import MAX_FILE_BYTES, MAX_ROWS
from ledger.inventory.sheets.writing import (
    errors_csv,
    safe_text,
    template_csv,
    template_xlsx,
    write_csv,
    write_xlsx,
)
from tests.support.samples import MARCH, at

Row = dict[str, str]
Encode = Callable[[str], bytes]


def examples(form: Form) -> Row:
    """Give the row of a form's examples."""
    return {each.name: each.example for each in form.columns if each.example}


def sheet(form: Form, *rows: Row, encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    """Give a CSV file of rows over Chinese headings."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([each.chinese for each in form.columns])
    for row in rows:
        writer.writerow([row.get(each.name, "") for each in form.columns])
    return text.getvalue().encode(encoding)


def workbook(form: Form, *rows: Sequence[Any]) -> bytes:
    """Give an XLSX file of rows over the names of columns."""
    book = Workbook()
    page = book.worksheets[0]
    page.append([each.name for each in form.columns])
    for row in rows:
        page.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def fuel(**cells: str) -> Row:
    """Give a row of the fuel ledger."""
    return examples(FUEL_LEDGER) | cells


def found(report: SheetReport) -> list[tuple[int, str, str]]:
    """Give row, column and code of each error."""
    return [(each.row, each.column, each.code) for each in report.errors]


def ledger_of(days: int) -> list[Row]:
    """Give a fuel ledger of so many days, each opening with what the day before closed with."""
    rows, stock = [], Decimal(10_000)
    for number in range(days):
        closing = stock + 3000 - Decimal("2856.4")
        rows.append(
            fuel(
                day=(date(2000, 1, 1) + timedelta(number)).isoformat(),
                opening=str(stock),
                closing=str(closing),
            )
        )
        stock = closing
    return rows


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.name)
def test_examples_of_a_form_are_right(form: Form) -> None:
    """What the template shows is accepted."""
    report = check_sheet(sheet(form, examples(form)), form)

    assert (report.errors, report.row_count, len(report.require())) == ((), 1, 1)


def test_values_are_read_as_what_they_are() -> None:
    """Numbers are decimals, words stand for members, times are seconds of the reporting zone."""
    (row,) = check_sheet(sheet(LAB_RESULTS, examples(LAB_RESULTS)), LAB_RESULTS).require()

    assert row.values["carbon"] == Decimal("57.61")
    assert row.values["basis"] is CarbonBasis.AIR_DRY
    assert row.values["mark"] is LaboratoryMark.CMA
    assert row.values["received"] == at(4, 3, 8)
    assert row.values["standards"] == ("GB/T 476", "GB/T 213")


def test_three_bad_rows_of_ten_thousand_are_named() -> None:
    """Row, column and reason of each, and of no other."""
    rows = ledger_of(10_000)
    rows[76] = rows[76] | {"consumed": "2,856.4 t"}
    rows[4999] = rows[4999] | {"closing": "1"}
    rows[9998] = rows[9998] | {"unit": ""}
    report = check_sheet(sheet(FUEL_LEDGER, *rows), FUEL_LEDGER)

    assert report.row_count == 10_000
    assert found(report) == [
        (78, "consumed", "not-a-number"),
        (5001, "closing", "balance"),
        (10_000, "unit", "missing"),
    ]
    with pytest.raises(SheetRefused, match="3 errors in 10000 rows: row 78, consumed"):
        report.require()


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("day", "", "missing"),
        ("day", "2024-02-30", "not-a-day"),
        ("day", "45352", "not-a-day"),
        ("consumed", "12e3", "not-a-number"),
        ("consumed", "NaN", "not-a-number"),
        ("consumed", "1,2345", "not-a-number"),
        ("consumed", "２８５６", "not-a-number"),
        ("consumed", "2856.4001", "decimals"),
        ("consumed", "-1", "too-small"),
        ("consumed", "=SUM(A1:A9)", "formula"),
        ("consumed", "+2856.4", "formula"),
        ("consumed", "#REF!", "error-value"),
        ("moisture", "100.0001", "too-large"),
        ("fuel", "@cmd", "formula"),
        ("fuel", "＝1", "formula"),
        ("fuel", "x" * 101, "too-long"),
        ("fuel", "烟\u202e煤", "not-printable"),
        ("opening", "12000.001", "balance"),
    ],
)
def test_wrong_cell_is_named(column: str, text: str, code: str) -> None:
    """One wrong cell, one error, with what stands there."""
    report = check_sheet(sheet(FUEL_LEDGER, fuel(**{column: text})), FUEL_LEDGER)
    (error,) = report.errors

    named = "closing" if code == "balance" else column
    assert (error.row, error.column, error.code) == (2, named, code)
    assert error.value in (text[:60], "12143.6")


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("laboratory", "91350211M000100Y47", "not-a-credit-code"),
        ("mark", "ISO", "not-a-word"),
        ("samples", "2024 03", "not-a-name"),
        ("file", "0" * 63, "not-a-hash"),
        ("received", "2024-04-03", "not-a-moment"),
        ("received", "2024-04-03 24:00", "not-a-moment"),
        ("tested", "2024-04-03 08:00", "contradiction"),
        ("staff", "；".join(map(str, range(21))), "too-many"),
        ("month", "2024-13", "not-a-month"),
    ],
)
def test_wrong_cell_of_laboratory_results_is_named(column: str, text: str, code: str) -> None:
    """Kinds of cells that only this form has."""
    report = check_sheet(sheet(LAB_RESULTS, examples(LAB_RESULTS) | {column: text}), LAB_RESULTS)

    assert found(report) == [(2, column, code)]


@pytest.mark.parametrize("text", ["2024-03-01", "2024/3/1", "2024.03.01", "2024年3月1日"])
def test_days_are_read_as_people_write_them(text: str) -> None:
    """Four ways to write the first of March."""
    (row,) = check_sheet(sheet(FUEL_LEDGER, fuel(day=text)), FUEL_LEDGER).require()

    assert row.values["day"].label == "2024-03-01"


def test_every_wrong_cell_of_a_row_is_named() -> None:
    """Nobody corrects one cell to be told of the next."""
    report = check_sheet(
        sheet(FUEL_LEDGER, fuel(day="soon", consumed="much", unit="")), FUEL_LEDGER
    )

    assert [each.column for each in report.errors] == ["day", "unit", "consumed"]


def test_same_day_twice_is_named_with_the_first() -> None:
    """A day of a unit and fuel stands once."""
    rows = [*ledger_of(2), ledger_of(1)[0]]
    (error,) = check_sheet(sheet(FUEL_LEDGER, *rows), FUEL_LEDGER).errors

    assert (error.row, error.code) == (4, "twice")
    assert error.message() == "says the same as row 2"
    assert error.message("zh") == "与第 2 行重复"


def test_stock_goes_on_from_day_to_day() -> None:
    """A stock that opens with another amount than it closed with is named."""
    rows = ledger_of(3)
    rows[2] = rows[2] | {"opening": "9999", "closing": "10142.6"}
    (error,) = check_sheet(sheet(FUEL_LEDGER, *rows), FUEL_LEDGER).errors

    assert (error.row, error.column, error.code) == (4, "opening", "continuity")
    assert "row 3, which closed with 10287.2" in error.message()


def test_stocks_of_two_fuels_go_on_apart() -> None:
    """Rows of two fuels may be mixed, in any order of days."""
    coal = ledger_of(3)
    oil = [row | {"fuel": "柴油"} for row in reversed(ledger_of(3))]
    mixed = [row for pair in zip(coal, oil, strict=True) for row in pair]

    assert check_sheet(sheet(FUEL_LEDGER, *mixed), FUEL_LEDGER).errors == ()


def test_parts_of_consumption_add_up() -> None:
    """Industrial and other use together are all that was used."""
    wrong = examples(STATISTICS) | {"industrial": "87000"}

    assert found(check_sheet(sheet(STATISTICS, wrong), STATISTICS)) == [(2, "consumed", "balance")]


def test_empty_rows_count_but_say_nothing() -> None:
    """Row numbers are those of the spreadsheet."""
    report = check_sheet(sheet(FUEL_LEDGER, {}, {}, fuel(day="soon")), FUEL_LEDGER)

    assert (report.row_count, found(report)) == (1, [(4, "day", "not-a-day")])


def test_many_errors_are_counted() -> None:
    """A sheet that is wrong in every row is not repeated to its writer."""
    rows = [row | {"consumed": "x"} for row in ledger_of(MAX_ERRORS + 5)]
    report = check_sheet(sheet(FUEL_LEDGER, *rows), FUEL_LEDGER)

    assert (len(report.errors), report.error_count) == (MAX_ERRORS, MAX_ERRORS + 5)
    with pytest.raises(SheetRefused, match="and 1000 more"):
        report.require()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_files_of_usual_encodings_are_read(encoding: str) -> None:
    """With and without mark, and as a Chinese Excel saves it."""
    report = check_sheet(sheet(FUEL_LEDGER, fuel(), encoding=encoding), FUEL_LEDGER)

    assert report.require()[0].values["fuel"] == "烟煤"


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_read(delimiter: str) -> None:
    """Some spreadsheets write semicolons or tabs."""
    content = sheet(FUEL_LEDGER, fuel(), delimiter=delimiter)

    assert check_sheet(content, FUEL_LEDGER).errors == ()


def test_workbook_is_read_like_text() -> None:
    """Numbers, days and text of an XLSX file say what the same CSV says."""
    cells = [datetime(2024, 3, 1), "u1", "烟煤", 12000, 3000, 2856.4, None, None, 12143.6, 22.415]  # noqa: DTZ001 - as a spreadsheet has it
    report = check_sheet(workbook(FUEL_LEDGER, cells), FUEL_LEDGER)

    assert report.require()[0].values["consumed"] == Decimal("2856.4")
    assert report.require()[0].values["day"].label == "2024-03-01"


def test_number_that_a_formula_left_has_its_decimals_counted() -> None:
    """What a sum of binary floats leaves behind is named, not rounded in silence."""
    left = "0.30000000000000004"
    cells = ["2024-03-01", "u1", "烟煤", 0.300000001, 0, 0, None, None, 0.3]
    report = check_sheet(workbook(FUEL_LEDGER, cells), FUEL_LEDGER)

    assert found(report) == [(2, "opening", "decimals")]
    assert found(check_sheet(sheet(FUEL_LEDGER, fuel(ncv=left)), FUEL_LEDGER)) == [
        (2, "ncv", "decimals")
    ]


def test_rows_that_a_workbook_leaves_out_keep_their_numbers() -> None:
    """A row that was never filled is still counted."""
    book = Workbook()
    page = book.worksheets[0]
    page.append([each.name for each in FUEL_LEDGER.columns])
    page.cell(7, 1, "soon")
    file = io.BytesIO()
    book.save(file)
    report = check_sheet(file.getvalue(), FUEL_LEDGER)

    assert report.errors[0].row == 7


def test_formula_in_a_workbook_is_not_a_value() -> None:
    """What a formula gives is not looked at; it is refused where it stands."""
    cells = ["2024-03-01", "u1", "烟煤", 12000, 3000, "=2800+56.4", None, None, 12143.6]
    report = check_sheet(workbook(FUEL_LEDGER, cells), FUEL_LEDGER)

    assert found(report) == [(2, "consumed", "formula")]


def packed(name: str, content: bytes) -> bytes:
    """Give a ZIP file with one entry."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n", "row 1 has no headings"),
        ("日期,没有这列\n".encode(), "unknown heading '没有这列'"),
        ("日期,day\n".encode(), "stands twice"),
        ("日期\n".encode(), "lacks columns"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "with a password"),
        (b"\x00\x01\x02\x03", "neither XLSX nor text"),
        (b'"open', "not readable as CSV"),
        (packed("readme.txt", b"x"), "not a readable XLSX"),
        (packed("xl/workbook.xml", bytes(201 * 2**20)), "at most 209715200 are read"),
        (b"PK\x03\x04" + bytes(100), "not a readable XLSX"),
    ],
    ids=str,
)
def test_file_that_is_no_such_sheet_is_refused(content: bytes, message: str) -> None:
    """Empty, foreign, locked, damaged, or a bomb."""
    with pytest.raises(SheetRefused, match=message):
        check_sheet(content, FUEL_LEDGER)


def test_cell_beyond_the_headings_is_refused() -> None:
    """A value that no heading explains is not dropped."""
    content = sheet(FUEL_LEDGER, fuel()).rstrip(b"\r\n") + b",extra\r\n"

    with pytest.raises(SheetRefused, match="row 2 has more cells"):
        check_sheet(content, FUEL_LEDGER)


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.name)
@pytest.mark.parametrize("template", [template_csv, template_xlsx])
def test_template_is_a_sheet_of_its_form(form: Form, template: Callable[[Form], bytes]) -> None:
    """An empty template has every column, and no row."""
    report = check_sheet(template(form), form)

    assert (report.row_count, report.errors) == (0, ())
    with pytest.raises(SheetRefused, match="has no rows"):
        report.require()


def test_csv_begins_with_a_byte_order_mark() -> None:
    """Without it a spreadsheet garbles Chinese."""
    assert write_csv(["燃料"], []).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM", "\t=1", "\r=1", "\n=1", "＝1", "－1"])
def test_text_never_runs_as_a_formula(text: str) -> None:
    """In CSV a quote stands before it, in XLSX it is stored as text."""
    assert safe_text(text) == f"'{text}"
    (_, (cell,)) = csv.reader(
        io.StringIO(write_csv(["x"], [[text]]).decode("utf-8-sig"), newline="")
    )
    page = load_workbook(io.BytesIO(write_xlsx("x", ["x"], [[text]]))).worksheets[0]

    assert cell.startswith("'")
    assert page.cell(2, 1).data_type == "s"


def test_text_that_a_sheet_cannot_hold_is_told() -> None:
    """A control stands as its number, and what is longer than a cell ends with an ellipsis."""
    texts = ["works\x01\x1b[2J", "x" * 40_000, "x" * 32_767]
    page = load_workbook(
        io.BytesIO(write_xlsx("x", ["x\x00"], [[each] for each in texts]))
    ).worksheets[0]
    found = [str(page.cell(row, 1).value) for row in range(1, 5)]

    assert found[:2] == ["x[U+0000]", "works[U+0001][U+001B][2J"]
    assert [len(each) for each in found[2:]] == [32_767, 32_767]
    assert [each[-1] for each in found[2:]] == ["…", "x"]


def test_numbers_are_written_as_numbers() -> None:
    """A negative number is no formula."""
    rows: list[list[Decimal | int | None]] = [[Decimal("-1.50"), -2, None]]

    assert write_csv(["x", "y", "z"], rows).endswith(b"\r\n-1.50,-2,\r\n")


def test_quoted_text_is_read_without_its_quote() -> None:
    """What was written safely comes back as it was."""
    content = sheet(FUEL_LEDGER, fuel(source=safe_text("-belt scale")))
    (row,) = check_sheet(content, FUEL_LEDGER).require()

    assert row.values["source"] == "-belt scale"


def test_errors_are_given_as_a_list_to_work_off() -> None:
    """Row, column, value and reason, in both languages, and safe to open."""
    report = check_sheet(sheet(FUEL_LEDGER, fuel(consumed="=1+1")), FUEL_LEDGER)
    text = errors_csv(report.errors).decode("utf-8-sig")

    (_, row) = csv.reader(io.StringIO(text, newline=""))

    assert row[:4] == ["2", "消耗量（t） consumed", "'=1+1", "formula"]
    assert row[4:] == ["为公式，应填数值或文字", "is a formula, not a value"]


@pytest.mark.parametrize(
    "text", ["2024-03", "2024/3", "2024年3月", "2024-03-01", "2024-03-01 00:00:00"]
)
def test_months_are_read_as_people_write_them(text: str) -> None:
    """A spreadsheet makes the first day of a month out of one."""
    row = examples(STATISTICS) | {"month": text}

    assert check_sheet(sheet(STATISTICS, row), STATISTICS).require()[0].values["month"] == MARCH


@pytest.mark.parametrize("text", ["2024-03-02", "March", "2024-02-30"])
def test_other_days_are_no_month(text: str) -> None:
    """The second of March does not stand for March."""
    row = examples(STATISTICS) | {"month": text}

    assert found(check_sheet(sheet(STATISTICS, row), STATISTICS)) == [(2, "month", "not-a-month")]


@pytest.mark.parametrize("text", ["08:00", "2024-02-30 08:00", "2024-04-03 08:60", "2024-04-03T8"])
def test_what_is_no_time_is_named(text: str) -> None:
    """Hour and minute of a day that there is."""
    row = examples(LAB_RESULTS) | {"received": text}

    assert found(check_sheet(sheet(LAB_RESULTS, row), LAB_RESULTS)) == [
        (2, "received", "not-a-moment")
    ]


def test_file_that_is_too_large_is_not_looked_into() -> None:
    """Size is bounded before anything is read."""
    with pytest.raises(SheetRefused, match="at most 33554432 are read"):
        check_sheet(bytes(MAX_FILE_BYTES + 1), FUEL_LEDGER)


def test_endless_sheet_is_refused() -> None:
    """A sheet has an end."""
    rows = b"x\n" * MAX_ROWS
    content = ",".join(each.name for each in FUEL_LEDGER.columns).encode() + b"\n" + rows

    with pytest.raises(SheetRefused, match="more than 100000 rows"):
        check_sheet(content, FUEL_LEDGER)


def test_row_without_end_is_refused() -> None:
    """Neither does a row go on for ever."""
    with pytest.raises(SheetRefused, match="more than 200 columns"):
        check_sheet(b"," * 200, FUEL_LEDGER)


def test_true_and_times_of_a_workbook_are_text() -> None:
    """Kinds of cells that no column asks for are named like any other text."""
    cells = [time(8, 30), True, date(2024, 3, 1), 1, 1, 1, None, None, 1]
    report = check_sheet(workbook(FUEL_LEDGER, cells), FUEL_LEDGER)

    assert [each.value for each in report.errors] == ["08:30:00"]
