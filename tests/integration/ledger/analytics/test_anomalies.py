"""Anomalies of a real steel works: few alarms, and what is planted is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from ledger.analytics.anomalies import AnomalyKind, find_anomalies
from ledger.analytics.measures import Measure
from ledger.analytics.slices import Slice, slices_of
from tests.support.steel_works import ACTIVE, BEGIN_S, END_S, KOREA_S, SteelWorks

pytestmark = pytest.mark.shared

ENERGY = Measure.of("Wh")
TUESDAY_TEN = 43 * 96 + 40
"""Quarter hour of 10:00 on 13 February, a working day."""


@pytest.fixture(scope="module")
def slices(works: SteelWorks) -> list[Slice]:
    """Nine months of active energy."""
    with works.enterprise.database.reading() as uow:
        return slices_of(uow, works.enterprise.log, ACTIVE, BEGIN_S, END_S)[0]


def is_rest(works: SteelWorks, day: date) -> bool:
    """Say whether the plant's own calendar has a day of light load only."""
    at = (day - date(2018, 1, 1)).days * 96
    return {row["Load_Type"] for row in works.rows[at : at + 96]} == {"Light_Load"}


def test_one_profile_does_not_fit_a_plant_that_changed(
    works: SteelWorks, slices: list[Slice]
) -> None:
    """In winter the works ran in the evening, later it did not: the detector says so itself."""
    report = find_anomalies(slices, ENERGY, offset_s=KOREA_S, rests=lambda day: is_rest(works, day))
    assert report.judged == 26_208
    assert report.has_drifted
    assert report.early_share > 10 * report.late_share


def test_alarms_are_few_where_the_plant_is_the_same(works: SteelWorks, slices: list[Slice]) -> None:
    """From June on less than one alarm in fifty values."""
    summer = slices[151 * 96 :]
    report = find_anomalies(summer, ENERGY, offset_s=KOREA_S, rests=lambda day: is_rest(works, day))
    assert not report.has_drifted
    assert len(report.anomalies) * 50 < report.judged


def test_planted_spike_is_found_with_its_entry(works: SteelWorks, slices: list[Slice]) -> None:
    """A thousand kilowatt-hours in a quarter of an hour, five times the highest there is."""
    planted = list(slices)
    planted[TUESDAY_TEN] = replace(planted[TUESDAY_TEN], value=Fraction(1_000_000))
    report = find_anomalies(
        planted, ENERGY, offset_s=KOREA_S, rests=lambda day: is_rest(works, day)
    )
    start_s = BEGIN_S + TUESDAY_TEN * 900
    (found,) = [each for each in report.anomalies if each.start_s == start_s]
    assert (found.kind, found.value) == (AnomalyKind.HIGH, 1000)
    assert found.entries == slices[TUESDAY_TEN].entries


def test_hanging_meter_is_found(slices: list[Slice]) -> None:
    """Four hours of one value in the middle of a working day."""
    planted = list(slices)
    for at in range(TUESDAY_TEN, TUESDAY_TEN + 16):
        planted[at] = replace(planted[at], value=planted[TUESDAY_TEN].value)
    found = find_anomalies(planted, ENERGY, offset_s=KOREA_S).anomalies
    start_s = BEGIN_S + TUESDAY_TEN * 900
    assert AnomalyKind.STUCK in {each.kind for each in found if each.start_s == start_s}
