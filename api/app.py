"""The HTTP server: operations, problems, one log line a request."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from api.http import log_tiles
from api.problems import answer_bug, answer_error, answer_invalid
from api.services import Services
from attestation.errors import Error

_log = structlog.get_logger(__name__)
_ABOUT: Final = (
    "A verification ledger for industrial carbon data. "
    "Amounts are decimal strings with their unit; instants are RFC 3339 in UTC."
)


def create_app(services: Services) -> FastAPI:
    """Make the application from its parts."""
    # The generated documentation pages load scripts from elsewhere; the schema itself does not.
    app = FastAPI(
        title="CarbonSeal",
        version="1",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
    )
    app.state.services = services
    app.include_router(log_tiles.router)
    app.add_exception_handler(Error, answer_error)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_exception_handler(Exception, answer_bug)
    app.middleware("http")(_log_request)
    return app


async def _log_request(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    request_id = uuid.uuid4().hex
    started = time.monotonic_ns()
    response = await call_next(request)
    response.headers["x-request-id"] = request_id
    response.headers["x-content-type-options"] = "nosniff"
    _log.info(
        "request_answered",
        method=request.method,
        path=request.url.path,
        status=response.status_code,
        duration_ms=(time.monotonic_ns() - started) // 1_000_000,
        request_id=request_id,
    )
    return response
