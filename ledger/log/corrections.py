"""
Corrections: which reading a signed record names, and which seconds it rules.

A correction names one reading by its entry's leaf hash and its number in the message, or gives a
value in the place of what was measured. Over its seconds that counts and nothing else; where
several corrections speak of one second, the newest in the log counts.

Source: FORMATS section 2; `docs/formats/records.md`, section 4 (`correction`).
"""

from __future__ import annotations

from attestation.merkle import hash_leaf
from attestation.series_bodies import Correction
from ledger.log.spans import Span
from ledger.repositories.logs import Log
from ledger.repositories.series import Series
from ledger.unit_of_work import UnitOfWork


def ruled_seconds(body: Correction) -> tuple[int, int]:
    """Give the seconds `[start, end)` a correction rules; an instant takes up one second."""
    return min(body.from_s, body.to_s - 1), body.to_s


def find_reading(
    uow: UnitOfWork, log: Log, series: Series, body: Correction, *, before_index: int
) -> tuple[int, int] | None:
    """
    Find the reading that a correction names.

    Leaf hashes are not indexed; but the reading must lie in the seconds that the correction
    rules, and few entries speak of those.

    Args:
        uow: A unit of work.
        log: The log.
        series: The series the correction is about.
        body: What it says; from outside.
        before_index: Only entries before this one are looked at.

    Returns:
        (index, number of the reading in its message), or None where there is no such reading.
    """
    if body.counts is None:
        return None
    start_s, end_s = ruled_seconds(body)
    progress = uow.surveys.series(log.number, [series.index]).get(series.index)
    if progress is None:
        return None
    spans = [
        span
        for span in uow.spans.between(
            log.number, series.index, start_s, end_s, longest_s=progress.longest_span_s
        )
        if span.index < before_index
    ]
    entries = uow.entries.many(log.number, sorted({span.index for span in spans}))
    for span in spans:
        entry = entries[span.index]
        if hash_leaf(entry.content) == body.counts.entry and _holds(
            span, body.counts.reading, start_s, end_s
        ):
            return span.index, body.counts.reading
    return None


def _holds(span: Span, reading: int, start_s: int, end_s: int) -> bool:
    """Say whether a reading belongs to a span and lies inside `[start_s, end_s)`."""
    number = reading - span.first_reading
    if not 0 <= number < span.count:
        return False
    begin_s = span.start_s + number * span.step_s
    return start_s <= begin_s and begin_s + span.width_s <= end_s
