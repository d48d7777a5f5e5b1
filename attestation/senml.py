"""
SenML packs of the profile `carbonseal-1`: readings as bytes and back.

A pack has one deterministic CBOR form, closed labels, integer seconds, integer values (or decimal
fractions where the unit allows them), and no two readings of one series over the same second.
Defaults are left out, never written; base fields may be stated anew in any record.

Source: RFC 8428 (SenML), RFC 9100 (versions), FORMATS section 2; `docs/formats/readings.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from attestation import cbor
from attestation.enums import Quality
from attestation.errors import EncodingError
from attestation.reading_rules import EARLIEST_S, LATEST_S, check_run
from attestation.readings import Reading
from attestation.runs import Common, Run, ascends, common_of, refuse_overlaps
from attestation.senml_fields import (
    BASE_LABELS,
    BASE_NAME,
    BASE_SOURCE_FILE,
    BASE_TIME,
    BASE_VERSION,
    INTERVAL,
    LABELS,
    MULTIPLIER,
    OFFSET,
    QUALITY,
    REGISTER,
    SOURCE_ROW,
    UCUM_UNIT,
    UNIT,
    VALUE,
    Fields,
    fields_of,
    integer_of,
    interval_of,
    non_default_of,
    quality_of,
    register_of,
    text_of,
    unit_of,
    value_of,
)
from attestation.senml_rows import Constant, Shape, example_of, read_repeated, split_first
from attestation.units import SENML_UNITS, UnitList

VERSION: Final = 26
"""RFC 9100: the base version 10 with the feature of secondary units (2**4)."""

_SECONDARY_UNITS: Final = frozenset(
    symbol for symbol, unit in SENML_UNITS.items() if unit.listed is UnitList.SECONDARY
)
_RECORD_DEPTH: Final = 2  # a record's value may be a tag around an array
_REMEMBERED: Final = 32_768  # about half a kilobyte each; a plant has some thousand series
_MAX_SHAPES: Final = 16  # each costs some hundred microseconds once; honest packs have one or two


def encode_pack(readings: Iterable[Reading]) -> bytes:
    """
    Write readings as one pack, in the order given.

    Raises:
        EncodingError: If there is none, one is malformed, or two of a series overlap.

    Source: `docs/formats/readings.md`.
    """
    row = tuple(readings)
    if not row:
        raise EncodingError("a pack without a reading", code="encoding.senml_empty")
    refuse_overlaps([check_run(_alone(reading)) for reading in row])
    base_time_s = row[0].end_s
    records: list[cbor.Item] = []
    before: Reading | None = None
    for reading in row:
        fields = fields_of(reading, base_time_s)
        if before is None or before.series != reading.series:
            fields[BASE_NAME] = reading.series
        if before is None:
            fields[BASE_TIME] = base_time_s
            if any(other.unit in _SECONDARY_UNITS for other in row):
                fields[BASE_VERSION] = VERSION
        if reading.source_file is not None and (
            before is None or before.source_file != reading.source_file
        ):
            fields[BASE_SOURCE_FILE] = reading.source_file
        records.append(fields)
        before = reading
    return cbor.encode(records)


def decode_pack(payload: bytes) -> tuple[Reading, ...]:
    """
    Read a pack's readings.

    Args:
        payload: From outside.

    Raises:
        EncodingError: If it is not a pack of the profile in its one form.

    Source: `docs/formats/readings.md`.
    """
    return tuple(reading for run in decode_runs(payload) for reading in run)


def decode_runs(payload: bytes) -> tuple[Run, ...]:
    """
    Read a pack as runs, without making an object for each reading.

    Args:
        payload: From outside.

    Raises:
        EncodingError: If it is not a pack of the profile in its one form.

    Source: `docs/formats/readings.md`.
    """
    first = split_first(payload)
    if first is None:
        return _read_runs(payload)
    try:
        common = _meaning(first.constant)
    except EncodingError:  # it is wrong, or another record says why it is right
        return _read_runs(payload)
    run = Run(common, (first.base_time_s,), (first.value,))
    if first.announced == 1 and first.end == len(payload):
        return (run,)
    return _Reader(run).read_on(run, first.announced, payload, first.end)


def _read_runs(payload: bytes) -> tuple[Run, ...]:
    major, count, position = cbor.read_head(payload, 0)
    if major != cbor.ARRAY or count == 0:
        raise EncodingError("a pack is an array of records", code="encoding.senml_empty")
    reader = _Reader()
    fields, position = _read_record(payload, position)
    return reader.read_on(reader.resolve(fields), count, payload, position)


@lru_cache(maxsize=_REMEMBERED)
def _meaning(constant: Constant) -> Common:
    """
    Give what the constant part of a first record says, by the general reader.

    Raises:
        EncodingError: If it is no pack by itself; that is not remembered, for it may be long.
    """
    (run,) = _read_runs(example_of(constant))
    return run.common


class _Reader:
    """What base fields said last, while records are read in order."""

    def __init__(self, first: Run | None = None) -> None:
        """Begin before the first record, or after one that gave this run."""
        self.base_time_s = 0 if first is None else first.ends_s[0]
        self._series = None if first is None else first.common.series
        self._source_file: bytes | None = None
        # A first record that is understood by itself says the version its own unit asks for.
        self._secondary = first is not None and first.common.unit in _SECONDARY_UNITS
        self._started = first is not None
        self._shapes: set[Shape] = set()

    def read_on(self, run: Run, count: int, payload: bytes, position: int) -> tuple[Run, ...]:
        """Read the rest of a pack of `count` records, of which the first gave this run."""
        runs: list[Run] = []
        while True:
            if count > 1:
                run, position = self._extend(run, payload, position)
            runs.append(check_run(run))
            count -= len(run)
            if count <= 0:
                break
            fields, position = _read_record(payload, position)
            run = self.resolve(fields)
        if count < 0 or position != len(payload):
            raise EncodingError("bytes after the pack", code="encoding.cbor_trailing")
        self.check_version(runs)
        if len(runs) > 1 or not ascends(run):  # one ascending run cannot overlap itself
            refuse_overlaps(runs)
        return tuple(runs)

    def resolve(self, fields: Fields) -> Run:
        """Apply base fields, and give the reading that a record stands for, as a run of one."""
        if not fields.keys() <= LABELS:
            unknown = next(label for label in fields if label not in LABELS)
            raise EncodingError(f"unknown label {unknown!r}", code="encoding.senml_label")
        if not fields.keys().isdisjoint(BASE_LABELS):
            self._apply_base(fields)
        if self._series is None or self.base_time_s == 0:
            raise EncodingError("no base name or base time", code="encoding.senml_missing")
        self._started = True
        value, scale = value_of(fields)
        row = integer_of(fields, SOURCE_ROW)
        common = Common(
            series=self._series,
            interval_s=interval_of(fields),
            unit=unit_of(fields),
            quality=quality_of(fields),
            scale=scale,
            register=register_of(fields),
            multiplier=text_of(fields, MULTIPLIER),
            source_file=None if row is None else self._source_file,
        )
        return Run(
            common,
            (self.base_time_s + non_default_of(fields, OFFSET),),
            None if value is None else (value,),
            None if row is None else (row,),
        )

    def _extend(self, run: Run, payload: bytes, position: int) -> tuple[Run, int]:
        """Add the records that repeat the one just read, as far as there are any."""
        shape = _shape_of(run)
        self._shapes.add(shape)
        if len(self._shapes) > _MAX_SHAPES:
            return run, position
        repeated = read_repeated(payload, position, shape)
        if repeated is None:
            return run, position
        if 0 in repeated.offsets_s:
            raise EncodingError("a time offset of 0 is written out", code="encoding.senml_default")
        longer = Run(
            run.common,
            run.ends_s + tuple(map(self.base_time_s.__add__, repeated.offsets_s)),
            _joined(run.values, repeated.values),
            _joined(run.source_rows, repeated.source_rows),
        )
        return longer, repeated.end

    def check_version(self, runs: Sequence[Run]) -> None:
        """Check that the version says secondary units where there are any, and only there."""
        if any(run.common.unit in _SECONDARY_UNITS for run in runs) != self._secondary:
            raise EncodingError(
                "bver 26 stands in a pack with secondary units and in no other",
                code="encoding.senml_version",
            )

    def _apply_base(self, fields: Fields) -> None:
        if BASE_VERSION in fields:
            if self._started or fields[BASE_VERSION] != VERSION:
                raise EncodingError(
                    "bver is 26 and stands in the first record", code="encoding.senml_version"
                )
            self._secondary = True
        self._series = text_of(fields, BASE_NAME) or self._series
        if BASE_TIME in fields:
            self.base_time_s = _base_time_of(fields)
        if BASE_SOURCE_FILE in fields:
            source_file = fields[BASE_SOURCE_FILE]
            if not isinstance(source_file, bytes) or SOURCE_ROW not in fields:
                raise EncodingError(
                    "bf_ is a byte string beside a row number", code="encoding.senml_source"
                )
            self._source_file = source_file


def _base_time_of(fields: Fields) -> int:
    base_time_s = integer_of(fields, BASE_TIME) or 0
    if not EARLIEST_S <= base_time_s <= LATEST_S:
        raise EncodingError(
            f"base time {base_time_s} is not an absolute second", code="encoding.senml_time"
        )
    return base_time_s


def _read_record(payload: bytes, position: int) -> tuple[Fields, int]:
    major, count, position = cbor.read_head(payload, position)
    if major != cbor.MAP:
        raise EncodingError("a record is a map", code="encoding.senml_type")
    return cbor.read_map(payload, position, count, _RECORD_DEPTH)


def _joined(one: tuple[int, ...] | None, more: tuple[int, ...] | None) -> tuple[int, ...] | None:
    return None if one is None or more is None else one + more


def _alone(reading: Reading) -> Run:
    return Run(
        common_of(reading),
        (reading.end_s,),
        None if reading.value is None else (reading.value,),
        None if reading.source_row is None else (reading.source_row,),
    )


def _shape_of(run: Run) -> Shape:
    common, has_value, has_row = run.common, run.values is not None, run.source_rows is not None
    return _shape(
        *(common.interval_s, common.unit, common.quality, common.scale, common.register),
        *(common.multiplier, has_value, has_row),
    )


@lru_cache(maxsize=1024)
def _shape(
    interval_s: int,
    unit: str,
    quality: Quality,
    scale: int,
    register: bool,
    multiplier: str | None,
    has_value: bool,
    has_row: bool,
) -> Shape:
    """Encode a record's constant parts, through the function that writes records."""
    common = Common("", interval_s, unit, quality, scale, register, multiplier)
    sample = Run(common, (1,), (0,) if has_value else None, (1,) if has_row else None)
    fields = fields_of(next(iter(sample)), base_time_s=0)
    before_value = cbor.encode_head(cbor.MAP, len(fields)) + _pairs(fields, (UNIT,))
    if has_value:
        before_value += cbor.encode(VALUE) + cbor.encode(fields[VALUE])[:-1]
    after_offset = _pairs(fields, (INTERVAL, MULTIPLIER, QUALITY, REGISTER, UCUM_UNIT))
    if has_row:
        after_offset += cbor.encode(SOURCE_ROW)
    return Shape(before_value, has_value, cbor.encode(OFFSET), after_offset, has_row)


def _pairs(fields: Fields, labels: tuple[cbor.Key, ...]) -> bytes:
    present = (label for label in labels if label in fields)
    return b"".join(cbor.encode(label) + cbor.encode(fields[label]) for label in present)
