"""
The whole enterprise in a year: the final versions of its units, added up, and rounded once.

A unit that ran in the year and has no final version is named, and then there is no total: what is
missing is never zero.

Source: DESIGN section 8; DOMAIN section 2 (whole tonnes at the end).
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import firm_total, newest_final
from ledger.inventory.errors import NotStated
from ledger.inventory.identity import Scope
from ledger.inventory.periods import Period
from ledger.inventory.structure import structures_in
from ledger.inventory.versions import InventoryVersion
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Firm:
    """An enterprise's units in a year."""

    usc: str
    period: Period
    versions: tuple[InventoryVersion, ...]
    """Newest final version of each unit that has one, by unit."""
    missing: tuple[str, ...]
    """Codes of the units that have none."""

    @property
    def total(self) -> Amount | None:
        """Whole tonnes of all units; None where one is missing."""
        return None if self.missing else firm_total(self.versions)


def firm_of(uow: UnitOfWork, log: Log, year: int) -> Firm:
    """
    Add an enterprise's units up.

    The units are those that ran at some time of the year, in any structure that was in force then.

    Args:
        uow: A reading unit of work.
        log: The enterprise's log.
        year: Calendar year of the reporting zone.

    Raises:
        NotStated: If no structure was in force in the year, or none had a unit that ran.
    """
    period = Period.year(year)
    codes = dict.fromkeys(
        unit.code
        for structure in structures_in(uow, log, period)
        for unit in structure.units_in(period)
    )
    if not codes:
        raise NotStated(f"no structure of {log.usc} in force in {period.label} has a unit")
    found = {
        code: newest_final(uow, log, Scope.of(log.usc, code, period)) for code in sorted(codes)
    }
    return Firm(
        usc=log.usc,
        period=period,
        versions=tuple(each for each in found.values() if each is not None),
        missing=tuple(code for code, each in found.items() if each is None),
    )
