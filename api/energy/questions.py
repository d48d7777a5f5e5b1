"""
What is asked of energy: a stretch of time in a zone, cut into pieces.

A period is named as everywhere (`2024`, `2024-Q1`, `2024-03`, `2024-03-15`, two days with a
slash); its days are those of the zone that is asked for, the reporting zone unless another is
named.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.errors import BadRequest
from devices.zones import parse_zone
from ledger.analytics.calendar import Grain, bounds
from ledger.inventory.periods import REPORTING_ZONE_OFFSET_S, Period

REPORTING_ZONE: str = "UTC+08:00"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time in a zone."""

    from_s: int
    to_s: int
    offset_s: int
    zone: str

    @classmethod
    def parse(cls, period: str, zone: str = REPORTING_ZONE) -> Stretch:
        """
        Read a period and a zone.

        Raises:
            BadRequest: If the zone changes its offset.
            EncodingError: If it is no zone.
            PeriodMalformed: If it is no period.
        """
        offset_s = parse_zone(zone).fixed_offset_s
        if offset_s is None:
            raise BadRequest(f"{zone} changes its offset; name one such as UTC+08:00")
        found = Period.parse(period)
        shift_s = REPORTING_ZONE_OFFSET_S - offset_s
        return cls(found.from_s + shift_s, found.to_s + shift_s, offset_s, zone)

    def cut(self, grain: Grain) -> list[int]:
        """
        Give the bounds of its pieces.

        Raises:
            TooManyPoints: If they are too many for one answer.
        """
        return bounds(grain, self.from_s, self.to_s, self.offset_s)


def parse_grain(text: str) -> Grain:
    """
    Read how finely time is cut.

    Raises:
        BadRequest: If it is another word.
    """
    try:
        return Grain(text)
    except ValueError as error:
        words = ", ".join(grain.value for grain in Grain)
        raise BadRequest(f"{text!r} is none of: {words}") from error
