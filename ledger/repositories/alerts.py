"""Alerts, their history, and the inspections that were opened because of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, insert, or_, select, update

from attestation.canonical import Json
from attestation.instants import Instant
from ledger.alerts.states import AlertState, Judged
from ledger.models import AlertChangeRow, AlertRow, InspectionRow
from ledger.repositories.bulk import is_one_of, table_of
from ledger.repositories.logs import LogNumber


@dataclass(frozen=True, slots=True)
class AlertPlace:
    """Of which unit in which log, and by which version."""

    log: LogNumber
    enterprise: str
    unit: str
    inventory_id: bytes | None
    version: int | None


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule and one period of a unit."""

    number: int
    place: AlertPlace
    rule: str
    period: str
    state: AlertState
    since: Instant
    english: str
    chinese: str
    evidence: tuple[Json, ...]
    snoozed_until: Instant | None
    assignee: str | None
    inspection: int | None
    updated: Instant

    def is_snoozed(self, now: Instant) -> bool:
        """Say whether nobody wants to hear of it at a time."""
        return self.snoozed_until is not None and now < self.snoozed_until


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """Which alerts are asked for; what is absent is not asked."""

    enterprises: tuple[str, ...] | None = None
    states: tuple[AlertState, ...] = ()
    rule: str | None = None
    assignee: str | None = None
    awake_at: Instant | None = None
    """Without those that are snoozed at this time."""


@dataclass(frozen=True, slots=True)
class AlertChange:
    """One change of an alert."""

    at: Instant
    actor: str
    what: str
    before: str | None
    after: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """An inspection."""

    number: int
    enterprise: str
    inventory_id: bytes | None
    opened_by: str
    title: str
    opened: Instant
    closed: Instant | None
    conclusion: str | None


class AlertRepository:
    """Reads and writes `alert`, `alert_change` and `inspection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, place: AlertPlace, rule: str, period: str) -> Alert | None:
        """Load the alert of a rule and a period of a unit; None where it was never raised."""
        return self._one(
            and_(
                AlertRow.log_number == place.log,
                AlertRow.unit == place.unit,
                AlertRow.rule == rule,
                AlertRow.period == period,
            )
        )

    def get(self, number: int) -> Alert | None:
        """Load an alert by its number; None where there is none."""
        return self._one(AlertRow.number == number)

    def of_unit(self, log: LogNumber, unit: str) -> list[Alert]:
        """Load every alert of a unit."""
        statement = (
            select(table_of(AlertRow))
            .where(AlertRow.log_number == log, AlertRow.unit == unit)
            .order_by(AlertRow.number)
        )
        return [_alert(row._mapping) for row in self._connection.execute(statement)]

    def listed(
        self, wanted: AlertFilter, *, before: int | None = None, limit: int = 100
    ) -> list[Alert]:
        """Load alerts, the newest first; `before` is the number to go on below."""
        statement = select(table_of(AlertRow))
        if wanted.enterprises is not None:
            statement = statement.where(
                is_one_of(self._connection, AlertRow.enterprise, wanted.enterprises)
            )
        if wanted.states:
            states = [each.value for each in wanted.states]
            statement = statement.where(is_one_of(self._connection, AlertRow.state, states))
        for column, value in ((AlertRow.rule, wanted.rule), (AlertRow.assignee, wanted.assignee)):
            if value is not None:
                statement = statement.where(column == value)
        if wanted.awake_at is not None:
            awake = AlertRow.snoozed_until_ms <= wanted.awake_at
            statement = statement.where(or_(AlertRow.snoozed_until_ms.is_(None), awake))
        if before is not None:
            statement = statement.where(AlertRow.number < before)
        rows = self._connection.execute(statement.order_by(AlertRow.number.desc()).limit(limit))
        return [_alert(row._mapping) for row in rows]

    def add(self, place: AlertPlace, judged: Judged, *, at: Instant) -> int:
        """Store an alert that is raised for the first time, and give its number."""
        number: int = self._connection.execute(
            insert(AlertRow)
            .values(
                log_number=place.log,
                enterprise=place.enterprise,
                unit=place.unit,
                rule=judged.rule,
                period=judged.period,
                since_ms=at,
                **_judged(place, judged, at),
            )
            .returning(AlertRow.number)
        ).scalar_one()
        return number

    def judge(self, alert: Alert, place: AlertPlace, judged: Judged, *, at: Instant) -> None:
        """Store how an alert stands now."""
        since = alert.since if judged.state is alert.state else at
        self._set(alert.number, since_ms=since, **_judged(place, judged, at))

    def snooze(self, number: int, until: Instant | None, *, at: Instant) -> None:
        """Let an alert rest until a time, or no longer."""
        self._set(number, snoozed_until_ms=until, updated_ms=at)

    def assign(self, number: int, assignee: str | None, *, at: Instant) -> None:
        """Give an alert into somebody's care, or nobody's."""
        self._set(number, assignee=assignee, updated_ms=at)

    def change(self, number: int, change: AlertChange) -> None:
        """Add to an alert's history."""
        self._connection.execute(
            insert(AlertChangeRow).values(
                alert=number,
                at_ms=change.at,
                actor=change.actor,
                what=change.what,
                before=change.before,
                after=change.after,
                note=change.note,
            )
        )

    def history(self, number: int) -> list[AlertChange]:
        """Load the history of an alert in order."""
        statement = (
            select(table_of(AlertChangeRow))
            .where(AlertChangeRow.alert == number)
            .order_by(AlertChangeRow.number)
        )
        return [
            AlertChange(Instant(row.at_ms), row.actor, row.what, row.before, row.after, row.note)
            for row in self._connection.execute(statement)
        ]

    # --- inspections ---------------------------------------------------------------------------

    def open_inspection(self, alert: Alert, *, by: str, title: str, at: Instant) -> int:
        """Open an inspection because of an alert, and give its number."""
        number: int = self._connection.execute(
            insert(InspectionRow)
            .values(
                enterprise=alert.place.enterprise,
                inventory_id=alert.place.inventory_id,
                opened_by=by,
                title=title,
                opened_ms=at,
            )
            .returning(InspectionRow.number)
        ).scalar_one()
        self.inspect(alert.number, number, at=at)
        return number

    def inspect(self, alert: int, inspection: int, *, at: Instant) -> None:
        """Make an alert part of an inspection."""
        self._set(alert, inspection=inspection, updated_ms=at)

    def close_inspection(self, number: int, conclusion: str, *, at: Instant) -> bool:
        """Close an inspection with its conclusion; False if it is not open."""
        closed = self._connection.execute(
            update(InspectionRow)
            .where(InspectionRow.number == number, InspectionRow.closed_ms.is_(None))
            .values(closed_ms=at, conclusion=conclusion)
        )
        return closed.rowcount > 0

    def inspection(self, number: int) -> Inspection | None:
        """Load an inspection; None where there is none."""
        statement = select(table_of(InspectionRow)).where(InspectionRow.number == number)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _inspection(row._mapping)

    def inspections(
        self, enterprises: tuple[str, ...] | None, *, before: int | None = None, limit: int = 100
    ) -> list[Inspection]:
        """Load inspections of some enterprises, the newest first."""
        statement = select(table_of(InspectionRow))
        if enterprises is not None:
            statement = statement.where(
                is_one_of(self._connection, InspectionRow.enterprise, enterprises)
            )
        if before is not None:
            statement = statement.where(InspectionRow.number < before)
        statement = statement.order_by(InspectionRow.number.desc()).limit(limit)
        return [_inspection(row._mapping) for row in self._connection.execute(statement)]

    def _one(self, condition: Any) -> Alert | None:
        row = self._connection.execute(select(table_of(AlertRow)).where(condition)).one_or_none()
        return None if row is None else _alert(row._mapping)

    def _set(self, number: int, **values: object) -> None:
        self._connection.execute(update(AlertRow).where(AlertRow.number == number).values(**values))


def _judged(place: AlertPlace, judged: Judged, at: Instant) -> dict[str, Any]:
    return {
        "state": judged.state.value,
        "english": judged.english,
        "chinese": judged.chinese,
        "evidence": list(judged.evidence),
        "inventory_id": place.inventory_id,
        "version": place.version,
        "updated_ms": at,
    }


def _alert(fields: Mapping[Any, Any]) -> Alert:
    snoozed = fields["snoozed_until_ms"]
    return Alert(
        number=fields["number"],
        place=AlertPlace(
            LogNumber(fields["log_number"]),
            fields["enterprise"],
            fields["unit"],
            fields["inventory_id"],
            fields["version"],
        ),
        rule=fields["rule"],
        period=fields["period"],
        state=AlertState(fields["state"]),
        since=Instant(fields["since_ms"]),
        english=fields["english"],
        chinese=fields["chinese"],
        evidence=tuple(fields["evidence"]),
        snoozed_until=None if snoozed is None else Instant(snoozed),
        assignee=fields["assignee"],
        inspection=fields["inspection"],
        updated=Instant(fields["updated_ms"]),
    )


def _inspection(fields: Mapping[Any, Any]) -> Inspection:
    closed = fields["closed_ms"]
    return Inspection(
        number=fields["number"],
        enterprise=fields["enterprise"],
        inventory_id=fields["inventory_id"],
        opened_by=fields["opened_by"],
        title=fields["title"],
        opened=Instant(fields["opened_ms"]),
        closed=None if closed is None else Instant(closed),
        conclusion=fields["conclusion"],
    )
