"""
Request bodies as bytes, read up to a limit and no further, and not for ever.

What is signed is judged byte by byte, so no framework parses it first; and whoever sends too much
is answered before it is all in memory, whoever sends too slowly before others have to wait for it.
The framework itself reads what it parses to the end, however long: a router whose operations take
such a body has `route_class=BoundedRoute`.

Source: ASGI 3.0, HTTP connection scope (`http.request`, `http.disconnect`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, ClassVar, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.errors import BadRequest, TooSlow
from api.services import services_of
from ledger.errors import TooLarge

LONGEST_BODY: Final = 1 << 20
"""Of what is parsed as JSON; files have limits of their own."""


class BoundedRoute(APIRoute):
    """An operation whose body, where it takes one, is read up to a limit before it is parsed."""

    longest_body: ClassVar[int] = LONGEST_BODY

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the operation."""
        handler = super().get_route_handler()
        if self.body_field is None:
            return handler
        read = body_up_to(self.longest_body)

        async def handle(request: Request) -> Response:
            content = await read(request)
            return await handler(Request(request.scope, giving(content, request)))

        return handle


def giving(content: bytes, request: Request) -> Callable[[], Awaitable[Any]]:
    """Give the body that was read to whoever reads it next."""
    is_given = False

    async def receive() -> Any:
        nonlocal is_given
        if is_given:
            return await request.receive()
        is_given = True
        return {"type": "http.request", "body": content, "more_body": False}

    return receive


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
