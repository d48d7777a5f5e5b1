"""
What a caller knew when it asked for a change: `ETag`, `If-Match`, `If-None-Match`.

A draft that two people change is not overwritten unseen: whoever changes it names the state it
has read. Tags are strong and say nothing: they are hashes.

Source: RFC 9110, sections 8.8.3, 13.1.1 and 13.1.2; RFC 6585, section 3 (428).
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Annotated, Final

from fastapi import Header, Response

from api.errors import PreconditionFailed, PreconditionRequired

_LENGTH: Final = 32
_ANY: Final = "*"

IfMatch = Annotated[
    str | None,
    Header(max_length=1000, description="`ETag` of the state that is to be changed."),
]
IfNoneMatch = Annotated[
    str | None, Header(max_length=1000, description="`ETag` of what the caller has.")
]


def etag_of(*parts: bytes | str | int | None) -> str:
    """Give the tag of a state by everything that it consists of; quoted, as headers carry it."""
    digest = sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(len(content).to_bytes(8, "big") + content)
    return f'"{digest.hexdigest()[:_LENGTH]}"'


def require_match(if_match: str | None, current: str) -> None:
    """
    Check that a change is asked of the state that there is.

    Args:
        if_match: The header `If-Match`.
        current: Tag of the state, read in the transaction that is to change it.

    Raises:
        PreconditionRequired: If the request does not say which state it means.
        PreconditionFailed: If it means another.
    """
    if if_match is None:
        raise PreconditionRequired("give the ETag of what you have read as If-Match")
    tags = list(_tags(if_match))
    if _ANY not in tags and current not in tags:
        raise PreconditionFailed(f"the state is {current} by now; read it again")


def not_modified(if_none_match: str | None, current: str, headers: dict[str, str]) -> bool:
    """
    Say whether the caller has this state already, so that 304 is the answer.

    Args:
        if_none_match: The header `If-None-Match`.
        current: Tag of the state.
        headers: Of the answer; the tag is put there.
    """
    headers["etag"] = current
    if if_none_match is None:
        return False
    tags = [tag.removeprefix("W/") for tag in _tags(if_none_match)]
    return _ANY in tags or current in tags


def unchanged(headers: dict[str, str]) -> Response:
    """Answer that nothing has changed."""
    return Response(status_code=304, headers=headers)


def _tags(header: str) -> Iterator[str]:
    return (each.strip() for each in header.split(","))
