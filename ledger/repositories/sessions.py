"""
Sessions of representatives, and the secrets that are good for one use.

A secret is known by its SHA-256 and removed by the statement that uses it, so that of two who
come with it at once one is too late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, delete, insert, or_, select, update

from attestation.instants import Instant
from ledger.models import LoginBindingRow, LoginSecretRow, SessionRow
from ledger.repositories.bulk import table_of, upsert

_SESSION: Final = (
    "id",
    "address",
    "party_id",
    "proof",
    "label",
    "created_at_ms",
    "seen_at_ms",
    "expires_at_ms",
    "revoked_at_ms",
)
_BINDING: Final = ("address", "party_id", "message", "signature", "bound_at_ms")


@dataclass(frozen=True, slots=True)
class Session:
    """A representative who came in."""

    id: str
    """Names it for people; opens nothing."""
    address: bytes
    """Of the representative's key, 20 bytes."""
    party_id: bytes
    """Whom they speak for in it."""
    proof: str
    label: str
    """What its holder calls the place it was begun at."""
    created_at: Instant
    seen_at: Instant
    """When it was last used, to the minute."""
    expires_at: Instant
    revoked_at: Instant | None = None

    def is_open(self, now: Instant, *, idle_ms: int) -> bool:
        """Say whether it lets anybody in at a time."""
        is_in_time = now < self.expires_at and now < self.seen_at + idle_ms
        return self.revoked_at is None and is_in_time


@dataclass(frozen=True, slots=True)
class Binding:
    """An identity at a provider that stands for a representative's key."""

    issuer: str
    subject: str
    address: bytes
    party_id: bytes
    message: str
    """What the key signed."""
    signature: bytes
    bound_at: Instant


class SessionRepository:
    """Reads and writes `session`, `login_secret` and `login_binding`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep_secret(
        self, sha256: bytes, purpose: str, content: Mapping[str, Any], *, until: Instant
    ) -> None:
        """Keep the hash of a secret that is good for one use."""
        self._connection.execute(
            insert(LoginSecretRow).values(
                sha256=sha256, purpose=purpose, content=dict(content), expires_at_ms=until
            )
        )

    def use_secret(self, sha256: bytes, purpose: str, *, now: Instant) -> dict[str, Any] | None:
        """Use a secret up, and give what belongs to it; None where it is not good, or no more."""
        table = table_of(LoginSecretRow)
        found: dict[str, Any] | None = self._connection.execute(
            delete(table)
            .where(
                table.c.sha256 == sha256,
                table.c.purpose == purpose,
                table.c.expires_at_ms > now,
            )
            .returning(table.c.content)
        ).scalar_one_or_none()
        return found

    def forget_secrets(self, now: Instant) -> None:
        """Remove the secrets that nobody came back with."""
        table = table_of(LoginSecretRow)
        self._connection.execute(delete(table).where(table.c.expires_at_ms <= now))

    def open(self, session: Session, token_sha256: bytes) -> None:
        """Store a session that begins."""
        self._connection.execute(
            insert(SessionRow).values(
                token_sha256=token_sha256, **dict(zip(_SESSION, _values(session), strict=True))
            )
        )

    def by_token(self, token_sha256: bytes) -> Session | None:
        """Load the session that a token opens, whether it is still open or not."""
        return self._one(_sessions().where(SessionRow.token_sha256 == token_sha256))

    def get(self, session_id: str) -> Session | None:
        """Load a session."""
        return self._one(_sessions().where(SessionRow.id == session_id))

    def of_address(self, address: bytes) -> list[Session]:
        """Load the sessions of a key, newest first."""
        statement = (
            _sessions()
            .where(SessionRow.address == address)
            .order_by(SessionRow.created_at_ms.desc(), SessionRow.id)
        )
        return [_session(row) for row in self._connection.execute(statement)]

    def touch(self, session_id: str, now: Instant) -> None:
        """Note that a session was used."""
        self._connection.execute(
            update(SessionRow).where(SessionRow.id == session_id).values(seen_at_ms=now)
        )

    def revoke(self, session_id: str, now: Instant) -> None:
        """End a session; one that has ended stays as it ended."""
        self._connection.execute(
            update(SessionRow)
            .where(SessionRow.id == session_id, SessionRow.revoked_at_ms.is_(None))
            .values(revoked_at_ms=now)
        )

    def forget_ended(self, before: Instant) -> None:
        """Remove sessions that ended before a time."""
        table = table_of(SessionRow)
        ended = or_(table.c.expires_at_ms < before, table.c.revoked_at_ms < before)
        self._connection.execute(delete(table).where(ended))

    def bind(self, binding: Binding) -> None:
        """Let an identity stand for a key; it replaces the one it stood for before."""
        values = (
            binding.address,
            binding.party_id,
            binding.message,
            binding.signature,
            binding.bound_at,
        )
        upsert(
            self._connection,
            LoginBindingRow,
            ("issuer", "subject", *_BINDING),
            [(binding.issuer, binding.subject, *values)],
            changes=_BINDING,
        )

    def binding(self, issuer: str, subject: str) -> Binding | None:
        """Load what an identity stands for."""
        row = self._connection.execute(
            _bindings().where(LoginBindingRow.issuer == issuer, LoginBindingRow.subject == subject)
        ).one_or_none()
        return None if row is None else _binding(row)

    def bindings_of(self, address: bytes) -> list[Binding]:
        """Load the identities that stand for a key."""
        statement = (
            _bindings()
            .where(LoginBindingRow.address == address)
            .order_by(LoginBindingRow.issuer, LoginBindingRow.subject)
        )
        return [_binding(row) for row in self._connection.execute(statement)]

    def unbind(self, issuer: str, subject: str, address: bytes) -> bool:
        """Take a binding of a key back; False where there is none."""
        table = table_of(LoginBindingRow)
        gone = self._connection.execute(
            delete(table).where(
                table.c.issuer == issuer,
                table.c.subject == subject,
                table.c.address == address,
            )
        )
        return gone.rowcount == 1

    def _one(self, statement: Select[Any]) -> Session | None:
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _session(row)


def _sessions() -> Select[Any]:
    return select(*(getattr(SessionRow, name) for name in _SESSION))


def _bindings() -> Select[Any]:
    return select(*(getattr(LoginBindingRow, name) for name in ("issuer", "subject", *_BINDING)))


def _binding(row: Any) -> Binding:
    return Binding(
        issuer=row.issuer,
        subject=row.subject,
        address=row.address,
        party_id=row.party_id,
        message=row.message,
        signature=row.signature,
        bound_at=Instant(row.bound_at_ms),
    )


def _values(session: Session) -> tuple[Any, ...]:
    return (
        session.id,
        session.address,
        session.party_id,
        session.proof,
        session.label,
        session.created_at,
        session.seen_at,
        session.expires_at,
        session.revoked_at,
    )


def _session(row: Any) -> Session:
    return Session(
        id=row.id,
        address=row.address,
        party_id=row.party_id,
        proof=row.proof,
        label=row.label,
        created_at=Instant(row.created_at_ms),
        seen_at=Instant(row.seen_at_ms),
        expires_at=Instant(row.expires_at_ms),
        revoked_at=None if row.revoked_at_ms is None else Instant(row.revoked_at_ms),
    )
