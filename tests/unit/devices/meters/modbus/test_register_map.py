"""Register maps are read strictly, and refuse what cannot work."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from devices.errors import MappingError
from devices.modbus.register_map import parse_register_map

EXAMPLES = Path(__file__).parents[5] / "examples" / "mappings"
MAP = """
[meter]
device = 5
cadence_s = 900

[[register]]
address = 100
type = "u32"
kind = "total"
scale = 0.01
modulus = 100000000
maximum_step = 50
series = "m5/active-energy/import-register/"
source_unit = "kWh"
unit = "Wh"
"""
FLOAT = """
[[register]]
address = 200
type = "float32"
float_decimals = 1
kind = "moment"
series = "m5/active-power/total/"
source_unit = "kW"
unit = "W"
"""


def test_map_is_read() -> None:
    """Defaults are those of the protocol: holding registers, high word first."""
    read = parse_register_map(MAP)
    (register,) = read.registers

    assert (read.device, read.tolerance_s, read.timeout_s, read.attempts) == (5, 90, 3, 3)
    assert (register.function, register.address, register.word_count) == (3, 100, 2)
    assert (register.low_word_first, register.scale) == (False, Decimal("0.01"))


@pytest.mark.parametrize("name", ["electricity-meter-modbus.toml"])
def test_example_is_a_register_map(name: str) -> None:
    """What the documents show is what the program reads."""
    read = parse_register_map((EXAMPLES / name).read_text(encoding="utf-8"))

    assert len(read.registers) >= 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('type = "u32"', 'type = "uint32"', "must be one of u16"),
        ('kind = "total"', 'kind = "moment"', "are for totals"),
        ("modulus = 100000000\n", "", "needs modulus"),
        ("scale = 0.01", "scale = 0", "above 0"),
        ("scale = 0.01", "scale = inf", "finite"),
        ("scale = 0.01", "scale = 0.0001", "no whole number"),
        ("address = 100", "address = 65535", "beyond the last address"),
        ("address = 100", "address = 100\nplace = 1", "unknown key: place"),
        ("cadence_s = 900", "cadence_s = 1000", "divide a day"),
        ("device = 5", "device = 256", "between 0 and 255"),
        ("maximum_step = 50", "invalid = [4294967296]", "lie between"),
        ("maximum_step = 50", "invalid = [true]", "whole numbers"),
        ("maximum_step = 50", "float_decimals = 2", "unknown key"),
    ],
)
def test_mistake_is_named(old: str, new: str, message: str) -> None:
    """Each mistake says where it is and what belongs there."""
    with pytest.raises(MappingError, match=message):
        parse_register_map(MAP.replace(old, new))


def test_one_series_from_two_registers_is_refused() -> None:
    """Two registers of one series would collide slot by slot."""
    body = MAP[MAP.index("[[register]]") :]

    with pytest.raises(MappingError, match="same series"):
        parse_register_map(MAP + body)


def test_float_that_cannot_hold_its_total_is_refused() -> None:
    """A float32 of 10 000 000 kWh counts whole units: its decimals would be made up."""
    total = FLOAT.replace('"moment"', '"total"').replace('"kW"', '"kWh"').replace('"W"', '"Wh"')

    with pytest.raises(MappingError, match="needs maximum"):
        parse_register_map(MAP + total)
    with pytest.raises(MappingError, match="cannot hold 10000000 to 1 decimals"):
        parse_register_map(MAP + total + "maximum = 10000000\n")
    assert parse_register_map(MAP + total + "maximum = 100000\n").registers[1].is_total


def test_float_has_no_range() -> None:
    """A float does not start again; a modulus for one is a mistake."""
    total = FLOAT.replace('"moment"', '"total"').replace('"kW"', '"kWh"').replace('"W"', '"Wh"')

    with pytest.raises(MappingError, match="does not start again"):
        parse_register_map(MAP + total + "maximum = 1000\nmodulus = 1000\n")
