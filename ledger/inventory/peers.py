"""
A unit among its peers: emissions per output, against units of the same class at other enterprises.

The figures of others are in nobody's inventory. They are read from the newest final versions that
are kept here, of the enterprises whose figures the caller may see and of no other; fewer than three
say nothing. So the result is the caller's, and two callers may get two results.

Source: DESIGN section 8; DOMAIN section 6.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from attestation.enums import DataClass, FacilityKind, UnitClass, VersionState
from ledger.inventory.amounts import Amount, quotient, total
from ledger.inventory.checks.patterns import among_peers
from ledger.inventory.checks.results import CheckResult
from ledger.inventory.errors import NotStated
from ledger.inventory.structure import structure_at
from ledger.inventory.versions import InventoryVersion, read_version
from ledger.repositories.inventories import StoredVersion
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_PLACES: Final = 4
_OUTPUTS: Final = (
    (DataClass.ENERGY_OUT, "generation"),
    (DataClass.NON_ENERGY_OUTPUT, "product-output"),
)
"""What emissions are held against; of those that an inventory has, the first."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A unit of another enterprise, by its newest final version."""

    usc: str
    unit: str
    number: int
    """Of the version."""
    sha256: str
    intensity: Amount


@dataclass(frozen=True, slots=True)
class AmongPeers:
    """A unit's intensity among those of its peers."""

    own: Amount | None
    """None where the inventory has no total, or no output."""
    peers: tuple[Peer, ...]
    """By enterprise and unit."""
    check: CheckResult


def look_at_peers(
    uow: UnitOfWork, log: Log, version: InventoryVersion, visible: Collection[str]
) -> AmongPeers:
    """
    Hold a unit's intensity against those of its peers.

    Args:
        uow: A reading unit of work.
        log: The enterprise's log.
        version: Of the unit.
        visible: Credit codes of the enterprises whose figures the caller may see.
    """
    own, scope = intensity_of(version), version.scope
    peers: list[Peer] = []
    others = [each for each in uow.logs.all() if each.usc in visible and each.usc != log.usc]
    kind = _class_of(uow, log, version)
    for other in others:
        for stored in _newest_final(uow, other, version):
            found = read_version(stored.content)
            intensity = intensity_of(found)
            is_alike = found.recipe == version.recipe and _class_of(uow, other, found) == kind
            if is_alike and intensity is not None and (own is None or intensity.unit == own.unit):
                peers.append(
                    Peer(other.usc, found.scope.unit, found.number, found.sha256, intensity)
                )
    peers.sort(key=lambda each: (each.usc, each.unit))
    named = {f"{each.usc} {each.unit}": each.intensity for each in peers}
    return AmongPeers(own, tuple(peers), among_peers(scope.period, own, named))


def intensity_of(version: InventoryVersion) -> Amount | None:
    """Give a version's emissions per output; None where one of both is missing, or is nothing."""
    for data_class, quantity in _OUTPUTS:
        # Months stand beside their sum.
        amounts = [
            line.amount
            for line in version.section(data_class)
            if line.quantity == quantity and line.period == version.scope.period
        ]
        known = [each for each in amounts if each is not None]
        if not amounts:
            continue
        if len(known) < len(amounts) or len({each.unit for each in known}) > 1:
            return None
        made = total(tuple(known), known[0].unit)
        if version.total is None or made.is_zero:
            return None
        return quotient(version.total, made, _PLACES)
    return None


def _newest_final(uow: UnitOfWork, log: Log, version: InventoryVersion) -> Iterator[StoredVersion]:
    """Give the newest final version of each unit of a log, of the same period."""
    period = version.scope.period
    newest: dict[bytes, StoredVersion] = {}
    for stored in uow.inventories.listed(log.number):
        same = (stored.from_s, stored.to_s) == (period.from_s, period.to_s)
        if same and stored.state is VersionState.FINAL:
            newest[stored.inventory_id] = stored
    yield from newest.values()


def _class_of(
    uow: UnitOfWork, log: Log, version: InventoryVersion
) -> tuple[FacilityKind, UnitClass] | None:
    try:
        structure = structure_at(uow, log, version.scope.period.from_s, size=version.log_size)
        unit = structure.unit(version.scope.unit)
    except NotStated:
        return None
    return unit.kind, unit.unit_class
