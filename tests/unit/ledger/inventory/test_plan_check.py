"""The check against the control plan: one result a period, with every departure in it."""

from __future__ import annotations

from attestation.enums import Outcome
from ledger.inventory.checks.plan import as_planned
from ledger.inventory.departures import DatumDepartures, Departure, DepartureKind
from ledger.inventory.periods import Period

JANUARY, FEBRUARY = Period.month(2025, 1), Period.month(2025, 2)
SELDOM = Departure(DepartureKind.TOO_SELDOM, "read every 3600 s", "监测频次低于方案规定")
MISSING = Departure(DepartureKind.MISSING, "60 s have no amount", "核算期内存在缺失数据")


def of(period: Period, parameter: str, *departures: Departure) -> DatumDepartures:
    """Give a datum's departures."""
    return DatumDepartures(parameter, "em-01/energy/total/", period, departures)


def test_data_as_planned_hold() -> None:
    """One result for all data of a month."""
    (found,) = as_planned([of(JANUARY, "fuel"), of(JANUARY, "heat")])

    assert (found.outcome, found.period) == (Outcome.HELD, JANUARY)
    assert found.english == "2 data were got as planned"


def test_each_departure_is_named_with_its_parameter() -> None:
    """In English and Chinese; months are told apart, in order."""
    found = list(
        as_planned(
            [of(FEBRUARY, "fuel", SELDOM), of(JANUARY, "heat"), of(FEBRUARY, "heat", MISSING)]
        )
    )

    assert [(each.period, each.outcome) for each in found] == [
        (JANUARY, Outcome.HELD),
        (FEBRUARY, Outcome.FAILED),
    ]
    assert found[1].english == "fuel: read every 3600 s; heat: 60 s have no amount"
    assert found[1].chinese == "fuel：监测频次低于方案规定；heat：核算期内存在缺失数据"


def test_nothing_drawn_gives_no_result() -> None:
    """A check of nothing has not held."""
    assert list(as_planned([])) == []
