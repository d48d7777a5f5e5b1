"""Lines of emissions and versions that hold them, as inventories of a unit have them."""

from __future__ import annotations

from decimal import Decimal

from attestation.enums import DataClass, VersionState
from ledger.inventory.amounts import Amount
from ledger.inventory.identity import Scope
from ledger.inventory.lines import Line, Obstacle
from ledger.inventory.periods import Period
from ledger.inventory.sources import Source, SourceKind
from ledger.inventory.versions import EMISSIONS, InventoryVersion
from tests.support.enterprise import USC

DIGEST = Source.of_entry(SourceKind.DIGEST, 7)


def line(period: Period, item: str, tonnes: int | None) -> Line:
    """Give a line of emissions."""
    if tonnes is None:
        missing = (Obstacle("inventory.final_month", "no coal report"),)
        return Line(DataClass.EMISSIONS, period, item, EMISSIONS, None, (), missing)
    amount = Amount(Decimal(tonnes), "tCO2")
    return Line(DataClass.EMISSIONS, period, item, EMISSIONS, amount, (DIGEST,))


def version(
    period: Period, *lines: Line, state: VersionState = VersionState.FINAL
) -> InventoryVersion:
    """Give a version with these lines."""
    return InventoryVersion(
        scope=Scope.of(USC, "unit-1", period),
        number=1,
        state=state,
        recipe="power-unit/1",
        log_size=9,
        lines=lines,
        calculations=(),
        checks=(),
        secret=bytes(32),
    )
