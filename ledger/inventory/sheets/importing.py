"""
Taking a sheet over: the file as a document, its rows as figures with their source.

Either the whole sheet is right and its file is kept, or nothing is kept. What comes out of it is
named by the file's hash and the numbers of its rows, so that every figure leads back to a cell.

Source: DESIGN section 8; DOMAIN section 6 (as-fired against purchase and stock).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from attestation.errors import EncodingError
from attestation.instants import Instant
from attestation.sample_bodies import LabReport
from ledger.inventory.amounts import Amount, total
from ledger.inventory.documents import DocumentStore
from ledger.inventory.errors import SheetRefused
from ledger.inventory.periods import Period
from ledger.inventory.sheets.checking import check_sheet
from ledger.inventory.sheets.forms import CheckedRow, Form
from ledger.inventory.sheets.writing import CSV_TYPE, XLSX_TYPE
from ledger.inventory.sources import Source, SourceKind
from ledger.repositories.documents import Document
from ledger.unit_of_work import UnitOfWork

_XLSX: Final = b"PK\x03\x04"
_PERCENT_TO_PPM: Final = 10_000
_MJ_PER_KG_TO_J_PER_G: Final = 1000

Commit = Callable[[str], bytes]
"""Gives the salted commitment to a person for a staff number, 32 bytes."""


@dataclass(frozen=True, slots=True)
class ImportedSheet:
    """A sheet that was taken over."""

    form: Form
    document: Document
    rows: tuple[CheckedRow, ...]


@dataclass(frozen=True, slots=True)
class FuelMonth:
    """What a fuel ledger says of one fuel of a unit in one month."""

    unit: str
    fuel: str
    month: Period
    """The calendar month, or the part of it that the caller asked for."""
    opening: Amount
    received: Amount
    consumed: Amount
    other_out: Amount
    adjustment: Amount
    closing: Amount
    missing_days: tuple[date, ...]
    """Days of the month that have no row; what is missing is never nothing."""
    source: Source
    """The document, with the numbers of the rows."""

    @property
    def is_complete(self) -> bool:
        """Whether every day of the month has a row."""
        return not self.missing_days


def import_sheet(
    store: DocumentStore, uow: UnitOfWork, usc: str, content: bytes, form: Form, *, now: Instant
) -> ImportedSheet:
    """
    Check a sheet and keep its file; the caller commits.

    Args:
        store: Keeps documents.
        uow: A writing unit of work.
        usc: Credit code of the enterprise.
        content: XLSX or CSV, from outside.
        form: What it should be.
        now: Present time.

    Raises:
        SheetRefused: If it is no such sheet, or a row of it is wrong; nothing is kept then.
        DocumentRefused: If the file is too large to be kept.
    """
    rows = check_sheet(content, form).require()
    media_type = XLSX_TYPE if content.startswith(_XLSX) else CSV_TYPE
    document = store.store(uow, usc, content, media_type=media_type, now=now)
    return ImportedSheet(form, document, rows)


def fuel_months(rows: Iterable[CheckedRow], document: bytes) -> tuple[FuelMonth, ...]:
    """
    Add the rows of a fuel ledger up by unit, fuel and month.

    Args:
        rows: Of a fuel ledger without errors.
        document: SHA-256 of its file.
    """
    groups: dict[tuple[str, str, Period], list[CheckedRow]] = {}
    for row in rows:
        day: Period = row.values["day"]
        month = Period.month(day.first_day.year, day.first_day.month)
        groups.setdefault((row.values["unit"], row.values["fuel"], month), []).append(row)
    return tuple(
        _fuel_month(unit, fuel, month, group, document)
        for (unit, fuel, month), group in sorted(groups.items(), key=lambda each: each[0])
    )


def lab_reports(rows: Iterable[CheckedRow], commit: Commit) -> tuple[LabReport, ...]:
    """
    Give the bodies of the reports that a sheet of laboratory results states.

    Args:
        rows: Of a sheet of laboratory results without errors.
        commit: Turns staff numbers into commitments.

    Raises:
        SheetRefused: If a row is right cell by cell and no report all the same; names it.
    """
    bodies: list[LabReport] = []
    for row in rows:
        try:
            bodies.append(_lab_report(row, commit))
        except EncodingError as error:
            raise SheetRefused(f"row {row.number}: {error.message}") from error
    return tuple(bodies)


def _fuel_month(
    unit: str, fuel: str, month: Period, group: list[CheckedRow], document: bytes
) -> FuelMonth:
    by_day = sorted(group, key=lambda row: row.values["day"])

    def sum_of(column: str) -> Amount:
        found = (row.values[column] for row in by_day)
        return total(tuple(Amount(each, "t") for each in found if each is not None), "t")

    present = {row.values["day"] for row in by_day}
    numbers = sorted(row.number for row in by_day)
    return FuelMonth(
        unit=unit,
        fuel=fuel,
        month=month,
        opening=Amount(by_day[0].values["opening"], "t"),
        received=sum_of("received"),
        consumed=sum_of("consumed"),
        other_out=sum_of("other_out"),
        adjustment=sum_of("adjustment"),
        closing=Amount(by_day[-1].values["closing"], "t"),
        missing_days=tuple(day.first_day for day in month.days() if day not in present),
        source=Source(SourceKind.DOCUMENT, document.hex(), f"rows {numbers[0]} to {numbers[-1]}"),
    )


def _lab_report(row: CheckedRow, commit: Commit) -> LabReport:
    values = row.values
    return LabReport(
        report=values["report"],
        laboratory=values["laboratory"],
        mark=values["mark"],
        standards=values["standards"],
        basis=values["basis"],
        unit=values["unit"],
        fuel=values["fuel"],
        from_s=values["month"].from_s,
        to_s=values["month"].to_s,
        samples=values["samples"],
        received_s=values["received"],
        tested_s=values["tested"],
        reported_s=values["reported"],
        mass_g=int(values["mass"]),
        instrument=values["instrument"],
        staff=tuple(commit(each) for each in values["staff"]),
        file=values["file"],
        carbon_ppm=_fine(values["carbon"], _PERCENT_TO_PPM),
        ncv_j_per_g=_fine(values["ncv"], _MJ_PER_KG_TO_J_PER_G),
        hydrogen_ppm=_fine(values["hydrogen"], _PERCENT_TO_PPM),
        sulphur_ppm=_fine(values["sulphur"], _PERCENT_TO_PPM),
        moisture_ppm=_fine(values["moisture"], _PERCENT_TO_PPM),
        ash_ppm=_fine(values["ash"], _PERCENT_TO_PPM),
    )


def _fine(value: Decimal | None, many: int) -> int | None:
    """Give a number in the fine unit; the form allows no decimals beyond it."""
    return None if value is None else int(value * many)
