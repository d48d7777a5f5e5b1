"""The made-up unit is plausible where the rules of verification look."""

from __future__ import annotations

from itertools import pairwise

import pytest

from devices.meters.coal_unit import SLOT_S, CoalUnit, Outage, unit_meters
from devices.zones import REPORTING_ZONE, WallTime

YEAR_S = REPORTING_ZONE.to_seconds(WallTime(2024, 1, 1))
APRIL_S = REPORTING_ZONE.to_seconds(WallTime(2024, 4, 10))
OUTAGE = Outage(APRIL_S, APRIL_S + 14 * 86_400)
UNIT = CoalUnit(outages=(OUTAGE,))
ENDS_S = range(YEAR_S + SLOT_S, YEAR_S + 366 * 86_400 + 1, SLOT_S * 4)


@pytest.fixture(scope="module")
def year() -> dict[str, int]:
    """A year's totals, taken from one slot in four."""
    return {
        "generated_wh": sum(UNIT.generated_wh(end_s) for end_s in ENDS_S),
        "coal_g": sum(UNIT.coal_g(end_s) for end_s in ENDS_S),
        "carbon_dioxide_g": sum(UNIT.carbon_dioxide_g(end_s) for end_s in ENDS_S),
    }


def test_efficiency_is_below_what_no_unit_exceeds(year: dict[str, int]) -> None:
    """With coal of 21 GJ/t the net efficiency is about 40 %, below the bound of 46 %."""
    heat_j = year["coal_g"] * 21_000
    permille = year["generated_wh"] * 3600 * 1000 // heat_j

    assert 380 < permille < 430


def test_emission_is_that_of_a_coal_unit(year: dict[str, int]) -> None:
    """Between 0.8 and 1.0 t of CO2 for a MWh."""
    grams_per_kwh = year["carbon_dioxide_g"] * 1000 // year["generated_wh"]

    assert 800 < grams_per_kwh < 1000


def test_flue_gas_is_an_eighth_carbon_dioxide() -> None:
    """The stack's concentration lies where coal units have it, 11 to 14 % by volume."""
    end_s = YEAR_S + 40 * SLOT_S
    mg_per_m3 = UNIT.carbon_dioxide_g(end_s) * 10**6 // UNIT.flue_gas_litres(end_s)

    assert 110 * 1964 < mg_per_m3 < 140 * 1964


def test_outage_stops_everything_but_the_purchase() -> None:
    """A unit at rest burns nothing and buys the power it needs."""
    end_s = OUTAGE.start_s + 20 * SLOT_S

    assert (UNIT.generated_wh(end_s), UNIT.coal_g(end_s), UNIT.gas_litres(end_s)) == (0, 0, 0)
    assert UNIT.bought_wh(end_s) > 1_000_000
    assert UNIT.bought_wh(OUTAGE.end_s + SLOT_S) == 0


def test_start_after_an_outage_takes_gas() -> None:
    """The first slot is lit with gas."""
    assert UNIT.gas_litres(OUTAGE.end_s + SLOT_S) > 1_000_000


def test_load_follows_the_day() -> None:
    """Nights are a valley, evenings a peak."""
    night = UNIT.load_permille(YEAR_S + 3 * 3600 + SLOT_S)
    evening = UNIT.load_permille(YEAR_S + 19 * 3600 + SLOT_S)

    assert night < 600 < 900 < evening


def test_other_seed_is_another_unit() -> None:
    """Seeds tell units apart, and one seed is always the same unit."""
    end_s = YEAR_S + SLOT_S

    assert CoalUnit(seed=1).coal_g(end_s) == CoalUnit(seed=1).coal_g(end_s)
    assert CoalUnit(seed=1).coal_g(end_s) != CoalUnit(seed=2).coal_g(end_s)


def test_generator_s_register_passes_its_range_in_the_year() -> None:
    """Whoever adds up registers meets a roll-over."""
    meter = unit_meters(UNIT, start_s=YEAR_S)["generator"]
    standings = [
        reading.value or 0 for reading in meter.readings(YEAR_S + 60 * 86_400) if reading.register
    ]

    assert any(after < before for before, after in pairwise(standings))
