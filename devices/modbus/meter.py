"""
A Modbus meter: asked once for each slot of its cadence, soon after the slot's end.

An answer that comes later than the tolerance stands for no slot: the slot stays a gap, because a
total read at 10:05 is not that of 10:00. A total that jumps further than it can, or back, goes
into evidence as read and marked as a fault.

Source: FORMATS section 2 (intervals end at the cadence's slots; `r_` for register readings).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import structlog

from attestation.enums import Provenance, Quality, SignerKind
from attestation.errors import EncodingError
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.readings import Reading
from devices.modbus.link import Link
from devices.modbus.register_map import Register, RegisterMap
from devices.modbus.values import exact_float, join_words, nearest_decimal, signed

SLOT_MISSED: Final = "modbus_slot_missed"
VALUE_NOT_TAKEN: Final = "modbus_value_not_taken"

_log = structlog.get_logger(__name__)


class ModbusMeter:
    """
    One meter on a line (`Meter`).

    Args:
        link: The line; may be shared by meters of one thread.
        register_map: What to ask, and what the answers mean.
    """

    provenance = Provenance.LIVE
    signer = SignerKind.GATEWAY

    def __init__(self, link: Link, register_map: RegisterMap) -> None:
        self._link = link
        self._map = register_map
        self._said_slot_s = 0
        self._given_slot_s = 0
        self._given: tuple[Reading, ...] = ()
        self._totals: dict[str, tuple[int, int]] = {}  # series: slot, raw standing

    def read(self, now: Instant) -> Sequence[Reading]:
        """
        Give the readings of the slot that ended last, if it was not given yet.

        Raises:
            MeterUnreadable: If the meter does not answer in time; the next call tries again.
        """
        now_s = now // MILLISECONDS_PER_SECOND
        slot_s = now_s - now_s % self._map.cadence_s
        if self._given:
            return self._given
        if slot_s == self._said_slot_s or now_s - slot_s > self._map.tolerance_s:
            return ()
        self._given = tuple(
            self._read_register(register, slot_s) for register in self._map.registers
        )
        self._given_slot_s = slot_s
        if self._said_slot_s and slot_s - self._said_slot_s > self._map.cadence_s:
            _log.warning(SLOT_MISSED, from_s=self._said_slot_s, to_s=slot_s)
        return self._given

    def forget(self) -> None:
        """Let go of the readings last given."""
        if self._given:
            self._said_slot_s = self._given_slot_s
            self._given = ()

    def _read_register(self, register: Register, slot_s: int) -> Reading:
        words = self._link.read_words(
            device=self._map.device,
            function=register.function,
            address=register.address,
            count=register.word_count,
        )
        bits = join_words(
            words, low_word_first=register.low_word_first, low_byte_first=register.low_byte_first
        )
        value, quality = self._judge(register, bits, slot_s)
        conversion = register.quantity.conversion
        return Reading(
            series=register.quantity.series,
            end_s=slot_s,
            interval_s=self._map.cadence_s if register.is_total else 0,
            value=value,
            unit=conversion.unit,
            quality=quality,
            scale=0 if value is None else conversion.decimals,
            register=register.is_total,
            multiplier=register.quantity.multiplier,
        )

    def _judge(self, register: Register, bits: int, slot_s: int) -> tuple[int | None, Quality]:
        """Give the value of a register's bits, and what it is worth."""
        amount = None if bits in register.invalid else _amount(register, bits)
        if amount is None:
            return self._doubt(register, "the meter has no value", None)
        try:
            value = register.quantity.conversion.to_integer(amount)
        except EncodingError as error:
            return self._doubt(register, error.message, None)
        if not register.quantity.is_plausible(amount):
            return self._doubt(register, f"{amount} is outside {register.quantity.bounds}", value)
        if not self._can_have_grown(register, bits, slot_s):
            return self._doubt(register, f"the total cannot have come to {amount}", value)
        return value, Quality.MEASURED

    def _doubt(
        self, register: Register, reason: str, value: int | None
    ) -> tuple[int | None, Quality]:
        _log.warning(VALUE_NOT_TAKEN, series=register.quantity.series, reason=reason)
        return value, Quality.FAULT

    def _can_have_grown(self, register: Register, raw: int, slot_s: int) -> bool:
        """Say whether a total can have come here from where it stood, its range included."""
        if register.modulus is None or register.maximum_step is None:
            return True
        series = register.quantity.series
        before = self._totals.get(series)
        self._totals[series] = (slot_s, raw)
        if raw >= register.modulus:
            return False
        if before is None:
            return True
        before_slot_s, before_raw = before
        grown = (raw - before_raw) % register.modulus * Fraction(register.scale)
        slots = (slot_s - before_slot_s) // self._map.cadence_s
        return grown <= Fraction(register.maximum_step) * slots


def _amount(register: Register, bits: int) -> Fraction | None:
    """Give what the bits mean in the instrument's unit; None where they are no number."""
    form = register.type.float_form
    if form is not None:
        number = exact_float(bits, form)
        if number is None:
            return None
        return nearest_decimal(number, register.float_decimals) * Fraction(register.scale)
    raw = signed(bits, 16 * register.word_count) if register.type.is_signed else bits
    return raw * Fraction(register.scale)
