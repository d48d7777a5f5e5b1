"""
Telling parties what concerns them: acts on their inventories, and records that ask for an answer.

Both are followed where they are kept, so nobody has to remember to tell. Who is told is who is
named in the inventory when the act or the record is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attestation.canonical import Json
from attestation.enums import EventKind
from attestation.instants import Instant, from_seconds
from attestation.records import parse_record
from ledger.alerts.states import AlertState
from ledger.repositories.alerts import AlertFilter
from ledger.repositories.chain_inventories import ChainInventory
from ledger.repositories.events import Event
from ledger.repositories.logs import Log
from ledger.repositories.places import Place
from ledger.repositories.standings import OPEN
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory

BATCH: Final = 100
_ACTS: Final = "notices.acts"
_EVENTS: Final = "notices.events"
_TO_ENTERPRISE: Final = frozenset(
    {"finding", "finding-closing", "finding-reopening", "evidence-question", "site-visit"}
)
_TO_VERIFIER: Final = frozenset({"finding-response"})
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


class Teller:
    """
    Follows acts and records, and tells the parties that they concern.

    Args:
        units: Makes writing units of work.
        readings: Makes reading units of work.
    """

    def __init__(self, units: UnitOfWorkFactory, readings: UnitOfWorkFactory) -> None:
        self._units = units
        self._readings = readings

    def step(self) -> bool:
        """Tell of what is new; True if there may be more at once."""
        with self._readings() as uow:
            if not _has_news(uow):
                return False
        with self._units() as uow:
            found = _acts(uow) + _events(uow)
            # Commit point: they are told, and the cursors beyond it.
            uow.commit()
        return found >= BATCH


def tell_firing(uow: UnitOfWork, inventory_id: bytes, now: Instant) -> None:
    """Tell the authorities of an inventory which of its alerts fire."""
    case = uow.chain_inventories.get(inventory_id)
    if case is None:
        return
    firing = uow.alerts.listed(
        AlertFilter(enterprises=(case.usc,), states=(AlertState.FIRING,)), limit=1000
    )
    for alert in firing:
        if alert.place.inventory_id != inventory_id:
            continue
        body: dict[str, Json] = {
            "alert": alert.number,
            "rule": alert.rule,
            "period": alert.period,
            "enterprise": case.usc,
        }
        subject = f"alert {alert.number} since {alert.since}"
        for code in _codes(uow, (case.regulator, case.city_regulator)):
            uow.notices.tell(to=code, kind="alert.firing", subject=subject, body=body, at=now)


def _has_news(uow: UnitOfWork) -> bool:
    block, index = uow.search.cursor(_ACTS) or (-1, -1)
    (last,) = uow.search.cursor(_EVENTS) or (0,)
    numbers = [log.number for log in uow.logs.all()]
    return bool(
        uow.chain_inventories.acts_after(Place(block, index), limit=1)
        or uow.events.after(numbers, last, limit=1)
    )


def _acts(uow: UnitOfWork) -> int:
    block, index = uow.search.cursor(_ACTS, lock=True) or (-1, -1)
    acts = uow.chain_inventories.acts_after(Place(block, index), limit=BATCH)
    for act in acts:
        case = uow.chain_inventories.get(act.inventory_id)
        if case is None:
            continue
        body: dict[str, Json] = {
            "inventory_id": f"0x{act.inventory_id.hex()}",
            "unit": case.unit_code,
            "report_year": case.report_year,
            "version": act.version,
            "transaction": f"0x{act.tx_hash.hex()}",
        }
        kind = f"case.{_WORD.sub('-', act.name).lower()}"
        subject = f"act 0x{act.digest.hex()}"
        for code in _concerned(uow, case):
            uow.notices.tell(
                to=code, kind=kind, subject=subject, body=body, at=from_seconds(act.at_s)
            )
    if acts:
        newest = acts[-1].at
        uow.search.move_cursor(_ACTS, newest.block_number, newest.log_index)
    return len(acts)


def _events(uow: UnitOfWork) -> int:
    (last,) = uow.search.cursor(_EVENTS, lock=True) or (0,)
    logs = {log.number: log for log in uow.logs.all()}
    events = uow.events.after(list(logs), last, limit=BATCH)
    for event in events:
        if event.kind is EventKind.RECORD:
            _tell_record(uow, logs[event.log], event)
    if events:
        uow.search.move_cursor(_EVENTS, events[-1].id)
    return len(events)


def _tell_record(uow: UnitOfWork, log: Log, event: Event) -> None:
    kind, index = event.body.get("type"), event.body.get("index")
    if not isinstance(kind, str) or not isinstance(index, int):
        return
    recipients: Iterable[str] = ()
    if kind in _TO_ENTERPRISE:
        recipients = (log.usc,)
    elif kind in _TO_VERIFIER:
        # Who verified an earlier year has nothing to do with what is answered now.
        cases = uow.chain_inventories.of_enterprise(log.usc)
        recipients = _codes(uow, (each.verifier for each in cases if each.state in OPEN))
    record = None
    for code in recipients:
        record = record or parse_record(uow.entries.get(log.number, index).content)
        body: dict[str, Json] = {"log": log.name, "index": index, "subject": record.subject}
        subject = f"entry {log.name} {index}"
        uow.notices.tell(
            to=code, kind=f"record.{kind}", subject=subject, body=body, at=event.happened_at
        )


def _concerned(uow: UnitOfWork, case: ChainInventory) -> list[str]:
    named = (case.verifier, case.regulator, case.city_regulator)
    return list(dict.fromkeys((case.usc, *_codes(uow, named))))


def _codes(uow: UnitOfWork, parties: Iterable[bytes | None]) -> list[str]:
    found = [uow.parties.by_id(each) for each in parties if each is not None]
    return list(dict.fromkeys(each.code for each in found if each is not None))
