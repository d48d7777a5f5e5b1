"""The logs kept here, what each has published and what of it the chain holds."""

from __future__ import annotations

from fastapi import APIRouter

from api.http.lookup import Here, LogName, find_log
from api.http.models import AnchorModel, CheckpointModel, LogList, LogModel
from api.services import Services
from attestation.instants import format_instant
from ledger.errors import WitnessesMissing
from ledger.log.witnessing import published
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

router = APIRouter(prefix="/v1/logs", tags=["logs"])


@router.get("", operation_id="listLogs")
def list_logs(services: Here) -> LogList:
    """List the logs kept here, in the order they were opened."""
    with services.ledger.database.reading() as uow:
        return LogList(logs=[_describe(uow, services, log) for log in uow.logs.all()])


@router.get("/{name}", operation_id="getLog")
def get_log(name: LogName, services: Here) -> LogModel:
    """Describe one log."""
    with services.ledger.database.reading() as uow:
        return _describe(uow, services, find_log(uow, services, name))


def _describe(uow: UnitOfWork, services: Services, log: Log) -> LogModel:
    return LogModel(
        name=log.name,
        usc=log.usc,
        origin=log.origin,
        log_id=log.log_id.hex(),
        vkey=log.vkey,
        state=log.state.name.lower(),
        opened_at=format_instant(log.opened_at),
        checkpoint=_checkpoint(uow, services, log),
        anchor=_anchor(uow, services, log),
    )


def _checkpoint(uow: UnitOfWork, services: Services, log: Log) -> CheckpointModel | None:
    try:
        found, _ = published(uow, log, services.ledger.policy)
    except WitnessesMissing:
        return None
    return CheckpointModel(
        size=found.size, root=found.root.hex(), signed_at=format_instant(found.signed_at)
    )


def _anchor(uow: UnitOfWork, services: Services, log: Log) -> AnchorModel | None:
    found = uow.anchors.newest(log.number)
    if found is None:
        return None
    return AnchorModel(
        size=found.size,
        chain=services.ledger.chain.anchorer.chain_id,
        block_number=found.block_number,
        transaction="0x" + found.tx_hash.hex(),
        final=found.final_at is not None,
    )
