"""
Fuel ledgers (燃料台账) of the monthly evidence, read back for the check of stock.

A ledger counts only as the document that a month's standing manifest names by its hash: what lies
in the draft, or was handed in and replaced, says nothing. A month that cannot be read is not there,
and the reason stands in its place.

Source: DESIGN section 8; DOMAIN section 6 (as-fired against purchase and stock).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attestation.enums import EvidenceKind
from attestation.errors import Error
from attestation.evidence_bodies import EvidenceFile, Manifest
from attestation.structure_bodies import Stream
from ledger.inventory.documents import DocumentStore
from ledger.inventory.periods import Period
from ledger.inventory.sheets.checking import check_sheet
from ledger.inventory.sheets.forms import FUEL_LEDGER
from ledger.inventory.sheets.importing import FuelMonth, fuel_months
from ledger.inventory.sheets.writing import CSV_TYPE, XLSX_TYPE
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_SHEETS: Final = (CSV_TYPE.partition(";")[0], XLSX_TYPE)


@dataclass(frozen=True, slots=True)
class LedgerMonth:
    """What the evidence of a month says of a fuel, or why it says nothing."""

    month: Period
    found: FuelMonth | None
    english: str = ""
    """Why there is nothing; empty where there is something."""
    chinese: str = ""


class FuelLedgers:
    """
    The fuel ledgers that the standing manifests of a log name.

    Args:
        uow: A reading unit of work.
        log: The enterprise's log.
        documents: Decrypts documents; None where this place has no keys.
        size: Only the first entries of the log are looked at.
    """

    def __init__(
        self, uow: UnitOfWork, log: Log, documents: DocumentStore | None, *, size: int | None = None
    ) -> None:
        self._uow = uow
        self._log = log
        self._documents = documents
        self._size = size
        self._read: dict[Period, tuple[tuple[FuelMonth, ...], tuple[str, ...]]] = {}

    def month(self, stream: Stream, month: Period) -> LedgerMonth:
        """Give what a month's evidence says of the fuel of a stream."""
        manifest = self._uow.stated.newest(self._log.number, Manifest, month.label, size=self._size)
        if manifest is None:
            return _nothing(month, "no manifest is in the log", "无存证清单")
        files = [each for each in manifest.body.files if is_sheet(each)]
        if not files:
            return _nothing(month, "the manifest names no fuel ledger", "存证清单中无燃料台账")
        if self._documents is None:
            return _nothing(month, "documents cannot be read here", "此处无法读取存证文件")
        if month not in self._read:
            self._read[month] = self._months(files, month, self._documents)
        found, faults = self._read[month]
        return _of_stream(stream, month, found, faults)

    def _months(
        self, files: list[EvidenceFile], month: Period, documents: DocumentStore
    ) -> tuple[tuple[FuelMonth, ...], tuple[str, ...]]:
        found: list[FuelMonth] = []
        faults: list[str] = []
        for file in files:
            try:
                content = documents.load(self._uow, self._log.usc, file.sha256)
                rows = check_sheet(content, FUEL_LEDGER).require()
            except Error as error:
                faults.append(f"{file.name}: {error.message}")
            else:
                found += [each for each in fuel_months(rows, file.sha256) if each.month == month]
        return tuple(found), tuple(faults)


def is_sheet(file: EvidenceFile) -> bool:
    """Say whether a file of a manifest may be a fuel ledger."""
    return file.kind is EvidenceKind.FUEL_USE and file.media_type in _SHEETS


def _of_stream(
    stream: Stream, month: Period, found: tuple[FuelMonth, ...], faults: tuple[str, ...]
) -> LedgerMonth:
    names = _names(stream)
    own = [each for each in found if each.unit == stream.unit and each.fuel.casefold() in names]
    if not own:
        why = "; ".join(faults) or f"no row is of {stream.subject} in {stream.unit}"
        return _nothing(month, why, why if faults else f"台账中无 {stream.unit} 的该燃料")
    if len(own) > 1:
        return _nothing(month, f"{len(own)} ledgers speak of it", f"{len(own)} 份台账重复")
    (one,) = own
    if not one.is_complete:
        days = ", ".join(each.isoformat() for each in one.missing_days)
        return _nothing(month, f"days without a row: {days}", f"缺少日期：{days}")
    return LedgerMonth(month, one)


def _names(stream: Stream) -> set[str]:
    """Give what people call a fuel: its stream's code, the guide's words, or one language's."""
    english, _, chinese = stream.subject.rpartition(" ")
    names = {stream.code, stream.subject, english, chinese}
    return {each.casefold() for each in names if each}


def _nothing(month: Period, english: str, chinese: str) -> LedgerMonth:
    return LedgerMonth(month, None, f"{month.label}: {english}", f"{month.label}：{chinese}")
