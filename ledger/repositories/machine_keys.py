"""Keys by which machines of parties sign requests or show certificates, and what they signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from attestation.instants import Instant
from ledger.models import MachineKeyRow, UsedSignatureRow
from ledger.repositories.bulk import is_postgresql, table_of

_NAMES: Final = (
    "id",
    "spki",
    "party_id",
    "address",
    "name",
    "message",
    "signature",
    "registered_at_ms",
    "expires_at_ms",
    "revoked_at_ms",
)


@dataclass(frozen=True, slots=True)
class MachineKey:
    """A key by which a machine of a party comes in."""

    id: str
    """SHA-256 of the SubjectPublicKeyInfo, hex."""
    spki: bytes
    """DER SubjectPublicKeyInfo."""
    party_id: bytes
    address: bytes
    """Of the approver who registered it, 20 bytes; with them it ends."""
    name: str
    message: str
    """What the approver signed."""
    signature: bytes
    registered_at: Instant
    expires_at: Instant
    revoked_at: Instant | None = None

    def is_open(self, now: Instant) -> bool:
        """Say whether it lets anybody in at a time."""
        return self.revoked_at is None and now < self.expires_at


class MachineKeyRepository:
    """Reads and writes `machine_key` and `used_signature`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: MachineKey) -> None:
        """
        Register a key.

        Raises:
            StorageConflict: If it is registered; the unit of work must be given up.
        """
        self._connection.execute(
            insert(MachineKeyRow).values(**dict(zip(_NAMES, _values(key), strict=True)))
        )

    def get(self, key_id: str) -> MachineKey | None:
        """Load a key."""
        row = self._connection.execute(_keys().where(MachineKeyRow.id == key_id)).one_or_none()
        return None if row is None else _key(row)

    def of_party(self, party_id: bytes) -> list[MachineKey]:
        """Load the keys of a party, oldest first."""
        statement = (
            _keys()
            .where(MachineKeyRow.party_id == party_id)
            .order_by(MachineKeyRow.registered_at_ms, MachineKeyRow.id)
        )
        return [_key(row) for row in self._connection.execute(statement)]

    def revoke(self, key_id: str, now: Instant) -> None:
        """End a key; one that has ended stays as it ended."""
        self._connection.execute(
            update(MachineKeyRow)
            .where(MachineKeyRow.id == key_id, MachineKeyRow.revoked_at_ms.is_(None))
            .values(revoked_at_ms=now)
        )

    def use_signature(self, sha256: bytes, *, now: Instant, until: Instant) -> bool:
        """Note a signed request; False where it was noted before."""
        table = table_of(UsedSignatureRow)
        self._connection.execute(delete(table).where(table.c.expires_at_ms <= now))
        insertion = insert_postgresql if is_postgresql(self._connection) else insert_sqlite
        statement = (
            insertion(table)
            .values(sha256=sha256, expires_at_ms=until)
            .on_conflict_do_nothing()
            .returning(table.c.sha256)
        )
        return self._connection.execute(statement).scalar_one_or_none() is not None


def _keys() -> Select[Any]:
    return select(*(getattr(MachineKeyRow, name) for name in _NAMES))


def _values(key: MachineKey) -> tuple[Any, ...]:
    return (
        key.id,
        key.spki,
        key.party_id,
        key.address,
        key.name,
        key.message,
        key.signature,
        key.registered_at,
        key.expires_at,
        key.revoked_at,
    )


def _key(row: Any) -> MachineKey:
    return MachineKey(
        id=row.id,
        spki=row.spki,
        party_id=row.party_id,
        address=row.address,
        name=row.name,
        message=row.message,
        signature=row.signature,
        registered_at=Instant(row.registered_at_ms),
        expires_at=Instant(row.expires_at_ms),
        revoked_at=None if row.revoked_at_ms is None else Instant(row.revoked_at_ms),
    )
