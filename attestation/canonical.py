"""
Canonical JSON: one text for one value, and no value that two readers may take differently.

Objects, arrays, strings, booleans, null, and integers of at most 53 bits. No floats: amounts that
may be larger, or have decimals, are strings. Reading refuses every text but the canonical one.

Source: RFC 8785 (JCS); RFC 7493 (I-JSON), section 2; `docs/formats/records.md`, section 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, Never, TypeAlias

import rfc8785

from attestation.errors import EncodingError

MAX_INTEGER: Final = (1 << 53) - 1
MAX_DEPTH: Final = 32
"""Objects and arrays inside each other; deeper text is refused before it is parsed."""

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])', re.DOTALL)

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"


def canonical_json(content: Json) -> bytes:
    """
    Write a value as canonical JSON, in UTF-8.

    Raises:
        EncodingError: If it holds a float, a large integer, a lone surrogate or another kind.

    Source: RFC 8785, section 3.2.
    """
    try:
        _refuse_floats(content)
        return rfc8785.dumps(content)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise EncodingError("not a value of canonical JSON", code="encoding.json") from error


def parse_canonical(encoded: bytes) -> Json:
    """
    Read canonical JSON.

    Args:
        encoded: From outside.

    Raises:
        EncodingError: If the bytes are no JSON, or not the canonical text of what they say.

    Source: RFC 8785, section 3.2; RFC 7493, section 2.
    """
    refuse_depth(encoded)
    try:
        content: Json = json.loads(
            encoded.decode(),
            object_pairs_hook=_object,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except (ValueError, RecursionError) as error:
        raise EncodingError("not JSON in UTF-8", code="encoding.json") from error
    if canonical_json(content) != encoded:
        raise EncodingError("not the canonical text of its value", code="encoding.json_form")
    return content


def require_object(content: Json, name: str) -> Mapping[str, Json]:
    """
    Check that a value is an object, and give it back as one.

    Raises:
        EncodingError: If it is something else.
    """
    if not isinstance(content, Mapping):
        raise EncodingError(f"{name} is no JSON object", code="encoding.json_type")
    return content


def refuse_depth(encoded: bytes) -> None:
    """
    Refuse deep nesting, since the parser itself would use the stack for it.

    Raises:
        EncodingError: If lists and objects are nested deeper than `MAX_DEPTH`.

    Source: none; a bound of ours.
    """
    if encoded.count(b"[") + encoded.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for token in _TOKEN.finditer(encoded):
        depth += (token[1] is not None) - (token[2] is not None)
        if depth > MAX_DEPTH:
            raise EncodingError(f"nested deeper than {MAX_DEPTH}", code="encoding.json_depth")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise EncodingError("an object has the same name twice", code="encoding.json_duplicate")
    return content


def _refuse_number(text: str) -> Never:
    raise EncodingError(f"{text} is no integer", code="encoding.json_float")


def _refuse_floats(content: object) -> None:
    if isinstance(content, float):
        raise EncodingError(f"{content} is a float", code="encoding.json_float")
    if isinstance(content, Mapping):
        for value in content.values():
            _refuse_floats(value)
    elif isinstance(content, list | tuple):
        for value in content:
            _refuse_floats(value)
