"""Registers come over TCP, RTU over TCP, and RTU on a serial line; a dead line is an error."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator

import pytest
from pymodbus.framer import FramerRTU, FramerType

from attestation.instants import from_seconds
from devices.errors import MappingError, MeterUnreadable
from devices.modbus.link import ModbusLink, serial_link, tcp_link
from devices.modbus.meter import ModbusMeter
from devices.modbus.register_map import parse_register_map
from devices.modbus.serial_port import SerialSettings
from tests.integration.devices.meters.modbus_device import ModbusDevice, SerialLine

SLOT_S = 1_704_067_200
TOTAL = 12_345_678
RAW = SerialSettings(baud=19_200, parity="none")  # a pseudo-terminal has no parity
WORDS = (
    *struct.unpack(">2H", struct.pack(">I", TOTAL)),
    *struct.unpack(">2H", struct.pack(">f", 231.47)),
    *struct.unpack("<4H", struct.pack("<q", -5_000_000_000)),
)
MAP = """
[meter]
[[register]]
address = 0
type = "u32"
kind = "total"
scale = 0.01
series = "m/active-energy/register/"
source_unit = "kWh"
unit = "Wh"
[[register]]
address = 2
space = "input"
type = "float32"
float_decimals = 2
kind = "moment"
series = "m/voltage/l1/"
source_unit = "V"
unit = "V"
decimals = 2
[[register]]
address = 4
type = "i64"
word_order = "low-first"
kind = "moment"
series = "m/active-energy/balance/"
source_unit = "Wh"
unit = "Wh"
"""
VALUES = [TOTAL * 10, 23_147, -5_000_000_000]


@pytest.fixture
def device() -> Iterator[ModbusDevice]:
    """A device that speaks Modbus TCP."""
    with ModbusDevice(WORDS) as running:
        yield running


@pytest.fixture
def serial_device() -> Iterator[ModbusDevice]:
    """A device that passes serial frames through."""
    with ModbusDevice(WORDS, framer=FramerType.RTU) as running:
        yield running


def values(link: ModbusLink) -> list[int | None]:
    """Read the meter once, and give its values."""
    with link:
        meter = ModbusMeter(link, parse_register_map(MAP))
        return [reading.value for reading in meter.read(from_seconds(SLOT_S + 5))]


def test_meter_is_read_over_tcp(device: ModbusDevice) -> None:
    """Whole numbers, floats and either order of words, exactly."""
    assert values(tcp_link("127.0.0.1", device.port)) == VALUES


def test_meter_is_read_through_a_converter(serial_device: ModbusDevice) -> None:
    """RTU frames over TCP, as converters pass them."""
    assert values(tcp_link("127.0.0.1", serial_device.port, rtu=True)) == VALUES


def test_meter_is_read_on_a_serial_line(serial_device: ModbusDevice) -> None:
    """RTU on a terminal device, without pyserial."""
    with SerialLine(serial_device.port) as line:
        assert values(serial_link(line.path, RAW)) == VALUES


def test_late_answer_is_not_taken_for_the_next_one_s(serial_device: ModbusDevice) -> None:
    """An answer of another length is refused, and the line is clean for the next request."""
    late = bytes([1, 3, 4, 0, 1, 0, 2])
    with SerialLine(serial_device.port) as line, serial_link(line.path, RAW, timeout_s=1) as link:
        line.noise = late + FramerRTU.compute_CRC(late).to_bytes(2, "big")
        with pytest.raises(MeterUnreadable, match="gave 2 registers, 4 were asked for"):
            link.read_words(device=1, function=3, address=0, count=4)

        assert link.read_words(device=1, function=3, address=0, count=2) == list(WORDS[:2])


def test_refused_registers_are_unreadable(device: ModbusDevice) -> None:
    """An exception of the device is an error with its number, never a value."""
    with (
        tcp_link("127.0.0.1", device.port) as link,
        pytest.raises(MeterUnreadable, match="registers 100 to 101 with exception 2"),
    ):
        link.read_words(device=1, function=3, address=100, count=2)


def test_device_that_thinks_too_long_is_unreadable(device: ModbusDevice) -> None:
    """After the time-out of each attempt there is an error; the next call is fresh."""
    with tcp_link("127.0.0.1", device.port, timeout_s=1, attempts=1) as link:
        device.delay_s = 1.5
        began = time.monotonic()
        with pytest.raises(MeterUnreadable):
            link.read_words(device=1, function=3, address=0, count=2)
        assert time.monotonic() - began < 5

        device.delay_s = 0
        assert link.read_words(device=1, function=3, address=0, count=2) == list(WORDS[:2])


def test_line_is_opened_again_when_the_device_is_back(device: ModbusDevice) -> None:
    """A device that was away is read as soon as it answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with tcp_link("127.0.0.1", port, timeout_s=1) as link, pytest.raises(MeterUnreadable):
        link.read_words(device=1, function=3, address=0, count=2)
    with tcp_link("127.0.0.1", device.port) as link:
        link.read_words(device=1, function=3, address=0, count=2)
        link.close()

        assert link.read_words(device=1, function=3, address=0, count=2) == list(WORDS[:2])


def test_port_without_the_parity_asked_for_is_unreadable(serial_device: ModbusDevice) -> None:
    """A pseudo-terminal has no parity; frames of another form would never be understood."""
    with (
        SerialLine(serial_device.port) as line,
        serial_link(line.path, SerialSettings(parity="even"), timeout_s=1) as link,
        pytest.raises(MeterUnreadable),
    ):
        link.read_words(device=1, function=3, address=0, count=2)


def test_port_that_is_none_is_unreadable() -> None:
    """A terminal that is not there, or is no terminal, is an error like any other."""
    for path in ("/nonexistent/ttyS99", "/dev/null"):
        with serial_link(path, timeout_s=1) as link, pytest.raises(MeterUnreadable):
            link.read_words(device=1, function=3, address=0, count=2)


@pytest.mark.parametrize(
    ("baud", "parity", "stop_bits"), [(9601, "even", 1), (9600, "mark", 1), (9600, "none", 3)]
)
def test_settings_of_no_line_are_refused(baud: int, parity: str, stop_bits: int) -> None:
    """A slip in the settings is found before a port is opened."""
    with pytest.raises(MappingError, match="no serial line"):
        SerialSettings(baud, parity, stop_bits)
