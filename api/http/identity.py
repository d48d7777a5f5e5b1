"""
Who sends a request, for operations to depend on.

A caller who shows nothing, or something that does not hold, is nobody: what is public is answered,
and the rest says why it is not.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Request

from api.auth.identifying import Shown
from api.auth.principals import Principal
from api.http.callers import bearer_token, comes_by_socket
from api.services import services_of

_JOINED: Final = ", "
_KNOWN: Final = "principal"


def principal_of(request: Request) -> Principal:
    """Find out who sends a request: once, because what is signed is taken once."""
    known = getattr(request.state, _KNOWN, None)
    if isinstance(known, Principal):
        return known
    found = services_of(request).identifier.identify(shown_by(request))
    setattr(request.state, _KNOWN, found)
    return found


def shown_by(request: Request) -> Shown:
    """Give what of a request says who sends it."""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}{_JOINED}{value}" if name in headers else value
    scope = request.scope
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    target = (raw_path + b"?" + query if query else raw_path).decode("latin-1")
    return Shown(
        method=request.method,
        target=target,
        headers=headers,
        bearer=bearer_token(headers.get("authorization")),
        cookies=request.cookies,
        by_socket=comes_by_socket(request),
    )


Caller = Annotated[Principal, Depends(principal_of)]
