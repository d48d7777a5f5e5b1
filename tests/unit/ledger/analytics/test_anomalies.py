"""Anomalies: what was planted is found and named, and an ordinary week is left in peace."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

from ledger.analytics.anomalies import AnomalyKind, AnomalyReport, Sensitivity, find_anomalies
from ledger.analytics.measures import Measure
from ledger.analytics.slices import Slice

MONDAY_S = 1_735_488_000
"""2024-12-30 00:00 in Beijing, a Monday."""
HOUR_S = 3600
ENERGY = Measure.of("Wh")


def weeks(number: int, *, seed: int = 1) -> list[Slice]:
    """Give hours of a plant that works 8 to 18 on working days, with some noise."""
    random = Random(seed)
    found = []
    for hour in range(number * 7 * 24):
        day, clock = divmod(hour, 24)
        is_work = day % 7 < 5 and 8 <= clock < 18
        value = 100_000 if is_work else 20_000
        start_s = MONDAY_S + hour * HOUR_S
        noise = random.randrange(-2000, 2001)
        found.append(
            Slice(start_s, start_s + HOUR_S, Fraction(value + noise), False, (hour,), frozenset())
        )
    return found


def changed(slices: list[Slice], at: int, value: int) -> list[Slice]:
    """Give the hours with another value at one of them."""
    return [*slices[:at], replace(slices[at], value=Fraction(value)), *slices[at + 1 :]]


def look(slices: list[Slice], sensitivity: Sensitivity | None = None) -> AnomalyReport:
    """Look for anomalies."""
    return find_anomalies(slices, ENERGY, sensitivity=sensitivity)


def test_ordinary_weeks_are_left_in_peace() -> None:
    """Twelve weeks of noise flag nothing."""
    report = look(weeks(12))
    assert report.anomalies == ()
    assert (report.judged, report.not_judged) == (12 * 7 * 24, 0)
    assert not report.has_drifted


def test_night_value_by_day_is_low() -> None:
    """Twenty at ten o'clock of a Monday, where a hundred is usual; at night nobody would mind."""
    report = look(changed(weeks(12), 10, 20_000))
    (found,) = report.anomalies
    assert (found.kind, found.start_s) == (AnomalyKind.LOW, MONDAY_S + 10 * HOUR_S)
    assert found.value == 20
    assert 99 < found.usual < 101
    assert found.entries == (10,)
    assert found.explanation("kWh").startswith("20 kWh where ")
    assert "读数20 kWh" in found.explanation_zh("kWh")


def test_working_value_on_a_sunday_is_high() -> None:
    """A day of rest has a profile of its own."""
    sunday_ten = (6 * 24) + 10
    (found,) = look(changed(weeks(12), sunday_ten, 100_000)).anomalies
    assert found.kind is AnomalyKind.HIGH


def test_listed_day_of_rest_is_no_anomaly() -> None:
    """A holiday among working days is judged as the day of rest it is."""
    slices = weeks(12)
    for hour in range(24):
        slices = changed(slices, hour, 20_000 + hour)
    monday = {"2024-12-30"}
    report = find_anomalies(
        slices,
        ENERGY,
        rests=lambda day: day.weekday() >= 5 or day.isoformat() in monday,
    )
    assert report.anomalies == ()
    assert look(slices).anomalies != ()


def test_a_third_of_wrong_values_does_not_move_the_usual() -> None:
    """Four of twelve Mondays at ten are wrong, and all four are found."""
    slices = weeks(12)
    wrong = [week * 168 + 10 for week in range(4)]
    for hour in wrong:
        slices = changed(slices, hour, 500_000)
    found = [each.entries[0] for each in look(slices).anomalies]
    assert found == wrong


def test_too_few_values_are_not_judged() -> None:
    """One week has five working days: no hour has eight values, and nothing is said."""
    report = look(changed(weeks(1), 10, 10**9))
    assert report.anomalies == ()
    assert (report.judged, report.not_judged) == (0, 168)


def test_value_that_does_not_change_is_stuck() -> None:
    """Thirteen hours of one value, each near the usual of a night."""
    slices = weeks(12)
    start = 5 * 24
    for hour in range(start, start + 13):
        slices = changed(slices, hour, 20_001)
    (found,) = look(slices).anomalies
    assert (found.kind, found.score) == (AnomalyKind.STUCK, 13)
    assert found.entries == tuple(range(start, start + 13))
    assert found.explanation("kWh").startswith("20 kWh 13 times in a row")


def test_plant_that_stands_still_is_not_stuck() -> None:
    """Nothing, for a night, is far from the usual and named hour by hour, but no hanging meter."""
    slices = weeks(12)
    for hour in range(20):
        slices = changed(slices, hour, 0)
    kinds = {each.kind for each in look(slices).anomalies}
    assert kinds == {AnomalyKind.LOW}


def test_values_that_are_always_equal_are_the_usual() -> None:
    """A constant stream is in order, and one other value in it is not."""
    slices = [replace(each, value=Fraction(7000)) for each in weeks(4)]
    assert look(slices).anomalies == ()
    (found,) = look(changed(slices, 50, 9000)).anomalies
    assert found.kind is AnomalyKind.HIGH


def test_detector_sees_that_its_profile_is_old() -> None:
    """From the fortieth week on the plant uses three times as much."""
    slices = [
        replace(each, value=each.value * 3) if at >= 40 * 168 else each
        for at, each in enumerate(weeks(52))
    ]
    report = look(slices)
    assert report.has_drifted
    assert report.early_share == 0
    assert report.late_share > Fraction(9, 10)


def test_stream_of_nothing_has_no_anomaly() -> None:
    """No value at all, or a plant that never ran."""
    assert look([]).judged == 0
    assert look([replace(each, value=Fraction(0)) for each in weeks(4)]).anomalies == ()


def test_sensitivity_is_the_caller_s() -> None:
    """A tenth more than usual is found only by who asks for that."""
    slices = changed(weeks(12), 10, 112_000)
    assert look(slices).anomalies == ()
    keen = Sensitivity(score=Fraction(3), share=Fraction(1, 20))
    assert [each.entries for each in look(slices, keen).anomalies] == [(10,)]
