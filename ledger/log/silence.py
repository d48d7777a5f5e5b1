"""
Silence: series from which nothing has come for longer than their heartbeat.

A gap in the middle is seen when something comes after it; this one is seen by the clock. It is a
statement about now, so it is computed when it is asked for and never stored.

Source: FORMATS section 2 (cadence and heartbeat); DESIGN section 2 (P5, also at the end).
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from ledger.log.ranges import EMPTY
from ledger.repositories.logs import Log
from ledger.repositories.series import Series
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Overdue:
    """A series that should have spoken."""

    series: Series
    since_s: int
    """First second that nothing covers."""
    until_s: int
    """Now, or when the series ends."""
    undeclared_s: int
    """Seconds of the silence that no signed gap record declares."""


def overdue(uow: UnitOfWork, log: Log, now: Instant) -> list[Overdue]:
    """Give the series of a log that have been silent for too long, by series index."""
    now_s = now // MILLISECONDS_PER_SECOND
    progress = uow.surveys.series(log.number)
    silent: list[Overdue] = []
    for series in uow.series.all(log.number).values():
        known = progress.get(series.index)
        since_s = series.since_s if known is None else known.frontier_s
        until_s = now_s if series.until_s is None else min(now_s, series.until_s)
        # A series may be silent for its heartbeat, or between two readings where that is longer.
        if until_s - since_s <= max(series.heartbeat_s, series.cadence_s):
            continue
        declared = EMPTY.union(
            (each.start, each.end)
            for each in uow.gaps.declarations(log.number, series.index, since_s)
        )
        undeclared_s = declared.missing(since_s, until_s).count
        silent.append(Overdue(series, since_s, until_s, undeclared_s))
    return silent
