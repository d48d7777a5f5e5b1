"""
The log as static resources: checkpoint, hash tiles, entry bundles.

Checkpoints and hash tiles are public; entry bundles need a grant. A full tile never changes and
may be cached for ever; a checkpoint must not be.

Source: C2SP tlog-tiles; FORMATS section 5.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Path, Response

from api.errors import NotFound
from api.http.callers import bearer_token
from api.services import Services, services_of
from attestation.errors import EncodingError
from attestation.tiles import ENTRIES, TileCoordinate, parse_tile_path
from ledger.errors import UnknownLog
from ledger.log.tree import LogTiles
from ledger.repositories.logs import Log
from ledger.repositories.tree import TreeRepository
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork

router = APIRouter(prefix="/log/{usc}", tags=["log"])

IMMUTABLE: Final = "public, max-age=31536000, immutable"
PRIVATE_IMMUTABLE: Final = "private, max-age=31536000, immutable"
ALWAYS_ASK: Final = "no-cache"

Usc = Annotated[str, Path(description="Unified social credit code (统一社会信用代码) of the log.")]
Here = Annotated[Services, Depends(services_of)]


def find_log(uow: UnitOfWork, services: Services, usc: str) -> Log:
    """
    Load the log of an enterprise kept here.

    Raises:
        NotFound: If there is none.
    """
    try:
        return uow.logs.by_origin(f"{services.log_host}/log/{usc}")
    except UnknownLog as error:
        raise NotFound(f"no log of {usc} is kept here") from error


def published(uow: UnitOfWork, log: Log) -> StoredCheckpoint:
    """
    Load the newest checkpoint; nothing beyond it is shown.

    Raises:
        NotFound: If nothing was published yet.
    """
    checkpoint = uow.checkpoints.newest(log.number)
    if checkpoint is None:
        raise NotFound(f"{log.origin} has published no checkpoint yet")
    return checkpoint


@router.get("/checkpoint", response_class=Response, operation_id="getCheckpoint")
def get_checkpoint(
    usc: Usc, services: Here, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Give the newest checkpoint as a C2SP signed note, with the cosignatures it has."""
    with services.database.reading() as uow:
        log = find_log(uow, services, usc)
        newest = published(uow, log)
        cosignatures = uow.checkpoints.cosignatures(log.number, newest.size)
    body = newest.note + "".join(f"{cosignature.line}\n" for cosignature in cosignatures)
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    headers = {"cache-control": ALWAYS_ASK, "etag": tag}
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="text/plain; charset=utf-8", headers=headers)


@router.get("/tile/{path:path}", response_class=Response, operation_id="getTile")
def get_tile(
    usc: Usc,
    path: Annotated[str, Path(description="`<level>/<number>[.p/<width>]` or `entries/…`.")],
    services: Here,
    token: Annotated[str | None, Depends(bearer_token)],
) -> Response:
    """Give a hash tile to anybody, or an entry bundle to whoever holds a grant."""
    coordinate = _coordinate(path)
    is_entries = coordinate.level == ENTRIES
    if is_entries:
        services.access.check(token, usc, services.clock.now())
    with services.database.reading() as uow:
        log = find_log(uow, services, usc)
        size = published(uow, log).size
        tiles = LogTiles(TreeRepository(uow.connection), log.number, cache=services.tile_cache)
        content = tiles.resource(coordinate, size)
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
