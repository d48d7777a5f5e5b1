"""SenML packs: writing, the short ways of reading, and the RFC's own examples."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import cbor2
import pytest

from attestation.enums import Quality
from attestation.errors import EncodingError
from attestation.readings import Reading
from attestation.senml import decode_pack, decode_runs, encode_pack
from tests.support.attested import END_S, FILE_HASH, SERIES, reading, row

OTHER_SERIES = "em-02/energy.import/total/"


@pytest.mark.parametrize(
    "readings",
    [
        [reading()],
        row(2),
        row(100),
        [*row(3), *row(3, series=OTHER_SERIES), reading(end_s=END_S + 9000)],
        [reading(unit="GJ/t", scale=3, value=26_700), reading(unit="Cel", end_s=END_S + 900)],
        [reading(value=None, quality=Quality.FAULT), reading(end_s=END_S + 900)],
        [reading(register=True, interval_s=0, multiplier="ct-1")],
        [
            reading(source_file=FILE_HASH, source_row=1),
            reading(source_file=FILE_HASH, source_row=3, end_s=END_S + 900),
            reading(source_file=bytes(32), source_row=2, end_s=END_S + 1800),
        ],
        row(40, value=-1)[::-1],
        [reading(end_s=END_S + 60 * number, interval_s=0, unit="W") for number in range(300)],
    ],
    ids=["one", "two", "hundred", "series", "units", "missing", "register", "import", "back", "W"],
)
def test_readings_are_read_back(readings: list[Reading]) -> None:
    """A pack gives the readings it was made of, in their order."""
    assert list(decode_pack(encode_pack(readings))) == readings


def test_rows_become_one_run() -> None:
    """Readings that differ in time and value only are kept together."""
    (run,) = decode_runs(encode_pack(row(100)))

    assert len(run) == 100
    assert run.earliest_start_s == END_S - 900
    assert run.latest_end_s == END_S + 99 * 900


def test_a_row_of_one_series_is_small() -> None:
    """Labels are short: a reading after the first takes 21 bytes here."""
    sizes = [len(encode_pack(row(count))) for count in (1, 2, 3)]

    assert sizes[0] == 56
    assert [later - earlier for earlier, later in pairwise(sizes)] == [21, 21]


def test_no_reading_is_no_pack() -> None:
    """An empty pack cannot be written."""
    with pytest.raises(EncodingError, match="without a reading"):
        encode_pack([])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"series": "em-01"}, "encoding.series"),
        ({"unit": "MWh"}, "encoding.unit"),
        ({"scale": 1}, "encoding.unit_scale"),
        ({"end_s": 2**28 - 1}, "encoding.senml_time"),
        ({"end_s": 253_402_300_800}, "encoding.senml_time"),
        ({"interval_s": -1}, "encoding.senml_time"),
        ({"interval_s": 366 * 86_400 + 1}, "encoding.senml_time"),
        ({"value": 2**63}, "encoding.senml_value"),
        ({"value": -(2**63) - 1}, "encoding.senml_value"),
        ({"value": None}, "encoding.senml_missing"),
        ({"value": None, "quality": Quality.SUBSTITUTED}, "encoding.senml_missing"),
        (
            {"value": None, "quality": Quality.FAULT, "unit": "W", "scale": 1},
            "encoding.senml_missing",
        ),
        ({"multiplier": "CT 1"}, "encoding.multiplier"),
        ({"source_file": FILE_HASH}, "encoding.senml_source"),
        ({"source_row": 1}, "encoding.senml_source"),
        ({"source_file": FILE_HASH[1:], "source_row": 1}, "encoding.senml_source"),
        ({"source_file": FILE_HASH, "source_row": 0}, "encoding.senml_source"),
        ({"source_file": FILE_HASH, "source_row": 2**32}, "encoding.senml_source"),
    ],
)
def test_reading_that_would_be_refused_is_not_written(changes: dict[str, Any], code: str) -> None:
    """The rules of arriving packs hold for those we make."""
    with pytest.raises(EncodingError, match=r".") as refusal:
        encode_pack([reading(**changes)])

    assert refusal.value.stable_code == code


@pytest.mark.parametrize(
    "other",
    [
        reading(),
        reading(value=7, end_s=END_S + 899),
        reading(value=7, end_s=END_S - 300, interval_s=300),
        reading(value=7, interval_s=0),
        reading(value=7, end_s=END_S - 1, interval_s=0),
        reading(value=7, end_s=END_S + 86_400, interval_s=2 * 86_400),
    ],
    ids=["same", "one second", "inside", "instant at end", "instant inside", "around"],
)
def test_overlapping_readings_are_not_written(other: Reading) -> None:
    """Two readings of one series never take up one second."""
    with pytest.raises(EncodingError, match="overlap"):
        encode_pack([reading(), other])


@pytest.mark.parametrize(
    "other",
    [
        reading(end_s=END_S + 900),
        reading(series=OTHER_SERIES),
        reading(end_s=END_S - 900, interval_s=0),
        reading(end_s=END_S + 1, interval_s=0),
    ],
    ids=["next", "other series", "instant at begin", "instant after"],
)
def test_neighbours_are_written(other: Reading) -> None:
    """Intervals that touch, and other series, do not overlap."""
    assert len(decode_pack(encode_pack([reading(), other]))) == 2


def test_overlap_far_apart_in_a_pack_is_seen() -> None:
    """A series that comes twice is looked at as a whole."""
    readings = [*row(50), reading(series=OTHER_SERIES), reading(end_s=END_S + 49 * 900, value=1)]

    with pytest.raises(EncodingError, match="overlap"):
        encode_pack(readings)


def raw_row(count: int, announced: int) -> bytes:
    """Give a pack whose head announces another number of records than follow."""
    pack = encode_pack(row(count))
    return cbor2.dumps(announced)[:-1] + bytes([0x80 | announced]) + pack[1:]


@pytest.mark.parametrize(("count", "announced"), [(10, 9), (10, 1), (10, 11)])
def test_number_of_records_is_the_one_announced(count: int, announced: int) -> None:
    """Rows that are read in one go still end where the array ends."""
    with pytest.raises(EncodingError, match=r"after the pack|end inside"):
        decode_runs(raw_row(count, announced))


def test_many_shapes_in_one_pack_are_read() -> None:
    """A pack may have more kinds of records than the short way looks at."""
    readings = [
        reading(end_s=END_S + 900 * number, interval_s=60 + number % 40) for number in range(200)
    ]

    assert list(
        decode_pack(encode_pack(sorted(readings, key=lambda one: one.interval_s)))
    ) == sorted(readings, key=lambda one: one.interval_s)


def test_what_a_single_record_means_is_not_mixed_up() -> None:
    """Packs that differ only in value and time share what is remembered, and nothing else."""
    first = encode_pack([reading(value=1)])
    second = encode_pack([reading(value=2, end_s=END_S + 900)])

    for _ in range(2):
        assert decode_pack(first) == (reading(value=1),)
        assert decode_pack(second) == (reading(value=2, end_s=END_S + 900),)


def test_single_record_after_the_year_9999_is_refused() -> None:
    """The short way asks for the time's range as the long one does."""
    pack = encode_pack([reading()]).replace(b"\x22\x1a", b"\x22\x1b\x00\x00\x00\x3b")

    with pytest.raises(EncodingError, match="base time"):
        decode_runs(pack)


@pytest.mark.shared
def test_times_resolve_as_in_the_rfc(shared: Path) -> None:
    """Base time and offsets of RFC 8428's example give the RFC's resolved times."""
    folder = shared / "vectors/senml"
    example = json.loads((folder / "ex4.json").read_text(encoding="utf-8"))
    resolved = json.loads((folder / "ex4.gen.resolved.json").read_text(encoding="utf-8"))
    records: list[dict[Any, Any]] = []
    for each in example:
        records.append({1: "%RH", 2: round(each["v"] * 10), 6: each["t"], "i_": 0})
        if each["t"] == 0:
            del records[-1][6]
    records[0] |= {-2: SERIES, -3: example[0]["bt"]}

    readings = decode_pack(cbor2.dumps(records, canonical=True))

    assert [each.end_s for each in readings] == [int(each["t"]) for each in resolved]
    assert [each.value for each in readings] == [round(each["v"] * 10) for each in resolved]


@pytest.mark.shared
def test_examples_of_the_rfc_are_not_of_the_profile(shared: Path) -> None:
    """Floats, names and base units of general SenML are refused, not misread."""
    encoded = [(shared / "vectors/senml/ex3.gen.cbor").read_bytes()]
    for file in sorted((shared / "vectors/senml").glob("ex?.json")):
        encoded.append(cbor2.dumps(json.loads(file.read_text(encoding="utf-8")), canonical=True))

    for pack in encoded:
        with pytest.raises(EncodingError, match=r"."):
            decode_pack(pack)
