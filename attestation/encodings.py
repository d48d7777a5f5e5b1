"""
Text forms of bytes and sizes, each with exactly one spelling.

Used at the edges: notes, checkpoints, bundles, trust roots.

Source: RFC 4648, section 4 (base64) and section 8 (base16, in lower case after `0x`);
C2SP tlog-checkpoint (decimal sizes).
"""

from __future__ import annotations

import base64
import binascii
import re

from attestation.errors import EncodingError
from attestation.tree_hash import MAX_SIZE

_HEX = re.compile(r"0x(?:[0-9a-f]{2})*")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


def format_base64(content: bytes) -> str:
    """
    Write standard base64 with padding.

    Source: RFC 4648, section 4.
    """
    return base64.b64encode(content).decode("ascii")


def parse_base64(text: str, *, length: int | None = None) -> bytes:
    """
    Read standard base64: padded, without spaces, unused bits zero.

    Args:
        text: From outside.
        length: Number of bytes it must give, where that is fixed.

    Raises:
        EncodingError: If it is another spelling or has another length.

    Source: RFC 4648, sections 3.5 and 4.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EncodingError("not base64", code="encoding.base64") from error
    if format_base64(content) != text:
        raise EncodingError("not the one base64 form of its bytes", code="encoding.base64")
    return _require_length(content, length)


def format_hex(content: bytes) -> str:
    """
    Write `0x` and lower-case hexadecimal.

    Source: RFC 4648, section 8.
    """
    return "0x" + content.hex()


def parse_hex(text: str, *, length: int | None = None) -> bytes:
    """
    Read `0x` and lower-case hexadecimal, two digits a byte.

    Raises:
        EncodingError: If it is another spelling or has another length.

    Source: RFC 4648, section 8.
    """
    if not _HEX.fullmatch(text):
        raise EncodingError("not lower-case hexadecimal after 0x", code="encoding.hex")
    return _require_length(bytes.fromhex(text[2:]), length)


def parse_size(text: str) -> int:
    """
    Read a tree size or index: decimal, no sign, no leading zero, below 2**63.

    Raises:
        EncodingError: If it is another spelling or too large.

    Source: C2SP tlog-checkpoint.
    """
    if not _SIZE.fullmatch(text) or int(text) > MAX_SIZE:
        raise EncodingError(f"not a tree size: {text[:40]!r}", code="encoding.tree_size")
    return int(text)


def _require_length(content: bytes, length: int | None) -> bytes:
    if length is not None and len(content) != length:
        raise EncodingError(f"{len(content)} bytes, {length} expected", code="encoding.length")
    return content
