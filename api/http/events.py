"""
What happens in the logs, for whoever may read them: page by page, or as a stream.

A stream (server-sent events) is read from the database once a second, so any process may tell
and any may show. It goes on where `Last-Event-ID` says, shows only logs that the caller reaches
at that moment, says something every fifteen seconds so that proxies keep it open, and ends after an
hour, when the grant is over, and when the server stops; a browser then asks again by itself.

Source: WHATWG HTML, section 9.2 (server-sent events); DESIGN section 9.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from api.auth.policy import Action
from api.auth.principals import Principal
from api.events import KindWord, documents, kind_of
from api.http.limits import gated
from api.http.lookup import PRIVATE, Caller, Here, LogName, find_log, require_access
from api.http.models import Model
from api.services import Services
from attestation.canonical import MAX_INTEGER, Json
from attestation.enums import EventKind
from attestation.errors import Error
from ledger.repositories.logs import Log, LogNumber

router = APIRouter(prefix="/v1", tags=["events"])

LONGEST_S: Final = 3600
_PAGE: Final = 100
_ROUND_S: Final = 1
_HEARTBEAT_S: Final = 15
_RETRY_MS: Final = 3000
_SECOND_NS: Final = 1_000_000_000
_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Server-sent events; `data` of each is an event as a page shows it",
        "content": {"text/event-stream": {}},
    }
}

Kind = Annotated[KindWord | None, Query(description="Only events of this kind.")]
EventId = Annotated[int, Query(ge=0, le=MAX_INTEGER, description="Id of the last event seen.")]


class EventModel(Model):
    """One thing that happened."""

    id: int
    """Ascending over all logs."""
    log: str
    """Name of the log."""
    kind: str
    at: str
    body: dict[str, Any]
    """Ids, hashes, indexes and counts."""


class EventPage(Model):
    """Events in the order of their ids."""

    events: list[EventModel]
    last: int
    """Id to go on after: of the last event here, else the one asked with."""
    is_full: bool
    """Whether there may be more by now."""


@router.get("/logs/{name}/events", operation_id="listEvents")
def list_events(
    name: LogName,
    services: Here,
    caller: Caller,
    response: Response,
    after: EventId = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = _PAGE,
    kind: Kind = None,
) -> EventPage:
    """List what happened in a log after an event."""
    require_access(services, caller, name, Action.READ_EVENTS)
    with services.ledger.database.reading() as uow:
        log = find_log(uow, services, name)
        found = uow.events.after([log.number], after, limit=limit, kind=kind_of(kind))
    response.headers["cache-control"] = PRIVATE
    return EventPage(
        events=[EventModel.model_validate(each) for each in documents(found, [log])],
        last=found[-1].id if found else after,
        is_full=len(found) == limit,
    )


@router.get(
    "/events",
    operation_id="followEvents",
    response_class=StreamingResponse,
    responses=_STREAM,
    dependencies=[Depends(gated(lambda limits: limits.feeds))],
)
def follow_events(
    request: Request,
    services: Here,
    caller: Caller,
    last_event_id: Annotated[int | None, Header(ge=0, le=MAX_INTEGER)] = None,
    after: Annotated[
        int | None,
        Query(
            ge=0,
            le=MAX_INTEGER,
            description="Id of the last event seen; `Last-Event-ID` counts more. Without either, "
            "the stream begins with what happens next.",
        ),
    ] = None,
    kind: Kind = None,
    limit: Annotated[
        int | None, Query(ge=1, le=100_000, description="End after so many events.")
    ] = None,
    until_s: Annotated[
        int, Query(ge=0, le=LONGEST_S, description="End after so many seconds.")
    ] = LONGEST_S,
) -> StreamingResponse:
    """Stream what happens in every log that the caller reaches."""
    seen = after if last_event_id is None else last_event_id
    feed = Feed(services, caller, kind_of(kind))
    return StreamingResponse(
        _stream(request, services, feed, feed.start(seen), _Bounds(limit, until_s)),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


@dataclass(frozen=True, slots=True)
class _Bounds:
    """When a stream ends by itself."""

    limit: int | None
    until_s: int


class Feed:
    """
    The events that one caller reaches.

    Args:
        services: The server's parts.
        caller: Who follows; asked anew each time, so that what is taken back ends the stream.
        kind: Only of this kind.
    """

    def __init__(self, services: Services, caller: Principal, kind: EventKind | None) -> None:
        self._services = services
        self._caller = caller
        self._kind = kind
        self._noted: set[str] = set()

    def start(self, seen: int | None) -> int:
        """
        Give the id after which to begin: the one seen, else the newest there is.

        Raises:
            Unauthenticated: If the caller is nobody.
        """
        _, logs = self._reached()
        if seen is not None:
            return seen
        with self._services.ledger.database.reading() as uow:
            return uow.events.newest_id(list(logs))

    def after(self, last: int, limit: int) -> list[dict[str, Json]]:
        """
        Load the next events.

        Raises:
            Unauthenticated: If the caller is nobody any more.
        """
        caller, logs = self._reached()
        with self._services.ledger.database.reading() as uow:
            numbers = list(logs)
            found = uow.events.after(numbers, last, limit=limit, kind=self._kind)
        new = {logs[each.log].usc for each in found} - self._noted
        self._services.shown(caller, Action.READ_EVENTS, new)
        self._noted |= new
        return documents(found, list(logs.values()))

    def _reached(self) -> tuple[Principal, dict[LogNumber, Log]]:
        """Give the caller as they are now, and the logs that they reach, by number."""
        services = self._services
        caller = services.identifier.renew(self._caller)
        with services.ledger.database.reading() as uow:
            logs = uow.logs.all()
        codes = sorted({log.usc for log in logs})
        reached = set(services.reached(caller, Action.READ_EVENTS, codes))
        return caller, {log.number: log for log in logs if log.usc in reached}


async def _stream(
    request: Request, services: Services, feed: Feed, last: int, bounds: _Bounds
) -> AsyncIterator[str]:
    """Write the stream; it has an id from the beginning, to go on from after a cut."""
    yield f"retry: {_RETRY_MS}\nid: {last}\n\n"
    end = time.monotonic_ns() + bounds.until_s * _SECOND_NS
    spoke = time.monotonic_ns()
    left = bounds.limit
    while not services.closing.is_set():
        # Asked before the events are read: what is there at the end is still shown.
        is_over = time.monotonic_ns() >= end
        wanted = _PAGE if left is None else min(_PAGE, left)
        try:
            found = await run_in_threadpool(feed.after, last, wanted)
        except Error:
            return  # the grant is over, or the database away: whoever asks again is told
        for text in _written(found):
            yield text
        if found:
            last, spoke = _id_of(found[-1]), time.monotonic_ns()
        if left is not None:
            left -= len(found)
        if left == 0:
            return
        if len(found) == wanted:
            continue
        if is_over or await request.is_disconnected():
            return
        if time.monotonic_ns() - spoke >= _HEARTBEAT_S * _SECOND_NS:
            yield ": still here\n\n"
            spoke = time.monotonic_ns()
        await asyncio.sleep(_ROUND_S)


def _written(found: list[dict[str, Json]]) -> Iterator[str]:
    for each in found:
        data = json.dumps(each, ensure_ascii=False, separators=(",", ":"))
        yield f"id: {each['id']}\nevent: {each['kind']}\ndata: {data}\n\n"


def _id_of(document: dict[str, Json]) -> int:
    number = document["id"]
    return number if isinstance(number, int) else 0
