"""Station files are read strictly."""

from __future__ import annotations

import pytest

from attestation.enums import Quality
from devices.errors import MappingError
from devices.hj212.stations import parse_station
from devices.meters.csv_mapping import Stamp
from tests.unit.devices.meters.hj212.builders import STATION_FILE, station


def test_usual_units_are_the_standard_s() -> None:
    """A listed factor needs no unit of the logger: the standard fixes it."""
    volume, concentration, *_ = station().factors

    assert volume.quantity.conversion.source_unit == "m3"
    assert concentration.quantity.conversion.source_unit == "mg/m3"


def test_settings_of_the_station_are_read() -> None:
    """Key, stamp and the quality of unmarked values have their places."""
    text = STATION_FILE.replace(
        "minute_interval_min = 10",
        'sm4_key = "30303030303030303030303030303030"\ndata_time = "end"\nwithout_flag = "fault"',
    )
    read = parse_station(text)

    assert read.key == b"0" * 16
    assert (read.data_time, read.without_flag) == (Stamp.END, Quality.FAULT)


def test_secrets_are_in_no_text() -> None:
    """Neither password nor key shows where a station is printed."""
    text = STATION_FILE.replace("[station]", '[station]\nsm4_key = "' + "30" * 16 + '"')

    assert "123456" not in repr(parse_station(text))
    assert "000000" not in repr(parse_station(text))


def test_password_is_compared_whole() -> None:
    """Only the very password is the password."""
    assert station().knows("123456")
    assert not station().knows("12345")
    assert not station().knows("")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('command = "2061"', 'command = "2021"', "must be one of 2011"),
        ('unit = "L"', 'unit = "g"', "m3 measures volume"),
        ('code = "a00000"', 'code = "z99999"', "source_unit is missing"),
        ("hour/", "minutes/", "given by two factors"),
        ("minute_interval_min = 10", "minute_interval_min = 7", "divide 60"),
        ("minute_interval_min = 10", 'sm4_key = "3030"', "16 are needed"),
        ("minute_interval_min = 10", 'sm4_key = "zz"', "hexadecimal"),
        ("minute_interval_min = 10", "minutes = 10", "unknown key"),
    ],
)
def test_mistake_is_named(old: str, new: str, message: str) -> None:
    """Each mistake says where it is and what belongs there."""
    with pytest.raises(MappingError, match=message):
        parse_station(STATION_FILE.replace(old, new))
