"""
What counts, kept together where nothing needs telling apart.

A year of quarter hours is 35 000 readings of one meter; most come in messages of which all counts.
Such a message is read once and its readings are added up as a row, so that a sum over a year takes
little longer than reading the bytes.

Source: DESIGN sections 2 (P7) and 8; `ledger.log.counting` decides what counts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from attestation.messages import parse_message
from attestation.runs import Common, Run
from ledger.log.counting import CountedReading, Judge, find_series
from ledger.log.marks import Mark
from ledger.log.spans import Span
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class CountedSpan:
    """Readings of one message that all count, one beside the other, with all they share."""

    span: Span
    common: Common
    """What each of them says beside its end and its value."""
    total: int
    """Sum of the values times 10**scale."""
    marks: frozenset[Mark]


def counted_spans(
    uow: UnitOfWork, log: Log, name: str, from_s: int, to_s: int
) -> Iterator[CountedSpan | CountedReading]:
    """
    Give the same as `counted_readings`, readings that need no telling apart kept together.

    What is kept together lies inside the stretch, leaves no second out, has values, and has the
    same marks. The order is that of the spans' ends, replacements by corrections first.

    Args:
        uow: A reading unit of work.
        log: The log.
        name: Series id; of amounts in intervals, not of a register.
        from_s: First second.
        to_s: Second after the last.

    Raises:
        NotRegistered: If the log has no such series.
    """
    judge = Judge(uow, log, find_series(uow, log, name), from_s, to_s)
    yield from judge.replacements()
    for page in judge.pages():
        marks = judge.marks(page)
        whole: list[tuple[Span, int, frozenset[Mark]]] = []
        divided: list[Span] = []
        for span in page:
            found = judge.whole(span, marks.get(span.index, frozenset()))
            inside = from_s <= span.start_s and span.end_s <= to_s
            if found is None or span.total is None or not (inside and span.is_dense):
                divided.append(span)
            else:
                whole.append((span, span.total, found))
        runs = _runs(uow, log, {span.index for span, _, _ in whole})
        for span, total, found in whole:
            common = runs[span.index].run_of(span.first_reading).common
            yield CountedSpan(span, common, total, found)
        yield from judge.readings(divided)


def _runs(uow: UnitOfWork, log: Log, indexes: set[int]) -> dict[int, _Numbered]:
    entries = uow.entries.many(log.number, sorted(indexes))
    return {
        index: _Numbered(parse_message(entry.content, origin=log.origin).runs)
        for index, entry in entries.items()
    }


class _Numbered:
    """The runs of one message, found by the number of a reading in it."""

    def __init__(self, runs: tuple[Run, ...]) -> None:
        self._runs = runs
        self._ends = list(accumulate(len(run) for run in runs))

    def run_of(self, number: int) -> Run:
        """Give the run that a reading is in, by its number in the message."""
        return self._runs[bisect_right(self._ends, number)]
