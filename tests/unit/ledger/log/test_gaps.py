"""Gaps open before what comes early, close when it comes late, and keep their cause."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from attestation.enums import GapState
from ledger.log.gaps import Declaration, Gap, GapTrack

OPEN, DECLARED, CLOSED = GapState.OPEN, GapState.DECLARED, GapState.CLOSED


def states(track: GapTrack) -> list[tuple[int, int, GapState]]:
    """Give start, end and state of each gap."""
    return [(gap.start, gap.end, gap.state) for gap in track.gaps]


def test_what_follows_the_frontier_opens_no_gap() -> None:
    """An unbroken row has no gaps."""
    track = GapTrack(0)
    track.cover(0, 3, index=1)
    track.cover(3, 4, index=2)

    assert states(track) == []
    assert track.frontier == 4


def test_what_lies_beyond_the_frontier_opens_a_gap_before_it() -> None:
    """The gap reaches from the frontier to what came, and names the entry that showed it."""
    track = GapTrack(10)
    track.cover(15, 16, index=7)

    assert track.gaps == [Gap(10, 15, OPEN, 7)]


def test_late_arrival_closes_its_part_of_a_gap() -> None:
    """What is still missing stays open on both sides."""
    track = GapTrack(0)
    track.cover(10, 11, index=1)
    track.cover(4, 6, index=2)

    assert states(track) == [(0, 4, OPEN), (4, 6, CLOSED), (6, 10, OPEN)]


def test_closed_gap_names_the_entry_that_closed_it() -> None:
    """Opening and closing can be traced to entries."""
    track = GapTrack(0)
    track.cover(1, 2, index=5)
    track.cover(0, 1, index=9)

    assert track.gaps == [Gap(0, 1, CLOSED, 5, 9)]


def test_what_is_covered_twice_changes_nothing() -> None:
    """Old data that comes again neither opens nor closes a gap."""
    track = GapTrack(5)
    track.cover(0, 5, index=1)

    assert states(track) == []
    assert track.frontier == 5


def test_declaration_after_the_fact_marks_the_open_part() -> None:
    """Only the declared stretch changes its state."""
    track = GapTrack(0)
    track.cover(10, 11, index=1)
    track.declare(Declaration(2, 5, 8))

    assert states(track) == [(0, 2, OPEN), (2, 5, DECLARED), (5, 10, OPEN)]


def test_declaration_in_advance_holds_for_the_gap_that_opens_later() -> None:
    """A planned outage is declared before anybody can see it."""
    track = GapTrack(0, declarations=[Declaration(0, 5, 3)])
    track.cover(10, 11, index=4)

    assert states(track) == [(0, 5, DECLARED), (5, 10, OPEN)]


def test_declared_gap_is_closed_by_data_and_keeps_its_declaration() -> None:
    """A declaration does not forbid the data."""
    track = GapTrack(0)
    track.cover(4, 5, index=1)
    track.declare(Declaration(0, 4, 2))
    track.cover(0, 4, index=3)

    assert track.gaps == [Gap(0, 4, CLOSED, 1, 3, 2)]


def test_first_declaration_of_a_stretch_stays() -> None:
    """A second declaration of the same seconds gives them no second cause."""
    track = GapTrack(0)
    track.cover(4, 5, index=1)
    track.declare(Declaration(0, 4, 2))
    track.declare(Declaration(0, 4, 3))

    assert track.gaps[0].declared_index == 2


def test_expected_end_opens_a_gap_at_the_end() -> None:
    """Who names the last number says that all before it exist."""
    track = GapTrack(3)
    track.expect(5, index=6)

    assert track.gaps == [Gap(3, 5, OPEN, 6)]
    assert track.frontier == 5


def test_expected_end_that_is_covered_opens_nothing() -> None:
    """An end that was reached is no news."""
    track = GapTrack(5)
    track.expect(5, index=6)

    assert track.gaps == []


def test_changes_name_what_to_store_and_what_to_remove() -> None:
    """A gap that was split is stored under its new start, and its old row where it moved goes."""
    track = GapTrack(10, [Gap(0, 10, OPEN, 1)])
    track.cover(0, 4, index=2)

    gone, changed = track.changes()

    assert gone == []
    assert sorted(gap.start for gap in changed) == [0, 4]


STEPS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4)), min_size=1, max_size=20)


@given(STEPS, st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6)), max_size=3))
def test_gaps_are_what_a_plain_model_says(
    steps: list[tuple[int, int]], declared: list[tuple[int, int]]
) -> None:
    """Number by number: missing below the frontier, declared or open; or it came late."""
    track = GapTrack(0)
    for index, (start, length) in enumerate(declared):
        track.declare(Declaration(start, start + length, index))
    seen: set[int] = set()
    late: set[int] = set()
    for index, (start, length) in enumerate(steps):
        numbers = set(range(start, start + length))
        late |= {number for number in numbers - seen if number < max(seen, default=-1)}
        seen |= numbers
        track.cover(start, start + length, index=index)

    planned = {number for start, length in declared for number in range(start, start + length)}
    expected = {}
    for number in range(max(seen) + 1):
        if number in late:
            expected[number] = CLOSED
        elif number not in seen:
            expected[number] = DECLARED if number in planned else OPEN
    found = {n: gap.state for gap in track.gaps for n in range(gap.start, gap.end)}
    assert found == expected


@given(STEPS, st.integers(1, 5))
def test_gaps_do_not_depend_on_batches(steps: list[tuple[int, int]], batch: int) -> None:
    """Storing and loading between any two steps changes nothing."""
    whole = GapTrack(0)
    for index, (start, length) in enumerate(steps):
        whole.cover(start, start + length, index=index)

    stored: dict[int, Gap] = {}
    frontier = 0
    for at in range(0, len(steps), batch):
        chunk = list(enumerate(steps))[at : at + batch]
        low = min(start for _, (start, _) in chunk)
        high = max(start + length for _, (start, length) in chunk)
        touched = [
            gap
            for gap in stored.values()
            if gap.start < high and gap.end > low and gap.state is not CLOSED
        ]
        part = GapTrack(frontier, touched)
        for index, (start, length) in chunk:
            part.cover(start, start + length, index=index)
        gone, changed = part.changes()
        for start in gone:
            del stored[start]
        stored |= {gap.start: gap for gap in changed}
        frontier = part.frontier

    assert sorted(stored.values(), key=lambda gap: gap.start) == whole.gaps
