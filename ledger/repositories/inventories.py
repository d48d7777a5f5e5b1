"""
Versions of inventories and calculation records, by their bytes.

What is stored is given back as bytes: whoever reads them checks their form and their name, so that
a row that was edited is noticed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from attestation.enums import VersionState
from attestation.instants import Instant
from ledger.models import CalculationRow, InventoryVersionRow
from ledger.repositories.bulk import table_of
from ledger.repositories.logs import LogNumber


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version as it is kept."""

    inventory_id: bytes
    number: int
    unit: str
    from_s: int
    to_s: int
    state: VersionState
    sha256: bytes
    lines_root: bytes
    content: bytes
    created_at: Instant


class InventoryRepository:
    """Reads and writes `inventory_version` and `calculation`; nothing is changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_version(self, log: LogNumber, version: StoredVersion) -> None:
        """
        Store a version.

        Raises:
            StorageConflict: If the inventory has one of this number.
        """
        self._connection.execute(
            insert(InventoryVersionRow).values(
                log_number=log,
                inventory_id=version.inventory_id,
                number=version.number,
                unit=version.unit,
                from_s=version.from_s,
                to_s=version.to_s,
                state=int(version.state),
                sha256=version.sha256,
                lines_root=version.lines_root,
                content=version.content,
                created_at_ms=version.created_at,
            )
        )

    def add_calculation(self, log: LogNumber, content: bytes, created_at: Instant) -> None:
        """Store a calculation record; one that is there already stays as it is."""
        name = hashlib.sha256(content).digest()
        if self.calculation(log, name) is None:
            self._connection.execute(
                insert(CalculationRow).values(
                    log_number=log, sha256=name, content=content, created_at_ms=created_at
                )
            )

    def calculation(self, log: LogNumber, sha256: bytes) -> bytes | None:
        """Give the bytes stored under a name; None where there are none."""
        statement = select(CalculationRow.content).where(
            CalculationRow.log_number == log, CalculationRow.sha256 == sha256
        )
        return self._connection.execute(statement).scalar_one_or_none()

    def calculations(self, log: LogNumber) -> list[tuple[bytes, Instant]]:
        """List the names of a log's calculation records, with when each was stored."""
        statement = (
            select(CalculationRow.sha256, CalculationRow.created_at_ms)
            .where(CalculationRow.log_number == log)
            .order_by(CalculationRow.sha256)
        )
        return [(name, Instant(at)) for name, at in self._connection.execute(statement)]

    def version(self, log: LogNumber, inventory_id: bytes, number: int) -> StoredVersion | None:
        """Give a version by its number; None where there is none."""
        row = self._connection.execute(
            select(table_of(InventoryVersionRow)).where(
                InventoryVersionRow.log_number == log,
                InventoryVersionRow.inventory_id == inventory_id,
                InventoryVersionRow.number == number,
            )
        ).one_or_none()
        return None if row is None else _stored(row)

    def named(self, log: LogNumber, inventory_id: bytes, sha256: bytes) -> StoredVersion | None:
        """Give a version of an inventory by its name; None where it is not kept here."""
        row = self._connection.execute(
            select(table_of(InventoryVersionRow))
            .where(
                InventoryVersionRow.log_number == log,
                InventoryVersionRow.inventory_id == inventory_id,
                InventoryVersionRow.sha256 == sha256,
            )
            .limit(1)
        ).one_or_none()
        return None if row is None else _stored(row)

    def newest_number(self, log: LogNumber, inventory_id: bytes) -> int:
        """Give the highest number of an inventory's versions; 0 where there is none."""
        statement = select(func.max(InventoryVersionRow.number)).where(
            InventoryVersionRow.log_number == log,
            InventoryVersionRow.inventory_id == inventory_id,
        )
        return self._connection.execute(statement).scalar_one() or 0

    def newest(self, log: LogNumber, inventory_id: bytes) -> StoredVersion | None:
        """Give the newest version of an inventory; None where there is none."""
        return self.version(log, inventory_id, self.newest_number(log, inventory_id))

    def newest_final(self, log: LogNumber, inventory_id: bytes) -> StoredVersion | None:
        """Give the newest final version of an inventory; None where there is none."""
        row = self._connection.execute(
            select(table_of(InventoryVersionRow))
            .where(
                InventoryVersionRow.log_number == log,
                InventoryVersionRow.inventory_id == inventory_id,
                InventoryVersionRow.state == int(VersionState.FINAL),
            )
            .order_by(InventoryVersionRow.number.desc())
            .limit(1)
        ).one_or_none()
        return None if row is None else _stored(row)

    def listed(self, log: LogNumber) -> list[StoredVersion]:
        """List the versions of a log's inventories: by unit, period and number."""
        rows = self._connection.execute(
            select(table_of(InventoryVersionRow))
            .where(InventoryVersionRow.log_number == log)
            .order_by(
                InventoryVersionRow.unit,
                InventoryVersionRow.from_s,
                InventoryVersionRow.to_s,
                InventoryVersionRow.number,
            )
        )
        return [_stored(row) for row in rows]


def _stored(row: Row[Any]) -> StoredVersion:
    fields = row._mapping
    return StoredVersion(
        inventory_id=fields["inventory_id"],
        number=fields["number"],
        unit=fields["unit"],
        from_s=fields["from_s"],
        to_s=fields["to_s"],
        state=VersionState(fields["state"]),
        sha256=fields["sha256"],
        lines_root=fields["lines_root"],
        content=fields["content"],
        created_at=Instant(fields["created_at_ms"]),
    )
