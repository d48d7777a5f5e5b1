"""Runs: what they give, and what overlaps."""

from __future__ import annotations

import pytest

from attestation.errors import EncodingError
from attestation.runs import Run, ascends, common_of, occupied_span, refuse_overlaps
from tests.support.attested import END_S, FILE_HASH, reading


def run(*ends_s: int, interval_s: int = 900, series: str = "a/b/c/") -> Run:
    common = common_of(reading(series=series, interval_s=interval_s))
    return Run(common, tuple(END_S + end_s for end_s in ends_s), tuple(range(len(ends_s))))


def test_run_gives_its_readings() -> None:
    """Each reading has the common part and its own end, value and row."""
    common = common_of(reading(source_file=FILE_HASH, source_row=1))
    found = list(Run(common, (END_S, END_S + 900), (1, 2), (8, 9)))

    assert found == [
        reading(value=1, source_file=FILE_HASH, source_row=8),
        reading(value=2, source_file=FILE_HASH, source_row=9, end_s=END_S + 900),
    ]


def test_run_without_values_gives_missing_ones() -> None:
    """No value is None, never 0."""
    assert [each.value for each in Run(common_of(reading()), (END_S,), None)] == [None]


def test_instant_takes_up_the_second_before_it() -> None:
    """A reading without length stands at the end of one second."""
    assert occupied_span(100, 0) == (99, 100)
    assert occupied_span(100, 900) == (-800, 100)


@pytest.mark.parametrize(
    ("runs", "meet"),
    [
        ([run(0, 900)], False),
        ([run(0, 899)], True),
        ([run(900, 0)], False),
        ([run(0), run(0, series="a/b/d/")], False),
        ([run(0), run(0, interval_s=0)], True),
        ([run(0), run(1, interval_s=0)], False),
        ([run(0), run(-900, interval_s=0)], False),
        ([run(0, 0, interval_s=0)], True),
    ],
)
def test_overlap_is_between_spans_of_one_series(runs: list[Run], meet: bool) -> None:
    """Touching is no overlap; the same instant is."""
    if not meet:
        refuse_overlaps(runs)
        return
    with pytest.raises(EncodingError, match="overlap before second"):
        refuse_overlaps(runs)


@pytest.mark.parametrize(
    ("ends_s", "ascending"),
    [((0,), True), ((0, 900, 1800), True), ((0, 899), False), ((900, 0), False), ((0, 0), False)],
)
def test_ascending_runs_are_recognised(ends_s: tuple[int, ...], ascending: bool) -> None:
    """A run ascends where no reading begins before the one before it ends."""
    assert ascends(run(*ends_s)) is ascending
