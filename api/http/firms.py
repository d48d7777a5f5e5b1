"""
Whole enterprises in a year, and their units among peers, for whoever may read them.

The figures of peers are those of enterprises that the caller reaches, and of no other.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field

from api.auth.policy import Action
from api.errors import NotFound
from api.http.inventories import CheckModel, InventoryId, Number
from api.http.lookup import PRIVATE, Caller, Here, LogName, find_log, require_access
from api.http.models import Model
from api.inventories import firm_document, peers_document
from ledger.inventory.firm import firm_of
from ledger.inventory.peers import look_at_peers
from ledger.inventory.versions import read_version

router = APIRouter(prefix="/v1/logs/{name}", tags=["inventories"])


class FirmUnit(Model):
    """The newest final version of a unit."""

    unit: str
    inventory_id: str
    number: int
    sha256: str
    total: str


class FirmModel(Model):
    """An enterprise's units in a year, in whole tonnes; no total where a unit is missing."""

    usc: str
    year: str
    total: str | None
    units: list[FirmUnit]
    missing: list[str] = Field(description="Units that ran and have no final version.")


class PeerModel(Model):
    """A unit of another enterprise that the caller may see."""

    usc: str
    unit: str
    number: int
    sha256: str
    intensity: str


class PeersModel(Model):
    """A unit's emissions per output among those of its peers."""

    usc: str
    unit: str
    period: str
    number: int
    intensity: str | None
    peers: list[PeerModel]
    check: CheckModel


@router.get("/inventories/firm/{year}", operation_id="getFirmTotal")
def get_firm(
    name: LogName,
    year: Annotated[int, Path(ge=1970, le=8999, description="Calendar year of UTC+8.")],
    services: Here,
    caller: Caller,
    response: Response,
) -> FirmModel:
    """Add the final versions of an enterprise's units up; units that are missing are named."""
    require_access(services, caller, name, Action.READ_INVENTORIES)
    response.headers["cache-control"] = PRIVATE
    with services.ledger.database.reading() as uow:
        firm = firm_of(uow, find_log(uow, services, name), year)
    return FirmModel.model_validate(firm_document(firm))


@router.get("/inventories/{inventory_id}/versions/{number}/peers", operation_id="getInventoryPeers")
def get_peers(
    name: LogName,
    inventory_id: InventoryId,
    number: Number,
    services: Here,
    caller: Caller,
    response: Response,
) -> PeersModel:
    """Hold a unit's intensity against its peers at enterprises that the caller reaches."""
    require_access(services, caller, name, Action.READ_INVENTORIES)
    response.headers["cache-control"] = PRIVATE
    with services.ledger.database.reading() as uow:
        log = find_log(uow, services, name)
        codes = sorted({each.usc for each in uow.logs.all()})
        visible = services.reached(caller, Action.READ_INVENTORIES, codes)
        kept = uow.inventories.version(log.number, bytes.fromhex(inventory_id[2:]), number)
        if kept is None:
            raise NotFound(f"no version {number} of inventory {inventory_id} is kept here")
        version = read_version(kept.content)
        found = look_at_peers(uow, log, version, visible)
    shown = PeersModel.model_validate(peers_document(version, found))
    services.shown(caller, Action.READ_INVENTORIES, (each.usc for each in shown.peers))
    return shown
