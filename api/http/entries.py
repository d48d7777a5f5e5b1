"""Entries and their evidence, for whoever may read them."""

from __future__ import annotations

from typing import Any, Final, Literal

from fastapi import APIRouter, Depends, Response

from api.auth.policy import Action
from api.http.limits import gated
from api.http.lookup import (
    PRIVATE,
    Caller,
    Here,
    Index,
    LogName,
    find_entry_limit,
    find_log,
    require_access,
)
from api.http.models import EntryModel, base64_of
from attestation.bundle import format_bundle
from attestation.entries import EntryKind
from attestation.merkle import hash_leaf

router = APIRouter(prefix="/v1/logs/{name}/entries/{index}", tags=["entries"])

_KINDS: Final[dict[EntryKind, Literal["message", "digest", "record"]]] = {
    EntryKind.MESSAGE: "message",
    EntryKind.DIGEST: "digest",
    EntryKind.RECORD: "record",
}
_BUNDLE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Evidence bundle, canonical JSON",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@router.get("", operation_id="getEntry")
def get_entry(
    name: LogName, index: Index, services: Here, caller: Caller, response: Response
) -> EntryModel:
    """Give one published entry."""
    require_access(services, caller, name, Action.READ_ENTRIES)
    with services.ledger.database.reading() as uow:
        log = find_log(uow, services, name)
        find_entry_limit(uow, services, log, index)
        entry = uow.entries.get(log.number, index)
    response.headers["cache-control"] = PRIVATE
    return EntryModel(
        index=index,
        kind=_KINDS[entry.kind],
        leaf_hash=hash_leaf(entry.content).hex(),
        content=base64_of(entry.content),
    )


@router.get(
    "/bundle",
    response_class=Response,
    operation_id="getEntryBundle",
    responses=_BUNDLE,
    dependencies=[Depends(gated(lambda limits: limits.bundles))],
)
def get_entry_bundle(name: LogName, index: Index, services: Here, caller: Caller) -> Response:
    """Give everything a stranger needs to verify the message at an index, as a file."""
    require_access(services, caller, name, Action.READ_ENTRIES)
    with services.ledger.database.reading() as uow:
        log = find_log(uow, services, name)
        find_entry_limit(uow, services, log, index)
    bundle = services.ledger.bundler.entry(log, index)
    file_name = f"{log.name}-{index}.carbonseal.json"
    return Response(
        format_bundle(bundle),
        media_type="application/json",
        headers={
            "cache-control": PRIVATE,
            "content-disposition": f'attachment; filename="{file_name}"',
        },
    )
