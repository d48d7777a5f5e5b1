"""
Multipliers in force: what a value that an instrument says stands for.

Readings are signed as the instrument shows them and name a multiplier; its record says by how
much to multiply, from when on. A reading that names another than the one in force, or none where
there is one, is not guessed at: nobody can say what it stands for.

Source: FORMATS section 2 (CT, PT, pulse constant); `docs/formats/records.md` (`multiplier`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from attestation.series_bodies import Multiplier
from ledger.inventory.facts import facts_about
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Factor:
    """By how much the values of a stretch are multiplied."""

    by: Fraction
    index: int | None
    """Index of the record that says so; None where there is no multiplier."""


UNMULTIPLIED = Factor(Fraction(1), None)


class Multipliers:
    """
    The multipliers of one instrument.

    Of the records of one kind (CT, PT, pulse constant), the one that begins last holds, and of
    those that begin together, the newest.

    Args:
        uow: A reading unit of work.
        log: The log.
        instrument: Name of the instrument.
    """

    def __init__(self, uow: UnitOfWork, log: Log, instrument: str) -> None:
        self._records = facts_about(uow, log, Multiplier, instrument)

    def over(self, named: str | None, start_s: int, end_s: int) -> Factor | None:
        """
        Give the factor of values in `[start_s, end_s)` that name a multiplier, or none.

        None is given where that is not the one in force all the time.
        """
        end_s = max(end_s, start_s + 1)
        if named is None:
            # Whoever drops the name of a multiplier would report a fraction of what was used.
            is_free = all(body.valid_from_s >= end_s for _, body in self._records)
            return UNMULTIPLIED if is_free else None
        kinds = {body.kind for _, body in self._records if body.multiplier == named}
        for kind in kinds:
            begin = self._in_force(kind, start_s)
            if begin is None or begin != self._in_force(kind, end_s - 1):
                continue
            index, body = begin
            if body.multiplier == named:
                return Factor(Fraction(body.numerator, body.denominator), index)
        return None

    def names(self, at_s: int) -> tuple[str, ...]:
        """Give the ids of the multipliers in force at a second, one a kind."""
        kinds = sorted({body.kind for _, body in self._records})
        found = (self._in_force(kind, at_s) for kind in kinds)
        return tuple(each[1].multiplier for each in found if each is not None)

    def _in_force(self, kind: str, at_s: int) -> tuple[int, Multiplier] | None:
        begun = (
            (index, body)
            for index, body in self._records
            if body.kind == kind and body.valid_from_s <= at_s
        )
        return max(begun, key=lambda each: (each[1].valid_from_s, each[0]), default=None)
