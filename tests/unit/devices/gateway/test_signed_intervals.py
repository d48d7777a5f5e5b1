"""Which intervals are signed already, against a plain set of seconds."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from devices.signed_intervals import SignedIntervals
from devices.store import GatewayStore
from tests.support.gateway import START_S, Gateway, reading


def spans(gateway: Gateway) -> list[tuple[int, int]]:
    """Give the rows, relative to the first reading."""
    rows = gateway.store.fetch("SELECT start_s, end_s FROM signed_interval ORDER BY start_s")
    return [(start_s - START_S, end_s - START_S) for start_s, end_s in rows]


def claim(gateway: Gateway, *numbers: int) -> int:
    """Claim quarter hours, and give how many were new."""
    with gateway.store.transaction():
        new, _ = SignedIntervals(gateway.store).claim([reading(number) for number in numbers])
    return len(new)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        pytest.param((0, 1, 2), [(0, 2700)], id="in order"),
        pytest.param((2, 1, 0), [(0, 2700)], id="backwards"),
        pytest.param((0, 2, 1), [(0, 2700)], id="into a hole"),
        pytest.param((0, 2), [(0, 900), (1800, 2700)], id="with a hole"),
    ],
)
def test_touching_intervals_are_one_row(
    gateway: Gateway, numbers: tuple[int, ...], expected: list[tuple[int, int]]
) -> None:
    """However they come, intervals that touch are merged, and holes stay."""
    assert claim(gateway, *numbers) == len(numbers)
    assert spans(gateway) == expected


def test_series_are_apart(gateway: Gateway) -> None:
    """The same quarter hour of another series is new."""
    claim(gateway, 0)
    with gateway.store.transaction():
        new, _ = SignedIntervals(gateway.store).claim([reading(0, series="boiler-2/energy/total/")])

    assert len(new) == 1


def test_instant_and_interval_are_apart(gateway: Gateway) -> None:
    """A standing at the end of an interval does not overlap the interval; twice it does."""
    claim(gateway, 0)
    standing = replace(reading(0), interval_s=0)
    with gateway.store.transaction():
        new, known = SignedIntervals(gateway.store).claim([standing, standing])

    assert (len(new), len(known)) == (1, 1)


def test_random_intervals_agree_with_a_set_of_seconds(tmp_path: Path) -> None:
    """Any sequence of intervals is judged as a plain set of seconds judges it."""
    draw = random.Random(20_250_101)
    seen: set[int] = set()
    with GatewayStore(tmp_path / "random.db") as store, store.transaction():
        intervals = SignedIntervals(store)
        for _ in range(2000):
            length_s, start_s = draw.randint(1, 9), draw.randint(0, 4000)
            one = replace(reading(0), end_s=START_S + start_s + length_s, interval_s=length_s)
            seconds = set(range(start_s, start_s + length_s))
            new, _ = intervals.claim([one])
            assert bool(new) == (not seconds & seen)
            seen |= seconds if new else set()
