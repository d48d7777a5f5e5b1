"""Sheets from outside: anything is read, refused or reported; nothing else is raised."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.inventory.errors import SheetRefused
from ledger.inventory.sheets.checking import check_sheet
from ledger.inventory.sheets.columns import words
from ledger.inventory.sheets.faults import Refused
from ledger.inventory.sheets.forms import FORMS, FUEL_LEDGER
from ledger.inventory.sheets.writing import safe_text, template_xlsx, write_csv

WORKBOOK = template_xlsx(FUEL_LEDGER)
CELL = st.text(max_size=20)


def require_answer(content: bytes) -> None:
    """Check a file against every form: a report or a refusal, and no other error."""
    for form in FORMS.values():
        try:
            report = check_sheet(content, form)
        except SheetRefused:
            continue
        assert report.error_count >= len(report.errors)


@given(st.binary(max_size=400))
def test_any_bytes_are_answered(content: bytes) -> None:
    """Noise is refused."""
    require_answer(content)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(WORKBOOK) - 1), st.integers(1, 255), st.booleans())
def test_damaged_workbook_is_answered(place: int, change: int, cut: bool) -> None:
    """A changed or cut XLSX file is read or refused."""
    damaged = bytearray(WORKBOOK)
    damaged[place] ^= change
    require_answer(bytes(damaged[:place] if cut else damaged))


@given(st.lists(CELL, min_size=12, max_size=12))
def test_any_cells_are_answered(cells: list[str]) -> None:
    """Whatever stands in a row, it is taken or named."""
    content = write_csv([each.name for each in FUEL_LEDGER.columns], [cells])
    require_answer(content)


@given(st.text(max_size=30))
def test_safe_text_is_never_a_formula_and_comes_back(text: str) -> None:
    """What is written safely is read as it was, or refused for what does not print."""
    written = safe_text(text)
    try:
        read = words(100)(written)
    except Refused:
        assert not text.isprintable()
    else:
        assert read == text or text.startswith("'")
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(
    st.lists(
        st.tuples(
            st.decimals(0, 10**6, places=3),
            st.decimals(0, 10**6, places=3),
            st.decimals(-(10**3), 10**3, places=3),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_balanced_ledger_is_right_and_one_gram_more_is_not(
    days: list[tuple[Decimal, Decimal, Decimal]],
) -> None:
    """Exact to the last decimal, whatever the amounts."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    names = ("day", "unit", "fuel", "opening", "received", "consumed", "adjustment", "closing")
    writer.writerow(names)
    stock = Decimal(10**8)
    for number, (received, consumed, adjustment) in enumerate(days, start=1):
        closing = stock + received - consumed + adjustment
        day = f"2024-03-{number:02}"
        writer.writerow([day, "u1", "coal", stock, received, consumed, adjustment, closing])
        stock = closing
    right = text.getvalue()
    wrong = right.rstrip("\r\n").rpartition(",")[0] + f",{stock + Decimal('0.001')}\r\n"

    assert check_sheet(right.encode(), FUEL_LEDGER).errors == ()
    (error,) = check_sheet(wrong.encode(), FUEL_LEDGER).errors
    assert (error.row, error.code) == (len(days) + 1, "balance")
