"""Only so much work is open at once, in all and for one name, and what ends makes room."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from api.errors import Busy
from api.http.limits import Gate


def opened(gate: Gate, *names: str) -> ExitStack:
    """Open work for each name."""
    stack = ExitStack()
    for name in names:
        stack.enter_context(gate.open(name))
    return stack


def test_total_is_kept() -> None:
    """One more than may be open is refused, whoever it is."""
    gate = Gate(3, 2)
    with opened(gate, "a", "a", "b"), pytest.raises(Busy), gate.open("c"):
        pass


def test_one_name_does_not_take_everything() -> None:
    """Somebody who has opened his share is refused, and another is not."""
    gate = Gate(4, 2)
    with opened(gate, "a", "a"):
        with pytest.raises(Busy), gate.open("a"):
            pass
        with gate.open("b"):
            pass


def test_what_ends_makes_room() -> None:
    """Also what ended with an error."""
    gate = Gate(1, 1)
    with pytest.raises(ZeroDivisionError), gate.open("a"):
        raise ZeroDivisionError
    with gate.open("a"):
        pass

    assert not gate._open


def test_share_is_a_quarter_and_at_least_one() -> None:
    """Where nothing else is said."""
    with opened(Gate(8), "a", "a") as held:
        assert held
    gate = Gate(2)
    with opened(gate, "a"), pytest.raises(Busy), gate.open("a"):
        pass
