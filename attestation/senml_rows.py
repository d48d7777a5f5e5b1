"""
Two short ways through a pack, for what comes a thousand times a second.

Records that repeat the one before but for time, value and row share every other byte: one regular
expression made from the first finds them all. The first record of a pack repeats that of an hour
ago but for time and value: it is split by one fixed regular expression, and what its other bytes
mean is remembered.
Both accept nothing that the general reader of `attestation.senml` would not accept, with the same
result, because a CBOR item's extent does not depend on what follows it. Where they do not match,
the general reader goes on and names the fault.

Source: RFC 8949, section 4.2.1; `docs/formats/readings.md`, section 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

import cbor2

from attestation import cbor
from attestation.units import SENML_UNITS, UCUM_UNITS

# An integer of at most 63 bits and a sign, in its shortest form; the usual ones are tried first.
_INTEGER: Final = (
    rb"(?:\x19[\x01-\xff].|[\x00-\x17]|\x18[\x18-\xff]|\x1a(?!\x00\x00)....|[\x20-\x37]|"
    rb"\x38[\x18-\xff]|\x39[\x01-\xff].|\x3a(?!\x00\x00)....|"
    rb"[\x1b\x3b](?!\x00\x00\x00\x00)[\x00-\x7f].......)"
)


def _one_of(texts: Iterable[str]) -> bytes:
    return b"(?:" + b"|".join(re.escape(cbor.encode(text)) for text in texts) + b")"


# The first record: array and map head, unit; value; version, name and base time; the rest.
# Its parts are only told apart here; whether they are in order is asked of the general reader.
# The name's characters exclude the label of the base time, so it ends where it must.
# Imported records are left to the general reader: no two of them are alike.
_FIRST: Final = re.compile(
    rb"([\x81-\x97]|\x98[\x18-\xff]|\x99(?!\x00)..)"
    rb"([\xa4-\xad](?:\x01" + _one_of(SENML_UNITS) + rb")?\x02(?:\xc4\x82[\x20-\x28])?)"
    rb"(" + _INTEGER + rb")"
    rb"((?:\x20\x18\x1a)?\x21(?:[\x60-\x77]|\x78[\x18-\xff])[a-z0-9.:_/-]+\x22\x1a)"
    rb"([\x10-\xff]...)"
    rb"(\x62i_" + _INTEGER + rb"(?:\x62m_(?:[\x60-\x77]|\x78.)[a-z0-9.-]+?)?"
    rb"(?:\x62q_" + _INTEGER + rb")?(?:\x62r_\x01)?(?:\x62u_" + _one_of(UCUM_UNITS) + rb")?)"
    rb"(?=[\xa3-\xad]|\Z)",
    re.DOTALL,
)
_SHAPES: Final = 1024  # shapes of records in use at a time: units times intervals, mostly


class Shape(NamedTuple):
    """The parts of a record around its integers, encoded."""

    before_value: bytes
    """Map head, unit and value label (with the opening of a decimal fraction); never empty."""
    has_value: bool
    before_offset: bytes
    """Label of the time offset."""
    after_offset: bytes
    """Whatever follows the time offset."""
    has_row: bool
    """Whether a row number follows all that."""


class Repeated(NamedTuple):
    """Integers of the records that repeat a shape, column by column."""

    values: tuple[int, ...] | None
    offsets_s: tuple[int, ...]
    source_rows: tuple[int, ...] | None
    end: int
    """Position after the last of them."""


class Constant(NamedTuple):
    """What stands around value and base time in the first record of a pack."""

    before_value: bytes
    before_time: bytes
    after_time: bytes


class First(NamedTuple):
    """The first record of a pack, split around its value and its base time."""

    announced: int
    """Number of records of the pack, by its own word; at least 1."""
    constant: Constant
    value: int
    base_time_s: int
    end: int
    """Position after the record."""


class _Pattern(NamedTuple):
    """How to find records of one shape."""

    record: re.Pattern[bytes]
    """Gives a record's bytes from its first integer to its last; nothing for all that remains."""
    constant_length: int
    """Of the bytes before and after those."""
    items: int
    """CBOR items in those."""


def read_repeated(payload: bytes, start: int, shape: Shape) -> Repeated | None:
    """
    Read as many records of one shape as follow each other from `start`; None if there is none.

    Args:
        payload: A pack, from outside.
        start: Where a record begins.
        shape: Of the record before.
    """
    pattern = _pattern(shape)
    found = pattern.record.findall(payload, start)
    if found and not found[-1]:
        found.pop()
    if not found:
        return None
    integers = b"".join(found)
    # Each is known to be a sequence of items, so together they are an array's content.
    items = cbor2.loads(cbor.encode_head(cbor.ARRAY, len(found) * pattern.items) + integers)
    step = pattern.items
    return Repeated(
        tuple(items[::step]) if shape.has_value else None,
        tuple(items[2 * shape.has_value :: step]),
        tuple(items[step - 1 :: step]) if shape.has_row else None,
        start + len(integers) + len(found) * pattern.constant_length,
    )


def split_first(payload: bytes) -> First | None:
    """
    Split the first record of a pack; None if it has no value, an offset, or a row of a file.

    Args:
        payload: A pack, from outside. What stands around value and time is not judged here.
    """
    match = _FIRST.match(payload)
    if match is None:
        return None
    head, before_value, value, before_time, base_time, after_time = match.groups()
    return First(
        head[0] & 0x1F if len(head) == 1 else int.from_bytes(head[1:], "big"),
        Constant(before_value, before_time, after_time),
        cbor.read_integer(value),
        int.from_bytes(base_time, "big"),
        match.end(),
    )


def example_of(constant: Constant) -> bytes:
    """Give a pack of one record with a value and a time that stand for any other."""
    before_value, before_time, after_time = constant
    return b"\x81" + before_value + b"\x00" + before_time + b"\x10\x00\x00\x00" + after_time


@lru_cache(maxsize=_SHAPES)
def _pattern(shape: Shape) -> _Pattern:
    before, integers, items = shape.before_value, _INTEGER, 1
    if shape.has_value:
        integers += re.escape(shape.before_offset) + _INTEGER
        items += 2
    else:
        before += shape.before_offset
    after = shape.after_offset
    if shape.has_row:
        integers += re.escape(after) + _INTEGER
        items += _count_items(after) + 1
        after = b""
    record = re.escape(before) + b"(" + integers + b")" + re.escape(after)
    # What is no such record ends the search: the rest is taken at once, and gives nothing.
    return _Pattern(re.compile(record + b"|.+", re.DOTALL), len(before) + len(after), items)


def _count_items(encoded: bytes) -> int:
    count = position = 0
    while position < len(encoded):
        _, position = cbor.read_item(encoded, position)
        count += 1
    return count
