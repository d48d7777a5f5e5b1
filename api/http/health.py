"""Whether the server lives, whether it can work, and how far the work has come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

import structlog
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from api.bootstrap import Ledger
from api.http.lookup import Here
from api.http.models import Alive, Part, Readiness
from attestation.errors import Error
from ledger import migrations

router = APIRouter(tags=["health"])

_log = structlog.get_logger(__name__)
_TEXT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
}
_READINESS: Final[dict[int | str, dict[str, Any]]] = {
    503: {"model": Readiness, "description": "A part could not be checked"}
}


@router.get("/healthz", operation_id="getHealth")
def get_health() -> Alive:
    """Say that the process answers; asks nothing else."""
    return Alive()


@router.get("/readyz", operation_id="getReadiness", responses=_READINESS)
def get_readiness(services: Here, response: Response) -> Readiness:
    """Say of each part whether it can be reached; 503 where one cannot."""
    ledger = services.ledger
    parts = [
        _check("database", lambda: _check_database(ledger)),
        _check("chain", ledger.chain.events.final_block),
    ]
    ready = all(part.outcome == "ok" for part in parts)
    if not ready:
        response.status_code = 503
    return Readiness(ready=ready, parts=parts)


@router.get("/metrics", response_class=Response, operation_id="getMetrics", responses=_TEXT)
def get_metrics(request: Request) -> Response:
    """Give measurements in the text form of Prometheus."""
    registry: CollectorRegistry = request.app.state.registry
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _check(name: Literal["database", "chain"], check: Callable[[], object]) -> Part:
    try:
        check()
    except Error as error:
        _log.warning("part_not_ready", part=name, code=error.stable_code)
        return Part(name=name, outcome="could_not_check", code=error.stable_code)
    return Part(name=name, outcome="ok")


def _check_database(ledger: Ledger) -> None:
    with ledger.database.reading() as uow:
        migrations.require_newest(uow.connection)
