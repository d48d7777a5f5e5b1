"""
Operations that are to end: callers are told since when, until when, and what comes instead.

Such an operation has `deprecated=True` and `dependencies=[superseded(…)]`; it goes on answering as
before until its last day.

Source: RFC 9745 (Deprecation); RFC 8594 (Sunset); RFC 5829 (successor-version).
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from fastapi import Depends, Response


def superseded(*, since_s: int, until_s: int, by: str) -> Any:
    """
    Make the dependency that says in each answer that an operation is to end.

    Args:
        since_s: When it was superseded, in seconds since 1970.
        until_s: When it will be gone.
        by: Address of what comes instead.
    """
    if until_s <= since_s:
        raise ValueError(f"an operation cannot be gone at {until_s}, before {since_s}")
    return Depends(_telling(f"@{since_s}", formatdate(until_s, usegmt=True), by))


def _telling(since: str, until: str, by: str) -> Callable[[Response], None]:
    def tell(response: Response) -> None:
        response.headers["deprecation"] = since
        response.headers["sunset"] = until
        response.headers.append("link", f'<{by}>; rel="successor-version"')

    return tell
