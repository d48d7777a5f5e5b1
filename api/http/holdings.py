"""
What is kept of an enterprise besides its log, for whoever keeps a copy of it.

With the log's tiles these pieces are all that a recheck needs: versions of inventories,
calculation records, what digests commit to, and the documents that published records name. Each
is named by its hash, so that a copy can be checked without this ledger.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import Field

from api.auth.policy import Action
from api.errors import NotFound
from api.http.limits import gated
from api.http.lookup import PRIVATE, Caller, Here, LogName, find_log, require_access
from api.http.models import Model
from api.services import Services
from attestation.instants import format_instant
from ledger.inventory.document_keys import DocumentKeys
from ledger.inventory.documents import DocumentStore
from ledger.inventory.errors import InventoryUnknown
from ledger.inventory.holdings import HoldingKind, Holdings

router = APIRouter(prefix="/v1/logs/{name}/holdings", tags=["inventories"])

_GATE = Depends(gated(lambda limits: limits.bundles))
HoldingName = Annotated[
    str,
    Path(pattern=r"^[0-9a-f]{64}(-[1-9][0-9]{0,6}-[0-9a-f]{64})?$", description="As listed."),
]


class HoldingModel(Model):
    """One piece, named by what is in it."""

    kind: HoldingKind
    name: str
    kept_at: str


class HoldingList(Model):
    """Every piece that is kept of a log, by kind and name."""

    holdings: list[HoldingModel] = Field(
        description="Of versions `<inventory id>-<number>-<SHA-256>`, of calculations and documents"
        " their SHA-256, of digests the SHA-256 of the entry."
    )


@router.get("", operation_id="listHoldings", dependencies=[_GATE])
def list_all(name: LogName, services: Here, caller: Caller, response: Response) -> HoldingList:
    """List what is kept of an enterprise besides its log, so that a copy can be made of it."""
    require_access(services, caller, name, Action.READ_INVENTORIES)
    response.headers["cache-control"] = PRIVATE
    with services.ledger.database.reading() as uow:
        found = Holdings(uow, find_log(uow, services, name), _documents(services)).listed()
    return HoldingList(
        holdings=[
            HoldingModel(kind=each.kind, name=each.name, kept_at=format_instant(each.kept_at))
            for each in found
        ]
    )


@router.get(
    "/{kind}/{piece}",
    operation_id="getHolding",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
    dependencies=[_GATE],
)
def get_one(
    name: LogName, kind: HoldingKind, piece: HoldingName, services: Here, caller: Caller
) -> Response:
    """Give the bytes of one piece, which are to be checked against its name."""
    is_document = kind is HoldingKind.DOCUMENT
    action = Action.READ_EVIDENCE if is_document else Action.READ_INVENTORIES
    require_access(services, caller, name, action)
    with services.ledger.database.reading() as uow:
        log = find_log(uow, services, name)
        try:
            content = Holdings(uow, log, _documents(services)).load(kind, piece)
        except InventoryUnknown as error:
            raise NotFound(error.message) from error
    return Response(
        content, media_type="application/octet-stream", headers={"cache-control": PRIVATE}
    )


def _documents(services: Services) -> DocumentStore | None:
    settings = services.ledger.settings.documents
    return None if settings is None else DocumentStore(DocumentKeys(settings.keys))
