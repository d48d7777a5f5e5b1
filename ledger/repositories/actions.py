"""
The ledger of actions: noted in the transaction of the thing done, read by whoever may.

Every action waits until the operator's log holds it. What it changed is kept apart, because texts
of people may stand there: removing it leaves the commitment.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    insert,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from attestation.action_bodies import SALT_LENGTH, Action, change_document, commit_change
from attestation.body_fields import write_body
from attestation.canonical import Json
from attestation.instants import MILLISECONDS_PER_DAY, MILLISECONDS_PER_SECOND, Instant
from ledger.models import ActionChangeRow, ActionEntryRow, ActionPendingRow, ActionRow
from ledger.repositories.bulk import is_one_of, is_postgresql
from ledger.repositories.logs import LogNumber

REPORTING_ZONE: Final = timezone(timedelta(hours=8))
"""Days are days of the reporting zone (FORMATS section 11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What is to be said of something done."""

    actor: str
    """Address, code or name of a grant; never a person's name, for it enters a log."""
    role: str
    what: str
    """Thing and verb, such as `case.comment`."""
    subject: str
    """Kind and id of the thing, such as `case 0x…`, at most 200 characters."""
    at: Instant
    on_behalf_of: str | None = None
    usc: str | None = None
    """Credit code of the enterprise it concerns."""
    before: Mapping[str, Json] | None = None
    after: Mapping[str, Json] | None = None
    signature: bytes | None = None
    chain_reference: str | None = None


@dataclass(frozen=True, slots=True)
class StoredAction:
    """An action as it is kept."""

    body: Action
    salt: bytes
    """Of its record, 16 bytes."""
    change: Mapping[str, Json] | None
    """Object of `before` and `after`; None where nothing was changed, or it was erased."""
    change_salt: bytes | None
    place: tuple[LogNumber, int] | None
    """Log and admission id of its record; None while it waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """What authorities do that is not shown to those whom they watch."""

    beginnings: tuple[str, ...]
    """Of kinds that are never shown, such as `alert.`."""
    looks: tuple[str, ...]
    """Kinds of looks, which are not shown while a case is open."""
    roles: tuple[str, ...]
    """Of authorities, whose looks these are."""
    subjects: tuple[str, ...]
    """The cases that are open, as actions name them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFilter:
    """Which actions are asked for; what is absent is not asked."""

    actor: str | None = None
    subject: str | None = None
    what: str | None = None
    usc: str | None = None
    among: tuple[str, ...] | None = None
    """Only about these enterprises' things."""
    day: date | None = None
    """Of the reporting zone."""
    until: Instant | None = None
    """Only what was done at this time or before."""
    unseen: Unseen | None = None
    """Without these."""


class ActionRepository:
    """Reads and writes `action`, `action_change`, `action_pending` and `action_entry`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, noted: Noted) -> int:
        """
        Note an action in this unit of work, and give its number.

        Raises:
            EncodingError: If a part has another form: it could not be said in the log.
        """
        change = None
        if noted.before is not None or noted.after is not None:
            change = change_document(noted.before, noted.after)
        change_salt = secrets.token_bytes(SALT_LENGTH)
        committed = None if change is None else commit_change(change_salt, change)
        # Written before it is stored: a form that no record can have is refused here.
        write_body(_body(1, noted, committed))
        number: int = self._connection.execute(
            insert(ActionRow)
            .values(
                at_ms=noted.at,
                actor=noted.actor,
                role=noted.role,
                on_behalf_of=noted.on_behalf_of,
                what=noted.what,
                subject=noted.subject,
                enterprise=noted.usc,
                salt=secrets.token_bytes(SALT_LENGTH),
                change_hash=committed,
                signature=noted.signature,
                chain_reference=noted.chain_reference,
            )
            .returning(ActionRow.number)
        ).scalar_one()
        if change is not None:
            values = {"action": number, "salt": change_salt, "content": change}
            self._connection.execute(insert(ActionChangeRow).values(values))
        self._connection.execute(insert(ActionPendingRow).values(action=number))
        return number

    def listed(
        self, wanted: ActionFilter | None = None, *, after: int = 0, limit: int = 100
    ) -> list[StoredAction]:
        """
        Load actions in the order of their numbers.

        Args:
            wanted: Which.
            after: Number after which to begin.
            limit: How many at most.
        """
        statement = _filtered(_ACTIONS, wanted or ActionFilter())
        statement = statement.where(ActionRow.number > after).order_by(ActionRow.number)
        return [_stored(row._mapping) for row in self._connection.execute(statement.limit(limit))]

    def newest(
        self, wanted: ActionFilter, *, before: int | None = None, limit: int = 100
    ) -> list[StoredAction]:
        """Load the newest actions, the newest first; `before` is the number to go on below."""
        statement = _filtered(_ACTIONS, wanted)
        if before is not None:
            statement = statement.where(ActionRow.number < before)
        statement = statement.order_by(ActionRow.number.desc()).limit(limit)
        return [_stored(row._mapping) for row in self._connection.execute(statement)]

    def waiting(self, limit: int) -> list[StoredAction]:
        """Load actions that are not in the operator's log yet, the oldest first."""
        statement = (
            _ACTIONS.join(ActionPendingRow, ActionPendingRow.action == ActionRow.number)
            .order_by(ActionRow.number)
            .limit(limit)
        )
        return [_stored(row._mapping) for row in self._connection.execute(statement)]

    def placed(self, places: Sequence[tuple[int, LogNumber, int]]) -> None:
        """Note that actions stand in the log: (number, log, admission id); may be repeated."""
        if not places:
            return
        rows = [
            {"action": action, "log_number": log, "admission_id": admission}
            for action, log, admission in places
        ]
        if is_postgresql(self._connection):
            on_postgresql = insert_postgresql(ActionEntryRow).on_conflict_do_nothing()
            self._connection.execute(on_postgresql, rows)
        else:
            on_sqlite = insert_sqlite(ActionEntryRow).on_conflict_do_nothing()
            self._connection.execute(on_sqlite, rows)
        numbers = [action for action, _, _ in places]
        self._connection.execute(
            delete(ActionPendingRow).where(
                is_one_of(self._connection, ActionPendingRow.action, numbers)
            )
        )

    def erase_change(self, number: int) -> bool:
        """Erase what an action changed; its commitment stays. False if there is nothing."""
        erased = self._connection.execute(
            delete(ActionChangeRow).where(ActionChangeRow.action == number)
        )
        return erased.rowcount > 0


_ACTIONS: Final[Select[*tuple[Any, ...]]] = (
    select(
        ActionRow.number,
        ActionRow.at_ms,
        ActionRow.actor,
        ActionRow.role,
        ActionRow.on_behalf_of,
        ActionRow.what,
        ActionRow.subject,
        ActionRow.enterprise,
        ActionRow.salt,
        ActionRow.change_hash,
        ActionRow.signature,
        ActionRow.chain_reference,
        ActionChangeRow.salt.label("change_salt"),
        ActionChangeRow.content,
        ActionEntryRow.log_number,
        ActionEntryRow.admission_id,
    )
    .join(ActionChangeRow, ActionChangeRow.action == ActionRow.number, isouter=True)
    .join(ActionEntryRow, ActionEntryRow.action == ActionRow.number, isouter=True)
)


def _filtered(
    statement: Select[*tuple[Any, ...]], wanted: ActionFilter
) -> Select[*tuple[Any, ...]]:
    equal = (
        (ActionRow.actor, wanted.actor),
        (ActionRow.subject, wanted.subject),
        (ActionRow.what, wanted.what),
        (ActionRow.enterprise, wanted.usc),
    )
    for column, value in equal:
        if value is not None:
            statement = statement.where(column == value)
    if wanted.among is not None:
        statement = statement.where(ActionRow.enterprise.in_(wanted.among))
    if wanted.day is not None:
        begin = _begin_of(wanted.day)
        end = begin + MILLISECONDS_PER_DAY
        statement = statement.where(ActionRow.at_ms >= begin, ActionRow.at_ms < end)
    if wanted.until is not None:
        statement = statement.where(ActionRow.at_ms <= wanted.until)
    if wanted.unseen is not None:
        statement = statement.where(not_(_is_unseen(wanted.unseen)))
    return statement


def _is_unseen(unseen: Unseen) -> ColumnElement[bool]:
    hidden = [ActionRow.what.startswith(each, autoescape=True) for each in unseen.beginnings]
    sealed = and_(
        ActionRow.what.in_(unseen.looks),
        ActionRow.role.in_(unseen.roles),
        ActionRow.subject.in_(unseen.subjects),
    )
    return or_(sealed, *hidden)


def _begin_of(day: date) -> int:
    begin = datetime(day.year, day.month, day.day, tzinfo=REPORTING_ZONE)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return (begin - epoch) // timedelta(seconds=1) * MILLISECONDS_PER_SECOND


def _body(number: int, noted: Noted, change: bytes | None) -> Action:
    return Action(
        number=number,
        at_ms=noted.at,
        actor=noted.actor,
        role=noted.role,
        what=noted.what,
        subject=noted.subject,
        on_behalf_of=noted.on_behalf_of,
        enterprise=noted.usc,
        change=change,
        signature=noted.signature,
        chain_reference=noted.chain_reference,
    )


def _stored(fields: Mapping[Any, Any]) -> StoredAction:
    admission = fields["admission_id"]
    body = Action(
        number=fields["number"],
        at_ms=fields["at_ms"],
        actor=fields["actor"],
        role=fields["role"],
        what=fields["what"],
        subject=fields["subject"],
        on_behalf_of=fields["on_behalf_of"],
        enterprise=fields["enterprise"],
        change=fields["change_hash"],
        signature=fields["signature"],
        chain_reference=fields["chain_reference"],
    )
    return StoredAction(
        body=body,
        salt=fields["salt"],
        change=fields["content"],
        change_salt=fields["change_salt"],
        place=None if admission is None else (LogNumber(fields["log_number"]), admission),
    )
