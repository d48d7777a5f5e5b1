"""The simulated monitor says what the simulated unit does."""

from __future__ import annotations

from decimal import Decimal

from devices.hj212.cems import Cems, Marked
from devices.hj212.regions import parse_region
from devices.hj212.times import parse_time
from devices.meters.coal_unit import SLOT_S, CoalUnit, Outage

HOUR_S = parse_time("20240301080000")
UNIT = CoalUnit()


def test_hour_s_carbon_is_that_of_the_coal() -> None:
    """The stack's CO2 of an hour is the sum of its four quarter hours, in kg."""
    fields = parse_region(Cems(UNIT).interval_region("2061", HOUR_S)).factors["a05001"]
    slots = range(HOUR_S + SLOT_S, HOUR_S + 3601, SLOT_S)

    assert Decimal(fields["Cou"]) * 1000 == sum(UNIT.carbon_dioxide_g(end_s) for end_s in slots)
    assert fields["Flag"] == "N"


def test_total_and_mean_agree() -> None:
    """Mass is mean concentration times volume, within a digit of the mean."""
    factors = parse_region(Cems(UNIT).interval_region("2061", HOUR_S)).factors
    cubic_metres = Decimal(factors["a00000"]["Cou"])
    grams = Decimal(factors["a05001"]["Avg"]) * cubic_metres / 1000

    assert abs(grams - Decimal(factors["a05001"]["Cou"]) * 1000) < 1


def test_marks_are_planted() -> None:
    """While it is calibrated the monitor says so of all that it says."""
    marked = Marked(HOUR_S, HOUR_S + 1800, "C")
    cems = Cems(UNIT, marked=[marked])

    assert parse_region(cems.interval_region("2061", HOUR_S)).factors["a21026"]["Flag"] == "C"
    assert (
        parse_region(cems.interval_region("2061", HOUR_S + 3600)).factors["a21026"]["Flag"] == "N"
    )
    assert parse_region(cems.moment_region(HOUR_S + 60)).factors["a19001"]["Flag"] == "C"


def test_stack_of_a_unit_at_rest_has_no_flow() -> None:
    """Zero is measured here, not missing."""
    at_rest = CoalUnit(outages=(Outage(HOUR_S, HOUR_S + 7200),))
    factors = parse_region(Cems(at_rest).interval_region("2061", HOUR_S)).factors

    assert (factors["a00000"]["Cou"], factors["a05001"]["Avg"]) == ("0.000", "0.000")


def test_history_gives_each_interval_once() -> None:
    """Days begin at Beijing's midnight, hours at the hour."""
    cems = Cems(UNIT)
    days = list(cems.history("2031", HOUR_S, HOUR_S + 3 * 86_400))
    hours = list(cems.history("2061", HOUR_S, HOUR_S + 3 * 3600))

    assert [parse_region(day).values["DataTime"] for day in days] == [
        "20240302000000",
        "20240303000000",
        "20240304000000",
    ]
    assert [parse_region(hour).values["DataTime"][8:10] for hour in hours] == ["08", "09", "10"]
