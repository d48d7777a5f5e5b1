"""
Problem details: the one place that turns errors into HTTP answers.

Each code has a row in `error_catalogue.json`: the status, a title in English and Chinese, and what
to do next. The same catalogue makes `docs/errors.md`, and the command line shows its next steps.

Source: RFC 9457; RFC 9110, section 10.2.3 (Retry-After).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from attestation.errors import Error, Retry

MEDIA_TYPE: Final = "application/problem+json"
_WAITS: Final = frozenset({429, 503})
_DEFAULT_WAIT_S: Final = 2
"""Where nothing says how long: a worker's step is repeated within it."""
TYPE_PREFIX: Final = "urn:carbonseal:error:"


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """What is said to people about one code."""

    status: int
    title: str
    title_zh: str
    next_step: str


@cache
def catalogue() -> dict[str, CatalogueRow]:
    """Read the catalogue of codes."""
    text = resources.files("api").joinpath("error_catalogue.json").read_text(encoding="utf-8")
    return {code: CatalogueRow(**row) for code, row in json.loads(text).items()}


def row_of(code: str) -> CatalogueRow:
    """Give the row of a code, or that of an error nobody thought of."""
    return catalogue().get(code) or catalogue()["error"]


def problem(
    code: str,
    detail: str,
    *,
    language: str = "en",
    retryable: bool = False,
    retry_after_s: int | None = None,
    **more: Any,
) -> JSONResponse:
    """Make the answer for one error; one that passes says when to come back."""
    row = row_of(code)
    headers: dict[str, str] = {}
    if retryable and row.status in _WAITS:
        more["retry_after_s"] = retry_after_s or _DEFAULT_WAIT_S
        headers["retry-after"] = str(more["retry_after_s"])
    body = {
        "type": TYPE_PREFIX + code,
        "code": code,
        "title": row.title_zh if language == "zh" else row.title,
        "status": row.status,
        "detail": detail,
        "retryable": retryable,
        "next_step": row.next_step,
        **more,
    }
    return JSONResponse(body, status_code=row.status, media_type=MEDIA_TYPE, headers=headers)


def answer_error(request: Request, error: Exception) -> JSONResponse:
    """Answer an error of ours."""
    if not isinstance(error, Error):
        return answer_bug(request, error)
    return problem(
        error.stable_code,
        error.message,
        language=language_of(request),
        retryable=error.retry is Retry.LATER,
        retry_after_s=_wait_of(error),
    )


def _wait_of(error: Error) -> int | None:
    seconds = error.context.get("retry_after_s")
    return seconds if isinstance(seconds, int) else None


def answer_invalid(request: Request, error: Exception) -> JSONResponse:
    """Answer a request whose parameters are not what the operation takes."""
    if not isinstance(error, RequestValidationError):
        return answer_bug(request, error)
    faults = [
        {"pointer": "/" + "/".join(str(part) for part in item["loc"]), "detail": item["msg"]}
        for item in error.errors()
    ]
    return problem(
        "api.bad_request",
        "the request does not have the form this operation takes",
        language=language_of(request),
        errors=faults,
    )


def answer_bug(request: Request, _error: Exception) -> JSONResponse:
    """Answer an error nobody thought of, without saying what it was."""
    return problem("error", "something went wrong here", language=language_of(request))


def language_of(request: Request) -> str:
    """Give the language that a request asks problems in."""
    return "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
