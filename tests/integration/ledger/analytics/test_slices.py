"""What a series says as accounting takes it: multipliers, registers, gauges, what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest

from attestation.enums import Outcome, Provenance, Quality
from attestation.readings import Reading
from attestation.series_bodies import Multiplier
from ledger.analytics.curves import Curve, load_curve
from ledger.analytics.errors import NoCurve, TableMalformed, UnitsApart
from ledger.analytics.metering import Meter, MeteringReport, MeterTree, metering_report
from ledger.analytics.power_factor import power_factors
from ledger.analytics.slices import slices_of
from ledger.database import Database
from ledger.inventory.pieces import RemarkKind
from tests.support.enterprise import QUARTER_S, START_S, Device, Enterprise

ENERGY, CHILD = "em-01/energy/total/", "em-02/energy/total/"
REGISTER = "em-03/energy/total/"
POWER, LEVEL = "em-01/power/total/", "em-04/temperature/out/"
UNITS = {ENERGY: "Wh", CHILD: "Wh", POWER: "W", LEVEL: "Cel"}
DAY_S = 86_400


@pytest.fixture
def enterprise(sqlite_url: str) -> Iterator[Enterprise]:
    """An enterprise whose four meters are registered."""
    with Database(sqlite_url) as database:
        made = Enterprise(database)
        made.register_authority()
        for series, unit in UNITS.items():
            made.file(made.registration(series, unit=unit, minimum=-1000))
        made.file(made.registration(REGISTER, register=True, maximum=10**9))
        for name in ("em-01", "em-02", "em-03", "em-04"):
            series = tuple(s for s in (*UNITS, REGISTER) if s.startswith(name))
            made.file(made.enrolment(Device(name, series=series)))
        yield made


def say(enterprise: Enterprise, *readings: Reading) -> None:
    """Sign readings of one instrument by its device, and admit them."""
    name = readings[0].series.split("/")[0]
    device = Device(name, series=(readings[0].series,))
    enterprise.accept(device.sign(*readings, provenance=Provenance.BACK_FILL))


def quarter(series: str, at: int, value: int | None, **changes: object) -> Reading:
    """Give the reading of a quarter hour."""
    arguments: dict[str, object] = {
        "series": series,
        "end_s": START_S + (at + 1) * QUARTER_S,
        "interval_s": QUARTER_S,
        "value": value,
        "unit": UNITS.get(series, "Wh"),
    }
    return Reading(**(arguments | changes))  # type: ignore[arg-type]


def curve(enterprise: Enterprise, series: str, *quarters: int) -> Curve:
    """Give the curve between quarter hours."""
    bounds_s = [START_S + at * QUARTER_S for at in quarters]
    with enterprise.database.reading() as uow:
        return load_curve(uow, enterprise.log, series, bounds_s)


def report(enterprise: Enterprise, *meters: Meter) -> MeteringReport:
    """Balance meters over the first day."""
    with enterprise.database.reading() as uow:
        return metering_report(uow, enterprise.log, MeterTree(meters), START_S, START_S + DAY_S)


def test_multiplier_in_force_is_in_the_load(enterprise: Enterprise) -> None:
    """A transformer of 400 to 5: the meter counts an eightieth."""
    enterprise.file(
        Multiplier(
            multiplier="ct-1",
            instrument="em-01",
            kind="CT",
            numerator=400,
            denominator=5,
            valid_from_s=START_S,
        )
    )
    say(enterprise, *(quarter(ENERGY, at, 5, multiplier="ct-1") for at in range(4)))
    (load,) = curve(enterprise, ENERGY, 0, 4).loads
    assert load.total == Fraction("1.6")
    assert load.highest is not None
    assert load.highest.load == Fraction("1.6")


def test_reading_with_another_multiplier_is_left_out(enterprise: Enterprise) -> None:
    """None is in force: what it says cannot be told, and is not taken as it is."""
    say(enterprise, quarter(ENERGY, 0, 5), quarter(ENERGY, 1, 5, multiplier="ct-9"))
    (load,) = curve(enterprise, ENERGY, 0, 2).loads
    assert load.left_out == {RemarkKind.MULTIPLIER: 1}
    assert (load.count, load.missing_s) == (1, QUARTER_S)


def test_register_has_the_curve_of_its_differences(enterprise: Enterprise) -> None:
    """Standings 100, 130, 190: 30 and 60 Wh a quarter of an hour."""
    standings = [
        quarter(REGISTER, at, value, interval_s=0, register=True)
        for at, value in ((-1, 100), (0, 130), (1, 190))
    ]
    say(enterprise, *standings)
    first, second = curve(enterprise, REGISTER, 0, 1, 2).loads
    assert (first.total, second.total) == (Fraction("0.03"), Fraction("0.06"))
    assert second.mean == Fraction("0.24")


def test_reading_without_a_value_is_missing_and_counted(enterprise: Enterprise) -> None:
    """A fault is no zero."""
    say(enterprise, quarter(ENERGY, 0, 8), quarter(ENERGY, 1, None, quality=Quality.FAULT))
    (load,) = curve(enterprise, ENERGY, 0, 2).loads
    assert load.left_out == {RemarkKind.WITHOUT_VALUE: 1}
    assert load.mean == Fraction("0.032")
    assert load.missing_s == QUARTER_S


def test_power_is_no_amount(enterprise: Enterprise) -> None:
    """A mean power over intervals: averaged over time, added up to nothing."""
    short = quarter(POWER, 1, 400, interval_s=QUARTER_S // 3)
    say(enterprise, quarter(POWER, 0, 100), short)
    (load,) = curve(enterprise, POWER, 0, 2).loads
    assert load.total is None
    assert load.mean == Fraction(100 * 3 + 400, 4)
    assert load.highest is not None
    assert load.highest.load == 400


def test_power_that_cannot_be_used_is_counted(enterprise: Enterprise) -> None:
    """A fault, and a multiplier that is not in force."""
    say(
        enterprise,
        quarter(POWER, 0, None, quality=Quality.FAULT),
        quarter(POWER, 1, 70, multiplier="ct-9"),
        quarter(POWER, 2, 70),
    )
    (load,) = curve(enterprise, POWER, 0, 3).loads
    assert load.left_out == {RemarkKind.WITHOUT_VALUE: 1, RemarkKind.MULTIPLIER: 1}
    assert (load.mean, load.count) == (70, 1)


def test_instants_are_averaged_over_their_number(enterprise: Enterprise) -> None:
    """A thermometer covers no second; cold is no load to speak of."""
    instants = [quarter(LEVEL, at, value, interval_s=0) for at, value in enumerate((-4, 2, 5))]
    say(enterprise, *instants)
    found = curve(enterprise, LEVEL, 0, 3)
    (load,) = found.loads
    assert found.measure.load_unit == "Cel"
    assert (load.mean, load.count, load.total) == (1, 3, None)
    assert load.lowest is not None
    assert load.lowest.load == -4
    assert load.missing_s == 3 * QUARTER_S


def test_reading_across_a_bound_of_what_is_no_amount(enterprise: Enterprise) -> None:
    """It belongs to neither side."""
    say(enterprise, quarter(POWER, 0, 100))
    with enterprise.database.reading() as uow:
        found = slices_of(uow, enterprise.log, POWER, START_S + 1, START_S + QUARTER_S)
    assert [(out.start_s, out.reason) for out in found[1]] == [(START_S, RemarkKind.ACROSS)]
    assert found[0] == []


def test_only_the_first_entries_are_shown_where_asked(enterprise: Enterprise) -> None:
    """A curve up to a size has nothing of what came after it."""
    say(enterprise, quarter(ENERGY, 0, 8))
    with enterprise.database.reading() as uow:
        size = uow.heads.get(enterprise.log.number).size
        edges = [START_S, START_S + QUARTER_S]
        before = load_curve(uow, enterprise.log, ENERGY, edges, size=size - 1).loads[0]
        after = load_curve(uow, enterprise.log, ENERGY, edges, size=size).loads[0]
    assert (before.total, after.total) == (None, Fraction("0.008"))


def test_what_was_left_out_later_is_not_shown_either(enterprise: Enterprise) -> None:
    """A fault that came after the size asked for is not told."""
    say(enterprise, quarter(ENERGY, 0, None, quality=Quality.FAULT))
    with enterprise.database.reading() as uow:
        size = uow.heads.get(enterprise.log.number).size
        edges = [START_S, START_S + QUARTER_S]
        before = load_curve(uow, enterprise.log, ENERGY, edges, size=size - 1).loads[0]
        after = load_curve(uow, enterprise.log, ENERGY, edges, size=size).loads[0]
    assert before.left_out == {}
    assert after.left_out == {RemarkKind.WITHOUT_VALUE: 1}


def test_as_many_seconds_that_are_others_have_no_factor(enterprise: Enterprise) -> None:
    """Active energy of one quarter of an hour, reactive energy of the next."""
    reactive = "em-02/reactive/lagging/"
    enterprise.file(enterprise.registration(reactive, unit="varh"))
    enterprise.file(
        enterprise.enrolment(Device("spare", series=(reactive,)), instruments=("em-02",))
    )
    say(enterprise, quarter(ENERGY, 0, 4))
    other = quarter(reactive, 1, 3, unit="varh")
    spare = Device("spare", series=(reactive,))
    enterprise.accept(spare.sign(other, provenance=Provenance.BACK_FILL))
    active, lagging = (curve(enterprise, name, 0, 2) for name in (ENERGY, reactive))
    (factor,) = power_factors([active], [lagging])
    assert active.loads[0].covered_s == lagging.loads[0].covered_s == QUARTER_S
    assert not factor.is_comparable
    assert factor.lagging is None


def test_register_of_a_temperature_is_refused(enterprise: Enterprise) -> None:
    """There is nothing to take differences of."""
    enterprise.file(enterprise.registration("em-04/heat/x/", unit="Cel", register=True))
    with pytest.raises(NoCurve):
        curve(enterprise, "em-04/heat/x/", 0, 1)


def test_balance_of_a_whole_day_holds(enterprise: Enterprise) -> None:
    """Five in, four below: a fifth is lost or unmetered."""
    for series, value in ((ENERGY, 5000), (CHILD, 4000)):
        say(enterprise, *(quarter(series, at, value) for at in range(96)))
    main, child = Meter("em-01", 1, ENERGY), Meter("em-02", 2, CHILD, "em-01")
    (balance,) = report(enterprise, main, child).balances
    assert balance.outcome is Outcome.HELD
    assert (balance.rest, balance.rest_share) == (96, Fraction(1, 5))


def test_balance_of_a_day_with_a_missing_quarter_is_open(enterprise: Enterprise) -> None:
    """The child's last quarter of an hour is missing."""
    say(enterprise, *(quarter(ENERGY, at, 5000) for at in range(96)))
    say(enterprise, *(quarter(CHILD, at, 4000) for at in range(95)))
    main, child = Meter("em-01", 1, ENERGY), Meter("em-02", 2, CHILD, "em-01")
    (balance,) = report(enterprise, main, child).balances
    assert balance.outcome is Outcome.COULD_NOT_CHECK
    assert balance.incomplete == ("em-02",)


def test_meters_of_different_things_are_no_tree(enterprise: Enterprise) -> None:
    """A power below an energy; and no meter at all."""
    with pytest.raises(UnitsApart):
        report(enterprise, Meter("em-01", 1, ENERGY), Meter("p", 2, POWER, "em-01"))
    with pytest.raises(TableMalformed):
        report(enterprise)
