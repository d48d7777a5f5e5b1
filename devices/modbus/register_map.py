"""
Register maps: which registers a Modbus meter has, and what they mean, as TOML.

A map is checked when it is read: a float register that cannot hold its own maximum to its own
decimals is refused here, not discovered after a year of counting.

Source: `docs/meters.md`; the meter's manual.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from devices.meters.quantity import Quantity, take_quantity
from devices.meters.toml_table import TomlTable, parse_toml
from devices.modbus.values import RegisterType, spacing
from devices.zones import SECONDS_PER_DAY

_FUNCTIONS: Final = {"holding": 3, "input": 4}
_LAST_ADDRESS: Final = 65_535
_MAX_DEVICE: Final = 255


@dataclass(frozen=True, slots=True)
class Register:
    """One value of a meter, in one or more registers."""

    function: int
    """3 for holding registers, 4 for input registers."""
    address: int
    """Address of the first word, from 0 as in the protocol (manuals often count from 1)."""
    type: RegisterType
    low_word_first: bool
    low_byte_first: bool
    scale: Decimal
    """What one step of the raw value is, in the instrument's unit."""
    float_decimals: int
    """Decimals that the instrument shows; for floats only."""
    is_total: bool
    """Whether it counts up for good (表底), and not a value of the moment."""
    modulus: int | None
    """The raw value counts from 0 to `modulus - 1` and starts again."""
    maximum_step: Decimal | None
    """Most that a total can grow in one interval, in the instrument's unit."""
    invalid: frozenset[int]
    """Raw bits by which the meter says that it has no value."""
    quantity: Quantity

    @property
    def word_count(self) -> int:
        """Number of registers it spans."""
        return self.type.word_count


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """A meter."""

    device: int
    """Device (slave) address on the line: 1 to 247, and any byte behind a converter."""
    cadence_s: int
    """Length of an interval; readings are of its whole multiples."""
    tolerance_s: int
    """How late after a slot's end an answer still stands for that slot."""
    timeout_s: int
    attempts: int
    """How often one request is sent in all."""
    registers: tuple[Register, ...]


def parse_register_map(text: str, *, name: str = "register map") -> RegisterMap:
    """
    Read a register map.

    Raises:
        MappingError: If it is not one; the message names the key and what to write there.
    """
    document = parse_toml(text, what=name)
    head = document.table("meter")
    cadence_s = head.integer("cadence_s", low=1, high=SECONDS_PER_DAY, default=900)
    if SECONDS_PER_DAY % cadence_s:
        raise head.fail("cadence_s must divide a day")
    result = RegisterMap(
        device=head.integer("device", low=0, high=_MAX_DEVICE, default=1),
        cadence_s=cadence_s,
        tolerance_s=head.integer("tolerance_s", low=0, high=cadence_s - 1, default=cadence_s // 10),
        timeout_s=head.integer("timeout_s", low=1, high=60, default=3),
        attempts=head.integer("attempts", low=1, high=10, default=3),
        registers=tuple(_register(table) for table in document.tables("register")),
    )
    head.finish()
    document.finish()
    series = Counter(register.quantity.series for register in result.registers)
    if max(series.values()) > 1:
        raise document.fail("two registers give the same series")
    return result


def _register(table: TomlTable) -> Register:
    kind = RegisterType(table.choice("type", [kind.value for kind in RegisterType]))
    is_float = kind.float_form is not None
    bits = 16 * kind.word_count
    register = Register(
        function=_FUNCTIONS[table.choice("space", tuple(_FUNCTIONS), "holding")],
        address=table.integer("address", low=0, high=_LAST_ADDRESS),
        type=kind,
        low_word_first=table.choice("word_order", ("high-first", "low-first"), "high-first")
        == "low-first",
        low_byte_first=table.choice("byte_order", ("high-first", "low-first"), "high-first")
        == "low-first",
        scale=_scale(table),
        float_decimals=table.integer("float_decimals", low=0, high=9) if is_float else 0,
        is_total=table.choice("kind", ("total", "moment")) == "total",
        modulus=table.optional_integer("modulus", low=2, high=1 << 64),
        maximum_step=table.optional_decimal("maximum_step"),
        invalid=frozenset(table.integers("invalid", low=0, high=(1 << bits) - 1)),
        quantity=take_quantity(table),
    )
    _check(register, table)
    table.finish()
    return register


def _scale(table: TomlTable) -> Decimal:
    scale = table.optional_decimal("scale")
    if scale is None:
        return Decimal(1)
    if scale <= 0:
        raise table.fail("scale must be above 0")
    return scale


def _check(register: Register, table: TomlTable) -> None:
    """Refuse what contradicts itself."""
    if register.address + register.word_count - 1 > _LAST_ADDRESS:
        raise table.fail("the value reaches beyond the last address")
    if not register.is_total and (register.modulus or register.maximum_step):
        raise table.fail("modulus and maximum_step are for totals")
    if register.maximum_step is not None and register.modulus is None:
        raise table.fail("maximum_step needs modulus: where does the total start again?")
    form, maximum = register.type.float_form, register.quantity.maximum
    conversion = register.quantity.conversion
    step = Fraction(register.scale) * Fraction(1, 10**register.float_decimals)
    if (step * conversion.factor).denominator != 1:
        raise table.fail(
            f"a step of {register.scale} {conversion.source_unit} with {register.float_decimals} "
            f"decimals is no whole number of 10^-{conversion.decimals} {conversion.unit}"
        )
    if form is None:
        return
    if register.modulus is not None:
        raise table.fail("modulus is for whole numbers; a float does not start again")
    if register.is_total and maximum is None:
        raise table.fail("a total in a float needs maximum, to see that it can hold it")
    if maximum is not None and maximum >= 1:
        finest = spacing(form, Fraction(maximum) / Fraction(register.scale))
        if finest > Fraction(1, 10**register.float_decimals):
            raise table.fail(
                f"{register.type.value} cannot hold {maximum} to {register.float_decimals} "
                "decimals: read a whole-number register, or declare fewer decimals"
            )
