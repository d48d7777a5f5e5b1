"""Savings: a line that fits gives back what it was made of, and uncertainty is not a saving."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from ledger.analytics.errors import TooLittleData
from ledger.analytics.savings import Observation, fit_baseline, saving


def days(number: int, *, seed: int, used: int = 1000, per_tonne: int = 50) -> list[Observation]:
    """Give days with a base load, an output, and some noise."""
    random = Random(seed)
    found = []
    for _ in range(number):
        output = random.randrange(10, 100)
        energy = used + per_tonne * output + random.randrange(-20, 21)
        found.append(Observation(Fraction(energy), (Fraction(output),)))
    return found


def exact(*pairs: tuple[int, int]) -> list[Observation]:
    """Give observations of (driver, energy)."""
    return [Observation(Fraction(energy), (Fraction(driver),)) for driver, energy in pairs]


def test_points_on_a_line_give_the_line() -> None:
    """Energy 3 + 2x, to the last digit."""
    found = fit_baseline(exact((1, 5), (2, 7), (5, 13), (10, 23)))
    assert (found.fixed, found.per_driver) == (3, (2,))
    assert (found.variance, found.explained) == (0, 1)
    assert found.expected((Fraction(7),)) == 17


def test_known_example_of_least_squares() -> None:
    """Five points worked out by hand: y = 2.2 + 0.6 x, R² = 0.6."""
    found = fit_baseline(exact((1, 2), (2, 4), (3, 5), (4, 4), (5, 5)))
    assert (found.fixed, found.per_driver) == (Fraction("2.2"), (Fraction("0.6"),))
    assert found.explained == Fraction("0.6")
    assert found.variance == Fraction("0.8")
    assert not found.is_good


def test_plant_that_saves_a_tenth_is_seen_at_any_output() -> None:
    """The saving is found within its interval, and is more than it."""
    before = days(60, seed=1)
    base = fit_baseline(before)
    after = [Observation(each.energy * Fraction(9, 10), each.drivers) for each in days(30, seed=2)]
    found = saving(base, after, before)
    truth = sum(each.energy for each in after) * Fraction(1, 9)

    assert base.is_good
    assert abs(found.amount - truth) <= found.reach
    assert found.is_significant
    assert not found.is_outside


def test_plant_that_changed_nothing_saved_nothing() -> None:
    """The same line with other noise: within the uncertainty, most of the time."""
    base = fit_baseline(days(60, seed=3))
    claims = [saving(base, days(30, seed=seed)).is_significant for seed in range(10, 60)]
    assert sum(claims) <= 7  # 5 % of fifty, and some


def test_more_used_is_a_negative_saving() -> None:
    """The sign is not lost."""
    base = fit_baseline(exact((1, 5), (2, 7), (5, 13), (10, 23)))
    assert saving(base, exact((5, 14))).amount == -1


def test_output_beyond_the_baseline_is_noticed() -> None:
    """A line says nothing of where it was never drawn."""
    before = exact((1, 5), (2, 7), (5, 13), (10, 23))
    base = fit_baseline(before)
    assert saving(base, exact((11, 20)), before).is_outside
    assert not saving(base, exact((10, 20)), before).is_outside


def test_without_drivers_the_baseline_is_the_mean() -> None:
    """Four days of nothing but energy."""
    base = fit_baseline([Observation(Fraction(value)) for value in (9, 10, 11, 10)])
    assert base.fixed == 10
    assert saving(base, [Observation(Fraction(8))]).amount == 2


def test_two_drivers_are_told_apart() -> None:
    """Energy 1 + 2a + 3b."""
    rows = [(1, 0), (0, 1), (2, 5), (4, 1), (3, 3)]
    base = fit_baseline(
        [Observation(Fraction(1 + 2 * a + 3 * b), (Fraction(a), Fraction(b))) for a, b in rows]
    )
    assert (base.fixed, base.per_driver) == (1, (2, 3))


@pytest.mark.parametrize(
    ("before", "message"),
    [
        ([], "0 observations, 3 are needed"),
        (exact((1, 5), (2, 7), (3, 9)), "3 observations, 4 are needed"),
        (exact((4, 5), (4, 7), (4, 9), (4, 8)), "do not vary"),
    ],
)
def test_no_line_through_too_little(before: list[Observation], message: str) -> None:
    """Too few points, or a driver that is always the same."""
    with pytest.raises(TooLittleData, match=message):
        fit_baseline(before)


def test_time_since_must_be_known() -> None:
    """No saving of no days."""
    with pytest.raises(TooLittleData):
        saving(fit_baseline(exact((1, 5), (2, 7), (5, 13), (10, 23))), [])


def test_observations_have_the_same_drivers() -> None:
    """One of them lacks its output."""
    with pytest.raises(ValueError, match="same drivers"):
        fit_baseline([*exact((1, 5), (2, 7), (5, 13)), Observation(Fraction(1))])
