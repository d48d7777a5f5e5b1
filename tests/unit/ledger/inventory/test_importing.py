"""What comes out of a sheet: figures by month with their source, and bodies of reports."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256

import pytest

from attestation.body_fields import write_body
from ledger.inventory.errors import SheetRefused
from ledger.inventory.periods import Period
from ledger.inventory.sheets.checking import check_sheet
from ledger.inventory.sheets.forms import FUEL_LEDGER, LAB_RESULTS, CheckedRow
from ledger.inventory.sheets.importing import FuelMonth, fuel_months, lab_reports
from tests.support.samples import MARCH
from tests.unit.ledger.inventory.test_sheets import examples, sheet

NAME = sha256(b"ledger").digest()


def days(*numbers: int, month: int = 3, fuel: str = "烟煤") -> list[CheckedRow]:
    """Give rows of some days, of 100 t received and 90.5 t used each."""
    rows = []
    for at, number in enumerate(numbers):
        opening = Decimal(1000) + at * Decimal("9.5")
        rows.append(
            examples(FUEL_LEDGER)
            | {
                "day": f"2024-{month:02}-{number:02}",
                "fuel": fuel,
                "opening": str(opening),
                "received": "100",
                "consumed": "90.5",
                "closing": str(opening + Decimal("9.5")),
            }
        )
    return list(check_sheet(sheet(FUEL_LEDGER, *rows), FUEL_LEDGER).require())


def one(rows: list[CheckedRow]) -> FuelMonth:
    """Give the only month of rows."""
    (month,) = fuel_months(rows, NAME)
    return month


def test_days_add_up_to_a_month() -> None:
    """Exactly, with the stocks at both ends."""
    month = one(days(*range(1, 32)))

    assert (month.unit, month.fuel, month.month) == ("u1", "烟煤", MARCH)
    assert str(month.consumed) == "2805.5 t"
    assert str(month.received) == "3100 t"
    assert (str(month.opening), str(month.closing)) == ("1000.0 t", "1294.5 t")
    assert month.is_complete


def test_missing_day_is_named() -> None:
    """A day without a row is missing, not nothing."""
    month = one(days(*(day for day in range(1, 32) if day != 17)))

    assert [each.isoformat() for each in month.missing_days] == ["2024-03-17"]
    assert not month.is_complete


def test_figure_leads_back_to_its_rows() -> None:
    """The source is the document, and says which rows."""
    source = one(days(5, 6, 7)).source

    assert (source.reference, source.note) == (NAME.hex(), "rows 2 to 4")


def test_months_and_fuels_are_apart() -> None:
    """Each unit, fuel and month by itself, in order."""
    rows = [*days(1, month=4), *days(1), *days(1, fuel="柴油")]

    assert [(each.fuel, each.month.label) for each in fuel_months(rows, NAME)] == [
        ("柴油", "2024-03"),
        ("烟煤", "2024-03"),
        ("烟煤", "2024-04"),
    ]


def test_row_of_results_becomes_a_report() -> None:
    """Percent and MJ/kg become fine integers, staff numbers commitments."""
    rows = check_sheet(sheet(LAB_RESULTS, examples(LAB_RESULTS)), LAB_RESULTS).require()
    (body,) = lab_reports(rows, lambda number: sha256(b"salt" + number.encode()).digest())

    assert (body.carbon_ppm, body.ncv_j_per_g, body.moisture_ppm) == (576_100, 22_415, 24_300)
    assert (body.from_s, body.to_s) == (MARCH.from_s, MARCH.to_s)
    assert body.staff[0] == sha256(b"saltT-07").digest()
    assert write_body(body)["basis"] == "air-dry"


def test_row_that_is_no_report_is_named() -> None:
    """A report without any figure says nothing."""
    blank = dict.fromkeys(("carbon", "ncv", "hydrogen", "sulphur", "moisture", "ash"), "")
    rows = check_sheet(sheet(LAB_RESULTS, examples(LAB_RESULTS) | blank), LAB_RESULTS).require()

    with pytest.raises(SheetRefused, match="row 2: figures of a solid"):
        lab_reports(rows, lambda _number: bytes(32))


def test_month_of_february_has_its_own_days() -> None:
    """29 days in 2024."""
    month = one(days(*range(1, 30), month=2))

    assert month.is_complete
    assert month.month == Period.month(2024, 2)
