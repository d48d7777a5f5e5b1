"""
Enrolment of many instruments from one spreadsheet, with a dry run and errors row by row.

One row is one series of an instrument; a multiplier and a calibration may stand beside it. Either
the whole sheet is right or nothing is taken: `plan_sheet` reads and reports, `SheetPlan.require`
gives the bodies. What is made are the records the enterprise signs; keys are not in spreadsheets.

Source: FORMATS sections 2, 4 and 7; `docs/gateway.md` for the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from attestation.body_fields import write_body
from attestation.errors import EncodingError
from attestation.ids import SeriesId
from attestation.record_bodies import Body
from attestation.series_bodies import (
    DEFAULT_LATENESS_H,
    MAX_HEARTBEAT_S,
    Calibration,
    Instrument,
    Multiplier,
    SeriesRegistration,
)
from devices.errors import SheetError
from devices.sheets import SheetRow, read_rows
from devices.zones import SECONDS_PER_DAY, WallTime, parse_zone

COLUMNS: Final[Mapping[str, str]] = {
    "instrument": "仪表编号",
    "kind": "仪表类型",
    "maker": "生产厂家",
    "model": "型号",
    "serial_number": "出厂编号",
    "accuracy_class": "准确度等级",
    "place": "安装位置",
    "installer": "安装单位",
    "installed": "安装日期",
    "register_modulus": "计度器满度",
    "quantity": "参数",
    "channel": "通道",
    "unit": "单位",
    "cadence_s": "采集周期秒",
    "heartbeat_s": "最长静默秒",
    "minimum": "下限",
    "maximum": "上限",
    "since": "启用日期",
    "register": "表底",
    "max_lateness_h": "最长迟报小时",
    "multiplier": "倍率编号",
    "multiplier_kind": "倍率类型",
    "numerator": "倍率分子",
    "denominator": "倍率分母",
    "calibration_number": "检定证书编号",
    "laboratory": "检定机构",
    "calibrated_from": "检定有效期起",
    "calibrated_to": "检定有效期止",
}
"""Columns of the sheet with their Chinese headings; either heading may be used."""

_HEADINGS: Final = {name: name for name in COLUMNS} | {
    chinese: name for name, chinese in COLUMNS.items()
}
_ZONE: Final = parse_zone("UTC+08:00")  # the reporting zone: FORMATS section 11
_TRUE: Final = frozenset(("yes", "true", "1", "是"))
_FALSE: Final = frozenset(("no", "false", "0", "否"))

Made = TypeVar("Made", bound=Body)


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one row."""

    row: int
    """As the spreadsheet shows it."""
    column: str | None
    """Column, or None where the row as a whole does not fit."""
    message: str

    def __str__(self) -> str:
        return f"row {self.row}{f', {self.column}' if self.column else ''}: {self.message}"


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What a sheet says, or what is wrong with it."""

    rows: int
    bodies: tuple[Body, ...]
    """Instruments first, then series, multipliers and calibrations, each once."""
    errors: tuple[RowError, ...]

    def require(self) -> tuple[Body, ...]:
        """
        Give the bodies of a sheet without errors.

        Raises:
            SheetError: If a row is wrong; nothing of the sheet is taken.
        """
        if self.errors:
            shown = "; ".join(str(error) for error in self.errors[:5])
            raise SheetError(f"{len(self.errors)} errors in the sheet: {shown}")
        if not self.bodies:
            raise SheetError("the sheet has no rows")
        return self.bodies


def plan_sheet(path: Path) -> SheetPlan:
    """
    Read a sheet and say what would be enrolled; changes nothing.

    Args:
        path: XLSX or CSV, from outside.

    Raises:
        SheetError: If it cannot be read as a table at all.
    """
    collected = _Collected()
    rows = read_rows(path, _HEADINGS)
    for row in rows:
        collected.add(_Row(row))
    return collected.plan(len(rows))


class _Refused(Exception):
    """One cell is wrong."""

    def __init__(self, column: str | None, message: str) -> None:
        super().__init__(message)
        self.column = column


class _Row:
    """Cells of a row, read one by one; each wrong one is named."""

    def __init__(self, row: SheetRow) -> None:
        self.number = row.number
        self._cells = row.cells

    def has(self, column: str) -> bool:
        return column in self._cells

    def text(self, column: str) -> str:
        if column not in self._cells:
            raise _Refused(column, "is missing")
        return self._cells[column]

    def number_of(self, column: str, default: int | None = None) -> int:
        if default is not None and not self.has(column):
            return default
        text = self.text(column)
        try:
            return int(text.replace(",", ""))
        except ValueError:
            raise _Refused(column, f"{text!r} is not a whole number") from None

    def day_s(self, column: str, *, end: bool = False) -> int:
        """Read a day of the reporting zone as its first second, or the first after it."""
        text = self.text(column).replace("/", "-").split(" ")[0]
        try:
            year, month, day = (int(part) for part in text.split("-"))
            start_s = _ZONE.to_seconds(WallTime(year, month, day))
        except (ValueError, EncodingError):
            raise _Refused(column, f"{text!r} is not a day, such as 2025-01-31") from None
        return start_s + SECONDS_PER_DAY if end else start_s

    def is_true(self, column: str) -> bool:
        text = self._cells.get(column, "no").lower()
        if text not in _TRUE | _FALSE:
            raise _Refused(column, f"{text!r} is neither yes nor no")
        return text in _TRUE


class _Collected:
    """Bodies by what makes them unique, and errors."""

    def __init__(self) -> None:
        self._instruments: dict[str, Instrument] = {}
        self._series: dict[str, SeriesRegistration] = {}
        self._multipliers: dict[str, Multiplier] = {}
        self._calibrations: dict[tuple[str, str], Calibration] = {}
        self._errors: list[RowError] = []

    def add(self, row: _Row) -> None:
        """Take a row, or note what is wrong with it; the next rows are looked at all the same."""
        try:
            instrument = _made(row, _instrument)
            series = _made(row, _series)
            multiplier = _made(row, _multiplier) if row.has("multiplier") else None
            calibration = _made(row, _calibration) if row.has("calibration_number") else None
            self._refuse_twice(series.series)
            self._same(self._instruments, instrument.instrument, instrument)
            if multiplier is not None:
                self._same(self._multipliers, multiplier.multiplier, multiplier)
            if calibration is not None:
                key = (calibration.instrument, calibration.certificate_number)
                self._same(self._calibrations, key, calibration)
            self._series[series.series] = series
        except _Refused as refused:
            self._errors.append(RowError(row.number, refused.column, str(refused)))

    def plan(self, rows: int) -> SheetPlan:
        """Give what was collected."""
        bodies: list[Body] = [
            *self._instruments.values(),
            *self._series.values(),
            *self._multipliers.values(),
            *self._calibrations.values(),
        ]
        return SheetPlan(rows, tuple(bodies), tuple(self._errors))

    def _refuse_twice(self, series: str) -> None:
        if series in self._series:
            raise _Refused(None, f"series {series} stands in another row")

    def _same(self, known: dict[_Key, Made], key: _Key, body: Made) -> None:
        if known.setdefault(key, body) != body:
            raise _Refused(None, f"{key} is described differently in another row")


_Key = TypeVar("_Key")


def _made(row: _Row, make: Callable[[_Row], Made]) -> Made:
    try:
        body = make(row)
        write_body(body)
    except EncodingError as error:
        raise _Refused(None, error.message) from error
    return body


def _instrument(row: _Row) -> Instrument:
    modulus = row.number_of("register_modulus") if row.has("register_modulus") else None
    return Instrument(
        instrument=row.text("instrument"),
        kind=row.text("kind"),
        maker=row.text("maker"),
        model=row.text("model"),
        serial_number=row.text("serial_number"),
        accuracy_class=row.text("accuracy_class"),
        place=row.text("place"),
        installer=row.text("installer"),
        installed_s=row.day_s("installed"),
        register_modulus=modulus,
        unit=row.text("unit") if modulus is not None else None,
    )


def _series(row: _Row) -> SeriesRegistration:
    series = SeriesId(row.text("instrument"), row.text("quantity"), row.text("channel"))
    return SeriesRegistration(
        series=str(series),
        unit=row.text("unit"),
        cadence_s=row.number_of("cadence_s"),
        heartbeat_s=row.number_of("heartbeat_s", MAX_HEARTBEAT_S),
        since_s=row.day_s("since"),
        minimum=row.number_of("minimum"),
        maximum=row.number_of("maximum"),
        max_lateness_h=row.number_of("max_lateness_h", DEFAULT_LATENESS_H),
        register=row.is_true("register"),
    )


def _multiplier(row: _Row) -> Multiplier:
    return Multiplier(
        multiplier=row.text("multiplier"),
        instrument=row.text("instrument"),
        kind=row.text("multiplier_kind"),
        numerator=row.number_of("numerator"),
        denominator=row.number_of("denominator", 1),
        valid_from_s=row.day_s("since"),
    )


def _calibration(row: _Row) -> Calibration:
    return Calibration(
        instrument=row.text("instrument"),
        certificate_number=row.text("calibration_number"),
        laboratory=row.text("laboratory"),
        from_s=row.day_s("calibrated_from"),
        to_s=row.day_s("calibrated_to", end=True),
        accuracy_class=row.text("accuracy_class"),
    )
