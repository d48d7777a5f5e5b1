"""
Files that a browser sends with a form, read strictly from the body's bytes.

Only what browsers send is read: parts with a name, with a file or without. Nothing is written to
disk, and nothing is decoded but names.

Source: RFC 7578 (multipart/form-data); RFC 2046, section 5.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from api.errors import BadRequest

_TYPE = re.compile(r'multipart/form-data;\s*boundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70})"?\Z')
_NAME = re.compile(rb'form-data;.*\bname="([a-z_]{1,40})"')
_MOST_PARTS: Final = 8
_MOST_HEADER: Final = 2000


def parse_form(content_type: str, body: bytes) -> Mapping[str, bytes]:
    """
    Give the parts of a form by their names.

    Args:
        content_type: Header of the request.
        body: Its bytes.

    Raises:
        BadRequest: If it is no such form, a part has no plain name, or a name stands twice.
    """
    match = _TYPE.match(content_type)
    if match is None:
        raise BadRequest("the body is a form of multipart/form-data")
    mark = b"--" + match[1].encode("ascii")
    if not body.startswith(mark) or body.count(b"\r\n" + mark) > _MOST_PARTS:
        raise BadRequest("the form does not begin with its boundary, or has too many parts")
    found: dict[str, bytes] = {}
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            return found
        name, content = _part(piece)
        if name in found:
            raise BadRequest(f"the form has {name!r} twice")
        found[name] = content
    raise BadRequest("the form does not end")


def _part(piece: bytes) -> tuple[str, bytes]:
    head, blank, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    if not piece.startswith(b"\r\n") or not blank or len(head) > _MOST_HEADER:
        raise BadRequest("a part of the form has another shape")
    for line in head.split(b"\r\n"):
        header, _, value = line.partition(b":")
        if header.strip().lower() == b"content-disposition":
            match = _NAME.search(value)
            if match is not None:
                return match[1].decode("ascii"), content
    raise BadRequest("a part of the form has no plain name")
