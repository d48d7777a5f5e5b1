"""
The entries that a version of an inventory rests on, as one range of the log.

It begins with the first entry that a line names or a digest counts from, and ends where the log
ended when the version was worked out: what came later has no part in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.errors import NotIntegrated
from ledger.inventory.digests import load_digest
from ledger.inventory.sources import SourceKind
from ledger.inventory.versions import InventoryVersion
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_ENTRIES = (SourceKind.DIGEST, SourceKind.RECORD, SourceKind.PLAN)


def entry_range(uow: UnitOfWork, log: Log, version: InventoryVersion) -> tuple[int, int]:
    """
    Give the range `[start, end)` of entries that a version rests on.

    Raises:
        DigestUnknown: If a digest that it names, or its document, is not kept here.
        NotIntegrated: If it was worked out from an empty log.
    """
    if not version.log_size:
        raise NotIntegrated(f"version {version.number} rests on no entry")
    return min(_entries(uow, log, version), default=0), version.log_size


def _entries(uow: UnitOfWork, log: Log, version: InventoryVersion) -> Iterator[int]:
    for line in version.lines:
        yield from (source.index for source in line.sources if source.kind in _ENTRIES)
    for index in version.digests:
        yield load_digest(uow, log, index).digest.first_index
