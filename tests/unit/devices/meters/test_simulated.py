"""Simulated meters say the same thing every time, and go wrong exactly where they were told to."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from attestation.instants import from_seconds
from attestation.readings import Reading
from attestation.senml import decode_pack, encode_pack
from devices.errors import MappingError
from devices.meters.coal_unit import CoalUnit, unit_meters
from devices.meters.planted import Drift, Event, Gap, Restart, Silence, Spike
from devices.meters.simulated import (
    LiveSimulation,
    SimulatedMeter,
    SimulatedQuantity,
    SimulatedRegister,
)
from devices.zones import REPORTING_ZONE, WallTime

START_S = REPORTING_ZONE.to_seconds(WallTime(2024, 1, 1))
SLOT_S = 900


def meter(*events: Event, modulus: int = 10**9, initial: int = 0) -> SimulatedMeter:
    """Make a meter that counts 1000 a slot, in register and amounts."""
    quantity = SimulatedQuantity(
        "Wh", lambda _: 1000, "m/e/amount/", SimulatedRegister("m/e/register/", initial, modulus)
    )
    return SimulatedMeter((quantity,), start_s=START_S, events=events)


def slots(number: int) -> int:
    """Give the end of the `number`-th slot."""
    return START_S + number * SLOT_S


def said(readings: Sequence[Reading], series: str) -> dict[int, int | None]:
    """Give the values of a series by the number of the slot."""
    return {
        (reading.end_s - START_S) // SLOT_S: reading.value
        for reading in readings
        if reading.series == series
    }


def amounts(of: SimulatedMeter, number: int = 4) -> dict[int, int | None]:
    """Give the amounts of the first slots."""
    return said(list(of.readings(slots(number))), "m/e/amount/")


def registers(of: SimulatedMeter, number: int = 4) -> dict[int, int | None]:
    """Give the standings after the first slots."""
    return said(list(of.readings(slots(number))), "m/e/register/")


def test_undisturbed_meter_counts_slot_by_slot() -> None:
    """Amounts and register tell the same story."""
    assert amounts(meter()) == {1: 1000, 2: 1000, 3: 1000, 4: 1000}
    assert registers(meter()) == {1: 1000, 2: 2000, 3: 3000, 4: 4000}


def test_register_starts_again_at_its_range() -> None:
    """A register of four digits shows 0000 after 9999."""
    assert registers(meter(modulus=10_000, initial=8000)) == {1: 9000, 2: 0, 3: 1000, 4: 2000}


def test_gap_loses_readings_and_not_the_register_s_count() -> None:
    """What is lost on the way is seen in the register later."""
    gap = Gap(slots(1), slots(3))

    assert amounts(meter(gap)) == {1: 1000, 4: 1000}
    assert registers(meter(gap)) == {1: 1000, 4: 4000}


def test_silent_meter_counts_nothing() -> None:
    """A meter without power misses what happens, and its register shows that it did."""
    silence = Silence(slots(1), slots(3))

    assert amounts(meter(silence)) == {1: 1000, 4: 1000}
    assert registers(meter(silence)) == {1: 1000, 4: 2000}


def test_restart_sets_the_register_back() -> None:
    """After a restart the register begins at zero, and the amounts go on."""
    restart = Restart(slots(2) + 10)

    assert registers(meter(restart)) == {1: 1000, 2: 2000, 3: 1000, 4: 2000}
    assert amounts(meter(restart)) == {1: 1000, 2: 1000, 3: 1000, 4: 1000}


def test_drift_and_spike_change_what_is_counted() -> None:
    """A drifting meter counts a share more; a spike is one interval's."""
    wrong = meter(Drift(slots(1), slots(3), 5000), Spike(slots(3) + 1, 77))

    assert amounts(wrong) == {1: 1000, 2: 1005, 3: 1005, 4: 1077}


def test_start_within_a_slot_is_refused() -> None:
    """Intervals end at whole slots, or series of two meters never meet."""
    with pytest.raises(MappingError, match="whole slot"):
        SimulatedMeter((), start_s=START_S + 1)


def test_pieces_are_the_whole() -> None:
    """It makes no difference in which pieces readings are asked for."""
    unit = unit_meters(CoalUnit(), start_s=START_S)["generator"]
    whole = list(unit.readings(slots(50)))
    pieces = [r for n in range(50) for r in unit.readings(slots(n + 1), from_s=slots(n))]

    assert pieces == whole


def test_live_simulation_repeats_until_it_may_forget() -> None:
    """Readings that were not let go of come again; others do not."""
    live = LiveSimulation(meter(), since_s=slots(1))

    assert live.read(from_seconds(slots(2) - 1)) == ()
    first = live.read(from_seconds(slots(2)))
    assert {reading.end_s for reading in first} == {slots(2)}
    assert live.read(from_seconds(slots(2) + 5)) == first
    live.forget()
    assert {reading.end_s for reading in live.read(from_seconds(slots(4)))} == {slots(3), slots(4)}


def test_year_of_three_meters_is_whole() -> None:
    """Seven series of a leap year, each slot once."""
    meters = unit_meters(CoalUnit(), start_s=START_S)
    end_s = REPORTING_ZONE.to_seconds(WallTime(2025, 1, 1))
    readings = [r for name in ("generator", "gas", "coal") for r in meters[name].readings(end_s)]

    assert len(readings) == len({(r.series, r.end_s) for r in readings}) == 366 * 96 * 7


def test_simulated_readings_can_be_signed() -> None:
    """What a simulation says is what a pack can hold."""
    readings = tuple(
        reading
        for one in unit_meters(CoalUnit(), start_s=START_S).values()
        for reading in one.readings(slots(3))
    )

    assert set(decode_pack(encode_pack(readings))) == set(readings)
