"""Forecasts: intervals that hold as often as they say, on real plants, and nothing from nothing."""

from __future__ import annotations

import csv
from calendar import monthrange
from decimal import Decimal
from fractions import Fraction
from math import gamma, pi, sqrt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.analytics.alerts import WarningLevel, warn
from ledger.analytics.errors import TooLittleData
from ledger.analytics.forecast import YearForecast, forecast_year
from ledger.analytics.quantiles import CONFIDENCES, student_t

SEASONS = (120, 110, 100, 90, 80, 70, 90, 100, 80, 90, 110, 120)
WOBBLE = (1, -2, 3, 0, -1, 2, -3, 1, 0, 2, -1, -2)
Months = dict[tuple[int, int], Decimal]


def history(*levels: str, known: int = 12, first: int = 2020) -> Months:
    """Give years of the same season at some levels, of the last so many months."""
    months: Months = {}
    for at, level in enumerate(levels):
        for month, (share, wobble) in enumerate(zip(SEASONS, WOBBLE, strict=True), 1):
            shift = wobble if at % 2 else -wobble
            months[first + at, month] = Decimal(level) * share + shift
    for month in range(known + 1, 13):
        del months[first + len(levels) - 1, month]
    return months


def plants(shared: Path) -> list[Months]:
    """Give the monthly CO2 of every 24th of 273 American plants, 2001 to 2018."""
    found = []
    folder = shared / "data" / "cems-us-monthly" / "monthly"
    names = [path for path in sorted(folder.glob("*.csv")) if path.stem.isdigit()]
    for path in names[::24]:
        months: Months = {}
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
            year, month = map(int, row["year_month"].split("-"))
            if row["avg_co2_mass_tons_hr"]:
                hours = 24 * monthrange(year, month)[1]
                months[year, month] = Decimal(row["avg_co2_mass_tons_hr"]) * hours
        found.append(months)
    return found


@pytest.mark.shared
@pytest.mark.parametrize("confidence", CONFIDENCES)
def test_intervals_hold_as_often_as_they_say(shared: Path, confidence: int) -> None:
    """Years of real plants, forecast after three, six and nine months: within six percent."""
    held = tried = 0
    for months in plants(shared):
        whole = [y for y in range(2002, 2018) if all((y, m) in months for m in range(1, 13))]
        for year in whole:
            total = sum(months[year, month] for month in range(1, 13))
            for known in (3, 6, 9):
                so_far = {key: value for key, value in months.items() if key <= (year, known)}
                try:
                    found = forecast_year(so_far, year, confidence=confidence)
                except TooLittleData:
                    continue
                tried += 1
                held += found.low <= total <= found.high
    assert tried > 300
    assert abs(held * 100 / tried - confidence) < 6


def test_same_season_at_another_level_is_met() -> None:
    """A year at nine tenths of the years before comes to nine tenths of them."""
    found = forecast_year(history("1", "1", "0.9", known=6), 2022)
    assert abs(found.expected - Fraction(9, 10) * sum(SEASONS)) < 10
    assert found.base_years == (2020, 2021)
    assert found.unknown_months == (7, 8, 9, 10, 11, 12)
    assert found.low < found.expected < found.high


def test_higher_confidence_is_wider() -> None:
    """95 % reaches beyond 80 %."""
    months = history("1", "1", "1", known=6)
    narrow = forecast_year(months, 2022, confidence=80)
    wide = forecast_year(months, 2022, confidence=95)
    assert wide.low <= narrow.low < narrow.high < wide.high


def test_whole_year_is_no_forecast() -> None:
    """When all is known there is no interval left."""
    months = history("1", "1")
    found = forecast_year(months, 2021)
    known = sum(value for key, value in months.items() if key[0] == 2021)
    assert found.known == found.expected == found.low == found.high == known


def test_month_left_out_in_between_is_expected_not_zero() -> None:
    """March is missing: it is expected as the other unknown months are."""
    months = history("1", "1", "1", known=6)
    del months[2022, 3]
    found = forecast_year(months, 2022)
    assert found.unknown_months == (3, 7, 8, 9, 10, 11, 12)
    assert found.months[2].amount > 90


def test_year_with_a_missing_month_gives_no_season() -> None:
    """2021 lacks a month, and 2020 alone is the base."""
    months = history("1", "1", "1", known=6)
    del months[2021, 12]
    assert forecast_year(months, 2022).base_years == (2020,)


def test_at_most_five_years_are_looked_at() -> None:
    """What was nine years ago says nothing of this year."""
    months = history(*["1"] * 9, known=6)
    assert forecast_year(months, 2028).base_years == (2023, 2024, 2025, 2026, 2027)


@pytest.mark.parametrize(
    ("months", "message"),
    [
        (history("1", "1", known=2), "2 known months of 2021 and 1 whole years"),
        (history("1", known=6, first=2021), "6 known months of 2021 and 0 whole years"),
        (
            history("1", "1", known=6) | {(2021, month): Decimal(0) for month in range(1, 7)},
            "nothing was emitted",
        ),
        (
            {(year, month): Decimal(month > 6) for year in (2020, 2021) for month in range(1, 13)}
            | {(2021, month): Decimal(0) for month in range(7, 13)},
            "nothing was emitted",
        ),
    ],
)
def test_nothing_is_made_of_nothing(months: Months, message: str) -> None:
    """Too few months, no year before, or nothing to go by."""
    with pytest.raises(TooLittleData, match=message):
        forecast_year(months, 2021)


def test_it_is_deterministic_and_says_what_it_rests_on() -> None:
    """The same months in another order give the same words, in both languages."""
    months = history("1", "1", "0.9", known=6)
    found = forecast_year(months, 2022)
    again = forecast_year(dict(reversed(months.items())), 2022)
    assert again == found
    assert "of the same months of 2020, 2021" in found.explanation()
    assert "2020、2021年同月" in found.explanation_zh()
    assert "80 % interval" in found.explanation()


@given(
    st.lists(st.integers(1, 10**6), min_size=36, max_size=36),
    st.integers(3, 11),
    st.integers(-3, 6),
)
def test_unit_does_not_matter(values: list[int], known: int, power: int) -> None:
    """In grams or in tonnes it is the same forecast."""
    keys = [(2020 + at // 12, at % 12 + 1) for at in range(24 + known)]
    plain = {key: Decimal(value) for key, value in zip(keys, values, strict=False)}
    scaled = {key: value.scaleb(power) for key, value in plain.items()}
    one, other = forecast_year(plain, 2022), forecast_year(scaled, 2022)
    factor = Fraction(Decimal(1).scaleb(power))

    assert other.expected == one.expected * factor
    assert other.likeness == one.likeness
    assert abs(other.high - one.high * factor) <= Fraction(1, 10**9)


def density(x: float, degrees: int) -> float:
    """Density of Student's t."""
    scale = gamma((degrees + 1) / 2) / (sqrt(degrees * pi) * gamma(degrees / 2))
    return scale * (1 + x * x / degrees) ** (-(degrees + 1) / 2)


@pytest.mark.parametrize("confidence", CONFIDENCES)
@pytest.mark.parametrize("degrees", [1, 2, 5, 12, 30])
def test_quantiles_are_those_of_the_distribution(confidence: int, degrees: int) -> None:
    """Integrated numerically between them: that many percent."""
    reach, steps = float(student_t(confidence, degrees)), 20_000
    width = 2 * reach / steps
    area = sum(density(-reach + (at + 0.5) * width, degrees) * width for at in range(steps))
    assert area * 100 == pytest.approx(confidence, abs=0.05)


def test_quantiles_fall_and_end_at_thirty() -> None:
    """More degrees of freedom are narrower; beyond the table nothing is guessed."""
    for confidence in CONFIDENCES:
        values = [student_t(confidence, degrees) for degrees in range(1, 31)]
        assert values == sorted(values, reverse=True)
        assert student_t(confidence, 1000) == values[-1]


def test_quantiles_that_are_not_there_are_refused() -> None:
    """No degree of freedom, and a confidence without a table."""
    with pytest.raises(TooLittleData):
        student_t(95, 0)
    with pytest.raises(ValueError, match="90"):
        student_t(90, 5)


def outlook() -> YearForecast:
    """Give a forecast of about 1160 with 567 known."""
    return forecast_year(history("1", "1", "1", known=6), 2022)


@pytest.mark.parametrize(
    ("limit", "level"),
    [
        ("2000", WarningLevel.CLEAR),
        ("1150", WarningLevel.LIKELY),
        ("567", WarningLevel.LIKELY),
        ("566", WarningLevel.PASSED),
    ],
)
def test_limit_is_clear_likely_or_passed(limit: str, level: WarningLevel) -> None:
    """By the interval, by what is expected, by what is known."""
    assert warn(outlook(), Decimal(limit)).warning is level


def test_limit_inside_the_interval_is_a_possibility() -> None:
    """Above what is expected, below the high end."""
    found = outlook()
    between = Decimal(round((found.expected + found.high) / 2))
    assert warn(found, between).warning is WarningLevel.POSSIBLE


def test_shortfall_names_amount_and_month() -> None:
    """950 is passed in November, by about 204 in the end."""
    found = warn(outlook(), Decimal(950))
    assert found.month == 11
    assert found.expected == outlook().expected - 950
    assert warn(outlook(), Decimal(2000)).month is None


def test_limit_met_exactly_is_not_passed() -> None:
    """A firm that holds what it emitted lacks nothing."""
    found = forecast_year(history("1", "1"), 2021)
    limit = Decimal(found.known.numerator)
    assert warn(found, limit).warning is WarningLevel.CLEAR


def test_negative_limit_is_refused() -> None:
    """Nobody holds less than nothing."""
    with pytest.raises(ValueError, match="not negative"):
        warn(outlook(), Decimal(-1))
