"""
Requests that are carried out once, and the secrets that a server's processes share.

A key is claimed before the request is carried out. Whoever comes second under it learns what has
become of the first: it is under way, it was answered so, or it was another request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from attestation.instants import Instant
from ledger.models import Model, RequestKeyRow, ServerSecretRow
from ledger.repositories.bulk import is_postgresql, table_of

SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Claim:
    """Who asks under which key for what."""

    caller: bytes
    """SHA-256 of whatever tells callers apart."""
    key: str
    request_sha256: bytes


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was given."""

    status: int
    headers: str
    """JSON."""
    body: bytes
    needs: str = "[]"
    """What the caller had to be allowed, JSON."""


@dataclass(frozen=True, slots=True, repr=False)
class StoredSecret:
    """A secret as it is kept."""

    content: bytes
    sealed_under: bytes | None
    """Id of the key that it is encrypted under; None where it stands in the clear."""


@dataclass(frozen=True, slots=True)
class ClaimedRequest:
    """What has become of the request that holds a key."""

    request_sha256: bytes
    started_at: Instant
    is_carried_out: bool
    answer: KeptAnswer | None


class RequestKeyRepository:
    """Reads and writes `request_key`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, claim: Claim, *, now: Instant, until: Instant) -> bool:
        """Take a key; False where somebody holds it already."""
        values = {
            "caller": claim.caller,
            "key": claim.key,
            "request_sha256": claim.request_sha256,
            "started_at_ms": now,
            "expires_at_ms": until,
            "is_carried_out": False,
        }
        return _insert_new(self._connection, RequestKeyRow, values)

    def get(self, claim: Claim) -> ClaimedRequest | None:
        """Load what holds the key of a claim; None where nothing does."""
        row = self._connection.execute(
            select(
                RequestKeyRow.request_sha256,
                RequestKeyRow.started_at_ms,
                RequestKeyRow.is_carried_out,
                RequestKeyRow.status,
                RequestKeyRow.headers,
                RequestKeyRow.body,
                RequestKeyRow.needs,
            ).where(*_is(claim))
        ).one_or_none()
        if row is None:
            return None
        answer = None
        if row.status is not None:
            kept = (row.headers or "{}", row.body or b"", row.needs or "[]")
            answer = KeptAnswer(row.status, *kept)
        return ClaimedRequest(
            row.request_sha256, Instant(row.started_at_ms), row.is_carried_out, answer
        )

    def take_over(self, claim: Claim, *, started_at: Instant, now: Instant) -> bool:
        """Take a key whose request has died under way; False where another was quicker."""
        statement = (
            update(RequestKeyRow)
            .where(
                *_is(claim),
                RequestKeyRow.started_at_ms == started_at,
                RequestKeyRow.is_carried_out.is_(False),
                RequestKeyRow.status.is_(None),
            )
            .values(started_at_ms=now)
        )
        return self._connection.execute(statement).rowcount == 1

    def carried_out(self, claim: Claim, *, started_at: Instant) -> bool:
        """Note, in the transaction of what is done, that it is; False where the key was lost."""
        statement = (
            update(RequestKeyRow)
            .where(*_is(claim), RequestKeyRow.started_at_ms == started_at)
            .values(is_carried_out=True)
        )
        return self._connection.execute(statement).rowcount == 1

    def answered(self, claim: Claim, answer: KeptAnswer, *, started_at: Instant) -> None:
        """Keep the answer."""
        self._connection.execute(
            update(RequestKeyRow)
            .where(*_is(claim), RequestKeyRow.started_at_ms == started_at)
            .values(
                status=answer.status,
                headers=answer.headers,
                body=answer.body,
                needs=answer.needs,
            )
        )

    def release(self, claim: Claim, *, started_at: Instant) -> None:
        """Give a key back whose request has done nothing."""
        self._connection.execute(
            delete(table_of(RequestKeyRow)).where(
                *_is(claim),
                RequestKeyRow.started_at_ms == started_at,
                RequestKeyRow.is_carried_out.is_(False),
            )
        )

    def forget(self, now: Instant) -> int:
        """Delete what has expired, and give how many."""
        statement = delete(table_of(RequestKeyRow)).where(RequestKeyRow.expires_at_ms <= now)
        return self._connection.execute(statement).rowcount


class ServerSecretRepository:
    """Reads and writes `server_secret`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> bytes | None:
        """Load a secret; None where it was never drawn."""
        found = select(ServerSecretRow.value).where(ServerSecretRow.name == name)
        value: bytes | None = self._connection.scalar(found)
        return value

    def first(self, name: str, value: bytes) -> bytes:
        """Keep a secret unless there is one of that name, and give the one that is kept."""
        _insert_new(self._connection, ServerSecretRow, {"name": name, "value": value})
        statement = select(ServerSecretRow.value).where(ServerSecretRow.name == name)
        return self._connection.execute(statement).scalar_one()

    def stored(self, name: str) -> StoredSecret | None:
        """Load a secret as it is kept; None where it was never drawn."""
        row = self._connection.execute(
            select(ServerSecretRow.value, ServerSecretRow.sealed_under).where(
                ServerSecretRow.name == name
            )
        ).one_or_none()
        return None if row is None else StoredSecret(row.value, row.sealed_under)

    def replace(
        self, name: str, secret: StoredSecret, *, instead_of: StoredSecret | None
    ) -> StoredSecret:
        """
        Keep a secret unless another was kept meanwhile, and give the one that is kept.

        Args:
            name: Of the secret.
            secret: The new one.
            instead_of: What it takes the place of; None where there was none.
        """
        values = {"value": secret.content, "sealed_under": secret.sealed_under}
        if instead_of is None:
            _insert_new(self._connection, ServerSecretRow, {"name": name, **values})
        else:
            known = ServerSecretRow.value == instead_of.content
            self._connection.execute(
                update(ServerSecretRow).where(ServerSecretRow.name == name, known).values(values)
            )
        return self.stored(name) or secret

    def sealed_under(self) -> set[bytes]:
        """Give the ids of the keys under which secrets are encrypted."""
        column = ServerSecretRow.sealed_under
        found = self._connection.execute(select(column).where(column.is_not(None)).distinct())
        return {each for each in found.scalars() if each is not None}


def _is(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return RequestKeyRow.caller == claim.caller, RequestKeyRow.key == claim.key


def _insert_new(connection: Connection, model: type[Model], values: dict[str, object]) -> bool:
    insertion = insert_postgresql if is_postgresql(connection) else insert_sqlite
    key = next(iter(table_of(model).primary_key))
    statement = insertion(model).values(**values).on_conflict_do_nothing().returning(key)
    return connection.execute(statement).first() is not None
