"""Who is calling, as far as an operation needs to know."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

_SCHEME = "bearer "


def bearer_token(authorization: Annotated[str | None, Header()] = None) -> str | None:
    """Give the bearer token of the request, or None."""
    if authorization is None or not authorization.lower().startswith(_SCHEME):
        return None
    return authorization[len(_SCHEME) :].strip() or None
