"""
Telling of inventories: that a version was stored, and which of its cross-checks did not hold.

Source: `docs/events.md`.
"""

from __future__ import annotations

from attestation.canonical import Json
from attestation.enums import EventKind, Outcome
from attestation.instants import Instant
from ledger.inventory.versions import InventoryVersion
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


def tell_version(uow: UnitOfWork, log: Log, version: InventoryVersion, now: Instant) -> None:
    """Tell that a version is stored, and once each by name what did not hold in it."""
    name = f"0x{version.scope.inventory_id.hex()}"
    which: dict[str, Json] = {"inventory_id": name, "number": version.number}
    subject = f"{name} {version.number}"
    state = version.state.name.lower()
    uow.events.tell(
        log.number,
        EventKind.INVENTORY_VERSION,
        subject,
        which | {"state": state, "sha256": version.sha256},
        at=now,
    )
    failed: dict[str, list[Json]] = {}
    for check in version.checks:
        if check.outcome is Outcome.FAILED:
            failed.setdefault(check.name, []).append(check.period.label)
    for check_name, periods in failed.items():
        body = which | {"check": check_name, "periods": list(dict.fromkeys(periods))}
        uow.events.tell(log.number, EventKind.CROSS_CHECK, f"{subject} {check_name}", body, at=now)
