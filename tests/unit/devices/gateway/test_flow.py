"""Acknowledgements in order of arrival, and messages in flight."""

from __future__ import annotations

import itertools

import pytest

from devices.flow import Arrivals, InFlight


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_arrivals_are_released_in_their_order(order: tuple[int, ...]) -> None:
    """Whatever order they become safe in, acknowledgements go out as the messages came."""
    arrivals = Arrivals(1)
    came = [arrivals.note(number + 1, "up", b"x") for number in range(4)]
    released = [one for number in order for one in arrivals.release([came[number]])]

    assert released == came
    assert arrivals.open == 0


def test_arrival_of_another_connection_is_left_out() -> None:
    """The same number of another generation releases nothing."""
    before, now = Arrivals(1), Arrivals(2)
    late = before.note(1, "up", b"old")
    fresh = now.note(1, "up", b"new")

    assert now.release([late]) == []
    assert now.release([fresh]) == [fresh]


def test_arrival_is_released_once() -> None:
    """Acknowledging twice sends one acknowledgement."""
    arrivals = Arrivals(1)
    came = arrivals.note(1, "up", b"x")

    assert arrivals.release([came, came]) == [came]
    assert arrivals.release([came]) == []


def test_answer_settles_one_message() -> None:
    """A packet id is settled once; an unknown one settles nothing."""
    flight = InFlight()
    flight.add(7, 100)
    flight.add(8, 101)

    assert flight.settle(7) == 100
    assert flight.settle(7) is None
    assert flight.drain() == [101]
    assert len(flight) == 0
    assert flight.oldest_age_s() == 0.0
