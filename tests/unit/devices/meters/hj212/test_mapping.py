"""Packets become readings of the right interval, amount and quality."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from attestation.enums import Quality
from attestation.senml import decode_pack, encode_pack
from devices.errors import ProtocolError
from devices.hj212.flags import Flag
from devices.hj212.frames import FrameParser
from devices.hj212.mapping import map_packet
from devices.hj212.packets import parse_packet
from devices.hj212.stations import Station, parse_station
from devices.hj212.times import parse_time
from tests.unit.devices.meters.hj212.builders import STATION_FILE, packet, station


def mark(letter: str) -> bytes:
    """Give hour data of one factor with a mark."""
    return f"DataTime=20240122170000;a21026-Avg=21.835,a21026-Flag={letter}".encode()


def test_hour_is_the_one_that_begins_at_the_data_time() -> None:
    """2061 with 17:00 is the hour from 17:00 to 18:00, in whole litres and milligrams."""
    volume, concentration = map_packet(packet(), station()).readings

    assert (volume.value, volume.unit, volume.interval_s) == (19_191_973, "L", 3600)
    assert volume.end_s == parse_time("20240122180000")
    assert (concentration.value, concentration.scale) == (21_835, 3)


def test_minutes_have_the_station_s_interval() -> None:
    """No packet says how long its minutes are; the station file does."""
    (reading,) = map_packet(packet("2051", mark("N")), station()).readings

    assert (reading.end_s, reading.interval_s) == (parse_time("20240122171000"), 600)
    assert reading.series == "stack-1/so2-concentration/minutes/"


def test_day_is_the_one_that_begins_at_the_data_time() -> None:
    """2031 of a date runs from its midnight to the next, in Beijing."""
    region = b"DataTime=20240122000000;a00000-Cou=460607.1,a00000-Flag=N"
    (reading,) = map_packet(packet("2031", region), station()).readings

    assert (reading.start_s, reading.end_s) == (
        parse_time("20240122000000"),
        parse_time("20240123000000"),
    )


def test_real_time_data_are_of_a_moment() -> None:
    """2011 stands for no interval."""
    region = b"DataTime=20240122081600;a01012-Rtd=-0.48,a01012-Flag=N"
    (reading,) = map_packet(packet("2011", region), station()).readings

    assert (reading.interval_s, reading.value, reading.scale) == (0, -48, 2)
    assert reading.end_s == parse_time("20240122081600")


def test_station_may_stamp_the_end() -> None:
    """A local variant that names the end of the interval is declared in the station file."""
    text = STATION_FILE.replace("minute_interval_min = 10", 'data_time = "end"')
    volume, _ = map_packet(packet(), parse_station(text)).readings

    assert volume.end_s == parse_time("20240122170000")


@pytest.mark.parametrize(
    ("letter", "quality"),
    [
        ("N", Quality.MEASURED),
        ("n", Quality.MEASURED),
        ("F", Quality.FAULT),
        ("M", Quality.IN_CALIBRATION),
        ("S", Quality.SUBSTITUTED),
        ("D", Quality.FAULT),
        ("C", Quality.IN_CALIBRATION),
        ("T", Quality.FAULT),
        ("B", Quality.FAULT),
        ("?", Quality.FAULT),
    ],
)
def test_mark_becomes_quality_and_the_value_stays(letter: str, quality: Quality) -> None:
    """What was said is kept; what it is worth is told."""
    (reading,) = map_packet(packet(region=mark(letter)), station()).readings

    assert (reading.value, reading.quality) == (21_835, quality)


def test_unknown_mark_is_reported() -> None:
    """A mark that no edition knows is a fault, and the operator hears of it."""
    assert map_packet(packet(region=mark("X")), station()).problems == (
        "a21026: unknown mark 'X', taken as a fault",
    )


@pytest.mark.parametrize("text", ["", "-", "NaN", "1x", "21.8351"])
def test_value_that_is_none_goes_in_as_a_fault_without_value(text: str) -> None:
    """Nothing usable was said: that is evidence, and zero would be a lie."""
    region = f"DataTime=20240122170000;a21026-Avg={text},a21026-Flag=N".encode()
    mapped = map_packet(packet(region=region), station())

    assert (mapped.readings[0].value, mapped.readings[0].quality) == (None, Quality.FAULT)
    assert len(mapped.problems) == 1


def test_implausible_value_is_kept_and_marked() -> None:
    """A value beyond its bounds is not clipped: it is there, as a fault."""
    region = b"DataTime=20240122170000;a21026-Avg=5000.001,a21026-Flag=N"
    mapped = map_packet(packet(region=region), station())

    assert (mapped.readings[0].value, mapped.readings[0].quality) == (5_000_001, Quality.FAULT)
    assert "outside any to 5000" in mapped.problems[0]


def test_factor_that_was_not_sent_gives_no_reading() -> None:
    """Missing is missing."""
    assert map_packet(packet(region=b"DataTime=20240122170000"), station()).readings == ()


@pytest.mark.parametrize("region", [b"a21026-Avg=1", b"DataTime=2024;a21026-Avg=1"])
def test_data_without_a_time_are_refused(region: bytes) -> None:
    """A value of no time is no evidence."""
    with pytest.raises(ProtocolError, match=r"DataTime|not a time"):
        map_packet(packet(region=region), station())


def test_packet_of_another_kind_gives_nothing() -> None:
    """States of the plant are kept and answered, and are no readings."""
    assert map_packet(packet("2021", b"DataTime=1;SB1-RS=1"), station()).readings == ()


@pytest.mark.parametrize("bits", [0, 1, 2, 63])
def test_version_bits_decide_nothing(bits: int) -> None:
    """The same data under the bits of any edition are the same readings."""
    sent = replace(packet(), flag=Flag(bits, False, True))

    assert map_packet(sent, station()) == map_packet(packet(), station())


def field_station() -> Station:
    """Give a station for the field frame with an hour's masses."""
    return parse_station(
        """
        [station]
        number = "81733553216103"
        password = "123456"
        [[factor]]
        command = "2061"
        code = "a24088"
        field = "Cou"
        series = "stack/nmhc/hour/"
        unit = "g"
        [[factor]]
        command = "2061"
        code = "a01013"
        field = "Avg"
        series = "stack/pressure/hour/"
        unit = "kPa"
        decimals = 3
        """
    )


@pytest.mark.shared
def test_field_frame_becomes_readings(shared: Path) -> None:
    """A real hour of a real stack: 0.018 kg is 18 g, and a draught is negative."""
    cases = json.loads((shared / "vectors" / "hj212" / "frames.json").read_text(encoding="utf-8"))
    sent = next(case for case in cases if case["name"] == "field_stack_hour_2024")
    (frame,) = FrameParser().feed(sent["frame"].encode())
    readings = map_packet(parse_packet(frame.segment), field_station()).readings

    assert [(reading.value, reading.unit) for reading in readings] == [(18, "g"), (-26, "kPa")]
    assert decode_pack(encode_pack(readings)) == readings
