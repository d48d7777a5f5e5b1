"""Ranges behave like the sets of whole numbers they stand for."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ledger.log.ranges import EMPTY, Ranges

NUMBERS = st.frozensets(st.integers(0, 60))
PAIRS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 10)))


def ranges_of(numbers: frozenset[int]) -> Ranges:
    """Build ranges one number at a time."""
    found = EMPTY
    for number in numbers:
        found = found.add(number)
    return found


def numbers_of(ranges: Ranges) -> set[int]:
    """Write ranges out."""
    return {number for start, end in ranges for number in range(start, end)}


@given(NUMBERS)
def test_adding_numbers_gives_their_set(numbers: frozenset[int]) -> None:
    """Whatever the order of adding, the set is the same."""
    assert numbers_of(ranges_of(numbers)) == numbers


@given(NUMBERS)
def test_ranges_are_disjoint_and_do_not_touch(numbers: frozenset[int]) -> None:
    """Each set has one form."""
    pairs = ranges_of(numbers).pairs

    assert all(earlier[1] < later[0] for earlier, later in pairwise(pairs))


@given(NUMBERS, PAIRS)
def test_union_is_the_union_of_sets(numbers: frozenset[int], pairs: list[tuple[int, int]]) -> None:
    """Overlapping and touching ranges grow together."""
    others = [(start, start + length) for start, length in pairs]
    expected = numbers | {number for start, end in others for number in range(start, end)}

    assert numbers_of(ranges_of(numbers).union(others)) == expected


@given(NUMBERS, st.lists(st.integers(0, 60)))
def test_many_numbers_are_added_at_once(numbers: frozenset[int], more: list[int]) -> None:
    """In any order, twice or known before: the set is that of adding them one by one."""
    assert ranges_of(numbers).including(more) == ranges_of(numbers | set(more))


@given(NUMBERS, st.integers(-1, 61))
def test_membership_is_that_of_the_set(numbers: frozenset[int], number: int) -> None:
    """A number is in the ranges where it was added, and nowhere else."""
    assert (number in ranges_of(numbers)) == (number in numbers)


@given(NUMBERS, st.integers(0, 60), st.integers(0, 20))
def test_within_and_missing_divide_a_stretch(
    numbers: frozenset[int], start: int, length: int
) -> None:
    """Each number of a stretch is either in the set or missing."""
    ranges = ranges_of(numbers)
    stretch = set(range(start, start + length))

    assert numbers_of(ranges.within(start, start + length)) == stretch & numbers
    assert numbers_of(ranges.missing(start, start + length)) == stretch - numbers


@given(NUMBERS)
def test_stored_form_is_read_back(numbers: frozenset[int]) -> None:
    """What is written to the database comes back the same."""
    ranges = ranges_of(numbers)

    assert Ranges.from_bytes(ranges.to_bytes()) == ranges


def test_count_is_the_size_of_the_set() -> None:
    """Lengths add up."""
    assert Ranges(((0, 3), (5, 6))).count == 4
