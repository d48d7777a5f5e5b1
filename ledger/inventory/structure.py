"""
The reporting structure of an enterprise: what it consisted of at an instant.

Source: `docs/formats/inventory-records.md`, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.structure_bodies import STRUCTURE_KEY, MeteringPoint, Site, Stream, Structure, Unit
from ledger.inventory.errors import NotStated
from ledger.inventory.periods import Period
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class StructureInForce:
    """A structure record and where it stands."""

    index: int
    """Index of its entry."""
    structure: Structure

    def unit(self, code: str) -> Unit:
        """
        Give a unit.

        Raises:
            NotStated: If there is none of this code.
        """
        found = next((unit for unit in self.structure.units if unit.code == code), None)
        if found is None:
            raise NotStated(f"no unit {code} in the structure of entry {self.index}")
        return found

    def site_of(self, unit: Unit) -> Site:
        """Give the site of one of its units."""
        return next(site for site in self.structure.sites if site.code == unit.site)

    def units_in(self, period: Period) -> tuple[Unit, ...]:
        """Give the units that ran at some time of a period."""
        return tuple(
            unit
            for unit in self.structure.units
            if unit.commissioned_s < period.to_s
            and (unit.closed_s is None or unit.closed_s > period.from_s)
        )

    def streams_of(self, unit: str) -> tuple[Stream, ...]:
        """Give the source streams of a unit, in the record's order."""
        return tuple(stream for stream in self.structure.streams if stream.unit == unit)

    def instruments_of(self, unit: str | None) -> tuple[MeteringPoint, ...]:
        """Give the instruments of a unit; with None, those of whole sites."""
        return tuple(each for each in self.structure.instruments if each.unit == unit)

    def point(self, instrument: str) -> MeteringPoint:
        """
        Give the place of an instrument.

        Raises:
            NotStated: If the structure does not name it.
        """
        for each in self.structure.instruments:
            if each.instrument == instrument:
                return each
        raise NotStated(f"no instrument {instrument} in the structure of entry {self.index}")

    def children(self, instrument: str | None) -> tuple[MeteringPoint, ...]:
        """Give the instruments right below one; with None, those that have none above."""
        return tuple(each for each in self.structure.instruments if each.parent == instrument)


def structure_at(
    uow: UnitOfWork, log: Log, at_s: int, *, size: int | None = None
) -> StructureInForce:
    """
    Give the structure in force at a second.

    Args:
        uow: A reading unit of work.
        log: The log.
        at_s: Unix seconds.
        size: Only the first entries of the log are looked at, where given.

    Raises:
        NotStated: If none is in force.
    """
    found = uow.stated.at(log.number, Structure, STRUCTURE_KEY, at_s, size=size)
    if found is None:
        raise NotStated(f"no structure of {log.usc} is in force at second {at_s}")
    return StructureInForce(found.index, found.body)


def structures_in(uow: UnitOfWork, log: Log, period: Period) -> tuple[StructureInForce, ...]:
    """Give every structure in force at some time of a period, in order; empty where none is."""
    begins = {period.from_s} | {
        each.body.from_s
        for each in uow.stated.listed(log.number, Structure, STRUCTURE_KEY)
        if period.holds(each.body.from_s)
    }
    found: dict[int, StructureInForce] = {}
    for at_s in sorted(begins):
        record = uow.stated.at(log.number, Structure, STRUCTURE_KEY, at_s)
        if record is not None:
            found.setdefault(record.index, StructureInForce(record.index, record.body))
    return tuple(found.values())
