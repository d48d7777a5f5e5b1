"""
Watching: after each stored version of an inventory, how every rule stands to every period.

An alert is raised the first time a rule does not hold or lacks its data, and kept from then on, so
that it can be seen to have come and gone. A rule that a later version no longer asks is normal.
"""

from __future__ import annotations

from typing import Final

from attestation.enums import EventKind
from attestation.errors import Error
from attestation.instants import Instant
from ledger.alerts.states import AlertState, Judged, judge
from ledger.inventory.versions import read_version
from ledger.notices.telling import tell_firing
from ledger.repositories.alerts import Alert, AlertChange, AlertPlace
from ledger.repositories.events import Event
from ledger.repositories.inventories import StoredVersion
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory

BATCH: Final = 50
"""Events of one transaction: a version has some hundred checks."""
_SOURCE: Final = "alerts"
_RULE: Final = "rule"
_UNREADABLE: Final = "version.readable"


class AlertWatch:
    """
    Follows the versions of inventories.

    Args:
        units: Makes writing units of work.
        readings: Makes reading units of work.
    """

    def __init__(self, units: UnitOfWorkFactory, readings: UnitOfWorkFactory) -> None:
        self._units = units
        self._readings = readings

    def step(self, now: Instant) -> bool:
        """Look at the next versions; True if there may be more at once."""
        with self._readings() as uow:
            (last,) = uow.search.cursor(_SOURCE) or (0,)
            numbers = [log.number for log in uow.logs.all()]
            if not uow.events.after(numbers, last, limit=1, kind=EventKind.INVENTORY_VERSION):
                return False
        with self._units() as uow:
            (last,) = uow.search.cursor(_SOURCE, lock=True) or (0,)
            logs = {log.number: log for log in uow.logs.all()}
            events = uow.events.after(
                list(logs), last, limit=BATCH, kind=EventKind.INVENTORY_VERSION
            )
            for event in events:
                _look(uow, logs[event.log], event, now)
            if events:
                uow.search.move_cursor(_SOURCE, events[-1].id)
            # Commit point: how the rules stand, and the cursor beyond these versions.
            uow.commit()
        return len(events) == BATCH


def _look(uow: UnitOfWork, log: Log, event: Event, now: Instant) -> None:
    name, number = event.body["inventory_id"], event.body["number"]
    if not isinstance(name, str) or not isinstance(number, int):
        return
    stored = uow.inventories.version(log.number, bytes.fromhex(name[2:]), number)
    if stored is not None:
        look_at(uow, log, stored, now)
        tell_firing(uow, stored.inventory_id, now)


def look_at(uow: UnitOfWork, log: Log, stored: StoredVersion, now: Instant) -> None:
    """Say how every rule stands to a version, and note what has changed."""
    place = AlertPlace(log.number, log.usc, stored.unit, stored.inventory_id, stored.number)
    try:
        version = read_version(stored.content)
    except Error as error:
        _apply(uow, place, _unreadable(error), now)
        return
    judged = judge(version.checks, stored.state)
    for each in judged:
        _apply(uow, place, each, now)
    asked = {(each.rule, each.period) for each in judged}
    for alert in uow.alerts.of_unit(log.number, stored.unit):
        is_of_this = alert.place.inventory_id == stored.inventory_id
        if is_of_this and (alert.rule, alert.period) not in asked:
            _apply(uow, place, _no_longer_asked(alert), now)


def _apply(uow: UnitOfWork, place: AlertPlace, judged: Judged, now: Instant) -> None:
    alert = uow.alerts.find(place, judged.rule, judged.period)
    if alert is None:
        if judged.state is AlertState.NORMAL:
            return
        number = uow.alerts.add(place, judged, at=now)
        uow.alerts.change(number, _change(None, judged, now))
        return
    uow.alerts.judge(alert, place, judged, at=now)
    if alert.state is not judged.state:
        uow.alerts.change(alert.number, _change(alert, judged, now))


def _change(alert: Alert | None, judged: Judged, now: Instant) -> AlertChange:
    before = None if alert is None else alert.state.value
    return AlertChange(now, _RULE, "state", before, judged.state.value, judged.english)


def _unreadable(error: Error) -> Judged:
    return Judged(
        _UNREADABLE,
        "",
        AlertState.ERROR,
        f"the stored version cannot be read: {error.message}",
        f"无法读取已存版本：{error.stable_code}",
        (),
    )


def _no_longer_asked(alert: Alert) -> Judged:
    return Judged(
        alert.rule,
        alert.period,
        AlertState.NORMAL,
        "the newest version does not ask this any more",
        "最新版本不再适用该项核对",
        (),
    )
