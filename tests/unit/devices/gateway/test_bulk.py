"""Enrolment from a spreadsheet."""

from __future__ import annotations

import csv
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from attestation.series_bodies import Calibration, Instrument, Multiplier, SeriesRegistration
from devices.bulk import COLUMNS, SheetPlan, plan_sheet
from devices.errors import SheetError

ROW: dict[str, Any] = {
    "instrument": "boiler-1",
    "kind": "electricity meter 电能表",
    "maker": "maker",
    "model": "DTZ",
    "serial_number": "A-1",
    "accuracy_class": "0.5S",
    "place": "hall 1 一号厂房",
    "installer": "installer",
    "installed": date(2024, 12, 1),
    "register_modulus": 1_000_000,
    "quantity": "energy",
    "channel": "total",
    "unit": "Wh",
    "cadence_s": 900,
    "minimum": 0,
    "maximum": 500_000,
    "since": date(2025, 1, 1),
    "register": "yes",
    "multiplier": "ct-1",
    "multiplier_kind": "CT",
    "numerator": 400,
    "denominator": 5,
    "calibration_number": "C-77",
    "laboratory": "laboratory",
    "calibrated_from": date(2024, 6, 1),
    "calibrated_to": date(2026, 5, 31),
}
MIDNIGHT_S = 1_735_660_800  # 2025-01-01T00:00:00+08:00


def row(**changes: Any) -> dict[str, Any]:
    """Give a row with cells replaced; None leaves a cell empty."""
    return ROW | changes


def other(**changes: Any) -> dict[str, Any]:
    """Give a row of another series of the same instrument."""
    return row(channel="import", **changes)


def xlsx(folder: Path, *rows: dict[str, Any], chinese: bool = False) -> Path:
    """Write rows as a workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([COLUMNS[name] if chinese else name for name in ROW])
    for cells in rows:
        sheet.append([cells.get(name) for name in ROW])
    path = folder / "instruments.xlsx"
    book.save(path)
    book.close()
    return path


def plan(folder: Path, *rows: dict[str, Any]) -> SheetPlan:
    """Read rows."""
    return plan_sheet(xlsx(folder, *rows))


def test_row_makes_all_its_records(tmp_path: Path) -> None:
    """A full row is an instrument, a series, a multiplier and a calibration."""
    bodies = plan(tmp_path, row()).require()
    instrument, series, multiplier, calibration = bodies

    assert isinstance(instrument, Instrument)
    assert (instrument.register_modulus, instrument.unit) == (1_000_000, "Wh")
    assert isinstance(series, SeriesRegistration)
    assert (series.series, series.since_s, series.register) == (
        "boiler-1/energy/total/",
        MIDNIGHT_S,
        True,
    )
    assert (series.heartbeat_s, series.max_lateness_h) == (86_400, 48)
    assert isinstance(multiplier, Multiplier)
    assert (multiplier.numerator, multiplier.denominator) == (400, 5)
    assert isinstance(calibration, Calibration)


def test_calibration_ends_with_its_last_day(tmp_path: Path) -> None:
    """A certificate valid to a day is valid until that day has ended in the reporting zone."""
    calibration = plan(tmp_path, row()).require()[-1]

    assert isinstance(calibration, Calibration)
    assert calibration.to_s - calibration.from_s == 730 * 86_400


def test_instrument_with_two_series_is_one_instrument(tmp_path: Path) -> None:
    """What rows share is recorded once."""
    bodies = plan(tmp_path, row(), other()).require()

    assert [type(body) for body in bodies].count(Instrument) == 1
    assert [type(body) for body in bodies].count(SeriesRegistration) == 2


def test_chinese_headings_are_read(tmp_path: Path) -> None:
    """The sheet may have Chinese headings."""
    english = plan(tmp_path, row()).require()
    chinese = plan_sheet(xlsx(tmp_path, row(), chinese=True)).require()

    assert chinese == english


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_like_a_workbook(tmp_path: Path, encoding: str) -> None:
    """A CSV file gives the same records, in the encodings that are in use."""
    path = tmp_path / "instruments.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(ROW)
        writer.writerow(ROW.values())

    assert plan_sheet(path).require() == plan(tmp_path, row()).require()


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        pytest.param({"serial_number": None}, "serial_number", "is missing", id="missing"),
        pytest.param({"cadence_s": "often"}, "cadence_s", "not a whole number", id="no number"),
        pytest.param({"maximum": 1.5}, "maximum", "'1.5' is not a whole number", id="fraction"),
        pytest.param({"since": "1.2.2025"}, "since", "not a day", id="another date"),
        pytest.param({"since": "2025-02-30"}, "since", "not a day", id="no such day"),
        pytest.param({"register": "maybe"}, "register", "neither yes nor no", id="no truth"),
        pytest.param({"unit": "wh"}, None, "unit", id="unknown unit"),
        pytest.param({"instrument": "Boiler 1"}, None, "name", id="malformed id"),
        pytest.param({"minimum": 9, "maximum": 8}, None, "minimum is above", id="limits"),
        pytest.param({"heartbeat_s": 86_401}, None, "86400", id="heartbeat over a day"),
        pytest.param({"numerator": 0}, None, "1 to", id="multiplier of 0"),
    ],
)
def test_wrong_cell_is_named(
    tmp_path: Path, cells: dict[str, Any], column: str | None, message: str
) -> None:
    """A wrong row is reported with its number and column; the right ones are read on."""
    found = _plan_with(tmp_path, cells)

    assert [(error.row, error.column) for error in found.errors] == [(3, column)]
    assert message in found.errors[0].message
    assert found.rows == 3


def _plan_with(folder: Path, cells: dict[str, Any]) -> SheetPlan:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    names = [*ROW, *(name for name in cells if name not in ROW)]
    sheet.append(names)
    wrong = row(instrument="boiler-2", multiplier="ct-2") | cells
    rows = (row(), wrong, row(instrument="boiler-3", multiplier="ct-3"))
    for each in rows:
        sheet.append([each.get(name) for name in names])
    path = folder / "wrong.xlsx"
    book.save(path)
    book.close()
    return plan_sheet(path)


def test_series_in_two_rows_is_an_error(tmp_path: Path) -> None:
    """A series is registered once."""
    found = plan(tmp_path, row(), row())

    assert [str(error) for error in found.errors] == [
        "row 3: series boiler-1/energy/total/ stands in another row"
    ]


def test_instrument_described_in_two_ways_is_an_error(tmp_path: Path) -> None:
    """Rows of one instrument have to agree about it."""
    found = plan(tmp_path, row(), other(serial_number="A-2"))

    assert found.errors[0].message == "boiler-1 is described differently in another row"


def test_sheet_with_an_error_is_not_taken_at_all(tmp_path: Path) -> None:
    """The dry run shows every error; nothing of the sheet is enrolled."""
    found = plan(tmp_path, row(), other(cadence_s=None))

    with pytest.raises(SheetError, match="1 errors in the sheet: row 3, cadence_s: is missing"):
        found.require()


def test_empty_sheet_is_an_error(tmp_path: Path) -> None:
    """A sheet without rows enrols nothing, and says so."""
    with pytest.raises(SheetError, match="has no rows"):
        plan(tmp_path).require()


@pytest.mark.parametrize("cell", ["=1+1", '=HYPERLINK("x")', "#REF!"])
def test_formula_is_refused(tmp_path: Path, cell: str) -> None:
    """A cell is what it shows; formulas and their errors are not values."""
    with pytest.raises(SheetError, match="row 2, place: a formula or error"):
        plan(tmp_path, row(place=cell))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"PK\x03\x04 not a workbook", "not a readable XLSX", id="damaged"),
        pytest.param(b"instrument,what\n", "unknown heading 'what'", id="unknown heading"),
        pytest.param(b"instrument,instrument\n", "stands twice", id="heading twice"),
        pytest.param(b",,\n", "no headings", id="no headings"),
        pytest.param(b"\xff\xff\xff", "neither UTF-8 nor GB 18030", id="another encoding"),
    ],
)
def test_file_that_is_no_sheet_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """What cannot be read as a table is one clear error."""
    path = tmp_path / "sheet"
    path.write_bytes(content)

    with pytest.raises(SheetError, match=message):
        plan_sheet(path)


def test_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    """A small file that would fill the memory is not unpacked."""
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", bytes(210 * 1024 * 1024))

    with pytest.raises(SheetError, match="unpacks to"):
        plan_sheet(path)


def test_every_column_is_documented() -> None:
    """The page for gateways lists the columns with both headings, in the same order."""
    page = Path(__file__).resolve().parents[4] / "docs" / "gateway.md"
    rows = [line.split(" | ") for line in page.read_text(encoding="utf-8").splitlines()]
    listed = {row[0].removeprefix("| "): row[1] for row in rows if len(row) == 3}

    assert {name: listed.get(name) for name in COLUMNS} == dict(COLUMNS)


def test_missing_file_is_told(tmp_path: Path) -> None:
    """A path that is not there is an error that says so."""
    with pytest.raises(SheetError, match="No such file"):
        plan_sheet(tmp_path / "none.xlsx")
