"""
Search for authorities: one box over parties, cases, devices, documents, hashes and transactions.

Who is registered is public; of an enterprise's things only what the caller reaches is found. Each
query is noted in the ledger of actions. Anything can be asked as of a block or of a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.audit.documents import as_of
from api.audit.operator_log import require_operator_log, sign_package
from api.audit.search_documents import item_document, query_document, search_package
from api.auth.policy import Action
from api.auth.principals import Principal
from api.errors import NotFound
from api.http.audit import ZIP, Enterprise, zip_answer
from api.http.bodies import BoundedRoute
from api.http.limits import gated
from api.http.lookup import PRIVATE, Caller, Here
from api.http.models import Model
from api.http.paging import Paged
from api.services import Services
from attestation.canonical import MAX_INTEGER
from attestation.instants import Instant, format_instant
from ledger.repositories.actions import Noted
from ledger.repositories.searching import Item, Search
from ledger.search.kinds import ItemKind
from ledger.search.searching import concerned, search

router = APIRouter(prefix="/v1/audit", tags=["audit"], route_class=BoundedRoute)

EXPORTED: Final = 10_000
"""Items of one package."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_SAVED: Final = 100

Words = Annotated[
    str,
    Query(
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="Name, credit code, serial number, hash, root, transaction, address, words.",
    ),
]
Kinds = Annotated[list[ItemKind] | None, Query(max_length=20, description="Only of these kinds.")]
When = Annotated[datetime | None, Query(description="RFC 3339.")]
Block = Annotated[
    int | None,
    Query(
        ge=0,
        le=MAX_INTEGER,
        description="As of this block: what of logs its anchors cover, and what the chain said.",
    ),
]
QueryName = Annotated[
    str, Path(max_length=60, pattern=r"^[^\x00-\x1f/\x7f]+$", description="Its name.")
]
_Grown = Depends(gated(lambda limits: limits.bundles))


class FoundItem(Model):
    """One thing that was found."""

    kind: ItemKind
    key: str
    title: str
    enterprise: str | None
    log: str | None
    entry_index: int | None
    block_number: int | None
    at: str | None
    link: str | None = Field(description="Where it is read.")
    body: dict[str, Any]


class SearchPage(Model):
    """What was found, the newest first."""

    recognised: str = Field(description="As what kind of name the words were taken.")
    direct: list[FoundItem] = Field(description="What was looked up where it stands.")
    items: list[FoundItem]
    counts: dict[str, int] = Field(description="By kind; on the first page.")
    next: str | None


class SavedSearch(BaseModel):
    """A query as it is kept."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(default="", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
    kinds: list[ItemKind] = Field(default_factory=list, max_length=20)
    enterprise: str | None = Field(default=None, pattern="^[0-9A-Z]{18}$")


class SavedModel(Model):
    """A query that is kept under a name."""

    name: str
    query: dict[str, Any]
    saved_at: str


class SavedList(Model):
    """The caller's own queries."""

    queries: list[SavedModel]


@router.get("/search", operation_id="searchAudit", dependencies=[_Grown])
def search_audit(
    services: Here,
    caller: Caller,
    page: Paged,
    response: Response,
    q: Words = "",
    kind: Kinds = None,
    enterprise: Enterprise = None,
    since: When = None,
    until: When = None,
    as_of_block: Block = None,
) -> SearchPage:
    """Search everything that the caller reaches."""
    asked = _asked(services, caller, q, kind, enterprise, (since, until), as_of_block)
    before = None if page.after is None else int(page.after[0])
    ledger = services.ledger
    with ledger.database.reading() as uow:
        found = search(uow, asked, before=before, limit=page.limit + 1, now=ledger.clock.now())
        logs = {log.number: log for log in uow.logs.all()}
    shown = page.cut(found.items, response, key=lambda item: (item.id,))
    _note(services, caller, asked, (*found.direct, *shown), len(shown))
    response.headers["cache-control"] = PRIVATE
    return SearchPage(
        recognised=found.recognised.kind.value,
        direct=[FoundItem.model_validate(item_document(each, logs)) for each in found.direct],
        items=[FoundItem.model_validate(item_document(each, logs)) for each in shown],
        counts={kind.value: number for kind, number in found.counts.items()},
        next=page.next,
    )


@router.get(
    "/search/package",
    operation_id="exportSearch",
    response_class=Response,
    responses=ZIP,
    dependencies=[_Grown],
)
def export_search(
    services: Here,
    caller: Caller,
    q: Words = "",
    kind: Kinds = None,
    enterprise: Enterprise = None,
    since: When = None,
    until: When = None,
    as_of_block: Block = None,
) -> Response:
    """Export what is found as CSV, XLSX and Parquet, in a package with a signed manifest."""
    asked = _asked(services, caller, q, kind, enterprise, (since, until), as_of_block)
    ledger = services.ledger
    now = ledger.clock.now()
    with ledger.database.reading() as uow:
        operator_log = require_operator_log(uow, ledger.settings)
        found = search(uow, asked, limit=EXPORTED, now=now)
        logs = {log.number: log for log in uow.logs.all()}
        reached = as_of(uow, logs.values())
    items = (*found.direct, *found.items)
    _note(services, caller, asked, items, len(items))
    package = search_package(items, logs, asked, as_of=reached, now=now)
    return zip_answer(sign_package(ledger.keys, operator_log, package), "search.zip")


@router.get("/queries", operation_id="listSavedQueries")
def list_queries(services: Here, caller: Caller, response: Response) -> SavedList:
    """List the caller's saved queries."""
    services.authorise(caller, Action.SEARCH_AUDIT)
    with services.ledger.database.reading() as uow:
        found = uow.search.saved(caller.actor)
    response.headers["cache-control"] = PRIVATE
    return SavedList(
        queries=[
            SavedModel(name=name, query=dict(query), saved_at=format_instant(at))
            for name, (query, at) in found.items()
        ]
    )


@router.put("/queries/{name}", operation_id="saveQuery")
def save_query(name: QueryName, query: SavedSearch, services: Here, caller: Caller) -> SavedModel:
    """Keep a query under a name; one of that name is replaced."""
    services.authorise(caller, Action.SEARCH_AUDIT)
    ledger = services.ledger
    now = ledger.clock.now()
    document = query.model_dump(mode="json")
    with ledger.database.unit_of_work() as uow:
        kept = uow.search.saved(caller.actor)
        if name not in kept and len(kept) >= _MOST_SAVED:
            uow.search.forget(caller.actor, min(kept, key=lambda each: kept[each][1]))
        uow.search.save(caller.actor, name, document, at=now)
        uow.commit()
    return SavedModel(name=name, query=document, saved_at=format_instant(now))


@router.delete("/queries/{name}", operation_id="forgetQuery", status_code=204)
def forget_query(name: QueryName, services: Here, caller: Caller) -> None:
    """Forget a saved query."""
    services.authorise(caller, Action.SEARCH_AUDIT)
    with services.ledger.database.unit_of_work() as uow:
        if not uow.search.forget(caller.actor, name):
            raise NotFound("no query of this name is kept")
        uow.commit()


def _asked(
    services: Services,
    caller: Principal,
    words: str,
    kinds: list[ItemKind] | None,
    enterprise: str | None,
    times: tuple[datetime | None, datetime | None],
    as_of_block: int | None,
) -> Search:
    services.authorise(caller, Action.SEARCH_AUDIT)
    since, until = (None if each is None else _instant(each) for each in times)
    asked = Search(
        words=words,
        kinds=tuple(kinds or ()),
        enterprise=enterprise,
        since=since,
        until=until,
        as_of_block=as_of_block,
    )
    ledger = services.ledger
    with ledger.database.reading() as uow:
        codes = concerned(uow, asked, ledger.clock.now())
    reached = services.reached(caller, Action.READ_INVENTORIES, codes)
    return replace(asked, enterprises=tuple(reached))


def _instant(when: datetime) -> Instant:
    aware = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return Instant(max((aware - _EPOCH) // timedelta(milliseconds=1), 0))


def _note(
    services: Services, caller: Principal, asked: Search, items: Sequence[Item], shown: int
) -> None:
    """Note the query, and whose things it shows."""
    ledger = services.ledger
    with ledger.database.unit_of_work() as uow:
        uow.actions.note(
            Noted(
                actor=caller.actor,
                role=caller.role.value,
                what="audit.search",
                subject="search",
                at=ledger.clock.now(),
                on_behalf_of=caller.code,
                after=query_document(asked) | {"shown": shown},
            )
        )
        # Commit point: who asked is known before anything is shown.
        uow.commit()
    services.shown(caller, Action.READ_INVENTORIES, (each.enterprise for each in items))
