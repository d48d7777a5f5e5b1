"""
What counts: the readings of a series that stand after conflicts, disputes and corrections.

One rule decides about each reading. Where a correction rules its seconds, the newest one says what
counts there. Otherwise it counts unless its message is disputed, its key did not speak at its
index, or another message speaks of the same seconds. Everything is kept; what does not count is
only left out, and each reading that counts carries what is to be known of it.

Source: FORMATS sections 1 to 3; DESIGN sections 2 (P2, P14) and 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from attestation.enums import Provenance, Quality
from attestation.messages import parse_message
from attestation.readings import Reading
from attestation.runs import occupied_span
from ledger.errors import NotRegistered
from ledger.log.marks import BARRING, Mark
from ledger.log.ranges import EMPTY, Range, Ranges
from ledger.log.rulings import Rulings
from ledger.log.spans import Span
from ledger.repositories.logs import Log
from ledger.repositories.series import Series
from ledger.repositories.spans import Conflict, StoredCorrection
from ledger.unit_of_work import UnitOfWork

PAGE: Final = 200
"""Spans judged at a time: their messages are in memory, at most 13 megabytes."""
_PROVENANCE_MARKS: Final = {
    Provenance.BACK_FILL: frozenset({Mark.BACK_FILLED}),
    Provenance.IMPORT: frozenset({Mark.IMPORTED}),
}


@dataclass(frozen=True, slots=True)
class CountedReading:
    """A reading that counts, and what is to be known of it."""

    reading: Reading
    index: int
    """Index of the entry it comes from: a message, or the correction that gives its value."""
    number: int
    """Number of the reading in its message, from 0; 0 in a correction."""
    marks: frozenset[Mark]


def find_series(uow: UnitOfWork, log: Log, name: str) -> Series:
    """
    Load a registered series.

    Raises:
        NotRegistered: If the log has none of this id.
    """
    series = uow.series.all(log.number).get(name)
    if series is None:
        raise NotRegistered(f"series {name} is not registered in {log.origin}")
    return series


def counted_readings(
    uow: UnitOfWork, log: Log, name: str, from_s: int, to_s: int
) -> Iterator[CountedReading]:
    """
    Give the readings of a series that count and reach into `[from_s, to_s)`, by end.

    Replacements given by corrections come first, by index; memory stays flat.

    Args:
        uow: A reading unit of work.
        log: The log.
        name: Series id.
        from_s: First second.
        to_s: Second after the last.

    Raises:
        NotRegistered: If the log has no such series.
    """
    series = find_series(uow, log, name)
    judge = Judge(uow, log, series, from_s, to_s)
    yield from judge.replacements()
    for page in judge.pages():
        yield from judge.readings(page)


class Judge:
    """
    Decides what counts of one series in one stretch of time.

    Args:
        uow: A reading unit of work.
        log: The log.
        series: The series.
        from_s: First second.
        to_s: Second after the last.
    """

    def __init__(self, uow: UnitOfWork, log: Log, series: Series, from_s: int, to_s: int) -> None:
        self._uow = uow
        self._log = log
        self._series = series
        self.from_s = from_s
        self.to_s = to_s
        progress = uow.surveys.series(log.number, [series.index]).get(series.index)
        self._longest_s = 0 if progress is None else progress.longest_span_s
        # A reading at the edge may reach beyond the stretch, and be ruled or contradicted there.
        low, high = from_s - self._longest_s, to_s + self._longest_s
        self._rulings = Rulings(
            uow.spans.corrections(log.number, series_index=series.index, start_s=low, end_s=high)
        )
        conflicts = uow.spans.conflicts(
            log.number, series_index=series.index, start_s=low, end_s=high
        )
        self._contradicted = _contradicted(uow, log, conflicts)
        self._calibrated = _calibrated(uow, log, series)
        self._suspected = _suspected(uow, log)

    def spans(self) -> Iterator[Span]:
        """Give the spans that reach into the stretch, by end, whether they count or not."""
        return self._uow.spans.between(
            self._log.number,
            self._series.index,
            self.from_s,
            self.to_s,
            longest_s=self._longest_s,
        )

    def pages(self) -> Iterator[list[Span]]:
        """Give the same spans, some at a time."""
        spans = self.spans()
        while page := list(islice(spans, PAGE)):
            yield page

    def marks(self, spans: list[Span]) -> dict[int, frozenset[Mark]]:
        """Load the marks of the messages of some spans, by index."""
        return self._uow.surveys.marks(self._log.number, sorted({span.index for span in spans}))

    def whole(self, span: Span, marks: frozenset[Mark]) -> frozenset[Mark] | None:
        """
        Give the marks of all readings of a span, where all count and have the same.

        None sends the caller to the readings; it does not say that none counts.
        """
        start_s, end_s = span.start_s, span.end_s
        if (
            marks & BARRING
            or self._rulings.touch(start_s, end_s)
            or self._is_contradicted(span.index, start_s, end_s)
            or span.index >= min(self._suspected.values(), default=span.index + 1)
        ):
            return None
        found = marks | _PROVENANCE_MARKS.get(span.provenance, frozenset())
        if not self._calibrated.missing(start_s, end_s):
            return found
        if not self._calibrated.within(start_s, end_s):
            return found | {Mark.OUT_OF_CALIBRATION}
        return None

    def replacements(self) -> Iterator[CountedReading]:
        """Give the values that corrections put in the place of what was measured."""
        for correction in self._rulings.replacements():
            if correction.end_s > self.from_s and correction.start_s < self.to_s:
                yield _replacement(self._series, correction)

    def readings(self, spans: list[Span]) -> Iterator[CountedReading]:
        """Give the readings of some spans that count and reach into the stretch."""
        marks = self.marks(spans)
        counting: list[tuple[Span, list[int]]] = []
        for span in spans:
            of_message = marks.get(span.index, frozenset())
            numbers = [] if Mark.KEY_INVALID in of_message else self._numbers(span, of_message)
            if numbers:
                counting.append((span, numbers))
        messages = self._messages({span.index for span, _ in counting})
        for span, numbers in counting:
            kid, readings = messages[span.index]
            of_message = marks.get(span.index, frozenset())
            for number in numbers:
                yield self._counted(span, kid, readings[number], number, of_message)

    def _numbers(self, span: Span, marks: frozenset[Mark]) -> list[int]:
        """Give the numbers of a span's readings that count and reach into the stretch."""
        numbers: list[int] = []
        for start_s, end_s in span.occupied(self.from_s, self.to_s):
            number = span.first_reading + (start_s - span.start_s) // span.step_s
            if self._counts(span, number, start_s, end_s, marks):
                numbers.append(number)
        return numbers

    def _counts(
        self, span: Span, number: int, start_s: int, end_s: int, marks: frozenset[Mark]
    ) -> bool:
        ruling = self._rulings.over(start_s, end_s)
        if ruling:
            return all(
                (each.counted_index, each.counted_reading) == (span.index, number)
                for each in ruling
            )
        return not marks & BARRING and not self._is_contradicted(span.index, start_s, end_s)

    def _is_contradicted(self, index: int, start_s: int, end_s: int) -> bool:
        contradicted = self._contradicted.get(index)
        return contradicted is not None and bool(contradicted.within(start_s, end_s))

    def _counted(
        self, span: Span, kid: bytes, reading: Reading, number: int, marks: frozenset[Mark]
    ) -> CountedReading:
        start_s, end_s = occupied_span(reading.end_s, reading.interval_s)
        found = set(marks)
        if self._rulings.over(start_s, end_s):
            found.add(Mark.CORRECTED)
        if self._calibrated.missing(start_s, end_s):
            found.add(Mark.OUT_OF_CALIBRATION)
        if span.index >= self._suspected.get(kid, span.index + 1):
            found.add(Mark.SUSPECTED)
        found |= _PROVENANCE_MARKS.get(span.provenance, frozenset())
        return CountedReading(reading, span.index, number, frozenset(found))

    def _messages(self, indexes: set[int]) -> dict[int, tuple[bytes, tuple[Reading, ...]]]:
        """Give the key id and the readings of some messages, by index."""
        entries = self._uow.entries.many(self._log.number, sorted(indexes))
        messages = {
            index: parse_message(entry.content, origin=self._log.origin)
            for index, entry in entries.items()
        }
        return {
            index: (message.header.kid, message.readings) for index, message in messages.items()
        }


def _contradicted(uow: UnitOfWork, log: Log, conflicts: list[Conflict]) -> dict[int, Ranges]:
    """Give, by index, the seconds of which another message speaks whose key did speak."""
    involved = {each.first_index for each in conflicts} | {each.second_index for each in conflicts}
    marks = uow.surveys.marks(log.number, sorted(involved))
    seconds: dict[int, list[Range]] = {}
    for each in conflicts:
        for one, other in (
            (each.first_index, each.second_index),
            (each.second_index, each.first_index),
        ):
            if Mark.KEY_INVALID not in marks.get(other, frozenset()):
                seconds.setdefault(one, []).append((each.start_s, each.end_s))
    return {index: EMPTY.union(ranges) for index, ranges in seconds.items()}


def _calibrated(uow: UnitOfWork, log: Log, series: Series) -> Ranges:
    windows = uow.series.registrations(log.number, "calibration", series.instrument)
    return EMPTY.union(
        (window.from_s, window.to_s) for window in windows if window.to_s is not None
    )


def _suspected(uow: UnitOfWork, log: Log) -> dict[bytes, int]:
    """Give, by key, the index from which the chain says that it is suspected."""
    return {
        slot.kid: slot.compromised_since
        for slot in uow.parties.slots(log.log_id)
        if slot.compromised_since is not None
    }


def _replacement(series: Series, correction: StoredCorrection) -> CountedReading:
    reading = Reading(
        series=series.series,
        end_s=correction.end_s,
        interval_s=correction.end_s - correction.start_s,
        value=correction.value,
        unit=correction.unit or series.unit,
        scale=correction.scale or 0,
        quality=correction.quality or Quality.SUBSTITUTED,
        register=series.register,
    )
    return CountedReading(reading, correction.index, 0, frozenset({Mark.CORRECTED}))
