"""What the operations of the server work with, joined once at start."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from api.access import AccessList
from api.clock import SystemClock
from ledger.database import Database
from ledger.log.tile_cache import TileCache


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one running server."""

    database: Database
    log_host: str
    """Host part of every origin kept here."""
    access: AccessList
    clock: SystemClock
    tile_cache: TileCache


def services_of(request: Request) -> Services:
    """Give the parts of the server that answers this request."""
    services: Services = request.app.state.services
    return services
