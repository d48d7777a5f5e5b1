"""Versions of inventories whose checks came out as a test wants them."""

from __future__ import annotations

from attestation.enums import Outcome, VersionState
from attestation.instants import Instant
from ledger.database import Database
from ledger.inventory.assembling import Assembled, store
from ledger.inventory.checks.results import CheckResult
from ledger.inventory.identity import Scope
from ledger.inventory.periods import Period
from ledger.inventory.sources import Source, SourceKind
from ledger.inventory.versions import InventoryVersion
from ledger.repositories.logs import Log
from tests.support.enterprise import USC

YEAR = Period.year(2024)
MAY = Period.parse("2024-05")


def check(
    outcome: Outcome, *, name: str = "energy.efficiency", period: Period = MAY, item: str = "coal"
) -> CheckResult:
    """Give the result of a check."""
    return CheckResult(
        name=name,
        period=period,
        outcome=outcome,
        inputs=(("efficiency", "47.2 %"),),
        thresholds=(("at most", "46 %"),),
        english=f"{item} would be burnt at 47.2 %",
        chinese=f"{item} 的效率将为 47.2%",
        sources=(Source.of_entry(SourceKind.DIGEST, 7),),
    )


def store_version(
    database: Database,
    log: Log,
    *checks: CheckResult,
    number: int = 1,
    state: VersionState = VersionState.DRAFT,
    now: Instant,
) -> InventoryVersion:
    """Store a version with these checks, the way that every version is stored."""
    version = InventoryVersion(
        scope=Scope.of(USC, "unit-1", YEAR),
        number=number,
        state=state,
        recipe="power-unit/1",
        log_size=0,
        lines=(),
        calculations=(),
        checks=checks,
        secret=bytes(range(32)),
    )
    with database.unit_of_work() as uow:
        store(uow, log, Assembled(version, ()), now=now)
        uow.commit()
    return version
