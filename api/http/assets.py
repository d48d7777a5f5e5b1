"""
The files that pages load from here (`/assets/…`): styles and modules, nothing else.

The list is closed. Each name has one content in a release, so that its SHA-256 can be compared.

Source: RFC 9111 (validation); RFC 9110, section 8.8.3 (entity tags).
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Final

from fastapi import APIRouter, Request, Response

from api.errors import NotFound
from api.http.act_forms import acts_module

router = APIRouter(include_in_schema=False)

MADE: Final = {"acts.js": acts_module}
"""Modules that are made here, of the code of this release."""
FILES: Final = (
    *("pages.css", "icon.svg"),
    *("act_words.js", "bytes.js", "keccak.js", "page.js", "secp256k1.js", "sha256.js"),
    *("requests.js", "server.js", "sign.js", "sign_checks.js", "sign_view.js", "sign_words.js"),
    *("draw.js", "draw_inputs.js", "draw_page.js", "draw_words.js", "typed_data.js", "wallet.js"),
)
_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_IMPORT: Final = re.compile(r'^(?:import|\}) .*?from "\./([a-z0-9_]+\.js)";$', re.MULTILINE)


@router.get("/assets/{name}", response_class=Response)
def get_asset(name: str, request: Request) -> Response:
    """Give a style or a module."""
    content = asset(name)
    headers = {
        "cache-control": "no-cache",
        "etag": f'"{sha256(content).hexdigest()}"',
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=_TYPES[name.rpartition(".")[2]], headers=headers)


@cache
def modules_of(name: str) -> tuple[str, ...]:
    """Give a module and every module that it needs, by name, each once."""
    found, waiting = {name}, [name]
    while waiting:
        needed = set(_IMPORT.findall(asset(waiting.pop()).decode())) - found
        found |= needed
        waiting += needed
    return tuple(sorted(found))


@cache
def asset(name: str) -> bytes:
    """
    Give the content of a file that pages load.

    Raises:
        NotFound: If there is no such file.
    """
    if name in MADE:
        return MADE[name]()
    if name not in FILES:
        raise NotFound("pages load no such file")
    return resources.files("api.http").joinpath(f"static/{name}").read_bytes()
