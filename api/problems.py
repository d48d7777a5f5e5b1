"""
Problem details: the one place that turns errors into HTTP answers.

Each code has a row in `error_catalogue.json`: the status, a title in English and Chinese, and what
to do next. The same catalogue makes `docs/errors.md`, and the command line shows its next steps.

Source: RFC 9457; RFC 9110, section 10.2.3 (Retry-After).
"""

from __future__ import annotations

import json
from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from api.catalogue import row_of
from api.errors import BadRequest, MethodNotAllowed, NotFound
from attestation.errors import Error, Retry
from chain.errors import Reverted, RuleRefused

MEDIA_TYPE: Final = "application/problem+json"
_WAITS: Final = frozenset({409, 429, 503})
_DEFAULT_WAIT_S: Final = 2
"""Where nothing says how long: a worker's step is repeated within it."""
REFUSED: Final = (400, 404, 405, 406, 411, 413, 414, 415, 417, 422, 426, 431)
"""What the framework refuses by itself, or may come to."""
_REFUSALS: Final = {
    404: (NotFound.code, "there is no such address"),
    405: (MethodNotAllowed.code, "there is no such operation at this address"),
}
TYPE_PREFIX: Final = "urn:carbonseal:error:"


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
    return _Problem(body, status_code=row.status, media_type=MEDIA_TYPE, headers=headers)


class _Problem(JSONResponse):
    """A problem; what it quotes of a request may be no text, such as half of a surrogate pair."""

    def render(self, content: Any) -> bytes:
        """Write it, with a question mark for what cannot be written."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


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
        **_named(request),
        **_chain_fault(error),
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
        **_named(request),
    )


def answer_bug(request: Request, _error: Exception) -> JSONResponse:
    """Answer an error nobody thought of, without saying what it was."""
    detail = "something went wrong here"
    return problem("error", detail, language=language_of(request), **_named(request))


def answer_refused(request: Request, error: Exception) -> JSONResponse:
    """Answer what the framework itself refuses: an address, a method, a form it does not read."""
    status = getattr(error, "status_code", 500)
    code, detail = _REFUSALS.get(status, (BadRequest.code, "the request cannot be read"))
    answer = problem(code, detail, language=language_of(request), **_named(request))
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


def _named(request: Request) -> dict[str, Any]:
    """Give the request's id, under which the server's log has it."""
    request_id = getattr(request.state, "request_id", None)
    return {} if request_id is None else {"request_id": request_id}


def _chain_fault(error: Error) -> dict[str, Any]:
    """Give what a contract said, decoded, and the transaction where there is one."""
    reverted = error.reverted if isinstance(error, RuleRefused) else error
    if not isinstance(reverted, Reverted):
        return {}
    fault: dict[str, Any] = {
        "contract_error": {
            "name": reverted.name,
            "arguments": {name: _shown(value) for name, value in reverted.arguments.items()},
        }
    }
    if reverted.transaction_hash is not None:
        fault["transaction"] = "0x" + reverted.transaction_hash.hex()
    return fault


def _shown(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def language_of(request: Request) -> str:
    """Give the language that a request asks problems in."""
    return "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
