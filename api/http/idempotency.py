"""
Requests that are carried out once, however often they are sent (`Idempotency-Key`).

A client that does not know whether its request arrived sends it again under the same key. What was
answered the first time is answered again; another request under the key is refused, and so is one
while the first is under way. A request that failed has done nothing and gives its key back. An
operation notes in its own transaction that it was carried out (`Once.carried_out`), so that not
even a process that dies between the two lets it be done twice. Keys are each caller's own. An
answer that nobody may store (`Cache-Control: no-store`), such as a secret, is not kept.

A router takes part with `route_class=IdempotentRoute`; only its POST operations are concerned.

Source: IETF draft-ietf-httpapi-idempotency-key-header-07.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Final

from fastapi import Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from api.auth.authorising import ALLOWED, Need
from api.auth.policy import Action
from api.auth.principals import Principal
from api.errors import AnswerLost, KeyMissing, KeyReused, RequestUnderWay, Unauthenticated
from api.http.bodies import LONGEST_BODY, body_up_to, giving
from api.http.identity import Caller
from api.services import Services, services_of
from attestation.instants import Instant
from ledger.repositories.requests import Claim, ClaimedRequest, KeptAnswer
from ledger.unit_of_work import UnitOfWork

KEEP_MS: Final = 24 * 3600 * 1000
"""How long an answer is kept: a day's outage does not make a client repeat what it did."""
LEASE_MS: Final = 120 * 1000
"""After this a request under way is taken for dead: longer than a body and its work may take."""
LONGEST_ANSWER: Final = 1 << 20
_LONGEST_KEY: Final = 255
_KEPT_HEADERS: Final = ("content-type", "location", "etag", "cache-control", "link")
_NOT_KEPT: Final = "no-store"
_REPLAYED: Final = "idempotency-replayed"


@dataclass(frozen=True, slots=True)
class Once:
    """A request that holds its key."""

    claim: Claim
    started_at: Instant

    def carried_out(self, uow: UnitOfWork) -> None:
        """
        Note that the request is carried out, in the transaction that does it, before its commit.

        Raises:
            RequestUnderWay: If the request was taken for dead, and another has its key by now.
        """
        if not uow.request_keys.carried_out(self.claim, started_at=self.started_at):
            raise RequestUnderWay("this request took too long, and another has its key")


class Replayed(Exception):
    """The request was answered before."""

    def __init__(self, answer: KeptAnswer) -> None:
        super().__init__()
        self.answer = answer


def claim_key(
    request: Request,
    services: Annotated[Services, Depends(services_of)],
    caller: Caller,
    idempotency_key: Annotated[
        str | None,
        Header(
            max_length=_LONGEST_KEY,
            description="A random name of this request, such as a UUID, the same whenever it is "
            "sent again. Kept for a day.",
        ),
    ] = None,
) -> Once:
    """
    Take the key of a request.

    Raises:
        Unauthenticated: If nobody we know sends it: for them nothing is written down.
        KeyMissing: If it has none.
        KeyReused: If another request has it.
        RequestUnderWay: If the same request is being carried out.
        AnswerLost: If it was carried out and nothing is known of the answer.
        Replayed: If it was answered.
        Forbidden: If it was answered, and the caller may not have the answer any more.
    """
    if caller.is_anonymous:
        raise Unauthenticated(caller.refused or "this is for those who show who they are")
    key = (idempotency_key or "").strip().strip('"')
    if not key or not key.isascii() or not key.isprintable():
        raise KeyMissing("this operation needs a printable Idempotency-Key")
    caller_sha256 = _caller_sha256(caller)
    try:
        once = _take(services, Claim(caller_sha256, key, request.state.request_sha256))
    except Replayed as replayed:
        _require_needs(services, caller, replayed.answer)
        raise
    request.state.once = once
    return once


Idempotent = Annotated[Once, Depends(claim_key)]
"""What an operation takes to note that it was carried out."""


class IdempotentRoute(APIRoute):
    """An operation whose POST requests are carried out once."""

    longest_body: ClassVar[int] = LONGEST_BODY

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if "POST" in (options.get("methods") or ()):
            options["dependencies"] = [*(options.get("dependencies") or ()), Depends(claim_key)]
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the operation: what comes in is hashed, what goes out is kept."""
        handler = super().get_route_handler()
        read = body_up_to(self.longest_body)

        async def handle(request: Request) -> Response:
            if request.method != "POST":
                return await handler(request)
            content = await read(request)
            again = Request(request.scope, giving(content, request))
            again.state.request_sha256 = _request_sha256(request, content)
            return await _carry_out(again, handler)

        return handle


async def _carry_out(
    request: Request, handler: Callable[[Request], Awaitable[Response]]
) -> Response:
    response: Response | None = None
    needs: list[Need] = []
    token = ALLOWED.set(needs)
    try:
        response = await handler(request)
    except Replayed as replayed:
        return _replay(replayed.answer)
    finally:
        ALLOWED.reset(token)
        once: Once | None = getattr(request.state, "once", None)
        if once is not None:
            await run_in_threadpool(_end, services_of(request), once, response, needs)
    return response


def _take(services: Services, claim: Claim) -> Once:
    now = services.ledger.clock.now()
    with services.ledger.database.unit_of_work() as uow:
        uow.request_keys.forget(now)
        if not uow.request_keys.claim(claim, now=now, until=Instant(now + KEEP_MS)):
            found = uow.request_keys.get(claim)
            if found is None:
                raise RequestUnderWay("the same request has just ended")
            _require_dead(found, claim, now)
            if not uow.request_keys.take_over(claim, started_at=found.started_at, now=now):
                raise RequestUnderWay("the same request is being carried out")
        uow.commit()
    return Once(claim, now)


def _require_dead(found: ClaimedRequest, claim: Claim, now: Instant) -> None:
    if found.request_sha256 != claim.request_sha256:
        raise KeyReused("this Idempotency-Key came with another request")
    if found.answer is not None:
        raise Replayed(found.answer)
    if found.is_carried_out:
        raise AnswerLost("the request was carried out, and its answer was not kept")
    if now < found.started_at + LEASE_MS:
        raise RequestUnderWay("the same request is being carried out")


def _require_needs(services: Services, caller: Principal, answer: KeptAnswer) -> None:
    """Ask again for what the caller had to be allowed, so that a lost right is lost at once."""
    for action, usc, case in json.loads(answer.needs):
        inventory_id = None if case is None else bytes.fromhex(case)
        services.authorise(caller, Action(action), usc=usc, inventory_id=inventory_id)


def _written(needs: list[Need]) -> str:
    found = dict.fromkeys(needs)
    return json.dumps(
        [
            [each.action, each.usc, None if each.inventory_id is None else each.inventory_id.hex()]
            for each in found
        ]
    )


def _end(services: Services, once: Once, response: Response | None, needs: list[Need]) -> None:
    """Keep the answer of what was done; give the key back where nothing was."""
    body = None if response is None else getattr(response, "body", None)
    with services.ledger.database.unit_of_work() as uow:
        if response is None or response.status_code >= 400:
            uow.request_keys.release(once.claim, started_at=once.started_at)
        elif isinstance(body, bytes) and _may_be_kept(response, body):
            headers = {
                name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers
            }
            answer = KeptAnswer(response.status_code, json.dumps(headers), body, _written(needs))
            uow.request_keys.answered(once.claim, answer, started_at=once.started_at)
        else:
            uow.request_keys.carried_out(once.claim, started_at=once.started_at)
        uow.commit()


def _may_be_kept(response: Response, body: bytes) -> bool:
    """Say whether an answer may lie in the database; what is shown once, a secret, may not."""
    is_secret = _NOT_KEPT in response.headers.get("cache-control", "")
    return not is_secret and len(body) <= LONGEST_ANSWER


def _replay(answer: KeptAnswer) -> Response:
    headers = {**json.loads(answer.headers), _REPLAYED: "true"}
    return Response(answer.body, status_code=answer.status, headers=headers)


def _caller_sha256(caller: Principal) -> bytes:
    """Hash what tells callers apart: who they have shown to be, and for whom."""
    parts = [caller.proof.value, caller.name, caller.code or ""]
    return sha256(json.dumps(parts).encode()).digest()


def _request_sha256(request: Request, content: bytes) -> bytes:
    """Hash what makes two requests the same: address, kind of body, body."""
    parts = (
        request.url.path.encode(),
        request.url.query.encode(),
        request.headers.get("content-type", "").encode(),
        content,
    )
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()
