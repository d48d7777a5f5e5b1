"""The HTTP server: operations, problems, one log line a request."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from api.bootstrap import Ledger
from api.depth import restore_depth
from api.http import (
    acts,
    alerts,
    answers,
    assets,
    audit,
    case_talk,
    case_verification,
    case_work,
    cases,
    devices,
    disclosures,
    dossiers,
    draw_page,
    energy,
    entries,
    events,
    evidence,
    firms,
    health,
    holdings,
    inventories,
    library,
    log_tiles,
    logs,
    machine_keys,
    notices,
    proofs,
    providers,
    reads,
    reference,
    reports,
    search,
    sessions,
    sign_page,
    submissions,
    typed_data,
    verification,
    verify_page,
    webhooks,
)
from api.http.content_digest import ContentDigest
from api.http.documentation import VERSION, DocumentedApp
from api.http.limits import Limits
from api.http.metrics import make_registry
from api.problems import REFUSED, answer_bug, answer_error, answer_invalid, answer_refused
from api.services import Services, services_of
from attestation.errors import Error

_log = structlog.get_logger(__name__)
_ABOUT: Final = (
    "A verification ledger for industrial carbon data. "
    "Amounts are decimal strings with their unit; instants are RFC 3339 in UTC."
)
_LINKS: Final = "/d/"


_SUBJECTS: Final = (
    health,
    log_tiles,
    logs,
    proofs,
    entries,
    devices,
    energy,
    sessions,
    machine_keys,
    providers,
    reads,
    submissions,
    answers,
    verification,
    case_verification,
    assets,
    verify_page,
    sign_page,
    draw_page,
    disclosures,
    reports,
    library,
    inventories,
    cases,
    case_talk,
    case_work,
    holdings,
    firms,
    evidence,
    events,
    audit,
    search,
    alerts,
    notices,
    webhooks,
    dossiers,
    reference,
    acts,
    typed_data,
)


def create_app(ledger: Ledger, *, address: str | None = None) -> FastAPI:
    """
    Make the application that shows a ledger; whoever opened the ledger closes it.

    Args:
        ledger: What is shown.
        address: Under which it is reached, where the settings do not say it.
    """
    restore_depth()
    app = _operations()
    limits = Limits(ledger.settings.web, ledger.access)
    app.state.services = Services(ledger, limits, address=address)
    app.state.registry = make_registry(ledger)
    for status in REFUSED:
        app.add_exception_handler(status, answer_refused)
    app.add_exception_handler(Error, answer_error)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_exception_handler(Exception, answer_bug)
    app.add_middleware(ContentDigest)
    app.middleware("http")(_limit_request)
    # Added last, it is the outermost: what was not let in is logged too.
    app.middleware("http")(_log_request)
    return app


def describe_operations() -> dict[str, Any]:
    """Give the schema of the operations, which needs no ledger."""
    return _operations().openapi()


def _operations() -> DocumentedApp:
    # The framework's documentation pages load scripts from elsewhere; ours does not.
    app = DocumentedApp(
        title="CarbonSeal",
        version=VERSION,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
    )
    for subject in _SUBJECTS:
        app.include_router(subject.router)
    return app


async def _limit_request(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    services = services_of(request)
    try:
        allowance = services.limits.admit(request, services.ledger.clock.now())
    except Error as error:
        return answer_error(request, error)
    response = await call_next(request)
    response.headers.update(allowance)
    return response


def _shown_path(request: Request) -> str:
    """Give the path of a request, without the token that a disclosure's link has in it."""
    path = request.url.path
    return f"{_LINKS}…" if path.startswith(_LINKS) else path


async def _log_request(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    request_id = uuid.uuid4().hex
    request.state.request_id = request_id
    started = time.monotonic_ns()
    response = await call_next(request)
    response.headers["x-request-id"] = request_id
    response.headers["x-content-type-options"] = "nosniff"
    _log.info(
        "request_answered",
        method=request.method,
        path=_shown_path(request),
        status=response.status_code,
        duration_ms=(time.monotonic_ns() - started) // 1_000_000,
        request_id=request_id,
    )
    return response
