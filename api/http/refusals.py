"""
Which problems an operation answers, for its entry in the schema.

Most follow from what the operation takes: a token, a key, a page, a body, a place in a path. What
an operation refuses beyond that stands in `refusals.json` by its id; `admission.*` means every code
that begins so. Tests of the contract compare both with what is answered.

Source: OpenAPI 3.1, section 4.8.16 (Responses Object); RFC 9457.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from fastapi.dependencies.models import Dependant

from api.catalogue import catalogue, row_of
from api.errors import (
    AnswerLost,
    BadRequest,
    Busy,
    CursorRefused,
    Forbidden,
    KeyMissing,
    KeyReused,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    RequestUnderWay,
    TooManyRequests,
    TooSlow,
    Unauthenticated,
)
from api.problems import MEDIA_TYPE, TYPE_PREFIX
from attestation.errors import Error
from ledger.errors import StorageUnavailable, TooLarge

SCHEMAS: Final = "#/components/schemas/"
EXAMPLES: Final = "#/components/examples/"
_ALWAYS: Final = (Error.code, TooManyRequests.code, StorageUnavailable.code)
_CALLER: Final = "principal_of"
_OF_CALLS: Final[Mapping[str, tuple[str, ...]]] = {
    _CALLER: (Unauthenticated.code, Forbidden.code, NotFound.code),
    "pass_gate": (Busy.code,),
    "page_of": (CursorRefused.code,),
    "claim_key": (KeyMissing.code, KeyReused.code, RequestUnderWay.code, AnswerLost.code),
    "read": (TooLarge.code, TooSlow.code, BadRequest.code),
}
"""By the name of what an operation depends on."""
_OF_HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "if-match": (PreconditionRequired.code, PreconditionFailed.code),
}


def refusals_of(operation_id: str, dependant: Dependant) -> list[str]:
    """Give every code that an operation may answer, in alphabetical order."""
    codes = set(_stated().get(operation_id, ()))
    if operation_id != "getHealth":
        codes.update(_ALWAYS)
    for each in _all_of(dependant):
        codes.update(_OF_CALLS.get(getattr(each.call, "__name__", ""), ()))
        for header in each.header_params:
            codes.update(_OF_HEADERS.get(header.alias.lower(), ()))
        if each.path_params:
            codes.add(NotFound.code)
        if each.path_params or each.query_params or each.header_params or each.body_params:
            codes.add(BadRequest.code)
        if each.body_params:
            codes.update((TooLarge.code, TooSlow.code))
    return sorted(codes)


def takes_token(dependant: Dependant) -> bool:
    """Say whether an operation asks who calls."""
    return any(getattr(each.call, "__name__", "") == _CALLER for each in _all_of(dependant))


def problem_responses(codes: Iterable[str]) -> dict[str, Any]:
    """Describe the problems of an operation, by status."""
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(row_of(code).status, []).append(code)
    return {str(status): _response(found) for status, found in sorted(by_status.items())}


def problem_example(code: str) -> dict[str, Any]:
    """Give the example of one problem."""
    row = row_of(code)
    return {
        "summary": f"{row.title} ({row.title_zh})",
        "value": {
            "type": TYPE_PREFIX + code,
            "code": code,
            "title": row.title,
            "status": row.status,
            "detail": row.title.lower(),
            "retryable": False,
            "next_step": row.next_step,
        },
    }


def _response(codes: list[str]) -> dict[str, Any]:
    listed = "; ".join(f"`{code}` {row_of(code).title} ({row_of(code).title_zh})" for code in codes)
    return {
        "description": listed,
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": f"{SCHEMAS}Problem"},
                "examples": {code: {"$ref": f"{EXAMPLES}{code}"} for code in codes},
            }
        },
    }


@cache
def _stated() -> dict[str, tuple[str, ...]]:
    """Read what operations refuse beyond what follows from what they take."""
    text = resources.files("api.http").joinpath("refusals.json").read_text(encoding="utf-8")
    return {name: tuple(_expand(codes)) for name, codes in json.loads(text).items()}


def _expand(patterns: Iterable[str]) -> Iterator[str]:
    for pattern in patterns:
        if pattern.endswith("*"):
            yield from (code for code in catalogue() if code.startswith(pattern[:-1]))
        else:
            yield pattern


def _all_of(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for each in dependant.dependencies:
        yield from _all_of(each)
