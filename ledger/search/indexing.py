"""
Indexing: following what happens here and on the chain, and keeping what can be found of it.

Each source has a cursor that moves in the transaction of what was found there, so indexing may
stop anywhere and go on. Forgetting everything and indexing from the start gives the same again.
"""

from __future__ import annotations

from typing import Final

from attestation.enums import EventKind
from attestation.instants import Instant
from ledger.log.parties import FOLLOWER
from ledger.repositories.events import Event
from ledger.repositories.logs import Log
from ledger.repositories.places import Place
from ledger.search.items import (
    Indexed,
    act_item,
    case_item,
    digest_item,
    log_item,
    party_item,
    record_item,
    version_item,
)
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory

BATCH: Final = 200
"""Events or acts of one transaction."""
_EVENTS: Final = "events"
_ACTS: Final = "acts"
_PARTIES: Final = "parties"
_LOGS: Final = "logs"
_RECORDS: Final = frozenset({EventKind.RECORD, EventKind.EVIDENCE, EventKind.LAB_REPORT})


class Indexer:
    """
    Keeps the index.

    Args:
        units: Makes writing units of work.
        readings: Makes reading units of work.
        batch: Most events or acts of one transaction.
    """

    def __init__(
        self, units: UnitOfWorkFactory, readings: UnitOfWorkFactory, *, batch: int = BATCH
    ) -> None:
        self._units = units
        self._readings = readings
        self._batch = batch

    def step(self, now: Instant) -> bool:
        """Index what is new; True if there may be more at once."""
        with self._readings() as uow:
            # Looked at first, so that nobody waits for a writer that has nothing to write.
            if not _has_news(uow):
                return False
        with self._units() as uow:
            found = self._events(uow) + self._acts(uow)
            _put_logs(uow)
            _put_parties(uow, now)
            # Commit point: what was found, and the cursors beyond it.
            uow.commit()
        return found >= self._batch

    def rebuild(self, now: Instant) -> None:
        """Forget everything and index it again."""
        with self._units() as uow:
            uow.search.clear(_EVENTS, _ACTS, _PARTIES, _LOGS)
            # Commit point: forgotten; a step begins at the first event.
            uow.commit()
        while self.step(now):
            pass

    def _events(self, uow: UnitOfWork) -> int:
        (last,) = uow.search.cursor(_EVENTS, lock=True) or (0,)
        logs = {log.number: log for log in uow.logs.all()}
        events = uow.events.after(list(logs), last, limit=self._batch)
        for event in events:
            indexed = _item_of(uow, logs[event.log], event)
            if indexed is not None:
                uow.search.put(*indexed)
        if events:
            uow.search.move_cursor(_EVENTS, events[-1].id)
        return len(events)

    def _acts(self, uow: UnitOfWork) -> int:
        block, index = uow.search.cursor(_ACTS, lock=True) or (-1, -1)
        acts = uow.chain_inventories.acts_after(Place(block, index), limit=self._batch)
        for act in acts:
            case = uow.chain_inventories.get(act.inventory_id)
            if case is None:
                continue
            uow.search.put(*act_item(case, act))
            first = uow.chain_inventories.acts(act.inventory_id)[0]
            if first.digest == act.digest:
                uow.search.put(*case_item(case, first))
        if acts:
            newest = acts[-1].at
            uow.search.move_cursor(_ACTS, newest.block_number, newest.log_index)
        return len(acts)


def _has_news(uow: UnitOfWork) -> bool:
    logs = uow.logs.all()
    (last_event,) = uow.search.cursor(_EVENTS) or (0,)
    (last_log,) = uow.search.cursor(_LOGS) or (0,)
    block, index = uow.search.cursor(_ACTS) or (-1, -1)
    return bool(
        any(log.number > last_log for log in logs)
        or uow.search.cursor(_PARTIES) != (_party_block(uow),)
        or uow.events.after([log.number for log in logs], last_event, limit=1)
        or uow.chain_inventories.acts_after(Place(block, index), limit=1)
    )


def _item_of(uow: UnitOfWork, log: Log, event: Event) -> Indexed | None:
    if event.kind in _RECORDS or event.kind is EventKind.DIGEST:
        index = event.body["index"]
        entry = uow.entries.get(log.number, index if isinstance(index, int) else 0)
        if event.kind is EventKind.DIGEST:
            return digest_item(uow, log, entry)
        return record_item(uow, log, entry)
    if event.kind is EventKind.INVENTORY_VERSION:
        return _version_of(uow, log, event)
    return None


def _version_of(uow: UnitOfWork, log: Log, event: Event) -> Indexed | None:
    name, number = event.body["inventory_id"], event.body["number"]
    if not isinstance(name, str) or not isinstance(number, int):
        return None
    stored = uow.inventories.version(log.number, bytes.fromhex(name[2:]), number)
    return None if stored is None else version_item(log, stored)


def _put_logs(uow: UnitOfWork) -> None:
    """Index logs that were opened since; their numbers ascend."""
    (last,) = uow.search.cursor(_LOGS) or (0,)
    new = [log for log in uow.logs.all() if log.number > last]
    for log in new:
        uow.search.put(*log_item(log))
    if new:
        uow.search.move_cursor(_LOGS, max(log.number for log in new))


def _put_parties(uow: UnitOfWork, now: Instant) -> None:
    """Index parties that are new or were changed since the chain was last looked at."""
    block = _party_block(uow)
    if uow.search.cursor(_PARTIES) == (block,):
        return
    for party in uow.parties.all():
        indexed = party_item(party, now)
        if not uow.search.has(indexed[0]):
            uow.search.put(*indexed)
    uow.search.move_cursor(_PARTIES, block)


def _party_block(uow: UnitOfWork) -> int:
    cursor = uow.parties.cursor(FOLLOWER)
    return 0 if cursor is None else cursor[0]
