"""Alerts and inspections as documents."""

from __future__ import annotations

from collections.abc import Sequence

from attestation.canonical import Json
from attestation.instants import Instant, format_instant
from ledger.repositories.alerts import Alert, AlertChange, Inspection


def alert_document(alert: Alert, now: Instant) -> dict[str, Json]:
    """Give an alert as a list shows it: rule, where, how it stands and why."""
    place = alert.place
    return {
        "number": alert.number,
        "rule": alert.rule,
        "enterprise": place.enterprise,
        "unit": place.unit,
        "period": alert.period,
        "state": alert.state.value,
        "since": format_instant(alert.since),
        "reason": alert.english,
        "reason_zh": alert.chinese,
        "inventory_id": _hex(place.inventory_id),
        "version": place.version,
        "snoozed_until": _instant(alert.snoozed_until if alert.is_snoozed(now) else None),
        "assignee": alert.assignee,
        "inspection": alert.inspection,
        "updated": format_instant(alert.updated),
    }


def history_document(history: Sequence[AlertChange]) -> list[Json]:
    """Give everything that happened to an alert."""
    return [
        {
            "at": format_instant(each.at),
            "actor": each.actor,
            "what": each.what,
            "from": each.before,
            "to": each.after,
            "note": each.note,
        }
        for each in history
    ]


def inspection_document(inspection: Inspection) -> dict[str, Json]:
    """Give an inspection."""
    return {
        "number": inspection.number,
        "enterprise": inspection.enterprise,
        "inventory_id": _hex(inspection.inventory_id),
        "opened_by": inspection.opened_by,
        "title": inspection.title,
        "opened": format_instant(inspection.opened),
        "closed": _instant(inspection.closed),
        "conclusion": inspection.conclusion,
    }


def _hex(content: bytes | None) -> str | None:
    return None if content is None else f"0x{content.hex()}"


def _instant(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
