"""Tariff cost and power factor of nine months of a steel works, against the file's own columns."""

from __future__ import annotations

import tomllib
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from pathlib import Path

import pytest

from ledger.analytics.calendar import Grain, bounds
from ledger.analytics.costs import Cost, energy_cost
from ledger.analytics.curves import Curve, load_curve
from ledger.analytics.errors import UnitsApart
from ledger.analytics.power_factor import power_factors
from ledger.analytics.tariffs import Tariff, parse_tariff
from tests.support.steel_works import (
    ACTIVE,
    BEGIN_S,
    COLUMNS,
    END_S,
    KOREA_S,
    LAGGING,
    LEADING,
    SteelWorks,
)

pytestmark = pytest.mark.shared

TARIFF = Path(__file__).parents[4] / "examples" / "tariffs" / "korea-industrial-2018.toml"
WORDS = {"light": "Light_Load", "medium": "Medium_Load", "maximum": "Maximum_Load"}


@pytest.fixture(scope="module")
def tariff() -> Tariff:
    """The bands that the file states, as a table."""
    return parse_tariff(tomllib.loads(TARIFF.read_text(encoding="utf-8")))


def cost(works: SteelWorks, tariff: Tariff, from_s: int = BEGIN_S, to_s: int = END_S) -> Cost:
    """Price the active energy."""
    with works.enterprise.database.reading() as uow:
        return energy_cost(uow, works.enterprise.log, ACTIVE, tariff, from_s, to_s)


TWO_MONTHS_S = BEGIN_S + 59 * 86_400
"""January and February."""


def curves(
    works: SteelWorks,
    *series: str,
    begin_s: int = BEGIN_S,
    end_s: int = TWO_MONTHS_S,
    step: Grain = Grain.DAY,
) -> list[Curve]:
    """Give the curves of some series, of two months unless told otherwise."""
    edges = bounds(step, begin_s, end_s, KOREA_S)
    with works.enterprise.database.reading() as uow:
        return [load_curve(uow, works.enterprise.log, name, edges) for name in series]


def test_bands_hold_the_energy_that_the_file_says(works: SteelWorks, tariff: Tariff) -> None:
    """26 208 rows state their band; the table puts every one of them into it."""
    expected: Counter[str] = Counter()
    for row in works.rows:
        expected[row["Load_Type"]] += Decimal(row[COLUMNS[ACTIVE]])  # type: ignore[assignment]
    found = cost(works, tariff)

    assert found.is_complete
    assert {each.band: each.energy for each in found.bands} == {
        band: Fraction(expected[word]) for band, word in WORDS.items()
    }


def test_costs_are_rounded_once_a_band_and_add_up(works: SteelWorks, tariff: Tariff) -> None:
    """The stated total is the sum of what is stated."""
    found = cost(works, tariff)
    for each in found.bands:
        assert abs(Fraction(each.cost) - each.energy * Fraction(each.price)) <= Fraction(1, 200)
    assert found.cost == sum(each.cost for each in found.bands)
    assert found.energy == Fraction("729316.67")


def test_a_day_without_a_price_is_unpriced_not_free(works: SteelWorks, tariff: Tariff) -> None:
    """The table ends a day before the readings do."""
    shorter = Tariff(
        **{name: getattr(tariff, name) for name in Tariff.__slots__}
        | {"last_day": tariff.last_day.replace(day=29)}
    )
    found = cost(works, shorter)
    last_day = sum(Decimal(row[COLUMNS[ACTIVE]]) for row in works.rows[-96:])

    assert found.unpriced == Fraction(last_day)
    assert found.unpriced_count == 96
    assert not found.is_complete


def test_tariff_of_energy_prices_nothing_else(works: SteelWorks, tariff: Tariff) -> None:
    """Reactive energy has no price in kWh."""
    with works.enterprise.database.reading() as uow, pytest.raises(UnitsApart, match="kvarh"):
        energy_cost(uow, works.enterprise.log, LAGGING, tariff, BEGIN_S, END_S)


def test_missing_hours_are_stated_beside_the_cost(works: SteelWorks, tariff: Tariff) -> None:
    """A day after the last row adds seconds without a reading, and no cost."""
    found = cost(works, tariff, END_S - 86_400, END_S + 86_400)
    assert found.missing_s == 86_400
    assert not found.is_complete


def test_power_factor_of_quarter_hours_is_the_plant_s(works: SteelWorks) -> None:
    """The plant's own column of lagging power factor, to its two decimals, over nine months."""
    edges = [BEGIN_S + at * 900 for at in range(96 * 28 + 1)]
    with works.enterprise.database.reading() as uow:
        active, lagging, leading = (
            load_curve(uow, works.enterprise.log, name, edges)
            for name in (ACTIVE, LAGGING, LEADING)
        )
    checked = 0
    found = power_factors([active], [lagging], [leading])
    for factor, row in zip(found, works.rows, strict=False):
        if factor.lagging is None:
            continue
        said = Decimal(row["Lagging_Current_Power_Factor"])
        # The plant works it out from energies with more digits than it wrote down.
        assert abs(factor.lagging * 100 - said) < Decimal("0.1"), row
        checked += 1
    assert checked > 2600


def test_month_is_billed_with_both_kinds(works: SteelWorks) -> None:
    """Sizes of lagging and leading energy are added before the root."""
    active, lagging, leading = curves(works, ACTIVE, LAGGING, LEADING, step=Grain.MONTH)
    found = power_factors([active], [lagging], [leading])[0]
    january = works.rows[: 96 * 31]
    p, q, c = (sum(float(row[COLUMNS[name]]) for row in january) for name in COLUMNS)

    assert float(found.billed or 0) == pytest.approx(p / sqrt(p**2 + (q + c) ** 2), abs=5e-5)
    assert float(found.lagging or 0) == pytest.approx(p / sqrt(p**2 + q**2), abs=5e-5)
    assert float(found.leading or 0) == pytest.approx(p / sqrt(p**2 + c**2), abs=5e-5)


def test_three_phases_count_as_one_meter_over_them(works: SteelWorks) -> None:
    """Three phases alike have the factor of one."""
    active, lagging = curves(works, ACTIVE, LAGGING, step=Grain.MONTH)
    one = power_factors([active], [lagging])
    three = power_factors([active] * 3, [lagging] * 3)

    assert [each.lagging for each in three] == [each.lagging for each in one]
    assert three[0].active_kwh == 3 * one[0].active_kwh


def test_nothing_covered_has_no_factor(works: SteelWorks) -> None:
    """October has neither energy: no factor, and not one of 1."""
    stretch = {"begin_s": END_S - 86_400, "end_s": END_S + 31 * 86_400}
    active, lagging = curves(works, ACTIVE, LAGGING, step=Grain.MONTH, **stretch)
    october = power_factors([active], [lagging])[-1]
    assert (october.lagging, october.billed, october.is_comparable) == (None, None, False)


def test_curves_of_other_kinds_or_pieces_are_refused(works: SteelWorks) -> None:
    """Active for reactive, days against months, phases without a partner."""
    active, lagging = curves(works, ACTIVE, LAGGING, step=Grain.MONTH)
    (days,) = curves(works, LAGGING)
    for wrong in (([active], [active]), ([active], [days]), ([active] * 2, [lagging])):
        with pytest.raises(UnitsApart):
            power_factors(*wrong)
