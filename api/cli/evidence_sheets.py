"""Commands about sheets that people fill in: empty forms, what is wrong, and reports of them."""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from api.cli.evidence_place import FormName, find_form
from api.cli.files import Input, read_file, write_file
from api.cli.outcomes import leave
from api.cli.output import AsJson, console, show, table
from api.errors import BadRequest
from api.office.evidence_requests import Wanted, format_wanted
from attestation.enums import Outcome
from ledger.inventory.sheets.checking import SheetReport, check_sheet
from ledger.inventory.sheets.forms import FORMS, FUEL_LEDGER, LAB_RESULTS
from ledger.inventory.sheets.importing import FuelMonth, fuel_months, lab_reports
from ledger.inventory.sheets.reading import MAX_FILE_BYTES
from ledger.inventory.sheets.writing import errors_csv, template_csv, template_xlsx

_SHOWN: Final = 50
_LEAST_SALT: Final = 16
_NO_DOCUMENT: Final = bytes(32)


def templates(
    out: Annotated[Path, typer.Option("--out", file_okay=False, help="Folder to write them to.")],
    as_json: AsJson = False,
) -> None:
    """Write the empty forms, each as XLSX with explanations and as CSV."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadRequest(f"cannot make {out}: {error.strerror}") from error
    written = []
    for form in FORMS.values():
        for suffix, content in ((".xlsx", template_xlsx(form)), (".csv", template_csv(form))):
            path = out / f"{form.name}{suffix}"
            write_file(path, content)
            written.append({"form": form.name, "title": form.chinese, "file": str(path)})

    def text() -> None:
        for each in written:
            console.print(f"{each['title']}  {each['file']}", markup=False)

    show(written, as_json, text)


def check(
    file: Input,
    form: FormName,
    errors: Annotated[
        Path | None, typer.Option("--errors", help="CSV file to write all errors to.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a filled sheet, name every wrong cell by row, column and reason; store nothing."""
    report = check_sheet(read_file(file, most=MAX_FILE_BYTES), find_form(form))
    months: tuple[FuelMonth, ...] = ()
    if report.form is FUEL_LEDGER and not report.errors:
        months = fuel_months(report.rows, _NO_DOCUMENT)
    if errors is not None:
        write_file(errors, errors_csv(report.errors))
    show(_document(report, months), as_json, lambda: _print(report, months))
    leave(Outcome.FAILED if report.errors else Outcome.HELD)


def reports(
    file: Input,
    salt_file: Annotated[
        Path,
        typer.Option(
            "--salt-file",
            exists=True,
            dir_okay=False,
            help="File of at least 16 random bytes that hide staff numbers; keep it.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="File of records to write.")],
    as_json: AsJson = False,
) -> None:
    """Make records of a laboratory's sheet of results, for `carbonseal evidence hand-in`."""
    salt = read_file(salt_file, most=1 << 12)
    if len(salt) < _LEAST_SALT:
        raise BadRequest(f"{salt_file} has fewer than {_LEAST_SALT} bytes")
    rows = check_sheet(read_file(file, most=MAX_FILE_BYTES), LAB_RESULTS).require()
    bodies = lab_reports(rows, lambda number: hmac.digest(salt, number.encode(), "sha256"))
    write_file(out, format_wanted([Wanted(body) for body in bodies]))
    document = {"file": str(out), "reports": [body.report for body in bodies]}

    def text() -> None:
        console.print(f"{len(bodies)} reports written to {out}", markup=False)
        console.print(
            f"next: `carbonseal evidence hand-in {out} --laboratory ADDRESS …`", markup=False
        )

    show(document, as_json, text)


def _document(report: SheetReport, months: tuple[FuelMonth, ...]) -> dict[str, Any]:
    return {
        "form": report.form.name,
        "rows": report.row_count,
        "error_count": report.error_count,
        "errors": [
            {
                "row": each.row,
                "column": each.column,
                "heading": each.heading,
                "value": each.value,
                "code": each.code,
                "message": each.message(),
                "message_zh": each.message("zh"),
            }
            for each in report.errors
        ],
        "months": [
            {
                "unit": each.unit,
                "fuel": each.fuel,
                "month": each.month.label,
                "consumed": str(each.consumed),
                "received": str(each.received),
                "closing": str(each.closing),
                "missing_days": [day.isoformat() for day in each.missing_days],
            }
            for each in months
        ],
    }


def _print(report: SheetReport, months: tuple[FuelMonth, ...]) -> None:
    console.print(f"{report.row_count} rows, {report.error_count} errors")
    if report.errors:
        rows = table("row", "column", "value", "what is wrong")
        for each in report.errors[:_SHOWN]:
            heading = f"{each.heading} {each.column}"
            message = f"{each.message()} {each.message('zh')}"
            rows.add_row(str(each.row), Text(heading), Text(each.value), Text(message))
        console.print(rows)
        if report.error_count > _SHOWN:
            console.print(f"and {report.error_count - _SHOWN} more; --errors FILE lists them")
        console.print("next: correct these rows; nothing of the sheet is taken until all hold")
    if months:
        rows = table("unit", "fuel", "month", "used", "received", "in stock", "days without a row")
        for month in months:
            missing = ", ".join(day.isoformat() for day in month.missing_days) or "none"
            amounts = (month.consumed, month.received, month.closing)
            cells = (month.unit, month.fuel, month.month.label, *map(str, amounts), missing)
            rows.add_row(*map(Text, cells))
        console.print(rows)
