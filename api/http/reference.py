"""
The reference of the operations as a page (`/docs`), made from the schema by the server itself.

No script, nothing from elsewhere: it works in a network without a way out, and behind a wall.
Chinese readers get its words and the problems' titles in Chinese.

Source: W3C Content Security Policy level 3.
"""

from __future__ import annotations

from importlib import resources
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from api.http.reference_page import render
from api.problems import language_of

router = APIRouter(include_in_schema=False)

_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


@router.get("/docs", response_class=Response)
def get_reference(
    request: Request, lang: Annotated[Literal["en", "zh"] | None, Query()] = None
) -> Response:
    """Show every operation: what it takes, what it answers, how it says no."""
    schema: dict[str, Any] = request.app.openapi()
    page = render(schema, lang or language_of(request))
    return Response(page, media_type="text/html; charset=utf-8", headers=_HEADERS)


@router.get("/docs/style.css", response_class=Response)
def get_style() -> Response:
    """Give the page's style."""
    style = resources.files("api.http").joinpath("static/reference.css").read_bytes()
    return Response(style, media_type="text/css; charset=utf-8", headers=_HEADERS)
