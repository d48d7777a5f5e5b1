"""Persons' details by party and person; nothing here knows a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from attestation.instants import Instant
from ledger.models import PersonDetailRow
from ledger.repositories.bulk import table_of, upsert

_CHANGING: Final = ("nonce", "ciphertext", "stored_at_ms", "erased_at_ms")


@dataclass(frozen=True, slots=True)
class SealedPerson:
    """A person's details as they lie in the database."""

    code: str
    """Of the party."""
    person: bytes
    """Salted id, 32 bytes."""
    nonce: bytes | None
    ciphertext: bytes | None
    """None once erased."""
    stored_at: Instant
    erased_at: Instant | None = None


class PersonRepository:
    """Reads and writes `person_detail`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, sealed: SealedPerson) -> None:
        """Store details; newer ones of the same person take the place of the earlier."""
        upsert(
            self._connection,
            PersonDetailRow,
            ("code", "person", *_CHANGING),
            [
                (
                    *(sealed.code, sealed.person, sealed.nonce, sealed.ciphertext),
                    *(sealed.stored_at, sealed.erased_at),
                )
            ],
            changes=_CHANGING,
        )

    def get(self, code: str, person: bytes) -> SealedPerson | None:
        """Load what is kept of a person; None where nothing ever was."""
        table = table_of(PersonDetailRow)
        statement = select(table).where(table.c.code == code, table.c.person == person)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _sealed(row)

    def listed(self, code: str) -> list[SealedPerson]:
        """List what is kept of a party's persons, erased ones too."""
        table = table_of(PersonDetailRow)
        statement = select(table).where(table.c.code == code).order_by(table.c.person)
        return [_sealed(row) for row in self._connection.execute(statement)]

    def erase(self, code: str, person: bytes, at: Instant) -> bool:
        """Erase a person's details, and say whether there were any; that there were stays."""
        table = table_of(PersonDetailRow)
        statement = (
            update(table)
            .where(table.c.code == code, table.c.person == person, table.c.ciphertext.is_not(None))
            .values(nonce=None, ciphertext=None, erased_at_ms=at)
        )
        return self._connection.execute(statement).rowcount == 1


def _sealed(row: Row[Any]) -> SealedPerson:
    return SealedPerson(
        code=row.code,
        person=row.person,
        nonce=row.nonce,
        ciphertext=row.ciphertext,
        stored_at=Instant(row.stored_at_ms),
        erased_at=None if row.erased_at_ms is None else Instant(row.erased_at_ms),
    )
