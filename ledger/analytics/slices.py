"""
Slices: what a series says, value by value, as accounting takes it.

Of amounts these are the pieces of `ledger.inventory.measuring`: times the multiplier in force, of
a register the differences of its standings. What is no amount (a power, a temperature) is not
measured there and is read here, with its multiplier. What cannot be used is given beside it with
the reason.

Source: DESIGN section 10; `ledger.inventory.measuring`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from attestation.runs import occupied_span
from ledger.analytics.errors import NoCurve
from ledger.analytics.measures import Measure
from ledger.inventory.measuring import instrumentation_of, measure
from ledger.inventory.pieces import Piece, RemarkKind
from ledger.log.counting import counted_readings, find_series
from ledger.log.marks import Mark
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Slice:
    """A value over `[start_s, end_s)`: an amount, or what is none."""

    start_s: int
    end_s: int
    value: Fraction
    """In the unit of the series, times its multiplier."""
    is_momentary: bool
    """Whether it is of an instant, and covers nothing."""
    entries: tuple[int, ...]
    marks: frozenset[Mark]

    @property
    def covered_s(self) -> int:
        """Seconds it covers."""
        return 0 if self.is_momentary else self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something over `[start_s, end_s)` that is in no sum."""

    start_s: int
    end_s: int
    reason: RemarkKind
    entries: tuple[int, ...]


def slices_of(
    uow: UnitOfWork, log: Log, name: str, from_s: int, to_s: int, *, size: int | None = None
) -> tuple[list[Slice], list[LeftOut]]:
    """
    Give what a series says inside `[from_s, to_s)`, and what of it cannot be used.

    Args:
        uow: A reading unit of work.
        log: The log.
        name: Series id.
        from_s: First second.
        to_s: Second after the last.
        size: Only what rests on the first so many entries is given; everything where it is None.

    Raises:
        NotRegistered: If the log has no such series.
        NoCurve: If the series is of a register of what is no amount.
    """
    series = find_series(uow, log, name)
    if Measure.of(series.unit).is_amount:
        # Of a file too: a curve shows what was imported, and says so.
        measured = measure(uow, log, name, from_s, to_s, imports=True)
        found = [_of_piece(piece) for piece in measured.pieces]
        left = [
            LeftOut(each.start_s, each.end_s, each.kind, each.entries) for each in measured.remarks
        ]
    elif series.register:
        raise NoCurve(f"{name} is a register of {series.unit}, which is no amount")
    else:
        values = list(_values(uow, log, name, from_s, to_s))
        found = [each for each in values if isinstance(each, Slice)]
        left = [each for each in values if isinstance(each, LeftOut)]
    if size is not None:
        found = [each for each in found if max(each.entries) < size]
        left = [each for each in left if max(each.entries, default=0) < size]
    return found, left


def _of_piece(piece: Piece) -> Slice:
    marks = piece.marks
    if piece.calibration is None:
        marks |= {Mark.OUT_OF_CALIBRATION}
    return Slice(piece.start_s, piece.end_s, piece.amount, False, piece.entries, marks)


def _values(
    uow: UnitOfWork, log: Log, name: str, from_s: int, to_s: int
) -> Iterator[Slice | LeftOut]:
    """Give the values of a series of what is no amount."""
    multipliers = instrumentation_of(uow, log, name).multipliers
    for counted in counted_readings(uow, log, name, from_s, to_s):
        reading = counted.reading
        start_s, end_s = occupied_span(reading.end_s, reading.interval_s)
        factor = multipliers.over(reading.multiplier, start_s, end_s)
        entries = (counted.index,)
        if start_s < from_s or end_s > to_s:
            yield LeftOut(start_s, end_s, RemarkKind.ACROSS, entries)
        elif reading.value is None:
            yield LeftOut(start_s, end_s, RemarkKind.WITHOUT_VALUE, entries)
        elif factor is None:
            yield LeftOut(start_s, end_s, RemarkKind.MULTIPLIER, entries)
        else:
            value = Fraction(reading.value, 10**reading.scale) * factor.by
            is_momentary = reading.interval_s == 0
            yield Slice(start_s, end_s, value, is_momentary, entries, counted.marks)
