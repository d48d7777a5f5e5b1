"""
Request bodies as bytes, read up to a limit and no further, and not for ever.

What is signed is judged byte by byte, so no framework parses it first; and whoever sends too much
is answered before it is all in memory, whoever sends too slowly before others have to wait for it.

Source: ASGI 3.0, HTTP connection scope (`http.request`, `http.disconnect`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from fastapi import Request

from api.errors import BadRequest, TooSlow
from api.services import services_of
from ledger.errors import TooLarge


def body_up_to(limit: int) -> Callable[[Request], Awaitable[bytes]]:
    """Make the dependency that reads a body of at most so many bytes."""

    async def read(request: Request) -> bytes:
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise TooLarge(f"a body of more than {limit} bytes")
        seconds = services_of(request).limits.body_s
        content = bytearray()
        try:
            async with asyncio.timeout(seconds):
                async for chunk in _chunks(request):
                    content += chunk
                    if len(content) > limit:
                        raise TooLarge(f"a body of more than {limit} bytes")
        except TimeoutError as error:
            raise TooSlow(f"the body did not come within {seconds} seconds") from error
        return bytes(content)

    return read


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    is_more = True
    while is_more:
        event = await request.receive()
        if event["type"] == "http.disconnect":
            raise BadRequest("the body ended before it was complete")
        yield event.get("body", b"")
        is_more = event.get("more_body", False)


def described_body(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    """
    Describe such a body for the operation's entry in the schema.

    What is signed, or only looked at, does the same however often it comes: `x-repeatable`.
    """
    body = {"required": True, "content": {media_type: {"schema": schema}}}
    return {"requestBody": body, "x-repeatable": True}
