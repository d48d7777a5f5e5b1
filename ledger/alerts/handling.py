"""
What people do about alerts: let them rest, give them to somebody, open an inspection.

Nothing of it changes how the rule stands. Each leaves a row of history.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.instants import MILLISECONDS_PER_DAY, Instant, format_instant
from ledger.alerts.errors import AlertRefused
from ledger.repositories.alerts import Alert, AlertChange
from ledger.unit_of_work import UnitOfWork

LONGEST_SNOOZE_MS = 90 * MILLISECONDS_PER_DAY
"""A quarter: what is to rest for longer is decided again."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does something, and when."""

    actor: str
    at: Instant
    note: str = ""


def snooze(uow: UnitOfWork, alert: Alert, until: Instant, hand: Hand) -> None:
    """
    Let an alert rest until a time; its state goes on changing meanwhile.

    Raises:
        AlertRefused: If the time is past, or more than a quarter ahead.
    """
    if not hand.at < until <= hand.at + LONGEST_SNOOZE_MS:
        raise AlertRefused("an alert rests until a time within the next 90 days")
    uow.alerts.snooze(alert.number, until, at=hand.at)
    _note(uow, alert, hand, "snooze", _text(alert.snoozed_until), _text(until))


def wake(uow: UnitOfWork, alert: Alert, hand: Hand) -> None:
    """
    Let an alert rest no longer.

    Raises:
        AlertRefused: If it does not rest.
    """
    if not alert.is_snoozed(hand.at):
        raise AlertRefused("the alert is awake")
    uow.alerts.snooze(alert.number, None, at=hand.at)
    _note(uow, alert, hand, "wake", _text(alert.snoozed_until), None)


def assign(uow: UnitOfWork, alert: Alert, assignee: str | None, hand: Hand) -> None:
    """Give an alert into somebody's care, or nobody's."""
    uow.alerts.assign(alert.number, assignee, at=hand.at)
    _note(uow, alert, hand, "assign", alert.assignee, assignee)


def inspect(uow: UnitOfWork, alert: Alert, title: str, authority: str, hand: Hand) -> int:
    """
    Open an inspection because of an alert, and give its number.

    Raises:
        AlertRefused: If the alert is part of one already.
    """
    if alert.inspection is not None:
        raise AlertRefused(f"the alert is part of inspection {alert.inspection} already")
    number = uow.alerts.open_inspection(alert, by=authority, title=title, at=hand.at)
    _note(uow, alert, hand, "inspect", None, str(number))
    return number


def join(uow: UnitOfWork, alert: Alert, inspection: int, hand: Hand) -> None:
    """
    Make an alert part of an inspection of the same enterprise that is open.

    Raises:
        AlertRefused: If there is no such inspection, or the alert is part of one already.
    """
    found = uow.alerts.inspection(inspection)
    is_fitting = found is not None and found.closed is None
    if found is None or not is_fitting or found.enterprise != alert.place.enterprise:
        raise AlertRefused(f"no inspection {inspection} of this enterprise is open")
    if alert.inspection is not None:
        raise AlertRefused(f"the alert is part of inspection {alert.inspection} already")
    uow.alerts.inspect(alert.number, inspection, at=hand.at)
    _note(uow, alert, hand, "inspect", None, str(inspection))


def conclude(uow: UnitOfWork, inspection: int, conclusion: str, hand: Hand) -> None:
    """
    Close an inspection with its conclusion.

    Raises:
        AlertRefused: If it is not open.
    """
    if not uow.alerts.close_inspection(inspection, conclusion, at=hand.at):
        raise AlertRefused(f"inspection {inspection} is not open")


def _note(
    uow: UnitOfWork, alert: Alert, hand: Hand, what: str, before: str | None, after: str | None
) -> None:
    uow.alerts.change(
        alert.number, AlertChange(hand.at, hand.actor, what, before, after, hand.note)
    )


def _text(at: Instant | None) -> str | None:
    return None if at is None else format_instant(at)
