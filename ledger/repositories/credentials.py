"""
What parties are entitled to, and what keeps a verifier from an enterprise, as the chain says it.

Fed by `ledger.log.agreed` in the order of the chain. Everything can be asked as of a block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete

from attestation.enums import CredentialStatus, PartyKind, RegulatorTier, Sector
from ledger.models import (
    ConflictOfInterestRow,
    CredentialRow,
    PartyGroupRow,
    RotationRuleRow,
    VerificationYearRow,
)
from ledger.repositories.parties import Party, PartyRepository
from ledger.repositories.places import Place, newest_row, newest_rows, put_row, rows_of


@dataclass(frozen=True, slots=True)
class Credential:
    """A party's credential from an event on."""

    party_id: bytes
    code: str
    """Unified social credit code, or the registry's code."""
    name: str
    """Registered name."""
    kind: PartyKind
    tier: RegulatorTier
    sectors: tuple[Sector, ...]
    areas: tuple[int, ...]
    """Codes of GB/T 2260, 0 for the nation."""
    valid_from_s: int
    valid_to_s: int
    """First second no more valid."""
    cma: str
    cnas: str
    document_hash: bytes
    act_digest: bytes
    """Of the grant, 32 bytes."""
    status: CredentialStatus
    reason: str
    """Of the status; empty from the grant on."""
    state: bytes
    """What the next act about the party's credentials names, 32 bytes."""
    at: Place
    at_s: int

    def is_valid(self, at_s: int) -> bool:
        """Say whether it may be relied on at a time, by what is recorded here."""
        in_time = self.valid_from_s <= at_s < self.valid_to_s
        return in_time and self.status is CredentialStatus.VALID


@dataclass(frozen=True, slots=True)
class ConflictOfInterest:
    """A time during which a body may not verify an enterprise, or in a province."""

    body: bytes
    enterprise: bytes | None
    province: int | None
    from_s: int
    to_s: int
    """First second at which it may again."""
    reason: str
    act_digest: bytes
    at: Place
    at_s: int


class CredentialRepository:
    """Reads and writes what Credentials says."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._parties = PartyRepository(connection)

    # --- credentials ---------------------------------------------------------------------------

    def of(self, party_id: bytes, *, at_block: int | None = None) -> Credential | None:
        """Load a party's credential as it held as of a block, or holds now."""
        condition = CredentialRow.party_id == party_id
        row = newest_row(self._connection, CredentialRow, condition, at_block=at_block)
        return None if row is None else self._credential(row)

    def before(self, party_id: bytes, place: Place) -> Credential | None:
        """Load a party's credential as it stood right before a place."""
        condition = CredentialRow.party_id == party_id
        row = newest_row(self._connection, CredentialRow, condition, before=place)
        return None if row is None else self._credential(row)

    def history(self, party_id: bytes) -> list[Credential]:
        """Load everything that was recorded of a party's credentials, in order."""
        rows = rows_of(self._connection, CredentialRow, CredentialRow.party_id == party_id)
        return [self._credential(row) for row in rows]

    def all(self, *, at_block: int | None = None) -> list[Credential]:
        """Load the newest credential of every party that has one, by party id."""
        rows = newest_rows(
            self._connection, CredentialRow, CredentialRow.party_id, at_block=at_block
        )
        parties = {party.party_id: party for party in self._parties.all()}
        return [_credential(row, parties.get(row.party_id)) for row in rows]

    def put(self, credential: Credential) -> None:
        """Add what an event says of a credential; read again, it says the same."""
        values = {
            "party_id": credential.party_id,
            **credential.at.values(),
            "at_s": credential.at_s,
            "kind": int(credential.kind),
            "tier": int(credential.tier),
            "sectors": [int(each) for each in credential.sectors],
            "areas": list(credential.areas),
            "valid_from_s": credential.valid_from_s,
            "valid_to_s": credential.valid_to_s,
            "cma": credential.cma,
            "cnas": credential.cnas,
            "document_hash": credential.document_hash,
            "act_digest": credential.act_digest,
            "status": int(credential.status),
            "reason": credential.reason,
            "state": credential.state,
        }
        put_row(self._connection, CredentialRow, values)

    # --- groups and conflicts of interest ------------------------------------------------------

    def group_of(self, party_id: bytes, *, at_block: int | None = None) -> str | None:
        """Give the name of a party's group as of a block, or now; None where it is in none."""
        condition = PartyGroupRow.party_id == party_id
        row = newest_row(self._connection, PartyGroupRow, condition, at_block=at_block)
        return None if row is None or not row.name else str(row.name)

    def group_members(self, name: str, *, at_block: int | None = None) -> list[bytes]:
        """Give the ids of the parties in a group as of a block, or now."""
        rows = newest_rows(
            self._connection,
            PartyGroupRow,
            PartyGroupRow.party_id,
            among=("name",),
            value=name,
            at_block=at_block,
        )
        return [row.party_id for row in rows]

    def put_group(
        self, party_id: bytes, name: str, act_digest: bytes, at: Place, at_s: int
    ) -> None:
        """Note which group a party is in from an event on; empty for none."""
        values = {"party_id": party_id, "at_s": at_s, "name": name, "act_digest": act_digest}
        put_row(self._connection, PartyGroupRow, {**at.values(), **values})

    def conflicts(self, body: bytes, *, at_block: int | None = None) -> list[ConflictOfInterest]:
        """
        Load what keeps a body from enterprises and provinces as of a block, or now.

        Of each enterprise and province the newest recording counts; times that were cleared, or
        are over, are among them.
        """
        rows = rows_of(
            self._connection,
            ConflictOfInterestRow,
            ConflictOfInterestRow.body == body,
            at_block=at_block,
        )
        newest = {(row.enterprise, row.province): row for row in rows}
        return [_conflict(row) for row in newest.values()]

    def put_conflict(self, conflict: ConflictOfInterest) -> None:
        """Note what an event says of advice or preparation."""
        names = ("at_s", "body", "enterprise", "province", "from_s", "to_s", "reason", "act_digest")
        values = {name: getattr(conflict, name) for name in names}
        put_row(self._connection, ConflictOfInterestRow, {**conflict.at.values(), **values})

    # --- rotation --------------------------------------------------------------------------------

    def verified_years(
        self, verifier: bytes, enterprise: bytes, *, at_block: int | None = None
    ) -> tuple[int, ...]:
        """Give the calendar years in which a verifier verified an enterprise, ascending."""
        rows = rows_of(
            self._connection,
            VerificationYearRow,
            VerificationYearRow.verifier == verifier,
            VerificationYearRow.enterprise == enterprise,
            at_block=at_block,
        )
        return tuple(sorted({row.year for row in rows}))

    def put_verified_year(self, verifier: bytes, enterprise: bytes, year: int, at: Place) -> None:
        """Note that a verifier verified an enterprise in a year."""
        values = {"verifier": verifier, "enterprise": enterprise, "year": year}
        put_row(self._connection, VerificationYearRow, {**at.values(), **values})

    def rotation_years(self, *, at_block: int | None = None) -> int:
        """Give the most years in a row as of a block, or now; 0 for no limit."""
        row = newest_row(self._connection, RotationRuleRow, at_block=at_block)
        return 0 if row is None else int(row.max_years)

    def put_rotation(self, max_years: int, source: str, at: Place) -> None:
        """Note the rotation rule from an event on."""
        values = {"max_years": max_years, "source": source}
        put_row(self._connection, RotationRuleRow, {**at.values(), **values})

    def clear(self) -> None:
        """Forget everything, to read it from the chain again."""
        for model in (
            CredentialRow,
            PartyGroupRow,
            ConflictOfInterestRow,
            VerificationYearRow,
            RotationRuleRow,
        ):
            self._connection.execute(delete(model))

    def _credential(self, row: Row[Any]) -> Credential:
        return _credential(row, self._parties.by_id(row.party_id))


def _credential(row: Row[Any], party: Party | None) -> Credential:
    return Credential(
        party_id=row.party_id,
        code="" if party is None else party.code,
        name="" if party is None else party.name,
        kind=PartyKind(row.kind),
        tier=RegulatorTier(row.tier),
        sectors=tuple(Sector(each) for each in row.sectors),
        areas=tuple(row.areas),
        valid_from_s=row.valid_from_s,
        valid_to_s=row.valid_to_s,
        cma=row.cma,
        cnas=row.cnas,
        document_hash=row.document_hash,
        act_digest=row.act_digest,
        status=CredentialStatus(row.status),
        reason=row.reason,
        state=row.state,
        at=Place(row.block_number, row.log_index),
        at_s=row.at_s,
    )


def _conflict(row: Row[Any]) -> ConflictOfInterest:
    return ConflictOfInterest(
        body=row.body,
        enterprise=row.enterprise,
        province=row.province,
        from_s=row.from_s,
        to_s=row.to_s,
        reason=row.reason,
        act_digest=row.act_digest,
        at=Place(row.block_number, row.log_index),
        at_s=row.at_s,
    )
