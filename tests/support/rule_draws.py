"""Inputs that rules take, drawn at random: numbers, fuels, lists of lines."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

Plain = dict[str, Any]
Inputs = st.SearchStrategy[Plain]
Text = st.SearchStrategy[str]


@st.composite
def amounts(
    draw: st.DrawFn, least: int = 0, most: int = 10**7, *, places: tuple[int, ...] = (0, 2, 4, 18)
) -> str:
    """Draw a decimal string between two whole numbers, both possible, with so many decimals."""
    decimals = draw(st.sampled_from(places))
    scaled = draw(st.integers(least * 10**decimals, most * 10**decimals))
    return f"{Decimal(scaled).scaleb(-decimals):f}"


def above(least: int = 0, most: int = 10**7) -> Text:
    """Draw an amount above a bound."""
    return amounts(least, most).filter(lambda text: Decimal(text) > least)


def whole(most: int = 10**7) -> Text:
    """Draw a whole number of tonnes."""
    return amounts(0, most, places=(0,))


SHARES = amounts(0, 1)
PERCENTS = amounts(0, 100)
FACTORS = amounts(0, 1, places=(3, 4, 18))


def several(lines: Inputs, *, least: int = 1, most: int = 4) -> st.SearchStrategy[list[Plain]]:
    """Draw a few lines."""
    return st.lists(lines, min_size=least, max_size=most)


def record(**fields: st.SearchStrategy[Any]) -> Inputs:
    """Draw an object of these fields."""
    return st.fixed_dictionaries(fields)


def by_mass() -> Inputs:
    """Draw a fuel that is weighed, of no more than a tonne of carbon in a tonne."""
    return record(
        amount_t=amounts(),
        heat_GJ_per_t=amounts(0, 32),
        carbonPerHeat_tC_per_GJ=st.sampled_from(["0.02541", "0.02942", "0.031"]),
    )


def by_volume() -> Inputs:
    """Draw a fuel that is measured by volume."""
    return record(
        amount_e4Nm3=amounts(0, 10**5),
        heat_GJ_per_e4Nm3=amounts(0, 390),
        carbonPerHeat_tC_per_GJ=st.sampled_from(["0.01532", "0.0708", "0.0121"]),
    )


def flows() -> Inputs:
    """Draw fuels that cross a boundary."""
    return record(
        weighed=several(by_mass(), least=0, most=2), gases=several(by_volume(), least=0, most=2)
    )


def burned() -> Inputs:
    """Draw fuels that are burned."""
    return record(
        weighed=several(record(fuel=by_mass(), oxidation_1=SHARES), least=0, most=2),
        gases=several(record(fuel=by_volume(), oxidation_1=SHARES), least=0, most=2),
    )


def heats(*, least: int = 0) -> dict[str, st.SearchStrategy[Any]]:
    """Draw fuels of which the heat alone counts, at least so many of them weighed."""
    return {
        "weighed": several(
            record(consumed_t=amounts(1), heat_GJ_per_t=amounts(1, 30)), least=least, most=2
        ),
        "gases": several(
            record(consumed_e4Nm3=amounts(0, 10**5), heat_GJ_per_e4Nm3=amounts(0, 390)),
            least=0,
            most=2,
        ),
    }


def changed(strategy: Inputs, change: Callable[[Plain], Plain]) -> Inputs:
    """Draw inputs in which some fields follow from others."""
    return strategy.map(change)
