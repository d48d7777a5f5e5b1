"""
The times of a file's rows: what each stamp means, after the rows before it.

A stamp alone does not say enough: the hour that a clock shows twice is told apart by the order of
the rows, and a midnight that was misunderstood shows in rows that go back in time.
"""

from __future__ import annotations

from collections.abc import Sequence

from attestation.errors import EncodingError
from attestation.reading_rules import EARLIEST_S
from devices.meters.csv_mapping import Midnight, Order, Stamp, TimeRules
from devices.zones import SECONDS_PER_DAY, WallTime, format_wall_time


class RowClock:
    """Reads the stamps of one file, row after row."""

    def __init__(self, rules: TimeRules) -> None:
        self._rules = rules
        self._previous_s: int | None = None
        self.out_of_order: list[int] = []
        """Numbers of the rows whose time goes back."""

    def end_s(self, number: int, texts: Sequence[str]) -> int:
        """
        Give the end of a row's interval, in seconds since 1970 UTC.

        Args:
            number: Number of the row.
            texts: Its stamp, in one cell or in two.

        Raises:
            EncodingError: If the stamp is malformed, or there is no such time in the zone.
        """
        wall = self._rules.format.parse(" ".join(text.strip() for text in texts))
        end_s = self._interval_end_s(wall)
        if end_s < EARLIEST_S:
            raise EncodingError(f"{format_wall_time(wall)} lies before July 1978")
        if self._goes_back(end_s):
            self.out_of_order.append(number)
        self._previous_s = end_s
        return end_s

    def _interval_end_s(self, wall: WallTime) -> int:
        """
        Give the end of the interval whose stamp the wall clock shows.

        Where the clock is put back, a file in order has the earlier hour first: a stamp that would
        not come after the row before it is the later of the two.
        """
        rules = self._rules
        added_s = rules.interval_s if rules.stamp is Stamp.START else 0
        end_s = self._stamp_s(wall, later=False) + added_s
        repeats = self._previous_s is not None and end_s <= self._previous_s
        if repeats and rules.zone.is_ambiguous(wall):
            return self._stamp_s(wall, later=True) + added_s
        return end_s

    def _stamp_s(self, wall: WallTime, *, later: bool) -> int:
        zone = self._rules.zone
        ends_day = self._rules.midnight is Midnight.END_OF_DAY and wall[3:] == (0, 0, 0)
        if not ends_day:
            return zone.to_seconds(wall, later=later)
        # From noon a day on, and back to that day's start: right on days of 23 and 25 hours, too.
        noon_s = zone.to_seconds(wall._replace(hour=12))
        return zone.day_start(noon_s + SECONDS_PER_DAY)

    def _goes_back(self, end_s: int) -> bool:
        if self._previous_s is None or self._rules.order is Order.ANY:
            return False
        if self._rules.order is Order.DESCENDING:
            return end_s > self._previous_s
        return end_s < self._previous_s
