"""Overlaps and holes of a series' intervals are found, whatever the order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.meters.coverage import Coverage


def test_neighbours_do_not_overlap() -> None:
    """Intervals are half-open: one may end where the next begins."""
    coverage = Coverage()

    assert coverage.add(0, 900, 1) is None
    assert coverage.add(900, 1800, 2) is None
    assert list(coverage.holes()) == []


def test_overlap_names_the_first() -> None:
    """An interval that cuts into another is named after it and left out."""
    coverage = Coverage()
    coverage.add(0, 900, 1)
    coverage.add(1800, 2700, 2)

    assert coverage.add(899, 1000, 3) == 1
    assert coverage.add(900, 1801, 4) == 2
    assert list(coverage.holes()) == [(900, 1800)]


def test_instants_overlap_only_their_like() -> None:
    """Two values at one moment collide; one a second later does not."""
    coverage = Coverage()
    coverage.add(100, 100, 1)

    assert coverage.add(101, 101, 2) is None
    assert coverage.add(100, 100, 3) == 1
    assert list(coverage.holes()) == []


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6)), min_size=1, max_size=12))
def test_agrees_with_counting_seconds(spans: list[tuple[int, int]]) -> None:
    """The quick search decides as a look at every single second does."""
    coverage = Coverage()
    taken: dict[int, int] = {}
    for label, (start_s, length_s) in enumerate(spans):
        seconds = range(start_s, start_s + length_s)
        collides = any(second in taken for second in seconds)

        assert (coverage.add(start_s, start_s + length_s, label) is not None) == collides

        if not collides:
            taken.update(dict.fromkeys(seconds, label))
    free = [s for s in range(min(taken), max(taken)) if s not in taken]
    assert [s for start, end in coverage.holes() for s in range(start, end)] == free
