"""Valid parts of HJ 212, of which a test changes only what it is about."""

from __future__ import annotations

from devices.hj212.checksum import checksum
from devices.hj212.flags import Flag
from devices.hj212.frames import Frame
from devices.hj212.packets import Packet, format_packet
from devices.hj212.stations import Station, parse_station

NUMBER = "81733553216103"
PASSWORD = "123456"
REQUEST = "20240123101501421"
HOUR_REGION = (
    b"DataTime=20240122170000;a00000-Cou=19191.973,a00000-Avg=5.331,a00000-Flag=N;"
    b"a21026-Avg=21.835,a21026-Flag=N"
)

STATION_FILE = f"""
[station]
number = "{NUMBER}"
password = "{PASSWORD}"
minute_interval_min = 10

[[factor]]
command = "2061"
code = "a00000"
field = "Cou"
series = "stack-1/flue-gas-volume/hour/"
unit = "L"

[[factor]]
command = "2061"
code = "a21026"
field = "Avg"
series = "stack-1/so2-concentration/hour/"
unit = "mg/m3"
decimals = 3
maximum = 5000

[[factor]]
command = "2051"
code = "a21026"
field = "Avg"
series = "stack-1/so2-concentration/minutes/"
unit = "mg/m3"
decimals = 3

[[factor]]
command = "2011"
code = "a01012"
field = "Rtd"
series = "stack-1/temperature/moment/"
unit = "Cel"
decimals = 2

[[factor]]
command = "2031"
code = "a00000"
field = "Cou"
series = "stack-1/flue-gas-volume/day/"
unit = "L"
"""


def station(text: str = STATION_FILE) -> Station:
    """Give a station with five factors."""
    return parse_station(text)


def packet(
    command: str = "2061",
    region: bytes = HOUR_REGION,
    *,
    number: str = NUMBER,
    request: str = REQUEST,
    password: str = PASSWORD,
    answer_wanted: bool = True,
    part: int = 1,
    part_count: int = 1,
) -> Packet:
    """Give a packet of hour data that wants an answer."""
    return Packet(
        command=command,
        station=number,
        region=region,
        request=request,
        system="31",
        password=password,
        flag=Flag(1, part_count > 1, answer_wanted),
        part=part,
        part_count=part_count,
    )


def frame(of: Packet) -> Frame:
    """Give a packet as it comes off the line."""
    segment = format_packet(of)
    return Frame(segment, checksum(segment), intact=True)
