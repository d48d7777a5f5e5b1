"""
The kinds of fields a record's body has, each with one JSON form.

A body is a frozen dataclass; each of its fields names its kind, and two functions turn bodies
into JSON objects and back. So the form of a body can be read off its class, nothing is optional
by accident, and an unknown name is refused.

Source: FORMATS section 4; `docs/formats/records.md`, section 3.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, TypeVar

from attestation.canonical import MAX_INTEGER, Json, require_object
from attestation.encodings import format_base64, parse_base64
from attestation.errors import EncodingError
from attestation.ids import HASH_LENGTH, parse_origin, parse_series_id

_KIND: Final = "kind"
_OPTIONAL: Final = "optional"
_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_AMOUNT = re.compile(r"0|-?[1-9]\d{0,18}")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.:_-]{0,62}[a-z0-9])?")
_AMOUNT_LIMIT: Final = 1 << 63
_TEXT_LIMIT: Final = 2000

BodyType = TypeVar("BodyType")


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of field is read from JSON and written."""

    parse: Callable[[Json], Any]
    """Gives the value; raises EncodingError for any other JSON."""
    write: Callable[[Any], Json]
    """Gives the JSON form of a value."""


def stated(kind: Kind, default: Any = dataclasses.MISSING) -> Any:
    """Give a dataclass field that every body writes; `default` is for who makes one in Python."""
    return dataclasses.field(default=default, metadata={_KIND: kind, _OPTIONAL: False})


def optional(kind: Kind, default: Any = None) -> Any:
    """Give a dataclass field that is left out of the body where it is `default`."""
    return dataclasses.field(default=default, metadata={_KIND: kind, _OPTIONAL: True})


def read_body(body_type: type[BodyType], content: Json) -> BodyType:
    """
    Read a body from its JSON object.

    Raises:
        EncodingError: If a name is missing or unknown, or a value has another form.
    """
    names = require_object(content, "body")
    values: dict[str, Any] = {}
    for each in dataclasses.fields(body_type):  # type: ignore[arg-type]
        if each.name in names:
            values[each.name] = _parse(each.metadata[_KIND], names[each.name], each.name)
        elif not each.metadata[_OPTIONAL]:
            raise _refusal(f"body without {each.name!r}")
    if unknown := names.keys() - values.keys():
        raise _refusal(f"unknown name {min(unknown)!r} in body")
    return body_type(**values)


def write_body(body: object) -> dict[str, Json]:
    """
    Write a body as a JSON object.

    Raises:
        EncodingError: If a value would not be read back.
    """
    content: dict[str, Json] = {}
    for each in dataclasses.fields(body):  # type: ignore[arg-type]
        value = getattr(body, each.name)
        if not each.metadata[_OPTIONAL] or value != each.default:
            kind: Kind = each.metadata[_KIND]
            content[each.name] = kind.write(value)
            _parse(kind, content[each.name], each.name)
    return content


def text(limit: int = _TEXT_LIMIT) -> Kind:
    """Give the kind of printable text of 1 to `limit` characters."""

    def parse(content: Json) -> str:
        if not isinstance(content, str) or not 0 < len(content) <= limit:
            raise _refusal(f"not a text of 1 to {limit} characters")
        if not content.isprintable():
            raise _refusal("a text with characters that do not print")
        return content

    return Kind(parse, str)


def integer(low: int = 0, high: int = MAX_INTEGER) -> Kind:
    """Give the kind of integers from `low` to `high`."""

    def parse(content: Json) -> int:
        if not isinstance(content, int) or isinstance(content, bool) or not low <= content <= high:
            raise _refusal(f"{content!r} is no integer from {low} to {high}")
        return content

    return Kind(parse, int)


def octets(length: int | None = None) -> Kind:
    """Give the kind of byte strings written in base64, of `length` bytes where that is fixed."""

    def parse(content: Json) -> bytes:
        return parse_base64(_text_of(content), length=length)

    return Kind(parse, format_base64)


def word_of(members: type[IntEnum]) -> Kind:
    """Give the kind of an enum's members, written as words: `BACK_FILL` as `back-fill`."""
    by_word = {member.name.lower().replace("_", "-"): member for member in members}

    def parse(content: Json) -> IntEnum:
        if not isinstance(content, str) or content not in by_word:
            raise _refusal(f"{content!r} is none of {', '.join(by_word)}")
        return by_word[content]

    def write(member: IntEnum) -> str:
        return member.name.lower().replace("_", "-")

    return Kind(parse, write)


def list_of(kind: Kind, *, least: int = 0, most: int = 1000) -> Kind:
    """Give the kind of arrays of `least` to `most` values of one kind; tuples in Python."""

    def parse(content: Json) -> tuple[Any, ...]:
        if not isinstance(content, list) or not least <= len(content) <= most:
            raise _refusal(f"not an array of {least} to {most}")
        return tuple(kind.parse(item) for item in content)

    def write(items: tuple[Any, ...]) -> Json:
        return [kind.write(item) for item in items]

    return Kind(parse, write)


def body_of(body_type: type[Any]) -> Kind:
    """Give the kind of objects that are bodies themselves."""

    def parse(content: Json) -> Any:
        return read_body(body_type, content)

    return Kind(parse, write_body)


def _parse_hash(content: Json) -> bytes:
    found = _text_of(content)
    if len(found) != 2 * HASH_LENGTH or not _HEX.fullmatch(found):
        raise _refusal("not 64 lower-case hexadecimal digits")
    return bytes.fromhex(found)


def _parse_amount(content: Json) -> int:
    found = _text_of(content)
    if not _AMOUNT.fullmatch(found) or not -_AMOUNT_LIMIT <= int(found) < _AMOUNT_LIMIT:
        raise _refusal(f"{found!r} is no integer of 64 bits in decimal")
    return int(found)


def _parse_name(content: Json) -> str:
    found = _text_of(content)
    if not _NAME.fullmatch(found):
        raise _refusal(f"{found!r} is no name of 1 to 64 characters of [a-z0-9.:_-]")
    return found


def _parse_series(content: Json) -> str:
    return str(parse_series_id(_text_of(content)))


def _parse_origin(content: Json) -> str:
    return str(parse_origin(_text_of(content)))


def _parse_true(content: Json) -> bool:
    if content is not True:
        raise _refusal("only true is written; false is left out")
    return True


HASH: Final = Kind(_parse_hash, bytes.hex)
"""32 bytes as 64 hexadecimal digits."""
AMOUNT: Final = Kind(_parse_amount, str)
"""An integer of 64 bits as decimal text, since JSON numbers are exact to 53 bits only."""
NAME: Final = Kind(_parse_name, str)
"""A name that can stand in a series id: an instrument, a multiplier, a gateway."""
SERIES: Final = Kind(_parse_series, str)
ORIGIN: Final = Kind(_parse_origin, str)
SECOND: Final = integer(0, 253_402_300_799)
"""Whole seconds since 1970 UTC, before the year 10000."""
TRUE: Final = Kind(_parse_true, bool)
"""True, or left out."""


def _parse(kind: Kind, content: Json, name: str) -> Any:
    try:
        return kind.parse(content)
    except EncodingError as error:
        raise _refusal(f"{name}: {error.message}") from error


def _text_of(content: Json) -> str:
    if not isinstance(content, str):
        raise _refusal(f"{content!r} is no text")
    return content


def _refusal(message: str) -> EncodingError:
    return EncodingError(message, code="encoding.record_body")


def require(condition: bool, message: str) -> None:
    """
    Check what one field of a body says about another.

    Raises:
        EncodingError: If the condition does not hold.
    """
    if not condition:
        raise _refusal(message)
