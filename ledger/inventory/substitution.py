"""
Substitution: what the control plan puts in the place of missing data, and nothing else.

A rule fills whole missing stretches, each rounded once to whole units of the series in the
conservative direction. What it cannot fill stays missing.

Source: DOMAIN section 5 (data quality control plan, missing-data rule).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Final

from attestation.enums import MissingDataRule
from attestation.plan_bodies import PlannedParameter
from attestation.units import convert
from ledger.inventory.measuring import measure
from ledger.inventory.pieces import Origin, Piece, covered_by
from ledger.log.counting import find_series
from ledger.log.ranges import Ranges
from ledger.repositories.logs import Log
from ledger.repositories.series import Series
from ledger.unit_of_work import UnitOfWork

_OF_RATES: Final = frozenset(
    {MissingDataRule.HIGHEST, MissingDataRule.LOWEST, MissingDataRule.MEAN}
)
_MEASURED: Final = frozenset({Origin.METERED})
"""What rates are taken from; imported amounts too, where the plan lets them be used."""
_HALF: Final = Fraction(1, 2)


def substitute(
    uow: UnitOfWork,
    log: Log,
    series: Series,
    planned: PlannedParameter,
    pieces: Sequence[Piece],
    missing: Ranges,
) -> tuple[Piece, ...]:
    """
    Give the amounts that the plan's rule puts in the place of what is missing.

    Args:
        uow: A reading unit of work.
        log: The log.
        series: The series that misses something.
        planned: What the plan says of the parameter.
        pieces: What is there of the period.
        missing: Seconds of the period that no piece covers.
    """
    if planned.missing in _OF_RATES:
        usable = _MEASURED if not planned.imports else _MEASURED | {Origin.IMPORTED}
        measured = [piece for piece in pieces if piece.origin in usable]
        return _by_rate(planned.missing, measured, missing)
    if planned.missing is MissingDataRule.OTHER_SERIES and planned.backup_series is not None:
        return _by_series(uow, log, series, planned.backup_series, missing, planned.imports)
    # Left missing; or a default of the guide, which is no amount of this series.
    return ()


def _by_rate(
    rule: MissingDataRule, measured: Sequence[Piece], missing: Ranges
) -> tuple[Piece, ...]:
    rates = [piece.amount * Fraction(1, piece.length_s) for piece in measured]
    if not rates:
        return ()
    match rule:
        case MissingDataRule.HIGHEST:
            rate = max(rates)
        case MissingDataRule.LOWEST:
            rate = min(rates)
        case _:
            seconds = sum(piece.length_s for piece in measured)
            rate = sum((piece.amount for piece in measured), Fraction(0)) * Fraction(1, seconds)
    return tuple(
        _piece(start_s, end_s, Fraction(_rounded(rule, rate * (end_s - start_s))), ())
        for start_s, end_s in missing
    )


def _rounded(rule: MissingDataRule, amount: Fraction) -> int:
    """Round to whole units: up for the highest, down for the lowest, half up for the mean."""
    if rule is MissingDataRule.HIGHEST:
        return ceil(amount)
    return floor(amount) if rule is MissingDataRule.LOWEST else floor(amount + _HALF)


def _by_series(
    uow: UnitOfWork, log: Log, series: Series, backup: str, missing: Ranges, imports: bool
) -> tuple[Piece, ...]:
    unit = find_series(uow, log, backup).unit
    found: list[Piece] = []
    for start_s, end_s in missing:
        measured = measure(uow, log, backup, start_s, end_s, imports=imports)
        if covered_by(measured.pieces).missing(start_s, end_s):
            continue  # the back-up misses something too
        amount = sum((piece.amount for piece in measured.pieces), Fraction(0))
        factor = convert(1, 0, unit=unit, into=series.unit)
        entries = {index for piece in measured.pieces for index in piece.entries}
        found.append(_piece(start_s, end_s, amount * factor, tuple(sorted(entries))))
    return tuple(found)


def _piece(start_s: int, end_s: int, amount: Fraction, entries: tuple[int, ...]) -> Piece:
    return Piece(start_s, end_s, amount, Origin.SUBSTITUTED, None, entries)
