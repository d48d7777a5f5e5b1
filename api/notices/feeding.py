"""
Feeding webhooks: what happens in the logs that a party reaches, and what it is told, as messages.

A message says that something happened and where to look; it is read with the operations for it,
where every look is noted. Whom a party reaches is asked anew each time, when a message is made and
when it is sent; that it is told of another's log is noted like any look.

Source: Standard Webhooks 1.0 (thin payloads); `docs/notices.md`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.auth.authorising import Authoriser
from api.auth.place import Place
from api.auth.policy import Action
from api.auth.principals import Principal, Proof
from api.auth.speakers import role_of
from api.bootstrap import Ledger
from api.events import event_document
from api.notices.concerning import concern_of, note_told, reached_of
from attestation.canonical import Json
from attestation.enums import RepresentativeRole
from attestation.instants import Instant, format_instant
from ledger.repositories.events import Event
from ledger.repositories.logs import Log, LogNumber
from ledger.repositories.notices import Notice
from ledger.repositories.parties import Party
from ledger.repositories.webhooks import Webhook, WebhookCall
from ledger.unit_of_work import UnitOfWork

BATCH: Final = 100
TEST: Final = "webhook.test"
_OF_LOGS: Final = "log."
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
    return _payload(f"{_OF_LOGS}{document['kind']}", event.happened_at, document)


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
        caller = None if party is None else _as_party(uow, party, ledger, webhook, now)
    if not events and not notices:
        return False
    reached = () if caller is None else _reached(ledger, caller, webhook, events, logs)
    heard = [] if caller is None else _heard(ledger, caller, webhook, notices)
    with ledger.database.unit_of_work() as uow:
        for event in events:
            kind = _kind_of(event, logs[event.log])
            if logs[event.log].usc in reached and _wants(webhook, kind):
                payload = event_payload(event, logs[event.log])
                uow.webhooks.call(
                    webhook.number, message=f"evt_{event.id}", kind=kind, payload=payload, at=now
                )
        for notice in heard:
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


def is_still_theirs(ledger: Ledger, webhook: Webhook, call: WebhookCall, now: Instant) -> bool:
    """Say whether a party may still be told what a message says that waits to be sent."""
    with ledger.database.reading() as uow:
        party = uow.parties.by_code(webhook.owner)
        caller = None if party is None else _as_party(uow, party, ledger, webhook, now)
        data = json.loads(call.payload).get("data", {})
        is_event = call.kind.startswith(_OF_LOGS)
        told = _Told(call.kind, {"log": data["log"]} if is_event else data.get("body", {}))
        concern = concern_of(uow, told, host=ledger.settings.log.host)
    if caller is None:
        return False
    authoriser = Authoriser(ledger.database, ledger.clock)
    return bool(reached_of(authoriser, caller, [(told, concern)]))


@dataclass(frozen=True, slots=True)
class _Told:
    """What a message says."""

    kind: str
    body: Mapping[str, Json]


def _as_party(
    uow: UnitOfWork, party: Party, ledger: Ledger, webhook: Webhook, now: Instant
) -> Principal | None:
    """Give what a party reaches at this moment; None where it is none any more."""
    if not party.active:
        return None
    place = Place.of(ledger.settings)
    role, areas = role_of(uow, party, now, oversight=place.oversight)
    return Principal(
        Proof.WEBHOOK,
        role,
        f"webhook of {party.code}",
        asked=f"webhook {webhook.number}",
        party=party,
        right=RepresentativeRole.READ_ONLY,
        areas=areas,
    )


def _reached(
    ledger: Ledger,
    caller: Principal,
    webhook: Webhook,
    events: Sequence[Event],
    logs: dict[LogNumber, Log],
) -> Sequence[str]:
    """Give the enterprises of whose events a party is told, which is noted."""
    wanted = [each for each in events if _wants(webhook, _kind_of(each, logs[each.log]))]
    codes = sorted({logs[each.log].usc for each in wanted})
    authoriser = Authoriser(ledger.database, ledger.clock)
    reached = authoriser.reached(caller, Action.READ_EVENTS, codes)
    authoriser.shown(caller, Action.READ_EVENTS, reached)
    return reached


def _heard(
    ledger: Ledger, caller: Principal, webhook: Webhook, notices: Sequence[Notice]
) -> list[Notice]:
    """Give the notices that a party is told, which is noted."""
    host = ledger.settings.log.host
    with ledger.database.reading() as uow:
        wanted = [
            (each, concern_of(uow, each, host=host))
            for each in notices
            if _wants(webhook, each.kind)
        ]
    authoriser = Authoriser(ledger.database, ledger.clock)
    found = reached_of(authoriser, caller, wanted)
    note_told(authoriser, caller, [concern for _, concern in found])
    return [each for each, _ in found]


def _kind_of(event: Event, log: Log) -> str:
    return f"{_OF_LOGS}{event_document(event, log)['kind']}"


def _wants(webhook: Webhook, kind: str) -> bool:
    if webhook.kinds:
        return kind in webhook.kinds
    return not kind.startswith(_QUIET)


def _payload(kind: str, at: Instant, data: dict[str, Json]) -> bytes:
    content = {"type": kind, "timestamp": format_instant(at), "data": data}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
