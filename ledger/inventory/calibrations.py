"""
Calibration of an instrument over time: whether it was in calibration, and in which class.

A reading is in calibration if windows cover all its seconds. What is measured outside of them is
kept apart, so that the rule of measurement correction can be applied to it and to nothing else.

Source: DOMAIN section 5 (meter rules); `docs/formats/records.md` (`calibration`).
"""

from __future__ import annotations

import re
from decimal import Decimal

from attestation.series_bodies import Calibration
from ledger.inventory.facts import facts_about
from ledger.log.ranges import EMPTY
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_CLASS = re.compile(r"(\d{1,2}(?:\.\d{1,4})?)\s*(?:[A-Z]|级)?")
_PPM_PER_PERCENT = 10_000


class Calibrations:
    """
    The calibration windows of one instrument.

    Args:
        uow: A reading unit of work.
        log: The log.
        instrument: Name of the instrument.
    """

    def __init__(self, uow: UnitOfWork, log: Log, instrument: str) -> None:
        self._windows = facts_about(uow, log, Calibration, instrument)
        self._covered = EMPTY.union((body.from_s, body.to_s) for _, body in self._windows)

    def class_over(self, start_s: int, end_s: int) -> str | None:
        """
        Give the accuracy class of `[start_s, end_s)`; None where it is not covered all the time.

        Where several windows cover a second, the newest record says the class; where the class
        changes inside the stretch, that of its beginning is given.
        """
        if self._covered.missing(start_s, max(end_s, start_s + 1)):
            return None
        holding = [body for _, body in self._windows if body.from_s <= start_s < body.to_s]
        return holding[-1].accuracy_class if holding else None

    def indexes(self, start_s: int, end_s: int) -> tuple[int, ...]:
        """Give the entries of the windows that reach into `[start_s, end_s)`, in order."""
        return tuple(
            index for index, body in self._windows if body.from_s < end_s and body.to_s > start_s
        )

    def lengths(self, start_s: int, end_s: int) -> tuple[tuple[int, int], ...]:
        """Give (entry, seconds) of the windows that reach into `[start_s, end_s)`."""
        return tuple(
            (index, body.to_s - body.from_s)
            for index, body in self._windows
            if body.from_s < end_s and body.to_s > start_s
        )


def accuracy_ppm_of(accuracy_class: str) -> int | None:
    """
    Give the error that an accuracy class allows in millionths, such as 5000 for `0.5S`.

    None for a class that is no percentage, such as `III`.
    """
    match = _CLASS.fullmatch(accuracy_class.strip())
    if match is None:
        return None
    return int(Decimal(match.group(1)) * _PPM_PER_PERCENT)
