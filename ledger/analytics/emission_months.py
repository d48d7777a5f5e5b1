"""
Months of emissions from the inventories of a unit, for forecasts and comparisons.

A month is known if every source that the inventory accounts by month has a figure in it. Sources
that are accounted for the whole period only (such as electricity bought) are in no month and are
named: a forecast made of the months is one of the others. A month that two inventories speak of is
refused; which of them counts is not for a forecast to decide.

Source: DESIGN section 10; `ledger.inventory.lines`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from attestation.enums import DataClass, VersionState
from ledger.analytics.errors import AnalyticsError
from ledger.analytics.forecast import Months
from ledger.inventory.amounts import total
from ledger.inventory.errors import InventoryUnknown
from ledger.inventory.lines import TOTAL, Line
from ledger.inventory.periods import Period
from ledger.inventory.versions import EMISSIONS, InventoryVersion, read_version
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

EMISSION_UNIT: Final = "tCO2"


@dataclass(frozen=True, slots=True)
class EmissionMonths:
    """What inventories know of months."""

    months: Months
    """In tCO2, by year and month."""
    unknown: tuple[str, ...]
    """Months of the inventories in which a source has no figure, such as `2025-03`."""
    by_year_only: tuple[str, ...]
    """Sources that are in no month, because they are accounted for a whole period only."""
    drafts: tuple[str, ...]
    """Periods whose newest version is a draft."""


def emission_months(versions: Iterable[InventoryVersion]) -> EmissionMonths:
    """
    Read the months out of inventories, the newest version of each.

    Raises:
        AnalyticsError: If two inventories speak of one month.
    """
    months: dict[tuple[int, int], Decimal] = {}
    seen: set[Period] = set()
    unknown: list[str] = []
    whole: set[str] = set()
    drafts: list[str] = []
    for version in sorted(versions, key=lambda each: each.scope.period):
        lines = _emissions(version)
        in_months = set(version.scope.period.months())
        if seen & in_months:
            label = min(seen & in_months).label
            raise AnalyticsError(f"two inventories speak of {label}")
        seen |= in_months
        monthly = {line.item for line in lines if line.period in in_months}
        whole |= {line.item for line in lines if line.item not in monthly}
        if version.state is not VersionState.FINAL:
            drafts.append(version.scope.period.label)
        for month in sorted(in_months):
            amount = _amount([line for line in lines if line.period == month], monthly)
            if amount is None:
                unknown.append(month.label)
            else:
                months[month.first_day.year, month.first_day.month] = amount
    return EmissionMonths(
        MappingProxyType(months), tuple(unknown), tuple(sorted(whole)), tuple(drafts)
    )


def unit_versions(uow: UnitOfWork, log: Log, unit: str) -> list[InventoryVersion]:
    """
    Load the newest version of each inventory of a unit.

    Raises:
        InventoryUnknown: If there is none.
    """
    newest = {
        stored.inventory_id: stored
        for stored in uow.inventories.listed(log.number)
        if stored.unit == unit
    }
    if not newest:
        raise InventoryUnknown(f"no inventory of {unit} in {log.origin}")
    return [read_version(stored.content) for stored in newest.values()]


def _emissions(version: InventoryVersion) -> list[Line]:
    return [
        line
        for line in version.section(DataClass.EMISSIONS)
        if line.quantity == EMISSIONS and line.item != TOTAL
    ]


def _amount(lines: list[Line], items: set[str]) -> Decimal | None:
    """Add up a month; None where a source has no figure in it."""
    known = [line.amount for line in lines if line.amount is not None]
    if not items or {line.item for line in lines} != items or len(known) != len(lines):
        return None
    return total(tuple(known), EMISSION_UNIT).value
