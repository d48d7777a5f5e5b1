"""Packets: the head is strict, the password never shows, what was written is read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import ProtocolError
from devices.hj212.flags import Flag, parse_flag
from devices.hj212.packets import format_packet, parse_packet
from tests.unit.devices.meters.hj212.builders import packet

HEAD = b"QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=0100A8;Flag=9;"
TAIL = b"CP=&&DataTime=20240601085857&&"


def test_fields_are_read() -> None:
    """Each field of the head has its place; the region is left as it came."""
    read = parse_packet(HEAD + b"PNUM=3;PNO=2;RF=1;" + TAIL)

    assert (read.command, read.station, read.request, read.system) == (
        "2011",
        "0100A8",
        "20240601085857223",
        "31",
    )
    assert (read.part_count, read.part, read.sent_again) == (3, 2, True)
    assert read.region == b"DataTime=20240601085857"
    assert read.answer_wanted


def test_old_packets_may_lack_request_and_flag() -> None:
    """Loggers of 2005 send neither; nobody waits for an answer then."""
    read = parse_packet(b"ST=22;CN=2011;PW=123456;MN=781703664AM0001;CP=&&a=1&&")

    assert (read.request, read.flag, read.answer_wanted) == ("", None, False)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"CN=2011;", b"", "CN is missing"),
        (b"CN=2011;", b"CN=;", "CN is empty"),
        (b"CN=2011", b"CN=20I1", "CN is '20I1'"),
        (b"MN=0100A8;", b"", "MN is missing"),
        (b"MN=0100A8", b"MN=../../etc/passwd", "MN is"),
        (b"MN=0100A8", b"MN=" + b"A" * 25, "MN is"),
        (b"ST=31", b"ST=31;ST=32", "twice"),
        (b"QN=20240601085857223", b"QN=2024", "QN is"),
        (b"Flag=9", b"Flag=256", "0 to 255"),
        (b"Flag=9", b"Flag=-1", "0 to 255"),
        (b"Flag=9", b"Flag=9;PNUM=2", "come together"),
        (b"Flag=9", b"Flag=9;PNUM=2;PNO=3", "part 3 of 2"),
        (b"Flag=9", b"Flag=9;PNUM=0;PNO=0", "part 0 of 0"),
        (b"Flag=9", b"Flag=9;PNUM=999999999;PNO=1", "1 to 999"),
        (b"Flag=9", b"Flag=9;RF=2", "RF is"),
        (b"ST=31", b"ST=\xc9\xcf", "ASCII"),
        (b"ST=31", b"ST=31;Note=" + b"x" * 300, "256"),
        (b"CP=&&", b"CP=", "without CP"),
        (b"57&&", b"57", "without CP"),
    ],
)
def test_malformed_head_is_refused(old: bytes, new: bytes, message: str) -> None:
    """Who speaks and what is meant is never guessed."""
    with pytest.raises(ProtocolError, match=message):
        parse_packet((HEAD + TAIL).replace(old, new))


def test_password_is_in_no_text() -> None:
    """Neither the packet nor an error about it shows the password."""
    assert "123456" not in repr(packet())
    with pytest.raises(ProtocolError) as caught:
        parse_packet((HEAD + TAIL).replace(b"PW=123456", b"PW=hush hush"))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("number", "flag"),
    [
        (0, Flag()),
        (1, Flag(0, False, True)),
        (4, Flag(1)),
        (7, Flag(1, True, True)),
        (8, Flag(2)),
        (9, Flag(2, False, True)),
        (255, Flag(63, True, True)),
    ],
)
def test_flag_s_bits(number: int, flag: Flag) -> None:
    """Six bits of version, one of numbers, one of answers; an unknown version is kept."""
    assert parse_flag(str(number)) == flag
    assert flag.to_int() == number


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 63),
    st.booleans(),
    st.integers(1, 999),
    st.text("0123456789ABCDEF", min_size=1, max_size=24),
    st.binary(max_size=60),
)
def test_written_packet_is_read_again(
    version: int, wanted: bool, part_count: int, number: str, region: bytes
) -> None:
    """Formatting and parsing are inverse, for any region of bytes."""
    flag = Flag(version, part_count > 1, wanted)
    written = replace(packet(region=region, number=number, part_count=part_count), flag=flag)

    assert parse_packet(format_packet(written)) == written


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=120))
def test_any_segment_is_a_packet_or_a_protocol_error(noise: bytes) -> None:
    """Whatever somebody sends, there is one kind of error."""
    for segment in (noise, HEAD + noise, HEAD + b"CP=&&" + noise + b"&&", noise + TAIL):
        try:
            parse_packet(segment)
        except ProtocolError:
            continue
