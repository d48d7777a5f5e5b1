"""
Feeding webhooks: what happens in the logs that a party reaches, and what it is told, as messages.

A message says that something happened and where to look; it is read with the operations for it,
where every look is noted. Whom a party reaches is asked anew each time.

Source: Standard Webhooks 1.0 (thin payloads); `docs/notices.md`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from api.auth.authorising import Authoriser
from api.auth.place import Place
from api.auth.policy import Action
from api.auth.principals import Principal, Proof
from api.auth.speakers import role_of
from api.bootstrap import Ledger
from api.events import event_document
from attestation.canonical import Json
from attestation.enums import RepresentativeRole
from attestation.instants import Instant, format_instant
from ledger.repositories.events import Event
from ledger.repositories.logs import Log, LogNumber
from ledger.repositories.notices import Notice
from ledger.repositories.parties import Party
from ledger.repositories.webhooks import Webhook
from ledger.unit_of_work import UnitOfWork

BATCH: Final = 100
TEST: Final = "webhook.test"
_QUIET: Final = ("log.checkpoint",)
"""Beginnings of kinds that are sent only where they are asked for by name."""


def feed(ledger: Ledger) -> bool:
    """Make messages of what is new for each endpoint; True if there may be more at once."""
    now = ledger.clock.now()
    with ledger.database.reading() as uow:
        webhooks = uow.webhooks.active()
    busy = False
    for webhook in webhooks:
        busy = _feed(ledger, webhook, now) or busy
    return busy


def event_payload(event: Event, log: Log) -> bytes:
    """Give the message of an event."""
    document = event_document(event, log)
    return _payload(f"log.{document['kind']}", event.happened_at, document)


def notice_payload(notice: Notice) -> bytes:
    """Give the message of a notice."""
    data: dict[str, Json] = {"notice": notice.number, "subject": notice.subject}
    return _payload(notice.kind, notice.at, data | {"body": dict(notice.body)})


def make_test(webhook: Webhook, now: Instant) -> bytes:
    """Give the message by which an endpoint is tried."""
    return _payload(TEST, now, {"webhook": webhook.number})


def _feed(ledger: Ledger, webhook: Webhook, now: Instant) -> bool:
    with ledger.database.reading() as uow:
        logs = {log.number: log for log in uow.logs.all()}
        events = uow.events.after(list(logs), webhook.last_event, limit=BATCH)
        notices = uow.notices.after(webhook.owner, webhook.last_notice, limit=BATCH)
        party = uow.parties.by_code(webhook.owner)
        caller = None if party is None else _as_party(uow, party, ledger, now)
    if not events and not notices:
        return False
    reached = () if caller is None else _reached(ledger, caller, events, logs)
    with ledger.database.unit_of_work() as uow:
        for event in events:
            kind = f"log.{event_document(event, logs[event.log])['kind']}"
            if logs[event.log].usc in reached and _wants(webhook, kind):
                payload = event_payload(event, logs[event.log])
                uow.webhooks.call(
                    webhook.number, message=f"evt_{event.id}", kind=kind, payload=payload, at=now
                )
        for notice in notices if caller is not None else ():
            if _wants(webhook, notice.kind):
                uow.webhooks.call(
                    webhook.number,
                    message=f"ntc_{notice.number}",
                    kind=notice.kind,
                    payload=notice_payload(notice),
                    at=now,
                )
        uow.webhooks.move(
            webhook.number,
            last_event=events[-1].id if events else webhook.last_event,
            last_notice=notices[-1].number if notices else webhook.last_notice,
        )
        # Commit point: what is to be sent, and how far it was looked at.
        uow.commit()
    return BATCH in (len(events), len(notices))


def _as_party(uow: UnitOfWork, party: Party, ledger: Ledger, now: Instant) -> Principal | None:
    """Give what a party reaches at this moment; None where it is none any more."""
    if not party.active:
        return None
    place = Place.of(ledger.settings)
    role, areas = role_of(uow, party, now, oversight=place.oversight)
    return Principal(
        Proof.NOBODY,
        role,
        f"webhook of {party.code}",
        party=party,
        right=RepresentativeRole.READ_ONLY,
        areas=areas,
    )


def _reached(
    ledger: Ledger, caller: Principal, events: Sequence[Event], logs: dict[LogNumber, Log]
) -> Sequence[str]:
    codes = sorted({logs[each.log].usc for each in events})
    authoriser = Authoriser(ledger.database, ledger.clock)
    return authoriser.reached(caller, Action.READ_EVENTS, codes)


def _wants(webhook: Webhook, kind: str) -> bool:
    if webhook.kinds:
        return kind in webhook.kinds
    return not kind.startswith(_QUIET)


def _payload(kind: str, at: Instant, data: dict[str, Json]) -> bytes:
    content = {"type": kind, "timestamp": format_instant(at), "data": data}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
