"""
Webhooks of a party: where it wants to be called, and every message that was sent.

A secret is shown once, when it is drawn. Only public places are called, and redirects are not
followed; what the settings allow besides is this place's own choice.

Source: Standard Webhooks 1.0.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from api.auth.policy import Action
from api.auth.principals import Principal
from api.errors import BadRequest, Forbidden, NotFound
from api.http.idempotency import Idempotent, IdempotentRoute
from api.http.lookup import Caller, Here
from api.http.models import Model
from api.http.paging import Paged
from api.notices.delivering import ROTATION_MS
from api.notices.feeding import TEST, make_test
from api.notices.outbound import LONGEST_URL, require_url
from api.notices.sealing import SealFile, place_of, server_key
from api.notices.signatures import format_public_key, format_secret, new_secret
from api.services import Services
from attestation.canonical import MAX_INTEGER, Json
from attestation.instants import Instant, format_instant
from ledger.repositories.actions import Noted
from ledger.repositories.webhooks import Webhook, WebhookCall
from ledger.unit_of_work import UnitOfWork

router = APIRouter(prefix="/v1/webhooks", tags=["notices"], route_class=IdempotentRoute)

NO_STORE: Final = "no-store"
_MOST: Final = 10
"""Endpoints of one party."""
_TEXT: Final = r"^[^\x00-\x1f\x7f]*$"
Number = Annotated[int, Path(ge=1, le=MAX_INTEGER, description="Its number.")]
KindName = Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]


class WebhookRequest(BaseModel):
    """An endpoint to call."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=LONGEST_URL, pattern=r"^https?://[!-~]+$")
    kinds: list[KindName] = Field(
        default_factory=list, max_length=50, description="Empty: all but checkpoints."
    )
    note: str = Field(default="", max_length=200, pattern=_TEXT)


class WebhookModel(Model):
    """An endpoint."""

    number: int
    url: str
    kinds: list[str]
    note: str
    is_active: bool
    reason: str = Field(description="Why it is called no more.")
    created: str
    public_key: str = Field(description="By which each `v1a` signature is checked.")


class WebhookSecretModel(WebhookModel):
    """An endpoint with its new secret, which is shown this once."""

    secret: str = Field(description="By which each `v1` signature is checked.")


class WebhookList(Model):
    """The party's endpoints."""

    webhooks: list[WebhookModel]


class CallModel(Model):
    """One message for an endpoint."""

    number: int
    message: str = Field(description="`webhook-id`, the same at each attempt.")
    kind: str
    payload: str
    state: str
    attempts: int
    next: str | None = Field(description="When it is tried again.")
    status: int | None
    error: str | None
    created: str
    updated: str


class CallPage(Model):
    """Messages, the newest first."""

    calls: list[CallModel]
    next: str | None


@router.get("", operation_id="listWebhooks")
def list_webhooks(services: Here, caller: Caller, response: Response) -> WebhookList:
    """List the endpoints of the caller's party."""
    owner = _owner(services, caller)
    with services.ledger.database.reading() as uow:
        found = uow.webhooks.of(owner)
    response.headers["cache-control"] = NO_STORE
    return WebhookList(webhooks=[_model(services, each) for each in found])


@router.post("", operation_id="addWebhook", status_code=201)
def add_webhook(
    asked: WebhookRequest, services: Here, caller: Caller, response: Response, once: Idempotent
) -> WebhookSecretModel:
    """Add an endpoint; it is told what happens from now on."""
    owner = _owner(services, caller, changing=True)
    ledger = services.ledger
    require_url(asked.url, allowed=ledger.settings.webhooks.private_networks)
    now, secret = ledger.clock.now(), new_secret()
    key = SealFile(ledger.settings).ready(ledger.database)
    with ledger.database.unit_of_work() as uow:
        if len(uow.webhooks.of(owner)) >= _MOST:
            raise BadRequest(f"a party has at most {_MOST} endpoints")
        logs = [log.number for log in uow.logs.all()]
        webhook = Webhook(
            number=0,
            owner=owner,
            url=asked.url,
            kinds=tuple(asked.kinds),
            note=asked.note,
            is_active=True,
            reason="",
            last_event=uow.events.newest_id(logs),
            last_notice=uow.notices.newest(owner),
            created=now,
        )
        number = uow.webhooks.add(webhook)
        uow.webhooks.add_secret(number, key.seal(secret, place_of(number)), at=now)
        after: dict[str, Json] = {"url": asked.url, "kinds": list(asked.kinds)}
        _note(uow, caller, now, "webhook.add", number, after=after)
        once.carried_out(uow)
        # Commit point: it is called from now on.
        uow.commit()
    response.headers["location"] = f"/v1/webhooks/{number}"
    return _with_secret(services, caller, number, secret, response)


@router.get("/{number}", operation_id="getWebhook")
def get_webhook(number: Number, services: Here, caller: Caller, response: Response) -> WebhookModel:
    """Show an endpoint."""
    response.headers["cache-control"] = NO_STORE
    return _model(services, _webhook(services, caller, number))


@router.delete("/{number}", operation_id="removeWebhook", status_code=204)
def remove_webhook(number: Number, services: Here, caller: Caller) -> None:
    """Remove an endpoint with its secrets and everything sent to it."""
    webhook = _webhook(services, caller, number, changing=True)
    ledger = services.ledger
    with ledger.database.unit_of_work() as uow:
        uow.webhooks.remove(number)
        before: dict[str, Json] = {"url": webhook.url}
        _note(uow, caller, ledger.clock.now(), "webhook.remove", number, before=before)
        # Commit point: it is called no more.
        uow.commit()


@router.post("/{number}/secrets", operation_id="rotateWebhookSecret", status_code=201)
def rotate_secret(
    number: Number, services: Here, caller: Caller, response: Response, once: Idempotent
) -> WebhookSecretModel:
    """Draw a new secret; the one before it signs too for a day."""
    _webhook(services, caller, number, changing=True)
    ledger = services.ledger
    now, secret = ledger.clock.now(), new_secret()
    sealed = SealFile(ledger.settings).ready(ledger.database).seal(secret, place_of(number))
    with ledger.database.unit_of_work() as uow:
        uow.webhooks.rotate(number, sealed, until=Instant(now + ROTATION_MS), now=now)
        _note(uow, caller, now, "webhook.rotate", number)
        once.carried_out(uow)
        # Commit point: both sign from now on.
        uow.commit()
    return _with_secret(services, caller, number, secret, response)


@router.post("/{number}/tests", operation_id="testWebhook", status_code=202)
def test_webhook(
    number: Number, services: Here, caller: Caller, response: Response, once: Idempotent
) -> CallModel:
    """Send a message of the kind `webhook.test`; how it went stands with the messages."""
    webhook = _webhook(services, caller, number, changing=True)
    ledger = services.ledger
    now = ledger.clock.now()
    with ledger.database.unit_of_work() as uow:
        call = uow.webhooks.call(
            number,
            message=f"tst_{number}_{now}",
            kind=TEST,
            payload=make_test(webhook, now),
            at=now,
        )
        if call is None:
            raise BadRequest("a test is on its way already")
        once.carried_out(uow)
        # Commit point: it will be sent.
        uow.commit()
    response.headers["location"] = f"/v1/webhooks/{number}/calls"
    return _call(services, call)


@router.post("/{number}/activations", operation_id="activateWebhook", status_code=201)
def activate_webhook(
    number: Number, services: Here, caller: Caller, once: Idempotent
) -> WebhookModel:
    """Call an endpoint again that was called no more; what waits is sent."""
    _webhook(services, caller, number, changing=True)
    ledger = services.ledger
    with ledger.database.unit_of_work() as uow:
        uow.webhooks.set_active(number, True)
        _note(uow, caller, ledger.clock.now(), "webhook.activate", number)
        once.carried_out(uow)
        # Commit point: it is called again.
        uow.commit()
    return _model(services, _webhook(services, caller, number))


@router.get("/{number}/calls", operation_id="listWebhookCalls")
def list_calls(
    number: Number, services: Here, caller: Caller, page: Paged, response: Response
) -> CallPage:
    """List the messages for an endpoint, the newest first."""
    _webhook(services, caller, number)
    before = None if page.after is None else int(page.after[0])
    with services.ledger.database.reading() as uow:
        rows = uow.webhooks.calls(number, before=before, limit=page.limit + 1)
    shown = page.cut(rows, response, key=lambda row: (row.number,))
    response.headers["cache-control"] = NO_STORE
    return CallPage(calls=[_call_model(each) for each in shown], next=page.next)


@router.post("/{number}/calls/{call}/replays", operation_id="replayWebhookCall", status_code=202)
def replay_call(
    number: Number, call: Number, services: Here, caller: Caller, once: Idempotent
) -> CallModel:
    """Send a message again, under the same id."""
    _webhook(services, caller, number, changing=True)
    ledger = services.ledger
    with ledger.database.unit_of_work() as uow:
        found = uow.webhooks.get_call(call)
        if found is None or found.webhook != number:
            raise NotFound(f"there is no message {call} of this endpoint")
        uow.webhooks.replay(call, at=ledger.clock.now())
        once.carried_out(uow)
        # Commit point: it will be sent again.
        uow.commit()
    return _call(services, call)


def _owner(services: Services, caller: Principal, *, changing: bool = False) -> str:
    services.authorise(caller, Action.MANAGE_NOTICES)
    if caller.code is None or (changing and not caller.may_write):
        raise Forbidden("endpoints are a party's, changed by who may do more than read")
    return caller.code


def _webhook(
    services: Services, caller: Principal, number: int, *, changing: bool = False
) -> Webhook:
    owner = _owner(services, caller, changing=changing)
    with services.ledger.database.reading() as uow:
        found = uow.webhooks.get(number)
    if found is None or found.owner != owner:
        raise NotFound(f"your party has no endpoint {number}")
    return found


def _note(
    uow: UnitOfWork,
    caller: Principal,
    now: Instant,
    what: str,
    number: int,
    *,
    before: dict[str, Json] | None = None,
    after: dict[str, Json] | None = None,
) -> None:
    uow.actions.note(
        Noted(
            actor=caller.actor,
            role=caller.role.value,
            what=what,
            subject=f"webhook {number}",
            at=now,
            on_behalf_of=caller.code,
            before=before,
            after=after,
        )
    )


def _model(services: Services, webhook: Webhook) -> WebhookModel:
    return WebhookModel(
        number=webhook.number,
        url=webhook.url,
        kinds=list(webhook.kinds),
        note=webhook.note,
        is_active=webhook.is_active,
        reason=webhook.reason,
        created=format_instant(webhook.created),
        public_key=format_public_key(
            server_key(services.ledger.settings, services.ledger.database)
        ),
    )


def _with_secret(
    services: Services, caller: Principal, number: int, secret: bytes, response: Response
) -> WebhookSecretModel:
    response.headers["cache-control"] = NO_STORE
    shown = _model(services, _webhook(services, caller, number))
    return WebhookSecretModel(**shown.model_dump(), secret=format_secret(secret))


def _call(services: Services, number: int) -> CallModel:
    with services.ledger.database.reading() as uow:
        found = uow.webhooks.get_call(number)
    if found is None:
        raise NotFound(f"there is no message {number}")
    return _call_model(found)


def _call_model(call: WebhookCall) -> CallModel:
    is_waiting = call.state.value == "waiting"
    return CallModel(
        number=call.number,
        message=call.message,
        kind=call.kind,
        payload=call.payload.decode(),
        state=call.state.value,
        attempts=call.attempts,
        next=format_instant(call.next_at) if is_waiting else None,
        status=call.status,
        error=call.error,
        created=format_instant(call.created),
        updated=format_instant(call.updated),
    )
