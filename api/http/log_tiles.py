"""
The log as static resources: checkpoint, hash tiles, entry bundles.

Checkpoints and hash tiles are public; entry bundles are for those who may read them. A full tile
never changes and may be cached for ever; a checkpoint must not be.

Source: C2SP tlog-tiles; FORMATS section 5.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Response

from api.auth.policy import Action
from api.errors import NotFound
from api.http.lookup import (
    ALWAYS_ASK,
    Caller,
    Here,
    LogName,
    find_log,
    find_published,
    require_access,
)
from attestation.errors import EncodingError
from attestation.tiles import ENTRIES, TileCoordinate, parse_tile_path
from ledger.log.tree import LogTiles
from ledger.repositories.tree import TreeRepository

router = APIRouter(prefix="/log/{name}", tags=["log"])

IMMUTABLE: Final = "public, max-age=31536000, immutable"
PRIVATE_IMMUTABLE: Final = "private, max-age=31536000, immutable"

_NOTE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
    304: {"description": "Not changed"},
}
_TILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}
}


@router.get("/checkpoint", response_class=Response, operation_id="getCheckpoint", responses=_NOTE)
def get_checkpoint(
    name: LogName, services: Here, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Give the published checkpoint as a C2SP signed note, with the cosignatures it has."""
    with services.ledger.database.reading() as uow:
        _, body = find_published(uow, services, find_log(uow, services, name))
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    headers = {"cache-control": ALWAYS_ASK, "etag": tag}
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="text/plain; charset=utf-8", headers=headers)


@router.get("/tile/{path:path}", response_class=Response, operation_id="getTile", responses=_TILE)
def get_tile(
    name: LogName,
    path: Annotated[str, Path(description="`<level>/<number>[.p/<width>]` or `entries/…`.")],
    services: Here,
    caller: Caller,
) -> Response:
    """Give a hash tile to anybody, or an entry bundle to whoever may read it."""
    coordinate = _coordinate(path)
    is_entries = coordinate.level == ENTRIES
    if is_entries:
        require_access(services, caller, name, Action.READ_ENTRIES)
    ledger = services.ledger
    with ledger.database.reading() as uow:
        log = find_log(uow, services, name)
        checkpoint, _ = find_published(uow, services, log)
        tiles = LogTiles(TreeRepository(uow.connection), log.number, cache=ledger.tiles)
        content = tiles.resource(coordinate, checkpoint.size)
    return Response(
        content,
        media_type="application/octet-stream",
        headers={"cache-control": PRIVATE_IMMUTABLE if is_entries else IMMUTABLE},
    )


def _coordinate(path: str) -> TileCoordinate:
    try:
        return parse_tile_path(f"tile/{path}")
    except EncodingError as error:
        raise NotFound(f"no such tile: {path}") from error
