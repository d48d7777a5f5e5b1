"""
Request bodies as bytes, read up to a limit and no further.

What is signed is judged byte by byte, so no framework parses it first; and whoever sends too much
is answered before it is all in memory.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request

from ledger.errors import TooLarge


def body_up_to(limit: int) -> Callable[[Request], Awaitable[bytes]]:
    """Make the dependency that reads a body of at most so many bytes."""

    async def read(request: Request) -> bytes:
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > limit:
                raise TooLarge(f"a body of more than {limit} bytes")
        return bytes(content)

    return read


def described_body(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Describe such a body for the operation's entry in the schema."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}
