"""A Modbus meter is asked once a slot; what it cannot have said is marked, the rest is absent."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest

from attestation.enums import Quality
from attestation.instants import Instant, from_seconds
from attestation.readings import Reading
from attestation.senml import decode_pack, encode_pack
from devices.errors import MeterUnreadable
from devices.modbus.meter import ModbusMeter
from devices.modbus.register_map import parse_register_map

SLOT_S = 1_704_067_200
MAP = """
[meter]
cadence_s = 900
tolerance_s = 60

[[register]]
address = 0
type = "u32"
kind = "total"
scale = 0.01
modulus = 100000000
maximum_step = 50
invalid = [4294967295]
series = "m/active-energy/register/"
source_unit = "kWh"
unit = "Wh"
multiplier = "ct-200"

[[register]]
address = 10
space = "input"
type = "float32"
float_decimals = 2
kind = "moment"
minimum = 0
maximum = 500
series = "m/voltage/l1/"
source_unit = "V"
unit = "V"
decimals = 2

[[register]]
address = 12
type = "i16"
kind = "moment"
scale = 0.1
series = "m/temperature/board/"
source_unit = "Cel"
unit = "Cel"
decimals = 1
"""


class MemoryLink:
    """A device in memory; silent when told to be."""

    def __init__(self) -> None:
        self.words: dict[tuple[int, int], Sequence[int]] = {}
        self.is_silent = False
        self.requests = 0

    def read_words(self, *, device: int, function: int, address: int, count: int) -> list[int]:
        """Give what stands at an address."""
        self.requests += 1
        if self.is_silent:
            raise MeterUnreadable("no answer")
        return list(self.words[(function, address)])

    def close(self) -> None:
        """Nothing to let go of."""

    def show(self, total: int, volts: float = 231.47, tenths: int = -55) -> None:
        """Set what the device shows."""
        self.words[(3, 0)] = struct.unpack(">2H", struct.pack(">I", total))
        self.words[(4, 10)] = struct.unpack(">2H", struct.pack(">f", volts))
        self.words[(3, 12)] = struct.unpack(">H", struct.pack(">h", tenths))


@pytest.fixture
def link() -> MemoryLink:
    """A device that shows something."""
    made = MemoryLink()
    made.show(1_234_567)
    return made


@pytest.fixture
def meter(link: MemoryLink) -> ModbusMeter:
    """The meter of that device."""
    return ModbusMeter(link, parse_register_map(MAP))


def at(slot: int, after_s: int = 5) -> Instant:
    """Give the time some seconds after a slot's end."""
    return from_seconds(SLOT_S + 900 * slot + after_s)


def read(meter: ModbusMeter, slot: int) -> Sequence[Reading]:
    """Read a slot and let go of it."""
    readings = meter.read(at(slot))
    meter.forget()
    return readings


def test_registers_become_readings_of_the_slot(meter: ModbusMeter) -> None:
    """A total covers its slot, a moment is of its end; all are exact."""
    total, volts, board = meter.read(at(0))

    assert (total.value, total.unit, total.register) == (12_345_670, "Wh", True)
    assert (total.end_s, total.interval_s, total.multiplier) == (SLOT_S, 900, "ct-200")
    assert (volts.value, volts.scale, volts.interval_s) == (23_147, 2, 0)
    assert (board.value, board.scale) == (-55, 1)


def test_slot_is_asked_once(meter: ModbusMeter, link: MemoryLink) -> None:
    """Until it is let go of the same readings come again, and none after."""
    first = meter.read(at(0))

    assert meter.read(at(0, 20)) == first
    assert link.requests == 3
    meter.forget()
    assert meter.read(at(0, 30)) == ()
    assert link.requests == 3
    assert len(meter.read(at(1))) == 3


def test_late_answer_stands_for_no_slot(meter: ModbusMeter, link: MemoryLink) -> None:
    """A total read minutes later is not the slot's: the slot stays a gap."""
    assert meter.read(at(0, 61)) == ()
    assert link.requests == 0


def test_silent_device_is_asked_again(meter: ModbusMeter, link: MemoryLink) -> None:
    """What could not be read is not there, and may be read at the next call."""
    link.is_silent = True
    with pytest.raises(MeterUnreadable):
        meter.read(at(0))

    link.is_silent = False
    assert len(meter.read(at(0, 30))) == 3


def test_total_passes_its_range(meter: ModbusMeter, link: MemoryLink) -> None:
    """After 999 999.99 comes 0: the step is small, and the reading is good."""
    link.show(99_999_000)
    read(meter, 0)
    link.show(900)

    assert read(meter, 1)[0].quality is Quality.MEASURED


@pytest.mark.parametrize("total", [1_240_000, 1_234_566, 0], ids=["jump", "back", "restart"])
def test_total_that_cannot_have_grown_so_is_marked(
    meter: ModbusMeter, link: MemoryLink, total: int
) -> None:
    """It goes into evidence as read, and does not count; the next step is judged from it."""
    read(meter, 0)
    link.show(total)
    doubtful = read(meter, 1)[0]
    link.show(total + 4000)

    assert (doubtful.value, doubtful.quality) == (total * 10, Quality.FAULT)
    assert read(meter, 2)[0].quality is Quality.MEASURED


def test_step_may_be_larger_after_missed_slots(meter: ModbusMeter, link: MemoryLink) -> None:
    """Three slots may bring three steps."""
    read(meter, 0)
    link.show(1_234_567 + 3 * 5000)

    assert read(meter, 3)[0].quality is Quality.MEASURED


@pytest.mark.parametrize("total", [0xFFFFFFFF, 100_000_000], ids=["invalid", "beyond range"])
def test_total_that_is_none_is_a_fault(meter: ModbusMeter, link: MemoryLink, total: int) -> None:
    """A value that means "no value", or lies beyond the register's range, does not count."""
    link.show(total)

    assert read(meter, 0)[0].quality is Quality.FAULT


@pytest.mark.parametrize("volts", [float("nan"), float("inf"), 501.0, -0.01])
def test_value_out_of_the_world_is_a_fault(
    meter: ModbusMeter, link: MemoryLink, volts: float
) -> None:
    """No number and no plausible number are marked; what was read plainly is kept."""
    link.show(1_234_567, volts)
    reading = read(meter, 0)[1]

    assert reading.quality is Quality.FAULT
    assert (reading.value is None) == (volts != volts or volts == float("inf"))


def test_readings_can_be_signed(meter: ModbusMeter, link: MemoryLink) -> None:
    """Also those without a value."""
    link.show(0xFFFFFFFF, float("nan"))
    readings = tuple(meter.read(at(0)))

    assert set(decode_pack(encode_pack(readings))) == set(readings)
