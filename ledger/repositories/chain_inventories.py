"""
Inventories as enterprise, verifier and authorities agreed on them, as the chain says it.

Fed by `ledger.log.agreed` in the order of the chain. Everything can be asked as of a block.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, delete, select, tuple_

from attestation.enums import InventoryState, Sector, VerificationOpinion
from ledger.models import ChainActRow, ChainInventoryRow, ChainVersionRow, EvidenceBindingRow
from ledger.repositories.bulk import table_of
from ledger.repositories.places import Place, newest_row, newest_rows, put_row, rows_of

_HOLDERS = ("verifier", "regulator", "city_regulator")


@dataclass(frozen=True, slots=True)
class ChainInventory:
    """An inventory of InventoryRegistry from an event on; parties stand by their ids, 32 bytes."""

    inventory_id: bytes
    enterprise: bytes
    usc: str
    name: str
    """Registered name of the enterprise when it drafted."""
    unit_code: str
    period_from_s: int
    period_to_s: int
    report_year: int
    sector: Sector
    area: int
    """Code of GB/T 2260 where the enterprise reported when it drafted."""
    state: InventoryState
    version: int
    """Newest version, 0 before the first."""
    state_hash: bytes
    """What the next act names."""
    verifier: bytes | None
    regulator: bytes | None
    """Authority that confirms."""
    city_regulator: bytes | None
    """Authority that reviews."""
    lead_verifier: bytes | None
    """Address, 20 bytes."""
    technical_reviewer: bytes | None
    is_reviewed: bool
    accepted_version: int
    """0 while there is none."""
    objections: int
    """Who objected to the newest confirmation: bit 0 the enterprise, bit 1 the nation."""
    objectable_until_s: int
    """First second at which nobody may object any more; 0 where nothing is accepted."""
    decision_due_s: int
    """First second at which the nation decides on the objection; 0 before the first."""
    act: str
    """Name of the type of the act that this state comes from."""
    reason: str
    """Of that act."""
    document_hash: bytes | None
    at: Place
    at_s: int

    def is_final(self, at_s: int) -> bool:
        """Say whether the result is accepted and can no longer be objected to."""
        return self.state is InventoryState.CONFIRMED and at_s >= self.objectable_until_s


@dataclass(frozen=True, slots=True)
class ChainVersion:
    """A submitted version from an event on."""

    inventory_id: bytes
    number: int
    submitted_at_s: int
    inputs_hash: bytes
    lines_root: bytes
    line_count: int
    log_id: bytes
    log_size: int
    """Entries of the checkpoint that was pinned for it."""
    log_root: bytes
    total_t: int
    """Whole tonnes of CO2 equivalent."""
    document_hash: bytes
    laboratories: tuple[bytes, ...]
    """Party ids."""
    reason: str
    restates: int
    """Version whose accepted result it replaced; 0 for none."""
    restated_by: int
    opinion: VerificationOpinion
    report_hash: bytes | None
    at: Place
    at_s: int


@dataclass(frozen=True, slots=True)
class ChainAct:
    """An act that took effect on an inventory."""

    inventory_id: bytes
    tx_hash: bytes
    name: str
    """Name of the act's type."""
    digest: bytes
    signers: Mapping[str, bytes]
    """Address by role; empty where the call data did not say."""
    state_before: InventoryState
    state_after: InventoryState
    state_hash: bytes
    version: int
    reason: str
    document_hash: bytes | None
    fields: Mapping[str, Any] | None
    """The act as a wallet shows it; None where the call data did not say."""
    at: Place
    at_s: int


@dataclass(frozen=True, slots=True)
class EvidenceBinding:
    """A line of an inventory bound to an activity digest of the log."""

    inventory_id: bytes
    line_id: bytes
    version: int
    use: bytes
    """Period of a series that no other live line may use, 32 bytes."""
    entry_index: int
    commitment: bytes
    at: Place


_Read = TypeVar("_Read", ChainInventory, ChainVersion, ChainAct, EvidenceBinding)


class ChainInventoryRepository:
    """Reads and writes what InventoryRegistry and EvidenceBinding say."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- inventories ---------------------------------------------------------------------------

    def get(self, inventory_id: bytes, *, at_block: int | None = None) -> ChainInventory | None:
        """Load an inventory as it held as of a block, or holds now."""
        condition = ChainInventoryRow.inventory_id == inventory_id
        row = newest_row(self._connection, ChainInventoryRow, condition, at_block=at_block)
        return None if row is None else _inventory(row)

    def of_enterprise(self, usc: str, *, at_block: int | None = None) -> list[ChainInventory]:
        """Load the inventories of an enterprise."""
        return self._newest(ChainInventoryRow.usc == usc, at_block=at_block)

    def held_by(self, party_id: bytes, *, at_block: int | None = None) -> list[ChainInventory]:
        """Load the inventories for which a party is named to verify, to confirm or to review."""
        rows = newest_rows(
            self._connection,
            ChainInventoryRow,
            ChainInventoryRow.inventory_id,
            among=_HOLDERS,
            value=party_id,
            at_block=at_block,
        )
        return [_inventory(row) for row in rows]

    def all(self, *, at_block: int | None = None) -> list[ChainInventory]:
        """Load every inventory."""
        return self._newest(at_block=at_block)

    def before(self, inventory_id: bytes, place: Place) -> ChainInventory | None:
        """Load an inventory as it stood right before a place."""
        condition = ChainInventoryRow.inventory_id == inventory_id
        row = newest_row(self._connection, ChainInventoryRow, condition, before=place)
        return None if row is None else _inventory(row)

    def put(self, inventory: ChainInventory) -> None:
        """Add what an event says of an inventory."""
        values = _values(inventory) | {
            "sector": int(inventory.sector),
            "state": int(inventory.state),
        }
        put_row(self._connection, ChainInventoryRow, values)

    # --- versions --------------------------------------------------------------------------------

    def versions(self, inventory_id: bytes, *, at_block: int | None = None) -> list[ChainVersion]:
        """Load the submitted versions of an inventory, in order."""
        rows = newest_rows(
            self._connection,
            ChainVersionRow,
            ChainVersionRow.number,
            ChainVersionRow.inventory_id == inventory_id,
            at_block=at_block,
        )
        return [_version(row) for row in rows]

    def version(
        self, inventory_id: bytes, number: int, *, at_block: int | None = None
    ) -> ChainVersion | None:
        """Load a submitted version; None if there is none of that number."""
        row = newest_row(
            self._connection,
            ChainVersionRow,
            ChainVersionRow.inventory_id == inventory_id,
            ChainVersionRow.number == number,
            at_block=at_block,
        )
        return None if row is None else _version(row)

    def version_before(self, inventory_id: bytes, number: int, place: Place) -> ChainVersion | None:
        """Load a version as it stood right before a place."""
        row = newest_row(
            self._connection,
            ChainVersionRow,
            ChainVersionRow.inventory_id == inventory_id,
            ChainVersionRow.number == number,
            before=place,
        )
        return None if row is None else _version(row)

    def put_version(self, version: ChainVersion) -> None:
        """Add what an event says of a version."""
        values = _values(version) | {
            "laboratories": [each.hex() for each in version.laboratories],
            "opinion": int(version.opinion),
        }
        put_row(self._connection, ChainVersionRow, values)

    # --- acts and bindings -----------------------------------------------------------------------

    def acts(self, inventory_id: bytes, *, at_block: int | None = None) -> list[ChainAct]:
        """Load every act on an inventory, in order."""
        condition = ChainActRow.inventory_id == inventory_id
        rows = rows_of(self._connection, ChainActRow, condition, at_block=at_block)
        return [_act(row) for row in rows]

    def act(self, digest: bytes) -> ChainAct | None:
        """Load an act by its digest; None if it did not take effect."""
        row = newest_row(self._connection, ChainActRow, ChainActRow.digest == digest)
        return None if row is None else _act(row)

    def acts_after(self, place: Place, *, limit: int) -> list[ChainAct]:
        """Load the next acts on any inventory after a place in the chain."""
        table = table_of(ChainActRow)
        after = tuple_(table.c.block_number, table.c.log_index) > tuple_(
            place.block_number, place.log_index
        )
        statement = select(table).where(after).order_by(table.c.block_number, table.c.log_index)
        return [_act(row) for row in self._connection.execute(statement.limit(limit))]

    def put_act(self, act: ChainAct) -> None:
        """Add an act that took effect."""
        values = _values(act) | {
            "signers": {role: address.hex() for role, address in act.signers.items()},
            "state_before": int(act.state_before),
            "state_after": int(act.state_after),
            "fields": None if act.fields is None else dict(act.fields),
        }
        put_row(self._connection, ChainActRow, values)

    def bindings(
        self, inventory_id: bytes, *, at_block: int | None = None
    ) -> list[EvidenceBinding]:
        """Load what the lines of an inventory are bound to, in order."""
        condition = EvidenceBindingRow.inventory_id == inventory_id
        rows = rows_of(self._connection, EvidenceBindingRow, condition, at_block=at_block)
        return [_read(EvidenceBinding, row) for row in rows]

    def put_binding(self, binding: EvidenceBinding) -> None:
        """Add a binding."""
        put_row(self._connection, EvidenceBindingRow, _values(binding))

    def clear(self) -> None:
        """Forget everything, to read it from the chain again."""
        for model in (ChainInventoryRow, ChainVersionRow, ChainActRow, EvidenceBindingRow):
            self._connection.execute(delete(model))

    def _newest(
        self, *conditions: ColumnElement[bool], at_block: int | None
    ) -> list[ChainInventory]:
        key = ChainInventoryRow.inventory_id
        rows = newest_rows(self._connection, ChainInventoryRow, key, *conditions, at_block=at_block)
        return [_inventory(row) for row in rows]


def _values(said: ChainInventory | ChainVersion | ChainAct | EvidenceBinding) -> dict[str, Any]:
    values = {each.name: getattr(said, each.name) for each in fields(said) if each.name != "at"}
    return {**said.at.values(), **values}


def _read(kind: type[_Read], row: Row[Any], **others: Any) -> _Read:
    """Make a value of a row: by the same names, but for those that are given."""
    values: dict[str, Any] = {"at": Place(row.block_number, row.log_index), **others}
    for each in fields(kind):
        if each.name not in values:
            values[each.name] = getattr(row, each.name)
    made: _Read = kind(**values)
    return made


def _inventory(row: Row[Any]) -> ChainInventory:
    return _read(ChainInventory, row, sector=Sector(row.sector), state=InventoryState(row.state))


def _version(row: Row[Any]) -> ChainVersion:
    return _read(
        ChainVersion,
        row,
        laboratories=tuple(bytes.fromhex(each) for each in row.laboratories),
        opinion=VerificationOpinion(row.opinion),
    )


def _act(row: Row[Any]) -> ChainAct:
    return _read(
        ChainAct,
        row,
        signers={role: bytes.fromhex(each) for role, each in row.signers.items()},
        state_before=InventoryState(row.state_before),
        state_after=InventoryState(row.state_after),
    )
