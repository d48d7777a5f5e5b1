"""
Delivering messages to endpoints: signed, again and again until they are taken or given up.

Nothing is held while an endpoint is waited for. A message is sent at least once, each time under
the same id; an endpoint that says it is gone, or takes nothing for three days, is called no more.

Source: Standard Webhooks 1.0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from api.bootstrap import Ledger
from api.errors import BadRequest
from api.notices.feeding import is_still_theirs
from api.notices.outbound import Answer, Resolve, find_target, post
from api.notices.sealing import SealFile, live_secrets, server_key
from api.notices.signatures import Signed, sign_message
from attestation.instants import MILLISECONDS_PER_HOUR, Instant
from ledger.notices.deliveries import next_attempt
from ledger.repositories.webhooks import WebhookCall

_log = structlog.get_logger(__name__)

ROTATION_MS: Final = 24 * MILLISECONDS_PER_HOUR
"""How long the secret before the newest signs too."""
_BATCH: Final = 20
_GONE: Final = 410
_NOT_THEIRS: Final = "this is not the party's to know any more"

Post = Callable[[str, Signed], Answer]


def outward(ledger: Ledger, resolve: Resolve | None = None) -> Post:
    """Give what sends a message to an address, as far as the settings let it go."""
    settings = ledger.settings.webhooks

    def send(url: str, signed: Signed) -> Answer:
        try:
            target = find_target(url, allowed=settings.private_networks, resolve=resolve)
        except BadRequest as error:
            return Answer(None, error.message)
        return post(target, signed.headers, signed.payload, timeout_s=settings.timeout_s)

    return send


def deliver(ledger: Ledger, send: Post) -> bool:
    """Send what is due; True if there may be more at once."""
    with ledger.database.reading() as uow:
        calls = uow.webhooks.due(ledger.clock.now(), limit=_BATCH)
    for call in calls:
        _deliver(ledger, call, send)
    return len(calls) == _BATCH


def _deliver(ledger: Ledger, call: WebhookCall, send: Post) -> None:
    now = ledger.clock.now()
    with ledger.database.reading() as uow:
        webhook = uow.webhooks.get(call.webhook)
        stored = uow.webhooks.secrets(call.webhook, now=now)
    if webhook is None:
        return  # removed meanwhile, with its messages
    if not is_still_theirs(ledger, webhook, call, now):
        with ledger.database.unit_of_work() as uow:
            uow.webhooks.drop(call.number, _NOT_THEIRS, at=now)
            # Commit point: it is not sent, and nobody reads it here.
            uow.commit()
        return
    key = server_key(ledger.settings, ledger.database)
    live = live_secrets(SealFile(ledger.settings).ready(ledger.database), webhook.number, stored)
    signed = sign_message(call.message, call.payload, live=live, key=key, now=now)
    answer = send(webhook.url, signed)
    again = None if answer.is_taken else next_attempt(call.attempts + 1, now)
    with ledger.database.unit_of_work() as uow:
        uow.webhooks.called(
            call, status=answer.status, error=answer.error, again=again, at=ledger.clock.now()
        )
        why = _why_stop(answer, again)
        if why is not None:
            uow.webhooks.set_active(webhook.number, False, why)
            _log.warning("webhook_stopped", webhook=webhook.number, reason=why)
            uow.notices.tell(
                to=webhook.owner,
                kind="webhook.stopped",
                subject=f"webhook {webhook.number} at {now}",
                body={"webhook": webhook.number, "reason": why},
                at=now,
            )
        # Commit point: how the attempt went.
        uow.commit()


def _why_stop(answer: Answer, again: Instant | None) -> str | None:
    if answer.status == _GONE:
        return "the endpoint says that it is gone"
    if not answer.is_taken and again is None:
        return "a message was not taken in three days"
    return None
