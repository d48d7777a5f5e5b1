"""
Two short ways through a pack, for what comes a thousand times a second.

Records that repeat the one before but for time, value and row share every other byte: one regular
expression made from the first finds them all. Packs of one record repeat those of an hour
ago but for time and value: they are split by one fixed regular expression, and what their other
bytes mean is remembered.
Both accept nothing that the general reader of `attestation.senml` would not accept, with the same
result, because a CBOR item's extent does not depend on what follows it. Where they do not match,
the general reader goes on and names the fault.

Source: RFC 8949, section 4.2.1; `docs/formats/readings.md`, section 2.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

import cbor2

from attestation import cbor
from attestation.units import SENML_UNITS

# An integer of at most 63 bits and a sign, in its shortest form.
_INTEGER: Final = (
    rb"(?:[\x00-\x17\x20-\x37]|[\x18\x38][\x18-\xff]|[\x19\x39](?!\x00)..|[\x1a\x3a](?!\x00\x00)....|"
    rb"[\x1b\x3b](?!\x00\x00\x00\x00)[\x00-\x7f].......)"
)
_UNIT: Final = (
    b"(?:\x01(?:" + b"|".join(re.escape(cbor.encode(unit)) for unit in SENML_UNITS) + b"))"
)
_SOURCE_ROW: Final = cbor.encode("w_")
_SHAPES: Final = 1024  # shapes of records in use at a time: units times intervals, mostly

# One record: head and unit; value; version, name and base time; the rest.
# The name's characters exclude the label of the base time, so it ends where it must.
_SINGLE: Final = re.compile(
    rb"(\x81[\xa4-\xad]" + _UNIT + rb"?\x02(?:\xc4\x82[\x20-\x28])?)(" + _INTEGER + rb")"
    rb"((?:\x20\x18\x1a)?\x21(?:[\x60-\x77]|\x78[\x18-\xff])([a-z0-9.:_/-]+)\x22\x1a)"
    rb"([\x10-\xff]...)(.*)",
    re.DOTALL,
)


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


class Single(NamedTuple):
    """A pack of one record, split around its value and its time."""

    before_value: bytes
    value: int
    before_time: bytes
    base_time_s: int
    after_time: bytes


def read_repeated(payload: bytes, start: int, shape: Shape) -> Repeated | None:
    """
    Read as many records of one shape as follow each other from `start`; None if there is none.

    Args:
        payload: A pack, from outside.
        start: Where a record begins.
        shape: Of the record before.
    """
    row, record = _patterns(shape)
    extent = row.match(payload, start)
    if extent is None:
        return None
    found = record.findall(payload, start, extent.end())
    columns = list(zip(*found, strict=True)) if isinstance(found[0], tuple) else [tuple(found)]
    values = _integers(columns.pop(0)) if shape.has_value else None
    offsets_s = _integers(columns.pop(0))
    source_rows = _integers(columns.pop(0)) if shape.has_row else None
    return Repeated(values, offsets_s, source_rows, extent.end())


def split_single(payload: bytes) -> Single | None:
    """
    Split a pack of one record with a value and no offset; None if it is none of that kind.

    Imported records are left to the general reader: no two of them are alike.

    Args:
        payload: A pack, from outside. What stands around value and time is not judged here.
    """
    match = _SINGLE.fullmatch(payload)
    if match is None:
        return None
    before_value, value, before_time, name, base_time, after_time = match.groups()
    announced = before_time[before_time.index(b"\x21") + 1 : -len(name) - 2]
    if announced != cbor.encode_head(cbor.TEXT, len(name)) or _SOURCE_ROW in after_time:
        return None
    return Single(
        before_value,
        cbor.read_integer(value),
        before_time,
        int.from_bytes(base_time, "big"),
        after_time,
    )


def join_single(single: Single) -> bytes:
    """Put a split pack together again, with a value and a time that stand for any other."""
    return b"".join(
        (single.before_value, b"\x00", single.before_time, b"\x10\x00\x00\x00", single.after_time)
    )


@lru_cache(maxsize=_SHAPES)
def _patterns(shape: Shape) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    def record(integer: bytes) -> bytes:
        return b"".join(
            (
                re.escape(shape.before_value),
                integer if shape.has_value else b"",
                re.escape(shape.before_offset),
                integer,
                re.escape(shape.after_offset),
                integer if shape.has_row else b"",
            )
        )

    row = re.compile(b"(?:" + record(_INTEGER) + b")+", re.DOTALL)
    return row, re.compile(record(b"(" + _INTEGER + b")"), re.DOTALL)


def _integers(encoded: tuple[bytes, ...]) -> tuple[int, ...]:
    # Each is known to be an integer, so together they are an array's content.
    head = cbor.encode_head(cbor.ARRAY, len(encoded))
    return tuple(cbor2.loads(head + b"".join(encoded)))
