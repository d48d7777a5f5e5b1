"""
Exchange of a meter: the old one goes with its last standings, the new one comes with its first.

The series go on: what was used is (last - before) + (after - first), so both standings have to be
written down at the moment of the exchange, and the new instrument is described like any other.

Source: FORMATS sections 2 and 7 (series; meter exchange); DL/T 448-2016 for the standings (表底).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attestation.ids import parse_series_id
from attestation.series_bodies import Instrument, MeterExchange, RegisterStanding
from devices.errors import EnrolmentError


@dataclass(frozen=True, slots=True)
class Exchange:
    """The two records of an exchange, to be signed by the enterprise."""

    exchange: MeterExchange
    instrument: Instrument
    """The new meter, under the instrument's old id; supersedes its record."""


def exchange_meter(
    old: Instrument, new: Instrument, registers: Sequence[RegisterStanding], *, at_s: int
) -> Exchange:
    """
    Make the records of an exchange.

    Args:
        old: The instrument as registered.
        new: The instrument that replaces it, under the same id.
        registers: Last standing of the old and first of the new meter, for each series.
        at_s: When, in seconds since 1970 UTC.

    Raises:
        EnrolmentError: If id or register unit change, a series is of another instrument or comes
            twice, a standing does not fit its register, or the time is before the installation.
        EncodingError: If a field is malformed.
    """
    if old.instrument != new.instrument:
        raise EnrolmentError(
            f"series of {old.instrument!r} cannot go on as {new.instrument!r}: the id stays"
        )
    if not old.installed_s <= at_s <= new.installed_s:
        raise EnrolmentError("an exchange is after the old and not after the new installation")
    series = [standing.series for standing in registers]
    if len(set(series)) != len(series):
        raise EnrolmentError("a series with two standings")
    for standing in registers:
        if parse_series_id(standing.series).instrument != old.instrument:
            raise EnrolmentError(f"{standing.series} is not a series of {old.instrument!r}")
        _check_standing("last", standing.last, standing.unit, old)
        _check_standing("first", standing.first, standing.unit, new)
    exchange = MeterExchange(
        instrument=old.instrument,
        old_serial_number=old.serial_number,
        new_serial_number=new.serial_number,
        at_s=at_s,
        registers=tuple(registers),
    )
    return Exchange(exchange, new)


def _check_standing(name: str, standing: int, unit: str, instrument: Instrument) -> None:
    if standing < 0:
        raise EnrolmentError(f"{name} standing {standing} is below 0")
    modulus = instrument.register_modulus
    if modulus is None:
        return
    if instrument.unit != unit:
        raise EnrolmentError(f"{name} standing is in {unit}, the register in {instrument.unit}")
    if standing >= modulus:
        raise EnrolmentError(f"{name} standing {standing} is beyond the register's {modulus}")
