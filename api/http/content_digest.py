"""
Bodies that say what they are: `Content-Digest` is compared with what comes.

Who signs a request signs this field and not the body, so a body that is another must not reach an
operation. A field without a digest that we know is refused: nothing would have been compared.

Source: RFC 9530, sections 2 and 5 (sha-256, sha-512); RFC 9421, section 7.2.5.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import Any, Final

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BadRequest
from api.problems import problem

_FIELD: Final = b"content-digest"
_KNOWN: Final = re.compile(r"(?:^|,)\s*(sha-256|sha-512)=:([A-Za-z0-9+/]{1,200}={0,2}):")
_HASHES: Final = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


class ContentDigest:
    """
    Compares bodies with the digests that their requests name.

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body watched."""
        fields = [value for name, value in scope.get("headers", ()) if name.lower() == _FIELD]
        if scope["type"] != "http" or not fields:
            await self._app(scope, receive, send)
            return
        named = digests_in(b", ".join(fields).decode("latin-1"))
        if not named:
            await _refusal("the field has no digest by sha-256 or sha-512")(scope, receive, send)
            return
        hashes = {name: _HASHES[name]() for name in named}

        async def watched() -> Message:
            event = await receive()
            if event["type"] == "http.request":
                for each in hashes.values():
                    each.update(event.get("body", b""))
                if not event.get("more_body", False):
                    _compare(hashes, named)
            return event

        await self._app(scope, watched, send)


def digests_in(field: str) -> dict[str, bytes]:
    """Give the digests of a field that we know, by algorithm; what cannot be read is not there."""
    found = {}
    for name, text in _KNOWN.findall(field):
        try:
            found[name] = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return {}
    return found


def _compare(hashes: dict[str, Any], named: dict[str, bytes]) -> None:
    for name, each in hashes.items():
        if not hmac.compare_digest(each.digest(), named[name]):
            raise BadRequest(
                f"the body is not the one that {name} names", code="api.content_digest"
            )


def _refusal(detail: str) -> JSONResponse:
    return problem("api.content_digest", detail)
