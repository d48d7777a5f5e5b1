"""The HTTP server: operations, problems, one log line a request."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from api.bootstrap import Ledger
from api.http import (
    answers,
    devices,
    energy,
    entries,
    events,
    evidence,
    firms,
    health,
    inventories,
    library,
    log_tiles,
    logs,
    proofs,
    submissions,
    verification,
)
from api.http.documentation import DocumentedApp
from api.http.limits import Limits
from api.http.metrics import make_registry
from api.problems import answer_bug, answer_error, answer_invalid, language_of, problem
from api.services import Services, services_of
from attestation.errors import Error

_log = structlog.get_logger(__name__)
_ABOUT: Final = (
    "A verification ledger for industrial carbon data. "
    "Amounts are decimal strings with their unit; instants are RFC 3339 in UTC."
)


_SUBJECTS: Final = (
    health,
    log_tiles,
    logs,
    proofs,
    entries,
    devices,
    energy,
    submissions,
    answers,
    verification,
    library,
    inventories,
    firms,
    evidence,
    events,
)


def create_app(ledger: Ledger) -> FastAPI:
    """Make the application that shows a ledger; whoever opened the ledger closes it."""
    # The generated documentation pages load scripts from elsewhere; the schema itself does not.
    app = DocumentedApp(
        title="CarbonSeal",
        version="1",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
    )
    limits = Limits(ledger.settings.web, ledger.access)
    app.state.services = Services(ledger, limits)
    app.state.registry = make_registry(ledger)
    for subject in _SUBJECTS:
        app.include_router(subject.router)
    app.add_exception_handler(404, _answer_no_operation)
    app.add_exception_handler(Error, answer_error)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_exception_handler(Exception, answer_bug)
    app.middleware("http")(_limit_request)
    # Added last, it is the outermost: what was not let in is logged too.
    app.middleware("http")(_log_request)
    return app


def _answer_no_operation(request: Request, _error: Exception) -> Response:
    return problem("api.not_found", "there is no such address", language=language_of(request))


async def _limit_request(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    services = services_of(request)
    try:
        services.limits.admit(request, services.ledger.clock.now())
    except Error as error:
        return answer_error(request, error)
    return await call_next(request)


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
