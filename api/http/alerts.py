"""
The inbox of alerts (预警): what the cross-checks raise in the inventories of an authority's area.

How a rule stands is the data's business; what people do is to let an alert rest, give it to
somebody, or open an inspection. All of that is noted, and nothing is ever removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.audit.alert_documents import alert_document, history_document, inspection_document
from api.audit.reach import known_enterprises, note_shown, reach_of
from api.auth.policy import Action
from api.auth.principals import Principal
from api.errors import Forbidden, NotFound
from api.http.audit import Enterprise
from api.http.idempotency import Idempotent, IdempotentRoute
from api.http.lookup import PRIVATE, Caller, Here
from api.http.models import Model
from api.http.paging import Paged
from api.inventories import peers_document
from api.services import Services
from attestation.canonical import MAX_INTEGER, Json
from attestation.instants import Instant
from ledger.alerts import handling
from ledger.alerts.handling import Hand
from ledger.alerts.states import AlertState
from ledger.inventory.peers import look_at_peers
from ledger.inventory.versions import read_version
from ledger.repositories.actions import Noted
from ledger.repositories.alerts import Alert, AlertFilter
from ledger.unit_of_work import UnitOfWork

router = APIRouter(prefix="/v1/audit", tags=["alerts"], route_class=IdempotentRoute)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LINE: Final = r"^[^\x00-\x1f\x7f]+$"
_NATION: Final = 0
"""The area of whoever reaches every enterprise."""
Number = Annotated[int, Path(ge=1, le=MAX_INTEGER, description="Its number.")]


class AlertModel(Model):
    """How one rule stands to one period of a unit."""

    number: int
    rule: str
    enterprise: str
    unit: str
    period: str
    state: AlertState
    since: str
    reason: str
    reason_zh: str
    inventory_id: str | None
    version: int | None
    snoozed_until: str | None
    assignee: str | None
    inspection: int | None
    updated: str


class AlertChangeModel(Model):
    """One change of an alert."""

    at: str
    actor: str
    what: str
    from_: str | None = Field(alias="from")
    to: str | None
    note: str


class AlertDetail(AlertModel):
    """An alert with what was compared, the peers that the caller reaches, and its history."""

    evidence: list[Any]
    peers: dict[str, Any] | None
    history: list[AlertChangeModel]


class AlertPage(Model):
    """Alerts, the newest first."""

    alerts: list[AlertModel]
    next: str | None


class InspectionModel(Model):
    """An inspection (检查)."""

    number: int
    enterprise: str
    inventory_id: str | None
    opened_by: str
    title: str
    opened: str
    closed: str | None
    conclusion: str | None


class InspectionPage(Model):
    """Inspections, the newest first."""

    inspections: list[InspectionModel]
    next: str | None


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: str = Field(default="", max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*$")


class SnoozeRequest(_Request):
    """Until when an alert is to rest."""

    until: datetime = Field(description="RFC 3339, within the next 90 days.")


class AssignmentRequest(_Request):
    """Who is to look after an alert."""

    to: str | None = Field(max_length=100, pattern=_LINE, description="Null: nobody.")


class InspectionRequest(_Request):
    """An inspection to open, or one that is open to join."""

    title: str = Field(default="", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
    inspection: int | None = Field(default=None, ge=1, le=MAX_INTEGER)


class ClosureRequest(_Request):
    """What an inspection came to."""

    conclusion: str = Field(min_length=1, max_length=2000, pattern=_LINE)


@router.get("/alerts", operation_id="listAlerts")
def list_alerts(
    services: Here,
    caller: Caller,
    page: Paged,
    response: Response,
    state: Annotated[list[AlertState] | None, Query(max_length=5)] = None,
    enterprise: Enterprise = None,
    rule: Annotated[str | None, Query(max_length=100, pattern=_LINE)] = None,
    assignee: Annotated[str | None, Query(max_length=100, pattern=_LINE)] = None,
    snoozed: Annotated[bool, Query(description="Also those that rest.")] = False,
) -> AlertPage:
    """List alerts of the caller's area and cases, the newest first."""
    reach = reach_of(services, caller, Action.READ_ALERTS, enterprise)
    now = services.ledger.clock.now()
    wanted = AlertFilter(
        enterprises=reach.codes,
        states=tuple(state or ()),
        rule=rule,
        assignee=assignee,
        awake_at=None if snoozed else now,
    )
    before = None if page.after is None else int(page.after[0])
    with services.ledger.database.reading() as uow:
        rows = uow.alerts.listed(wanted, before=before, limit=page.limit + 1)
    shown = page.cut(rows, response, key=lambda row: (row.number,))
    codes = (each.place.enterprise for each in shown)
    note_shown(services, caller, Action.READ_ALERTS, reach, codes)
    response.headers["cache-control"] = PRIVATE
    return AlertPage(
        alerts=[AlertModel.model_validate(alert_document(each, now)) for each in shown],
        next=page.next,
    )


@router.get("/alerts/{number}", operation_id="getAlert")
def get_alert(number: Number, services: Here, caller: Caller, response: Response) -> AlertDetail:
    """Show an alert with its evidence, its unit among its peers, and its history."""
    alert = _reached_alert(services, caller, Action.READ_ALERTS, number)
    visible = services.reached(caller, Action.READ_INVENTORIES, known_enterprises(services))
    with services.ledger.database.reading() as uow:
        peers = _peers(uow, alert, visible)
    if peers is not None:
        services.shown(caller, Action.READ_INVENTORIES, (each["usc"] for each in peers["peers"]))
    response.headers["cache-control"] = PRIVATE
    return _detail(services, number, peers)


@router.post("/alerts/{number}/snoozes", operation_id="snoozeAlert", status_code=201)
def snooze_alert(
    number: Number, asked: SnoozeRequest, services: Here, caller: Caller, once: Idempotent
) -> AlertDetail:
    """Let an alert rest until a time; how it stands is followed meanwhile."""
    until = _instant(asked.until)
    with _handled(services, caller, number, "alert.snooze", asked.note) as (uow, alert, hand):
        handling.snooze(uow, alert, until, hand)
        once.carried_out(uow)
    return _detail(services, number)


@router.delete("/alerts/{number}/snoozes/current", operation_id="wakeAlert", status_code=204)
def wake_alert(number: Number, services: Here, caller: Caller) -> None:
    """Let an alert rest no longer."""
    with _handled(services, caller, number, "alert.wake", "") as (uow, alert, hand):
        handling.wake(uow, alert, hand)


@router.post("/alerts/{number}/assignments", operation_id="assignAlert", status_code=201)
def assign_alert(
    number: Number, asked: AssignmentRequest, services: Here, caller: Caller, once: Idempotent
) -> AlertDetail:
    """Give an alert into somebody's care, or nobody's."""
    with _handled(services, caller, number, "alert.assign", asked.note) as (uow, alert, hand):
        handling.assign(uow, alert, asked.to, hand)
        once.carried_out(uow)
    return _detail(services, number)


@router.post("/alerts/{number}/inspections", operation_id="inspectAlert", status_code=201)
def inspect_alert(
    number: Number,
    asked: InspectionRequest,
    services: Here,
    caller: Caller,
    response: Response,
    once: Idempotent,
) -> InspectionModel:
    """Open an inspection because of an alert, or make the alert part of one that is open."""
    with _handled(services, caller, number, "alert.inspect", asked.note) as (uow, alert, hand):
        if asked.inspection is not None:
            handling.join(uow, alert, asked.inspection, hand)
            inspection = asked.inspection
        else:
            title = asked.title or f"{alert.rule} {alert.period}"
            inspection = handling.inspect(uow, alert, title, caller.code or "", hand)
        once.carried_out(uow)
    response.headers["location"] = f"/v1/audit/inspections/{inspection}"
    return _inspection(services, inspection)


@router.get("/inspections", operation_id="listInspections")
def list_inspections(
    services: Here, caller: Caller, page: Paged, response: Response, enterprise: Enterprise = None
) -> InspectionPage:
    """List inspections of the caller's area and cases, the newest first."""
    reach = reach_of(services, caller, Action.READ_ALERTS, enterprise)
    before = None if page.after is None else int(page.after[0])
    with services.ledger.database.reading() as uow:
        rows = uow.alerts.inspections(reach.codes, before=before, limit=page.limit + 1)
    shown = page.cut(rows, response, key=lambda row: (row.number,))
    note_shown(services, caller, Action.READ_ALERTS, reach, (each.enterprise for each in shown))
    response.headers["cache-control"] = PRIVATE
    return InspectionPage(
        inspections=[InspectionModel.model_validate(inspection_document(each)) for each in shown],
        next=page.next,
    )


@router.get("/inspections/{number}", operation_id="getInspection")
def get_inspection(
    number: Number, services: Here, caller: Caller, response: Response
) -> InspectionModel:
    """Show an inspection."""
    found = _reached_inspection(services, caller, Action.READ_ALERTS, number)
    response.headers["cache-control"] = PRIVATE
    return found


@router.post("/inspections/{number}/closures", operation_id="closeInspection", status_code=201)
def close_inspection(
    number: Number, asked: ClosureRequest, services: Here, caller: Caller, once: Idempotent
) -> InspectionModel:
    """Close an inspection with its conclusion."""
    found = _reached_inspection(services, caller, Action.HANDLE_ALERTS, number)
    ledger = services.ledger
    hand = Hand(caller.actor, ledger.clock.now(), asked.note)
    with ledger.database.unit_of_work() as uow:
        handling.conclude(uow, number, asked.conclusion, hand)
        after: dict[str, Json] = {"conclusion": asked.conclusion}
        subject = f"inspection {number}"
        uow.actions.note(_noted(caller, hand, "inspection.close", subject, found.enterprise, after))
        once.carried_out(uow)
        # Commit point: the inspection is closed.
        uow.commit()
    return _inspection(services, number)


@contextmanager
def _handled(
    services: Services, caller: Principal, number: int, what: str, note: str
) -> Iterator[tuple[UnitOfWork, Alert, Hand]]:
    """Let the caller do something about an alert, and note what it changed."""
    ledger = services.ledger
    enterprise = _reached_alert(services, caller, Action.HANDLE_ALERTS, number).place.enterprise
    hand = Hand(caller.actor, ledger.clock.now(), note)
    with ledger.database.unit_of_work() as uow:
        before = _alert(uow, number)
        yield uow, before, hand
        changes = _changes(before, _alert(uow, number), hand.at)
        uow.actions.note(
            _noted(caller, hand, what, f"alert {number}", enterprise, changes[1], changes[0])
        )
        # Commit point: what was done, its history, and who did it.
        uow.commit()


def _reached_alert(services: Services, caller: Principal, action: Action, number: int) -> Alert:
    """
    Load an alert that the caller reaches, and note the look at it.

    One that is not theirs is refused as one that is not there: that an enterprise has an alert
    says something of it.
    """
    services.admit(caller, action)
    with services.ledger.database.reading() as uow:
        found = uow.alerts.get(number)
    if found is None or not services.may(caller, action, usc=found.place.enterprise):
        raise _not_reached(caller, f"alert {number}", is_there=found is not None)
    services.authorise(caller, action, usc=found.place.enterprise)
    return found


def _reached_inspection(
    services: Services, caller: Principal, action: Action, number: int
) -> InspectionModel:
    """Load an inspection that the caller reaches, as an alert is."""
    services.admit(caller, action)
    with services.ledger.database.reading() as uow:
        found = uow.alerts.inspection(number)
    if found is None or not services.may(caller, action, usc=found.enterprise):
        raise _not_reached(caller, f"inspection {number}", is_there=found is not None)
    services.authorise(caller, action, usc=found.enterprise)
    return InspectionModel.model_validate(inspection_document(found))


def _not_reached(caller: Principal, what: str, *, is_there: bool) -> Forbidden | NotFound:
    """Say the same of what is not there and of what is others'; who reaches all is told."""
    if not is_there and _NATION in caller.areas:
        return NotFound(f"there is no {what}")
    return Forbidden(f"the {caller.role.value} reaches no {what}")


def _noted(
    caller: Principal,
    hand: Hand,
    what: str,
    subject: str,
    enterprise: str,
    after: dict[str, Json],
    before: dict[str, Json] | None = None,
) -> Noted:
    return Noted(
        actor=caller.actor,
        role=caller.role.value,
        what=what,
        subject=subject,
        at=hand.at,
        on_behalf_of=caller.code,
        usc=enterprise,
        before=before,
        after=after,
    )


def _changes(before: Alert, after: Alert, now: Instant) -> tuple[dict[str, Json], dict[str, Json]]:
    old, new = alert_document(before, now), alert_document(after, now)
    changed = [name for name in new if name != "updated" and old[name] != new[name]]
    return {name: old[name] for name in changed}, {name: new[name] for name in changed}


def _alert(uow: UnitOfWork, number: int) -> Alert:
    alert = uow.alerts.get(number)
    if alert is None:
        raise NotFound(f"there is no alert {number}")
    return alert


def _inspection(services: Services, number: int) -> InspectionModel:
    with services.ledger.database.reading() as uow:
        found = uow.alerts.inspection(number)
    if found is None:
        raise NotFound(f"there is no inspection {number}")
    return InspectionModel.model_validate(inspection_document(found))


def _detail(services: Services, number: int, peers: dict[str, Any] | None = None) -> AlertDetail:
    with services.ledger.database.reading() as uow:
        alert = _alert(uow, number)
        history = uow.alerts.history(number)
    document = alert_document(alert, services.ledger.clock.now())
    return AlertDetail.model_validate(
        document
        | {
            "evidence": list(alert.evidence),
            "peers": peers,
            "history": history_document(history),
        }
    )


def _peers(uow: UnitOfWork, alert: Alert, visible: list[str]) -> dict[str, Any] | None:
    place = alert.place
    if place.inventory_id is None or place.version is None:
        return None
    stored = uow.inventories.version(place.log, place.inventory_id, place.version)
    if stored is None or alert.state is AlertState.ERROR:
        return None
    version = read_version(stored.content)
    return peers_document(version, look_at_peers(uow, uow.logs.get(place.log), version, visible))


def _instant(when: datetime) -> Instant:
    aware = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return Instant(max((aware - _EPOCH) // timedelta(milliseconds=1), 0))
