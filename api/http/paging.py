"""
Long lists in pages: `limit`, an opaque signed `cursor`, and the next page as a `Link`.

A cursor holds the place where a page ended, as the values that the list is ordered by: a page costs
the same at the beginning and at the end, and what is added meanwhile moves nothing. It is signed
with a secret of the server, and holds for the same list with the same filters only, so that nobody
asks with places that were not given out.

Source: RFC 8288 (Link); RFC 2104 (HMAC).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from api.errors import CursorRefused
from api.services import Services, services_of
from ledger.database import Database
from ledger.repositories.requests import SECRET_BYTES

MOST: Final = 1000
USUAL: Final = 100
_SECRET: Final = "cursors"  # noqa: S105 - the secret's name
_TAG_BYTES: Final = 16
_APART: Final = frozenset({"cursor", "limit"})
_LONGEST: Final = 1000

Row = TypeVar("Row")
Place = tuple[int | str, ...]
"""The values that a list is ordered by, of its last row on a page."""


@dataclass(slots=True)
class Page:
    """
    What of a list one request asks for.

    Load `limit + 1` rows after `after`, in the list's order, and let `cut` do the rest.
    """

    limit: int
    after: Place | None
    """Where the page before ended; None at the beginning."""
    _request: Request
    _secret: bytes
    next: str | None = None
    """Cursor of the next page, once `cut`; None where this is the last one."""

    def cut(
        self, rows: Sequence[Row], response: Response, *, key: Callable[[Row], Place]
    ) -> list[Row]:
        """
        Give the rows of this page, and say in `Link` and `next` where the next one is.

        Args:
            rows: Up to `limit + 1` rows; the last one only shows that there are more.
            response: Gets the `Link` header.
            key: Gives what a row is ordered by.
        """
        shown = list(rows[: self.limit])
        if len(rows) > self.limit:
            self.next = _sign(self._secret, _scope(self._request), key(shown[-1]))
            query = [
                (name, value)
                for name, value in self._request.query_params.multi_items()
                if name != "cursor"
            ]
            address = f"{self._request.url.path}?{urlencode([*query, ('cursor', self.next)])}"
            response.headers["link"] = f'<{address}>; rel="next"'
        return shown


def page_of(
    request: Request,
    services: Annotated[Services, Depends(services_of)],
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = USUAL,
    cursor: Annotated[
        str | None,
        Query(max_length=_LONGEST, description="`next` of the page before; opaque."),
    ] = None,
) -> Page:
    """
    Read which page is asked for.

    Raises:
        CursorRefused: If the cursor is not one of this list, with these filters.
    """
    secret = shared_secret(services.ledger.database, _SECRET)
    after = None if cursor is None else _read(secret, _scope(request), cursor)
    return Page(limit, after, request, secret)


Paged = Annotated[Page, Depends(page_of)]
"""What an operation that gives a long list takes."""


def shared_secret(database: Database, name: str) -> bytes:
    """Give a secret of all processes of this server, drawn when it is first asked for."""
    with database.reading() as uow:
        found = uow.secrets.get(name)
    if found is not None:
        return found
    with database.unit_of_work() as uow:
        # Another process may have been quicker; then its secret is the one.
        found = uow.secrets.first(name, secrets.token_bytes(SECRET_BYTES))
        uow.commit()
    return found


def _scope(request: Request) -> bytes:
    """Hash which list it is, with its filters."""
    filters = sorted(
        (name, value) for name, value in request.query_params.multi_items() if name not in _APART
    )
    return sha256(json.dumps([request.url.path, filters]).encode()).digest()


def _sign(secret: bytes, scope: bytes, place: Place) -> str:
    content = json.dumps(place, ensure_ascii=False, separators=(",", ":")).encode()
    return _encode(_tag(secret, scope, content) + content)


def _read(secret: bytes, scope: bytes, cursor: str) -> Place:
    try:
        whole = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError) as error:
        raise CursorRefused("this is not a cursor") from error
    tag, content = whole[:_TAG_BYTES], whole[_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(secret, scope, content)):
        raise CursorRefused("the cursor is not from a page of this list with these filters")
    return tuple(json.loads(content))


def _tag(secret: bytes, scope: bytes, content: bytes) -> bytes:
    return hmac.digest(secret, scope + content, "sha256")[:_TAG_BYTES]


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
