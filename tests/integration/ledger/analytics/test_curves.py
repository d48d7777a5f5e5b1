"""Load curves of nine months of a steel works, against the file read by csv and Decimal alone."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from ledger.analytics.calendar import Grain, bounds, label_of
from ledger.analytics.curves import Curve, load_curve
from ledger.errors import NotRegistered
from ledger.inventory.pieces import RemarkKind
from ledger.log.marks import Mark
from tests.support.steel_works import (
    ACTIVE,
    BEGIN_S,
    COLUMNS,
    END_S,
    KOREA_S,
    LAGGING,
    SteelWorks,
)

pytestmark = pytest.mark.shared

QUARTERS_A_DAY = 96
QUARTER_S = 900


def curve(works: SteelWorks, grain: Grain, series: str = ACTIVE, end_s: int = END_S) -> Curve:
    """Give the curve of the works' own days."""
    with works.enterprise.database.reading() as uow:
        edges = bounds(grain, BEGIN_S, end_s, KOREA_S)
        return load_curve(uow, works.enterprise.log, series, edges)


def test_days_are_those_of_the_file(works: SteelWorks) -> None:
    """Sum, highest, lowest and mean of 273 days, to the last digit."""
    found = curve(works, Grain.DAY)
    assert (found.measure.amount_unit, found.measure.load_unit) == ("kWh", "kW")
    assert len(found.loads) == 273
    for day, load in enumerate(found.loads):
        rows = works.rows[day * QUARTERS_A_DAY : (day + 1) * QUARTERS_A_DAY]
        values = [Decimal(row[COLUMNS[ACTIVE]]) for row in rows]
        assert load.highest is not None
        assert load.lowest is not None
        assert load.total == Fraction(sum(values))
        assert load.mean == Fraction(sum(values)) / 24
        assert load.highest.load == Fraction(max(values)) * 4
        assert load.lowest.load == Fraction(min(values)) * 4
        assert load.missing_s == 0
        peak = (load.highest.start_s - load.from_s) // QUARTER_S
        assert values.index(max(values)) == peak


def test_months_weeks_and_the_year_hold_the_same_energy(works: SteelWorks) -> None:
    """However it is cut, nothing is lost or doubled: 729 316.67 kWh."""
    for grain, pieces in ((Grain.WEEK, 39), (Grain.MONTH, 9), (Grain.YEAR, 1)):
        loads = curve(works, grain).loads
        assert len(loads) == pieces
        assert sum(load.total or 0 for load in loads) == Fraction("729316.67")


def test_weeks_begin_on_monday(works: SteelWorks) -> None:
    """The first day of 2018 was a Monday, and the file says so."""
    loads = curve(works, Grain.WEEK).loads
    assert works.rows[0]["Day_of_week"] == "Monday"
    assert label_of(Grain.WEEK, loads[1].from_s, KOREA_S) == "2018-W02"
    assert loads[1].from_s == BEGIN_S + 7 * 86_400


def test_every_reading_is_shown_as_imported(works: SteelWorks) -> None:
    """A file's rows are not metered, whatever they are drawn as."""
    for load in curve(works, Grain.MONTH, LAGGING).loads:
        assert load.marked[Mark.IMPORTED] == load.count
        assert load.marked[Mark.OUT_OF_CALIBRATION] == load.count


def test_after_the_last_row_there_is_nothing(works: SteelWorks) -> None:
    """October is missing, not zero."""
    october = curve(works, Grain.MONTH, end_s=END_S + 31 * 86_400).loads[-1]
    assert (october.total, october.mean, october.highest, october.count) == (None, None, None, 0)
    assert october.missing_s == 31 * 86_400
    assert october.load_factor is None


def test_load_factor_and_spread_follow_from_the_peaks(works: SteelWorks) -> None:
    """Mean by highest, and highest less lowest by highest."""
    load = curve(works, Grain.YEAR).loads[0]
    assert load.highest is not None
    assert load.lowest is not None
    assert load.mean is not None
    assert load.load_factor == load.mean / load.highest.load
    assert load.spread == 1 - load.lowest.load / load.highest.load
    assert load.highest.load == 4 * max(Fraction(row[COLUMNS[ACTIVE]]) for row in works.rows)


def test_bounds_inside_a_quarter_hour_leave_it_out(works: SteelWorks) -> None:
    """A reading across a bound is in neither piece, and both count it."""
    middle = BEGIN_S + 450
    with works.enterprise.database.reading() as uow:
        edges = [BEGIN_S, middle, BEGIN_S + 1800]
        first, second = load_curve(uow, works.enterprise.log, ACTIVE, edges).loads

    assert first.left_out == second.left_out == {RemarkKind.ACROSS: 1}
    assert (first.count, first.total) == (0, None)
    assert (second.count, second.total) == (1, Fraction("4"))


def test_unknown_series_is_refused(works: SteelWorks) -> None:
    """A name that is nearly one."""
    with (
        works.enterprise.database.reading() as uow,
        pytest.raises(NotRegistered),
    ):
        load_curve(uow, works.enterprise.log, ACTIVE[:-1], [BEGIN_S, END_S])


@pytest.mark.parametrize("edges", [[], [0], [1, 1], [2, 1]])
def test_bounds_must_ascend(works: SteelWorks, edges: list[int]) -> None:
    """Two at least, each after the one before."""
    with (
        works.enterprise.database.reading() as uow,
        pytest.raises(ValueError, match="ascend"),
    ):
        load_curve(uow, works.enterprise.log, ACTIVE, edges)
