"""
Activity data: what one series says a unit used or made in a period, and how far that holds.

A datum states its amount in parts (metered, stated, imported, substituted; in calibration or not)
and, beside it, everything that is in no part: missing seconds, readings left out, gaps. Missing
is missing: no datum takes it for zero, and only a rule that the control plan names fills it.

Source: DESIGN section 8; DOMAIN sections 5 and 8; `docs/formats/activity-digest.md`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from attestation.canonical import Json
from attestation.enums import WayOfGetting
from attestation.plan_bodies import PlannedParameter
from ledger.decimals import PLACES
from ledger.inventory.amounts import Amount, quotient
from ledger.inventory.errors import DatumIncomplete
from ledger.inventory.measuring import measure
from ledger.inventory.periods import Period
from ledger.inventory.pieces import (
    Origin,
    Part,
    Piece,
    Remark,
    covered_by,
    hash_of,
    parts_of,
)
from ledger.inventory.plan import InForce, planned_at
from ledger.inventory.substitution import substitute
from ledger.log.counting import find_series
from ledger.log.gaps import Gap
from ledger.log.marks import Mark
from ledger.log.ranges import Range
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_PPM = 10**6


@dataclass(frozen=True, slots=True)
class ActivityDatum:
    """What a series says of a parameter of a unit in a period."""

    origin: str
    """Of the log."""
    unit: str
    """Code of the power unit or facility."""
    parameter: str
    series: str
    period: Period
    series_unit: str
    """Unit of the totals, of the log's list."""
    parts: tuple[Part, ...]
    missing: tuple[Range, ...]
    """Seconds without an amount, ascending."""
    substituted: tuple[Range, ...]
    """Seconds that the plan's rule filled, ascending."""
    gaps: tuple[Gap, ...]
    """Gaps of the series that the survey knows in the period, closed ones too."""
    remarks: tuple[Remark, ...]
    events: tuple[str, ...]
    marks: Mapping[Mark, int]
    """Pieces by mark; those without any are not in it."""
    plan: InForce | None
    """What the control plan in force at the begin of the period says of the parameter."""
    entries: tuple[int, ...]
    """Entries of the log that its amounts come from, ascending."""
    size: int
    """Entries of the log that were considered: all before this index."""
    pieces_hash: bytes
    """SHA-256 of every piece, 32 bytes: another reading gives another hash."""

    @property
    def total(self) -> Fraction:
        """The sum of its parts, in the unit of the series; missing seconds are in no part."""
        return sum((part.total for part in self.parts), Fraction(0))

    @property
    def first_index(self) -> int:
        """First entry of the log that it rests on; 0 where it rests on none."""
        return self.entries[0] if self.entries else 0

    @property
    def is_complete(self) -> bool:
        """Whether every second of the period has an amount."""
        return not self.missing

    @property
    def missing_s(self) -> int:
        """Seconds without an amount."""
        return sum(end - start for start, end in self.missing)

    @property
    def completeness_ppm(self) -> int:
        """Seconds with an amount in millionths of the period, rounded down."""
        return (self.period.length_s - self.missing_s) * _PPM // self.period.length_s

    def of_origin(self, origin: Origin) -> Fraction:
        """Give what comes from one origin."""
        return sum((part.total for part in self.parts if part.origin is origin), Fraction(0))

    def amount(self, unit: str) -> Amount:
        """
        Give the total of a complete datum in a unit of the rules.

        Raises:
            DatumIncomplete: If seconds are missing.
            AmountError: If the series measures something else.
        """
        if self.missing:
            raise DatumIncomplete(
                f"{self.parameter} of {self.unit} in {self.period.label} misses {self.missing_s} s"
            )
        return self.amount_so_far(unit)

    def amount_so_far(self, unit: str) -> Amount:
        """Give the total of what is there in a unit of the rules; for drafts and displays."""
        return amount_of(self.total, self.series_unit, unit)

    def document(self) -> dict[str, Json]:
        """Give what an activity digest commits to; `docs/formats/activity-digest.md`, section 3."""
        return {
            "type": "activity",
            "version": 1,
            "origin": self.origin,
            "unit": self.unit,
            "parameter": self.parameter,
            "series": self.series,
            "from": self.period.from_s,
            "to": self.period.to_s,
            "first_index": self.first_index,
            "size": self.size,
            "series_unit": self.series_unit,
            "total": str(self.total),
            "parts": [part.as_json() for part in self.parts],
            "missing": [[start, end] for start, end in self.missing],
            "substituted": [[start, end] for start, end in self.substituted],
            "gaps": [
                {"from": gap.start, "to": gap.end, "state": gap.state.name.lower()}
                for gap in self.gaps
            ],
            "remarks": [remark.as_json() for remark in self.remarks],
            "events": list(self.events),
            "marks": {mark.name.lower(): number for mark, number in sorted(self.marks.items())},
            "plan": None if self.plan is None else self.plan.place(),
            "pieces": self.pieces_hash.hex(),
        }


def activity_datum(
    uow: UnitOfWork, log: Log, unit: str, parameter: str, series: str, period: Period
) -> ActivityDatum:
    """
    Give what a series says of a parameter of a unit in a period.

    It is judged by the control plan in force at the begin of the period: whether imports may be
    used, and what fills what is missing. Without a plan neither is allowed.

    Args:
        uow: A reading unit of work.
        log: The enterprise's log.
        unit: Code of the power unit or facility.
        parameter: Its name in the control plan.
        series: Id of a series of amounts, or of a register's standings.
        period: Whole days of the reporting zone.

    Raises:
        NotRegistered: If the log has no such series.
    """
    registered = find_series(uow, log, series)
    plan = planned_at(uow, log, unit, parameter, period.from_s)
    imports = plan is not None and _allows_imports(plan.parameter)
    stretch = (period.from_s, period.to_s)
    measured = measure(uow, log, series, *stretch, imports=imports, together=True)
    missing = measured.covered.missing(*stretch)
    added: tuple[Piece, ...] = ()
    if plan is not None and missing:
        # Rates are those of single readings.
        single = measure(uow, log, series, *stretch, imports=imports)
        added = substitute(uow, log, registered, plan.parameter, single.pieces, missing)
    pieces = sorted((*measured.pieces, *added), key=lambda piece: piece.start_s)
    gaps = uow.gaps.interval_gaps_within(log.number, registered.index, period.from_s, period.to_s)
    return ActivityDatum(
        origin=log.origin,
        unit=unit,
        parameter=parameter,
        series=series,
        period=period,
        series_unit=registered.unit,
        parts=parts_of(pieces),
        missing=covered_by(pieces).missing(period.from_s, period.to_s).pairs,
        substituted=covered_by(added).pairs,
        gaps=tuple(sorted(gaps, key=lambda gap: gap.start)),
        remarks=measured.remarks,
        events=measured.events,
        marks=_marks(pieces),
        plan=plan,
        entries=tuple(sorted({index for piece in pieces for index in piece.entries})),
        size=uow.surveys.cursor(log.number),
        pieces_hash=hash_of(pieces),
    )


def planned_data(
    uow: UnitOfWork, log: Log, unit: str, parameter: str, period: Period
) -> tuple[ActivityDatum, ...]:
    """Give the data of every series that the plan in force names for a parameter; may be none."""
    plan = planned_at(uow, log, unit, parameter, period.from_s)
    names = () if plan is None else plan.parameter.series
    return tuple(activity_datum(uow, log, unit, parameter, name, period) for name in names)


def amount_of(total: Fraction, series_unit: str, unit: str) -> Amount:
    """
    Give an exact total of a series in a unit of the rules.

    Only a total whose multiplier leaves a fraction without an end is rounded, to 18 decimals.

    Raises:
        AmountError: If the units measure different things.
    """
    whole = Amount.from_log(total.numerator, 0, series_unit, into=unit)
    if total.denominator == 1:
        return whole
    divided = quotient(whole, Amount(Decimal(total.denominator), "1"), PLACES)
    return Amount(_without_zeros(divided.value), unit)


def _marks(pieces: Iterable[Piece]) -> dict[Mark, int]:
    """Count readings by mark."""
    found: Counter[Mark] = Counter()
    for piece in pieces:
        for mark in sorted(piece.marks):
            found[mark] += piece.count
    return found


def _allows_imports(planned: PlannedParameter) -> bool:
    return planned.imports or planned.way is not WayOfGetting.MEASURED


def _without_zeros(value: Decimal) -> Decimal:
    """Take zeros off the end of the decimals."""
    text = f"{value:f}"
    return Decimal(text.rstrip("0").rstrip(".")) if "." in text else value
