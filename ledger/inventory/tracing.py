"""
From a line down to readings: everything that a number rests on, one step at a time.

Source: DESIGN section 8 (accounting takes only verified readings).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from attestation.errors import Error
from ledger.inventory.calculation import Calculation
from ledger.inventory.calculation_reading import read_calculation
from ledger.inventory.digests import load_digest
from ledger.inventory.lines import Line
from ledger.inventory.rederiving import rederive
from ledger.inventory.sources import Source, SourceKind
from ledger.inventory.versions import InventoryVersion
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_MANY_ENTRIES = 6


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing that a number rests on, and what that rests on in turn."""

    name: str
    """Such as `calculation power.combustion`, `digest at entry 89`, `entry 17`."""
    detail: str
    entries: tuple[int, ...] = ()
    """Entries of the log with the readings, where the trace ends in them."""
    below: tuple[Trace, ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Trace]]:
        """Give it and everything below it, each with its depth."""
        yield depth, self
        for each in self.below:
            yield from each.walk(depth + 1)

    @property
    def readings(self) -> tuple[int, ...]:
        """Every entry with readings that it leads to, ascending."""
        found = {index for _, each in self.walk() for index in each.entries}
        return tuple(sorted(found))


class Tracer:
    """
    Follows numbers of one version.

    Args:
        uow: A reading unit of work.
        log: The enterprise's log.
        version: The version.
    """

    def __init__(self, uow: UnitOfWork, log: Log, version: InventoryVersion) -> None:
        self._uow = uow
        self._log = log
        self._version = version
        self._calculations: dict[str, Calculation] = {}
        self._digests: dict[int, Trace] = {}

    def line(self, line: Line) -> Trace:
        """Follow a line."""
        shown = "missing" if line.amount is None else str(line.amount)
        below = tuple(self._source(source) for source in line.sources)
        return Trace(line.line_id, shown, below=below)

    def calculation(self, name: str) -> Calculation | None:
        """Give a calculation record by its name; None where it is not kept or not sound."""
        if name not in self._calculations:
            content = self._uow.inventories.calculation(self._log.number, bytes.fromhex(name))
            if content is None:
                return None
            self._calculations[name] = read_calculation(content)
        return self._calculations[name]

    def _source(self, source: Source) -> Trace:
        match source.kind:
            case SourceKind.CALCULATION:
                return self._calculation(source)
            case SourceKind.DIGEST:
                return self._digest(source.index)
            case SourceKind.RECORD | SourceKind.PLAN:
                return Trace(f"{source.kind.value} at entry {source.reference}", source.note)
            case _:
                return Trace(f"{source.kind.value} {source.reference}", source.note)

    def _calculation(self, source: Source) -> Trace:
        calculation = self.calculation(source.reference)
        if calculation is None:
            return Trace(f"calculation {source.reference}", "not kept here")
        rule = calculation.rule
        below = tuple(
            Trace(
                each.path,
                str(each.amount),
                below=tuple(self._source(inner) for inner in each.sources),
            )
            for each in calculation.sourced
        )
        results = "; ".join(
            f"{each.name} {each.value:f} {each.unit}" for each in calculation.results
        )
        return Trace(f"calculation {rule.name} version {rule.version}", results, below=below)

    def _digest(self, index: int) -> Trace:
        if index not in self._digests:
            self._digests[index] = self._follow_digest(index)
        return self._digests[index]

    def _follow_digest(self, index: int) -> Trace:
        name = f"digest at entry {index}"
        try:
            stored = load_digest(self._uow, self._log, index)
            again = rederive(self._uow, self._log, index)
        except Error as error:
            return Trace(name, error.message)
        document: Mapping[str, object] = stored.document
        detail = f"{document['series']}: {document['total']} {document['series_unit']}"
        if not again.agrees:
            detail += "; " + "; ".join(again.explain())
        return Trace(name, detail, entries=tuple(again.datum.entries))
