"""
Which intervals of a series this gateway has signed already, so that none is signed twice.

Two records of one series over one interval are a conflict and neither counts (FORMATS section 2),
so a meter read again after a restart must not lead to a second record. Touching intervals are
merged: a year without a gap is one row. An instantaneous reading covers its second.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attestation.readings import Reading
from devices.store import GatewayStore

_INTERVAL: Final = 0
_INSTANT: Final = 1


class SignedIntervals:
    """The record of signed intervals in a gateway's store; claim inside its transaction."""

    def __init__(self, store: GatewayStore) -> None:
        self._store = store

    def claim(self, readings: Iterable[Reading]) -> tuple[list[Reading], list[Reading]]:
        """Mark the readings whose interval is new as signed, and give (new, already signed)."""
        new: list[Reading] = []
        known: list[Reading] = []
        for reading in readings:
            (new if self._claim_one(reading) else known).append(reading)
        return new, known

    def newest_end_s(self, series: str) -> int | None:
        """Give the end of the newest interval signed of a series, seconds since 1970; or None."""
        row = self._store.fetch_one(
            "SELECT max(end_s) FROM signed_interval WHERE series = ?", (series,)
        )
        return None if row is None or row[0] is None else int(row[0])

    def _claim_one(self, reading: Reading) -> bool:
        kind, start_s, end_s = _span(reading)
        series = (reading.series, kind)
        before = self._store.fetch_one(
            "SELECT start_s, end_s FROM signed_interval"
            " WHERE series = ? AND kind = ? AND start_s < ? ORDER BY start_s DESC LIMIT 1",
            (*series, end_s),
        )
        if before is not None and before[1] > start_s:
            return False
        after = self._store.fetch_one(
            "SELECT end_s FROM signed_interval WHERE series = ? AND kind = ? AND start_s = ?",
            (*series, end_s),
        )
        if after is not None:
            self._store.execute(
                "DELETE FROM signed_interval WHERE series = ? AND kind = ? AND start_s = ?",
                (*series, end_s),
            )
        low = before[0] if before is not None and before[1] == start_s else start_s
        high = after[0] if after is not None else end_s
        self._store.execute(
            "INSERT OR REPLACE INTO signed_interval (series, kind, start_s, end_s)"
            " VALUES (?, ?, ?, ?)",
            (*series, low, high),
        )
        return True


def _span(reading: Reading) -> tuple[int, int, int]:
    if reading.interval_s:
        return _INTERVAL, reading.start_s, reading.end_s
    return _INSTANT, reading.end_s, reading.end_s + 1
