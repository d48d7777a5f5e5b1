"""Data regions: factors and their fields, in either encoding, and joined again from parts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import ProtocolError
from devices.hj212.logger import split_region
from devices.hj212.regions import format_region, join_regions, parse_region
from tests.unit.devices.meters.hj212.builders import HOUR_REGION


def test_factors_are_told_from_values() -> None:
    """What has a field after a dash is a factor's."""
    region = parse_region(HOUR_REGION)

    assert region.values == {"DataTime": "20240122170000"}
    assert region.factors["a00000"] == {"Cou": "19191.973", "Avg": "5.331", "Flag": "N"}
    assert list(region.factors) == ["a00000", "a21026"]


def test_empty_region_has_nothing() -> None:
    """Answers come with an empty region; a trailing semicolon adds nothing."""
    assert parse_region(b"").values == {}
    assert parse_region(b"a=1;").values == {"a": "1"}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_text_is_read_in_either_encoding(encoding: str) -> None:
    """Logs of instruments are in Chinese."""
    region = "PolId=w01018;i11001-Info=//清洗;开始,正常//".encode(encoding)

    assert parse_region(region).factors["i11001"]["Info"] == "//清洗;开始,正常//"


@pytest.mark.parametrize(
    "region",
    [
        b"DataTime",
        b"=1",
        b"a b=1",
        b"a01-Rtd=1,a01-Rtd=2",
        b"DataTime=1;DataTime=2",
        b"x=" + b"1" * 1025,
        b"\xff\xff\xff=1",
        b";".join(b"a%d=1" % n for n in range(2001)),
    ],
)
def test_malformed_region_is_refused(region: bytes) -> None:
    """A region that says two things of one, or nothing sensible, is not taken."""
    with pytest.raises(ProtocolError, match=r"data region|twice"):
        parse_region(region)


def test_parts_are_joined_with_one_time() -> None:
    """Each part repeats the time; the whole has it once."""
    joined = join_regions([b"DataTime=1;a01-Rtd=1", b"DataTime=1;a02-Rtd=2", b"a03-Rtd=3"])

    assert joined == b"DataTime=1;a01-Rtd=1;a02-Rtd=2;a03-Rtd=3"


def test_parts_of_different_times_do_not_join() -> None:
    """Two hours are not one packet, though their parts are numbered."""
    with pytest.raises(ProtocolError, match="different times"):
        join_regions([b"DataTime=1;a01-Rtd=1", b"DataTime=2;a02-Rtd=2"])


FACTORS = st.lists(
    st.tuples(
        st.integers(0, 99_999).map(lambda number: f"a{number:05d}"),
        st.integers(0, 10**9).map(lambda value: [("Avg", str(value)), ("Flag", "N")]),
    ),
    max_size=60,
    unique_by=lambda factor: factor[0],
)


@settings(max_examples=100, deadline=None)
@given(FACTORS)
def test_written_region_is_read_again(factors: list[tuple[str, list[tuple[str, str]]]]) -> None:
    """Formatting and parsing are inverse."""
    region = parse_region(format_region([("DataTime", "20240101000000")], factors))

    assert {code: list(fields.items()) for code, fields in region.factors.items()} == dict(factors)


@settings(max_examples=100, deadline=None)
@given(FACTORS, st.integers(60, 950))
def test_splitting_and_joining_is_nothing(
    factors: list[tuple[str, list[tuple[str, str]]]], limit: int
) -> None:
    """Parts, each short enough, join to what was split, at any limit."""
    region = format_region([("DataTime", "20240101000000")], factors)
    parts = list(split_region(region, limit=limit))

    assert all(len(part) <= limit for part in parts)
    assert join_regions(parts) == region


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_region_is_read_or_refused(region: bytes) -> None:
    """Whatever bytes come, there is one kind of error."""
    try:
        parse_region(region)
    except ProtocolError:
        return
