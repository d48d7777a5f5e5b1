"""
What final chain events say of keys, parties and representatives, and how far they were read.

Fed by `ledger.log.parties` in the order of the chain, read by admission.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from attestation.enums import CloseReason, PartyKind, RepresentativeRole
from ledger.models import ChainCursorRow, KeySlotRow, PartyRow, RepresentativeRow
from ledger.repositories.bulk import upsert


@dataclass(frozen=True, slots=True)
class KeySlot:
    """A key's slot in DeviceRegistry."""

    log_id: bytes
    kid: bytes
    algorithm: int
    enrolled_index: int
    record_hash: bytes
    """Content hash of the `key` record named in the act, 32 bytes."""
    act_digest: bytes
    closed_index: int | None = None
    """First index at which the key no longer speaks; absent while open."""
    reason: CloseReason = CloseReason.NONE
    compromised_since: int | None = None
    """Index from which the key is suspected."""

    def covers(self, index: int) -> bool:
        """Say whether the key speaks at an index, leaving aside what a closing record grants."""
        is_open = self.closed_index is None or index < self.closed_index
        return self.enrolled_index <= index and is_open


@dataclass(frozen=True, slots=True)
class Party:
    """A party of PartyRegistry."""

    party_id: bytes
    kind: PartyKind
    code: str
    """Unified social credit code, or the registry's code."""
    active: bool
    name: str = ""
    """Registered name; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Representative:
    """What a person's key may say for a party from a time on, until something else is said."""

    party_id: bytes
    address: bytes
    """20 bytes."""
    person: bytes
    """Salted identity commitment, 32 bytes: two-person rules compare these."""
    role: RepresentativeRole
    """NONE where it may say nothing more."""
    active_from_s: int
    """Block time from which that holds, whole seconds since 1970 UTC; perhaps in the future."""


class PartyRepository:
    """Reads and writes `key_slot`, `party`, `representative` and `chain_cursor`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put_slot(self, slot: KeySlot) -> None:
        """Store a slot, new or changed."""
        names = ("algorithm", "enrolled_index", "record_hash", "act_digest")
        changing = (*names, "closed_index", "reason", "compromised_since")
        upsert(
            self._connection,
            KeySlotRow,
            ("log_id", "kid", *changing),
            [(slot.log_id, slot.kid, *(getattr(slot, name) for name in changing))],
            changes=changing,
        )

    def close_slot(
        self, log_id: bytes, kid: bytes, *, closed_index: int, reason: CloseReason
    ) -> None:
        """Note that a key is closed."""
        self._connection.execute(
            update(KeySlotRow)
            .where(KeySlotRow.log_id == log_id, KeySlotRow.kid == kid)
            .values(closed_index=closed_index, reason=reason)
        )

    def suspect_slot(self, log_id: bytes, kid: bytes, *, since_index: int) -> None:
        """Note from which index a key is suspected."""
        self._connection.execute(
            update(KeySlotRow)
            .where(KeySlotRow.log_id == log_id, KeySlotRow.kid == kid)
            .values(compromised_since=since_index)
        )

    def slots(self, log_id: bytes, kid: bytes | None = None) -> list[KeySlot]:
        """Load the slots of a log, or of one key of it, ordered by key id."""
        statement = (
            select(
                KeySlotRow.log_id,
                KeySlotRow.kid,
                KeySlotRow.algorithm,
                KeySlotRow.enrolled_index,
                KeySlotRow.record_hash,
                KeySlotRow.act_digest,
                KeySlotRow.closed_index,
                KeySlotRow.reason,
                KeySlotRow.compromised_since,
            )
            .where(KeySlotRow.log_id == log_id)
            .order_by(KeySlotRow.kid)
        )
        if kid is not None:
            statement = statement.where(KeySlotRow.kid == kid)
        return [
            KeySlot(
                log_id=row.log_id,
                kid=row.kid,
                algorithm=row.algorithm,
                enrolled_index=row.enrolled_index,
                record_hash=row.record_hash,
                act_digest=row.act_digest,
                closed_index=row.closed_index,
                reason=CloseReason(row.reason),
                compromised_since=row.compromised_since,
            )
            for row in self._connection.execute(statement)
        ]

    def put_party(self, party: Party) -> None:
        """Store a party, new or changed."""
        changing = ("kind", "code", "active", "name")
        upsert(
            self._connection,
            PartyRow,
            ("party_id", *changing),
            [(party.party_id, *(getattr(party, name) for name in changing))],
            changes=changing,
        )

    def by_id(self, party_id: bytes) -> Party | None:
        """Load a party by its id; None if none was registered."""
        return self._party(PartyRow.party_id == party_id)

    def by_code(self, code: str) -> Party | None:
        """Load a party by its code; None if none was registered."""
        return self._party(PartyRow.code == code)

    def put_representative(self, representative: Representative) -> None:
        """
        Note a change of a representative, in the order of the chain.

        What was in force before its time stays in force until then; what was announced for its
        time or later is void.
        """
        row = RepresentativeRow
        self._connection.execute(
            delete(row).where(
                row.party_id == representative.party_id,
                row.address == representative.address,
                row.person == representative.person,
                row.active_from_s >= representative.active_from_s,
            )
        )
        names = ("party_id", "address", "person", "role", "active_from_s")
        self._connection.execute(
            insert(row).values({name: getattr(representative, name) for name in names})
        )

    def speaking(self, address: bytes, *, at_s: int) -> list[tuple[Party, Representative]]:
        """Load what an address may say for which party at a time; role NONE where no longer."""
        statement = (
            select(
                PartyRow.party_id,
                PartyRow.kind,
                PartyRow.code,
                PartyRow.active,
                PartyRow.name,
                RepresentativeRow.person,
                RepresentativeRow.role,
                RepresentativeRow.active_from_s,
            )
            .join(RepresentativeRow, RepresentativeRow.party_id == PartyRow.party_id)
            .where(RepresentativeRow.address == address, RepresentativeRow.active_from_s <= at_s)
            .order_by(PartyRow.party_id, RepresentativeRow.person, RepresentativeRow.active_from_s)
        )
        newest: dict[tuple[bytes, bytes], tuple[Party, Representative]] = {}
        for party_id, kind, code, active, name, person, role, since in self._connection.execute(
            statement
        ):
            newest[party_id, person] = (
                Party(party_id, PartyKind(kind), code, active, name),
                Representative(party_id, address, person, RepresentativeRole(role), since),
            )
        return list(newest.values())

    def all(self) -> list[Party]:
        """Load every party, ordered by code."""
        rows = self._connection.execute(select(*_PARTY).order_by(PartyRow.code, PartyRow.party_id))
        return [_party(row) for row in rows]

    def _party(self, condition: ColumnElement[bool]) -> Party | None:
        # One code is one party on the chain; kinds are ordered so that there is one answer anyhow.
        found = select(*_PARTY).where(condition).order_by(PartyRow.kind).limit(1)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _party(row)

    def cursor(self, follower: str, *, lock: bool = False) -> tuple[int, bytes] | None:
        """
        Give (block number, block hash) up to which a follower has read, if it has begun.

        With `lock` others wait with moving it until the end of the unit of work.
        """
        statement = select(ChainCursorRow.block_number, ChainCursorRow.block_hash).where(
            ChainCursorRow.follower == follower
        )
        if lock:
            statement = statement.with_for_update()
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else (row[0], row[1])

    def clear(self, follower: str) -> None:
        """Forget everything that was read, and how far."""
        for model in (KeySlotRow, PartyRow, RepresentativeRow):
            self._connection.execute(delete(model))
        self._connection.execute(delete(ChainCursorRow).where(ChainCursorRow.follower == follower))

    def move_cursor(self, follower: str, block_number: int, block_hash: bytes) -> None:
        """Note how far a follower has read, in the unit of work of what it read."""
        upsert(
            self._connection,
            ChainCursorRow,
            ("follower", "block_number", "block_hash"),
            [(follower, block_number, block_hash)],
            changes=("block_number", "block_hash"),
        )


_PARTY = (PartyRow.party_id, PartyRow.kind, PartyRow.code, PartyRow.active, PartyRow.name)


def _party(row: Row[bytes, int, str, bool, str]) -> Party:
    return Party(row[0], PartyKind(row[1]), row[2], row[3], row[4])
