"""Webhooks: endpoints, their secrets, and every message for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from attestation.instants import Instant
from ledger.models import WebhookCallRow, WebhookRow, WebhookSecretRow
from ledger.notices.deliveries import DeliveryState
from ledger.repositories.bulk import table_of
from ledger.repositories.requests import StoredSecret


@dataclass(frozen=True, slots=True)
class Webhook:
    """An endpoint of a party."""

    number: int
    owner: str
    url: str
    kinds: tuple[str, ...]
    note: str
    is_active: bool
    reason: str
    last_event: int
    last_notice: int
    created: Instant


@dataclass(frozen=True, slots=True)
class WebhookCall:
    """One message for an endpoint."""

    number: int
    webhook: int
    message: str
    kind: str
    payload: bytes
    state: DeliveryState
    attempts: int
    next_at: Instant
    status: int | None
    error: str | None
    created: Instant
    updated: Instant


class WebhookRepository:
    """Reads and writes `webhook`, `webhook_secret` and `webhook_call`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, webhook: Webhook) -> int:
        """Store an endpoint, and give its number; it has no secret yet."""
        number: int = self._connection.execute(
            insert(WebhookRow)
            .values(
                owner=webhook.owner,
                url=webhook.url,
                kinds=list(webhook.kinds),
                note=webhook.note,
                is_active=True,
                reason="",
                last_event=webhook.last_event,
                last_notice=webhook.last_notice,
                created_ms=webhook.created,
            )
            .returning(WebhookRow.number)
        ).scalar_one()
        return number

    def get(self, number: int) -> Webhook | None:
        """Load an endpoint; None where there is none."""
        row = self._connection.execute(
            select(table_of(WebhookRow)).where(WebhookRow.number == number)
        ).one_or_none()
        return None if row is None else _webhook(row._mapping)

    def of(self, owner: str) -> list[Webhook]:
        """Load the endpoints of a party."""
        return self._listed(WebhookRow.owner == owner)

    def active(self) -> list[Webhook]:
        """Load every endpoint that is called."""
        return self._listed(WebhookRow.is_active)

    def remove(self, number: int) -> None:
        """Remove an endpoint with its secrets and everything sent to it."""
        for row in (WebhookCallRow, WebhookSecretRow):
            self._connection.execute(delete(row).where(row.webhook == number))
        self._connection.execute(delete(WebhookRow).where(WebhookRow.number == number))

    def set_active(self, number: int, is_active: bool, reason: str = "") -> None:
        """Call an endpoint again, or no longer, and why."""
        self._set(number, is_active=is_active, reason=reason)

    def move(self, number: int, *, last_event: int, last_notice: int) -> None:
        """Note how far an endpoint was told, in the unit of work of what it is told."""
        self._set(number, last_event=last_event, last_notice=last_notice)

    # --- secrets -------------------------------------------------------------------------------

    def secrets(self, number: int, *, now: Instant) -> list[StoredSecret]:
        """Load the secrets that sign now as they are kept, the newest first."""
        alive = or_(WebhookSecretRow.expires_ms.is_(None), WebhookSecretRow.expires_ms > now)
        statement = (
            select(WebhookSecretRow.secret, WebhookSecretRow.sealed_under)
            .where(WebhookSecretRow.webhook == number, alive)
            .order_by(WebhookSecretRow.number.desc())
        )
        return [StoredSecret(*row) for row in self._connection.execute(statement)]

    def add_secret(self, number: int, secret: StoredSecret, *, at: Instant) -> None:
        """Give an endpoint a secret beside those that it has."""
        self._connection.execute(
            insert(WebhookSecretRow).values(
                webhook=number,
                secret=secret.content,
                sealed_under=secret.sealed_under,
                created_ms=at,
                expires_ms=None,
            )
        )

    def rotate(self, number: int, secret: StoredSecret, *, until: Instant, now: Instant) -> None:
        """
        Give an endpoint a new secret; the one before it signs too until a time.

        What was older is removed, so that there are never more than two, and what another key
        sealed, which signs no more.
        """
        row = WebhookSecretRow
        is_foreign = and_(row.sealed_under.is_not(None), row.sealed_under != secret.sealed_under)
        self._connection.execute(
            delete(row).where(row.webhook == number, or_(row.expires_ms.is_not(None), is_foreign))
        )
        self._connection.execute(
            update(WebhookSecretRow)
            .where(WebhookSecretRow.webhook == number)
            .values(expires_ms=until)
        )
        self.add_secret(number, secret, at=now)

    def in_the_clear(self) -> list[tuple[int, int, bytes]]:
        """Give the secrets that are not sealed: number of the row, endpoint, secret."""
        row = WebhookSecretRow
        found = self._connection.execute(
            select(row.number, row.webhook, row.secret).where(row.sealed_under.is_(None))
        )
        return [(each[0], each[1], each[2]) for each in found]

    def seal(self, row: int, secret: StoredSecret) -> None:
        """Keep a secret sealed that stood in the clear."""
        self._connection.execute(
            update(WebhookSecretRow)
            .where(WebhookSecretRow.number == row)
            .values(secret=secret.content, sealed_under=secret.sealed_under)
        )

    def sealed_under(self) -> set[bytes]:
        """Give the ids of the keys under which secrets are encrypted."""
        column = WebhookSecretRow.sealed_under
        found = self._connection.execute(select(column).where(column.is_not(None)).distinct())
        return {each for each in found.scalars() if each is not None}

    # --- messages ------------------------------------------------------------------------------

    def call(
        self, number: int, *, message: str, kind: str, payload: bytes, at: Instant
    ) -> int | None:
        """Store a message for an endpoint; None where it is stored already."""
        same = and_(WebhookCallRow.webhook == number, WebhookCallRow.message == message)
        if self._connection.execute(select(WebhookCallRow.number).where(same)).first():
            return None
        stored: int = self._connection.execute(
            insert(WebhookCallRow)
            .values(
                webhook=number,
                message=message,
                kind=kind,
                payload=payload,
                state=DeliveryState.WAITING.value,
                attempts=0,
                next_ms=at,
                status=None,
                error=None,
                created_ms=at,
                updated_ms=at,
            )
            .returning(WebhookCallRow.number)
        ).scalar_one()
        return stored

    def due(self, now: Instant, *, limit: int) -> list[WebhookCall]:
        """Load the messages that are to be sent now, to endpoints that are called."""
        statement = (
            select(table_of(WebhookCallRow))
            .join(WebhookRow, WebhookRow.number == WebhookCallRow.webhook)
            .where(
                WebhookCallRow.state == DeliveryState.WAITING.value,
                WebhookCallRow.next_ms <= now,
                WebhookRow.is_active,
            )
            .order_by(WebhookCallRow.next_ms, WebhookCallRow.number)
            .limit(limit)
        )
        return [_call(row) for row in self._connection.execute(statement)]

    def calls(
        self, number: int, *, before: int | None = None, limit: int = 100
    ) -> list[WebhookCall]:
        """Load the messages for an endpoint, the newest first."""
        statement = select(table_of(WebhookCallRow)).where(WebhookCallRow.webhook == number)
        if before is not None:
            statement = statement.where(WebhookCallRow.number < before)
        rows = self._connection.execute(
            statement.order_by(WebhookCallRow.number.desc()).limit(limit)
        )
        return [_call(row) for row in rows]

    def get_call(self, number: int) -> WebhookCall | None:
        """Load a message; None where there is none."""
        statement = select(table_of(WebhookCallRow)).where(WebhookCallRow.number == number)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _call(row)

    def called(
        self,
        call: WebhookCall,
        *,
        status: int | None,
        error: str | None,
        again: Instant | None,
        at: Instant,
    ) -> None:
        """Note how an attempt went: without an error it was taken; else when it is tried again."""
        state = DeliveryState.DELIVERED if error is None else DeliveryState.WAITING
        if error is not None and again is None:
            state = DeliveryState.FAILED
        self._connection.execute(
            update(WebhookCallRow)
            .where(WebhookCallRow.number == call.number)
            .values(
                state=state.value,
                attempts=call.attempts + 1,
                next_ms=again or at,
                status=status,
                error=error,
                updated_ms=at,
            )
        )

    def drop(self, number: int, why: str, *, at: Instant) -> None:
        """Give a message up, and what it says with it."""
        self._connection.execute(
            update(WebhookCallRow)
            .where(WebhookCallRow.number == number)
            .values(state=DeliveryState.FAILED.value, payload=b"{}", error=why, updated_ms=at)
        )

    def replay(self, number: int, *, at: Instant) -> None:
        """Send a message again, as if it had never been tried."""
        self._connection.execute(
            update(WebhookCallRow)
            .where(WebhookCallRow.number == number)
            .values(state=DeliveryState.WAITING.value, attempts=0, next_ms=at, updated_ms=at)
        )

    def _set(self, number: int, **values: object) -> None:
        self._connection.execute(
            update(WebhookRow).where(WebhookRow.number == number).values(**values)
        )

    def _listed(self, condition: Any) -> list[Webhook]:
        statement = select(table_of(WebhookRow)).where(condition).order_by(WebhookRow.number)
        return [_webhook(row._mapping) for row in self._connection.execute(statement)]


def _webhook(fields: Mapping[Any, Any]) -> Webhook:
    return Webhook(
        number=fields["number"],
        owner=fields["owner"],
        url=fields["url"],
        kinds=tuple(fields["kinds"]),
        note=fields["note"],
        is_active=fields["is_active"],
        reason=fields["reason"],
        last_event=fields["last_event"],
        last_notice=fields["last_notice"],
        created=Instant(fields["created_ms"]),
    )


def _call(row: Row[Any]) -> WebhookCall:
    return WebhookCall(
        number=row.number,
        webhook=row.webhook,
        message=row.message,
        kind=row.kind,
        payload=row.payload,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        next_at=Instant(row.next_ms),
        status=row.status,
        error=row.error,
        created=Instant(row.created_ms),
        updated=Instant(row.updated_ms),
    )
